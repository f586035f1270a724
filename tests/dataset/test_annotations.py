"""The file annotations.csv: what is in it, when it is written, and that a hand edit is never overwritten."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.catalog.clusters import set_clusters
from core.catalog.decisions import decide
from core.catalog.images import add_images, mark_missing, set_splits
from core.catalog.records import NewImage, Operation
from core.catalog.store import get_meta, open_catalog, set_meta
from core.database import Database, file_lock
from core.dataset.annotations import annotations_state, needs_writing, write_annotations
from core.dataset.hand_edit import leave_edit
from core.dataset.table import HEADER as COLUMNS
from core.errors import BusyError, RefusedError, StorageError
from core.workspace import CHECKOUT, Workspace
from tests.duplicates.drawn import Drawn, add_drawn

HEADER = "img_name,class_id,class_name,split,cluster\n"


def test_the_file_is_exactly_as_described(workspace: Workspace, db: Database) -> None:
    add_drawn(
        db,
        Drawn("mew/mew002.jpg", 1, "mew"),
        Drawn("mew/mew001.jpg", 2, "mew"),
        Drawn("abra/abra001.jpg", 3, "=cmd|' /C calc'!A0, \"x\""),
        Drawn("Zed.jpg", 4, "Über"),
        Drawn("rejected.jpg", 5, "mew"),
        Drawn("gone.jpg", 6, "mew"),
    )
    add_images(db, [NewImage("broken.jpg", "/from/broken.jpg", 0, None, "truncated JPEG")])
    decide(db, [Operation(5, "reject")], who="me")
    mark_missing(db, ["gone.jpg"], True)
    set_splits(db, {1: "train", 2: "test"})
    set_clusters(db, {1: 1, 2: 1, 3: 3, 5: 3})
    written = write_annotations(workspace, db)
    assert (written.path, written.rows) == (workspace.annotations, 4)
    assert workspace.annotations.read_bytes().decode() == (
        HEADER
        + "Zed.jpg,2,Über,,\n"
        + 'abra/abra001.jpg,1,"=cmd|\' /C calc\'!A0, ""x""",,\n'
        + "mew/mew001.jpg,0,mew,test,1\n"
        + "mew/mew002.jpg,0,mew,train,1\n"
    )


def test_it_is_stale_after_each_change_and_not_before_the_first(workspace: Workspace, db: Database) -> None:
    assert not needs_writing(workspace, db)
    add_drawn(db, Drawn("a.jpg", 1), Drawn("b.jpg", 2))
    assert needs_writing(workspace, db)
    write_annotations(workspace, db)
    state = annotations_state(workspace, db)
    assert (state.rows, state.stale, state.hand_edited) == (2, False, False)
    assert state.written_at is not None
    for change in (lambda: decide(db, [Operation(1, "reject")], who="me"), lambda: set_splits(db, {2: "val"})):
        change()
        assert needs_writing(workspace, db)
        write_annotations(workspace, db)
        assert not needs_writing(workspace, db)
    workspace.annotations.unlink()
    assert needs_writing(workspace, db)
    write_annotations(workspace, db)
    assert workspace.annotations.read_text(encoding="utf-8") == HEADER + "b.jpg,0,abra,val,\n"


