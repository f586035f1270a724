"""States as words: where a run stands, and who is before it."""

import dataclasses
from pathlib import Path

import pytest

from core.jobs.status import State, Status
from ui.states import WORDS, ahead_in_queue, best_text, state_html, state_markdown, where_it_stands

RUNNING = Status("running", eta_seconds=83.0, message="Epoch 3 of 10", extra={"epoch": 2, "epochs": 10})


@pytest.mark.parametrize("state", WORDS)
def test_every_state_has_a_mark_beside_its_colour(state: State) -> None:
    assert WORDS[state] in state_markdown(state)
    assert f" {WORDS[state]}</span>" in state_html(state)


def test_a_run_under_way_tells_epoch_time_and_pace() -> None:
    status = dataclasses.replace(RUNNING, extra=RUNNING.extra | {"images_per_second": 1204.4})
    assert where_it_stands(status) == "epoch 3 of 10 · 1 min left · 1,204 pictures a second"


def test_what_it_does_beside_epochs_is_told() -> None:
    assert where_it_stands(Status("running", message="Reading pictures")) == "Reading pictures"


def test_an_ended_run_tells_what_it_reached() -> None:
    status = dataclasses.replace(RUNNING, state="stopped", seconds=412.0)
    assert where_it_stands(status) == "epoch 2 of 10 · took 7 min"


def test_best_is_a_share_for_classifiers_and_a_number_for_others() -> None:
    assert [best_text(0.8123, "scratch-cnn"), best_text(12.3456, "dcgan"), best_text(None, "dcgan")] == [
        "81.2%",
        "12.3",
        "–",
    ]


def test_those_asked_for_before_are_ahead() -> None:
    runs, jobs = Path("/home/runs"), Path("/home/data/jobs")
    rows = [
        (runs / "late", Status("queued", created=3.0)),
        (runs / "mine", Status("queued", created=2.0)),
        (runs / "first", Status("running", created=1.0)),
        (jobs / "scan", Status("running", created=0.5)),
    ]
    assert [ahead_in_queue(rows, run) for run in ("late", "mine", "first", "none")] == [2, 1, 0, 0]
