"""annotations.csv equals the catalogue whatever was done, in any order: tried against rows read by other means."""

import contextlib
import csv
import io
import shutil
import sqlite3
import tempfile
from collections import Counter
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from core.catalog.bin import mark_emptied
from core.catalog.class_changes import delete_class, merge_classes, order_classes, rename_class
from core.catalog.classes import ensure_class, list_classes
from core.catalog.clusters import set_clusters
from core.catalog.decisions import apply_client, decide, redo, undo
from core.catalog.images import mark_missing, set_splits
from core.catalog.records import ClientOperation, Operation, Split
from core.catalog.store import open_catalog
from core.dataset.annotations import annotations_state, needs_writing, write_annotations
from core.dataset.hand_edit import leave_edit, take_edit
from core.dataset.split import make_split
from core.dataset.table import HEADER
from core.duplicates.clusters import resolve, update_clusters
from core.errors import SpecimenError
from core.workspace import Workspace, open_workspace
from tests.duplicates.drawn import Drawn, add_drawn

IMAGES = 10
NAMES = ("abra", "mew", "Über", "=1+1", 'a,"b"', "<b>")
images = st.integers(1, IMAGES)
people = st.sampled_from(("ann", "bob"))
names = st.sampled_from(NAMES)
numbers = st.integers(0, len(NAMES) - 1)
parts = st.sampled_from(("train", "val", "test", None))
Verdictive = Literal["keep", "reject", "unreview"]
verdicts = st.sampled_from(("keep", "reject", "unreview"))


def expected_rows(workspace: Workspace) -> list[tuple[str, ...]]:
    """What the file should say, from the catalogue's tables alone."""
    connection = sqlite3.connect(f"file:{workspace.catalog}?mode=ro", uri=True)
    names = dict(connection.execute("SELECT class_id, name FROM class"))
    query = "SELECT path, class_id, verdict, split, cluster, error, missing FROM image"
    listed = [row for row in connection.execute(query) if row[2] != "reject" and row[5] is None and row[6] == 0]
    connection.close()
    sharing = Counter(row[4] for row in listed)
    return [
        (path, str(number), names[number], part or "", str(cluster) if cluster and sharing[cluster] > 1 else "")
        for path, number, _, part, cluster, _, _ in sorted(listed)
    ]


def file_rows(workspace: Workspace) -> list[tuple[str, ...]]:
    """What it says."""
    text = workspace.annotations.read_text(encoding="utf-8")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert tuple(header) == HEADER
    return [tuple(row) for row in rows]


class Followed(RuleBasedStateMachine):
    """A catalogue to which everything happens that people do; the file is brought up where it says it is behind."""

    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.mkdtemp()
        self.workspace = open_workspace(Path(self.place), environ={})
        self.db = open_catalog(self.workspace)
        for number in range(IMAGES):
            add_drawn(self.db, Drawn(f"{number}.jpg", number // 2 * 0x1111_1111_1111, NAMES[number % 2]))
        self.seq = 0

    def teardown(self) -> None:
        self.db.close()
        shutil.rmtree(self.place)

    @rule(image=images, action=verdicts, who=people)
    def look_at(self, image: int, action: Verdictive, who: str) -> None:
        with contextlib.suppress(SpecimenError):  # its file went with the bin
            decide(self.db, [Operation(image, action)], who=who)

    @rule(some=st.sets(images, min_size=2), number=numbers, who=people)
    def move(self, some: set[int], number: int, who: str) -> None:
        with contextlib.suppress(SpecimenError):
            decide(self.db, [Operation(image, "class", number) for image in some], who=who)

    @rule(some=st.lists(st.tuples(images, verdicts), max_size=4), who=people, batch=st.none() | st.integers(1, 3))
    def post(self, some: list[tuple[int, Verdictive]], who: str, batch: int | None) -> None:
        sent = [
            ClientOperation(self.seq + at, action, image, None, batch) for at, (image, action) in enumerate(some, 1)
        ]
        apply_client(self.db, client="tab", who=who, operations=sent)
        apply_client(self.db, client="tab", who=who, operations=sent)
        self.seq += len(some)

    @rule(who=people)
    def take_back(self, who: str) -> None:
        undo(self.db, who=who)

    @rule(who=people)
    def take_again(self, who: str) -> None:
        redo(self.db, who=who)

    @rule(name=names)
    def add_class(self, name: str) -> None:
        ensure_class(self.db, name)

    @rule(number=numbers, name=names, who=people)
    def rename(self, number: int, name: str, who: str) -> None:
        with contextlib.suppress(SpecimenError):
            rename_class(self.db, number, name, who=who)

    @rule(number=numbers, into=numbers, who=people)
    def merge(self, number: int, into: int, who: str) -> None:
        with contextlib.suppress(SpecimenError):
            merge_classes(self.db, [number], into=into, who=who)

    @rule(number=numbers, who=people)
    def delete(self, number: int, who: str) -> None:
        with contextlib.suppress(SpecimenError):
            delete_class(self.db, number, who=who)

    @rule(who=people)
    def reverse_classes(self, who: str) -> None:
        order_classes(self.db, [row.class_id for row in reversed(list_classes(self.db))], who=who)

    @rule(seed=st.integers(0, 3))
    def split(self, seed: int) -> None:
        with contextlib.suppress(SpecimenError):
            make_split(self.db, seed=seed)

    @rule(image=images, part=parts)
    def put_into(self, image: int, part: Split | None) -> None:
        set_splits(self.db, {image: part})

    @rule(clusters=st.dictionaries(images, images, max_size=4))
    def gather(self, clusters: dict[int, int]) -> None:
        set_clusters(self.db, clusters)

    @rule(who=people)
    def resolve_copies(self, who: str) -> None:
        resolve(self.db, update_clusters(self.db, distance=4), who=who)

    @rule(image=images, missing=st.booleans())
    def lose(self, image: int, missing: bool) -> None:
        mark_missing(self.db, [f"{image - 1}.jpg"], missing)

    @rule(who=people)
    def empty_the_bin(self, who: str) -> None:
        mark_emptied(self.db, who=who)

    @rule(who=people, name=names, take=st.booleans(), line=st.integers(0, IMAGES))
    def edit(self, who: str, name: str, take: bool, line: int) -> None:
        rows = file_rows(self.workspace)
        kept = [(*row[:2], name, *row[3:]) if at == line else row for at, row in enumerate(rows) if at != line + 1]
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=";").writerows([HEADER, *kept])
        self.workspace.annotations.write_bytes(text.getvalue().encode("utf-8-sig"))
        assert annotations_state(self.workspace, self.db).hand_edited
        if take:
            take_edit(self.workspace, self.db, who=who)
        else:
            leave_edit(self.workspace, self.db)

    @rule()
    def restart(self) -> None:
        self.db.close()
        self.db = open_catalog(self.workspace)

    @invariant()
    def the_file_says_what_the_catalogue_holds(self) -> None:
        if needs_writing(self.workspace, self.db):
            write_annotations(self.workspace, self.db)
        assert file_rows(self.workspace) == expected_rows(self.workspace)
        assert not annotations_state(self.workspace, self.db).hand_edited


@pytest.mark.parametrize(("sequences", "steps"), [(12, 25), pytest.param(400, 50, marks=pytest.mark.soak)])
@pytest.mark.timeout(3600)
def test_the_file_follows_whatever_is_done(sequences: int, steps: int) -> None:
    run_state_machine_as_test(
        Followed,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
        ),
    )