def test_a_hand_edit_pauses_writing_until_it_is_left(workspace: Workspace, db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", 1), Drawn("b.jpg", 2))
    write_annotations(workspace, db)
    workspace.annotations.write_text(HEADER + "a.jpg,0,abra,train,\n", encoding="utf-8")
    decide(db, [Operation(1, "reject")], who="me")
    state = annotations_state(workspace, db)
    assert (state.stale, state.hand_edited) == (True, True)
    assert not needs_writing(workspace, db)
    with pytest.raises(RefusedError, match="edited by hand"):
        write_annotations(workspace, db)
    assert workspace.annotations.read_text(encoding="utf-8") == HEADER + "a.jpg,0,abra,train,\n"
    leave_edit(workspace, db)
    assert needs_writing(workspace, db)
    assert write_annotations(workspace, db).rows == 1
    assert workspace.annotations.read_text(encoding="utf-8") == HEADER + "b.jpg,0,abra,,\n"
    assert not annotations_state(workspace, db).hand_edited


def test_an_older_copy_put_back_is_a_hand_edit(workspace: Workspace, db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", 1))
    write_annotations(workspace, db)
    older = workspace.annotations.read_bytes()
    decide(db, [Operation(1, "reject")], who="me")
    write_annotations(workspace, db)
    workspace.annotations.write_bytes(older)
    assert annotations_state(workspace, db).hand_edited


def test_a_file_from_elsewhere_is_not_overwritten(workspace: Workspace, db: Database) -> None:
    workspace.annotations.write_text(HEADER + "theirs.jpg,0,abra,,\n", encoding="utf-8")
    add_drawn(db, Drawn("a.jpg", 1))
    assert annotations_state(workspace, db).hand_edited
    with pytest.raises(RefusedError):
        write_annotations(workspace, db)


def test_a_rebuilt_catalogue_that_agrees_with_the_file_takes_it_over(workspace: Workspace, db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", 1))
    write_annotations(workspace, db)
    with db.write() as connection:
        connection.execute("DELETE FROM meta WHERE key = 'annotations'")
    assert not annotations_state(workspace, db).hand_edited
    write_annotations(workspace, db)


@pytest.mark.parametrize("renamed", [False, True])
def test_a_crash_around_the_rename_is_no_hand_edit(workspace: Workspace, db: Database, renamed: bool) -> None:
    add_drawn(db, Drawn("a.jpg", 1))
    write_annotations(workspace, db)
    before, record = workspace.annotations.read_bytes(), get_meta(db, "annotations")
    assert record is not None
    set_splits(db, {1: "train"})
    write_annotations(workspace, db)
    after = get_meta(db, "annotations")
    assert after is not None
    sha256 = after.split('"sha256": "')[1][:64]
    set_meta(db, "annotations", record.replace('"pending": null', f'"pending": "{sha256}"'))
    if not renamed:
        workspace.annotations.write_bytes(before)
    assert not annotations_state(workspace, db).hand_edited
    assert needs_writing(workspace, db)
    write_annotations(workspace, db)
    assert b"train" in workspace.annotations.read_bytes()
    assert not needs_writing(workspace, db)


def test_kill_while_writing_leaves_an_old_or_a_new_file(workspace: Workspace, db: Database) -> None:
    """A child writes as fast as it can and is killed; the file is whole each time and never taken for a hand edit."""
    add_drawn(db, *(Drawn(f"{number:04d}.jpg", number) for number in range(400)))
    program = (
        "import sys; from pathlib import Path; from core.workspace import open_workspace;"
        "from core.catalog.store import open_catalog; from core.catalog.images import set_splits;"
        "from core.dataset.annotations import write_annotations\n"
        "w = open_workspace(Path(sys.argv[1]), environ={}); db = open_catalog(w); n = 0\n"
        "while True:\n"
        "    n += 1; set_splits(db, {i: ('train', 'val')[(n + i) % 2] for i in range(1, 400)})\n"
        "    write_annotations(w, db); print(n, flush=True)\n"
    )
    for lines in (1, 2, 4):
        child = subprocess.Popen([sys.executable, "-c", program, str(workspace.home)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        for _ in range(lines):
            assert child.stdout.readline()
        child.kill()
        child.communicate()
        again = open_catalog(workspace)
        assert len(workspace.annotations.read_bytes().splitlines()) == 401
        assert not annotations_state(workspace, again).hand_edited
        write_annotations(workspace, again)
        assert not needs_writing(workspace, again)
        again.close()


def test_a_full_disk_leaves_the_old_file(workspace: Workspace, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    add_drawn(db, Drawn("a.jpg", 1))
    write_annotations(workspace, db)
    before = workspace.annotations.read_bytes()
    add_drawn(db, Drawn("b.jpg", 2))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match="disk is full"):
            write_annotations(workspace, db)
    assert workspace.annotations.read_bytes() == before
    assert needs_writing(workspace, db)
    assert write_annotations(workspace, db).rows == 2


def test_a_look_during_a_write_sees_no_hand_edit(workspace: Workspace, db: Database) -> None:
    add_drawn(db, *(Drawn(f"{number:03d}.jpg", number) for number in range(50)))
    write_annotations(workspace, db)
    ended = threading.Event()
    seen: list[bool] = []

    def look() -> None:
        while not ended.is_set():
            seen.append(annotations_state(workspace, db).hand_edited)

    thread = threading.Thread(target=look)
    thread.start()
    for number in range(30):
        set_splits(db, {1: ("train", "val")[number % 2]})
        write_annotations(workspace, db)
    ended.set()
    thread.join()
    assert seen
    assert not any(seen)


def test_two_writers_take_turns(workspace: Workspace, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    add_drawn(db, Drawn("a.jpg", 1))
    monkeypatch.setattr("core.database._LOCK_SECONDS", 0.05)
    lock: Path = workspace.data / "annotations.csv.lock"
    with file_lock(lock, seconds=0.1), pytest.raises(BusyError), file_lock(lock, seconds=0.1):
        pass
    assert write_annotations(workspace, db).rows == 1


def test_the_page_about_the_format_names_every_column() -> None:
    page = (CHECKOUT / "docs" / "annotations.md").read_text(encoding="utf-8")
    assert ",".join(COLUMNS) in page
    assert all(f"| `{column}` |" in page for column in COLUMNS)
