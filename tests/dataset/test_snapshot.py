"""Snapshots: frozen, named by their content, refused when they were changed."""

import pytest

from core.catalog.clusters import set_clusters
from core.catalog.decisions import decide
from core.catalog.images import set_splits
from core.catalog.records import Operation
from core.database import Database
from core.dataset.snapshot import SnapshotRow, read_snapshot, take_snapshot
from core.errors import InputError, StorageError
from core.files import file_digest
from core.workspace import Workspace
from tests.duplicates.drawn import Drawn, add_drawn

ROWS = [
    SnapshotRow('a,\r"b".jpg', 0, "=1+1", "test", None),
    SnapshotRow("b.jpg", 1, "mew", "train", 2),
    SnapshotRow("c.jpg", 1, "mew", None, 2),
]


@pytest.fixture
def filled(db: Database) -> Database:
    """The images of ROWS and a rejected one."""
    add_drawn(
        db, Drawn(ROWS[0].img_name, 1, "=1+1", width=32), *(Drawn(f"{n}.jpg", at, "mew") for at, n in enumerate("bcd"))
    )
    set_splits(db, {1: "test", 2: "train"})
    set_clusters(db, {2: 2, 3: 2, 4: 2})
    decide(db, [Operation(4, "reject")], who="me")
    return db


def test_a_snapshot_comes_back_as_it_was_and_is_named_by_its_content(workspace: Workspace, filled: Database) -> None:
    snapshot = take_snapshot(workspace, filled)
    assert snapshot.rows == 3
    assert snapshot.path == workspace.snapshots / f"{snapshot.id}.csv"
    assert file_digest(snapshot.path)[:12] == snapshot.id
    assert read_snapshot(snapshot.path) == ROWS
    written = snapshot.path.stat().st_mtime_ns
    assert take_snapshot(workspace, filled) == snapshot
    assert snapshot.path.stat().st_mtime_ns == written


def test_it_stays_when_the_catalogue_moves_on(workspace: Workspace, filled: Database) -> None:
    before = take_snapshot(workspace, filled)
    decide(filled, [Operation(2, "reject")], who="me")
    after = take_snapshot(workspace, filled)
    assert after.id != before.id
    assert read_snapshot(before.path) == ROWS
    assert [(row.img_name, row.cluster) for row in read_snapshot(after.path)] == [
        (ROWS[0].img_name, None), ("c.jpg", None),
    ]  # fmt: skip


def test_a_filter_chooses_and_rejected_images_stay_out(workspace: Workspace, filled: Database) -> None:
    assert read_snapshot(take_snapshot(workspace, filled, where="width > 40").path) == ROWS[1:]
    assert take_snapshot(workspace, filled, where="verdict = reject or width < 40").rows == 1
    with pytest.raises(InputError, match="no column 'colour'"):
        take_snapshot(workspace, filled, where="colour = red")


def test_a_changed_snapshot_is_refused_and_mended_by_taking_it_again(workspace: Workspace, filled: Database) -> None:
    snapshot = take_snapshot(workspace, filled)
    snapshot.path.write_bytes(snapshot.path.read_bytes().replace(b"mew", b"abra"))
    with pytest.raises(StorageError, match="was changed after it was taken"):
        read_snapshot(snapshot.path)
    take_snapshot(workspace, filled)
    assert read_snapshot(snapshot.path) == ROWS
    with pytest.raises(StorageError, match="is not there"):
        read_snapshot(workspace.snapshots / "0123456789ab.csv")
