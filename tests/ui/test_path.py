"""What the path shows, and what it proposes to do next."""

import pytest

from core.catalog.clusters import OpenClusters
from core.catalog.records import ClassCounts
from ui.facts import Facts
from ui.path import Standing, next_step, steps


def _standing(
    *, kept: int = 0, unreviewed: int = 0, train: int = 0, clusters: int = 0, live: int = 0, done: int = 0
) -> Standing:
    row = ClassCounts(0, "abra", kept=kept, unreviewed=unreviewed, rejected=0, train=train, val=0, test=0)
    figures = Facts(1, (row,), OpenClusters(clusters, 0))
    return Standing(figures, minimum=15, open_clusters=clusters, live_runs=live, done_runs=done)


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (_standing(), ("collect", "Collect pictures")),
        (_standing(unreviewed=9, clusters=1), ("duplicates", "Resolve 1 group of copies")),
        (_standing(unreviewed=9), ("clean", "Look at 9 pictures")),
        (_standing(unreviewed=5, kept=4), ("dataset", "Split the dataset")),
        (_standing(unreviewed=5, kept=4, train=9), ("train", "Train a model")),
        (_standing(kept=9, train=9, live=1), ("runs", "Watch the run")),
        (_standing(unreviewed=5, kept=4, train=9, done=1), ("clean", "Look at 5 pictures")),
        (_standing(kept=9, train=9, done=1), ("try", "Try the model")),
    ],
)
def test_the_next_thing_to_do(standing: Standing, expected: tuple[str, str]) -> None:
    assert next_step(standing) == expected


def test_the_steps_count_what_there_is() -> None:
    found = steps(_standing(kept=4, unreviewed=1200, clusters=3, live=1, done=8))

    assert [(step.room, step.figure, step.note) for step in found] == [
        ("collect", "1,204", "pictures"),
        ("duplicates", "3", "groups of copies open"),
        ("clean", "4", "of 1,204 looked at"),
        ("dataset", "1", "class"),
        ("runs", "9", "runs, 1 live"),
    ]
