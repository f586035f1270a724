"""A damaged catalogue comes back from the pictures and annotations.csv, and the damaged file is kept."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.catalog.class_changes import rename_class
from core.catalog.classes import list_classes
from core.catalog.decisions import decide, undo
from core.catalog.images import list_images, set_splits
from core.catalog.records import Operation
from core.catalog.store import open_catalog
from core.collect.importer import import_source
from core.database import Database
from core.dataset import rebuild
from core.dataset.annotations import annotations_state, write_annotations
from core.dataset.rebuild import Rebuilt, open_or_rebuild
from core.errors import DamagedError, StoppedError
from core.workspace import Workspace
from tests.collect.test_collector import Stopper
from tests.support.pictures import jpeg

Seen = list[tuple[str, str, str | None]]


def dataset(workspace: Workspace, db: Database, tmp_path: Path) -> Seen:
    """Nine pictures of three classes: one renamed, two pictures rejected, one moved, all with a part of the split."""
    for place, name in enumerate(["abra", "mew", "pichu"]):
        (tmp_path / "s" / name).mkdir(parents=True)
        for number in range(3):
            (tmp_path / "s" / name / f"{number}.jpg").write_bytes(jpeg(10 * place + number))
    import_source(workspace, db, str(tmp_path / "s"))
    rename_class(db, 1, "Mew!", who="me")
    decide(db, [Operation(1, "reject"), Operation(5, "reject"), Operation(2, "class", 2)], who="me")
    set_splits(db, {number: "val" if number % 2 else "train" for number in range(1, 10)})
    write_annotations(workspace, db)
    return kept(db)


def kept(db: Database) -> Seen:
    rows = list_images(db, where="verdict != reject", order="path", limit=1000)[1]
    return [(row.path, row.class_name, row.split) for row in rows]


def damage(workspace: Workspace, db: Database) -> None:
    db.close()
    content = bytearray(workspace.catalog.read_bytes())
    content[4096:12288] = os.urandom(8192)
    workspace.catalog.write_bytes(content)
    for suffix in ("-wal", "-shm"):
        workspace.catalog.with_name(workspace.catalog.name + suffix).unlink(missing_ok=True)


def rebuilt(workspace: Workspace) -> tuple[Database, Rebuilt]:
    database, found = open_or_rebuild(workspace, who="me")
    assert found is not None
    return database, found


def test_classes_parts_and_rejections_come_back(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    before, classes = dataset(workspace, db, tmp_path), list_classes(db)
    damage(workspace, db)
    with pytest.raises(DamagedError, match="core scan` sets it aside"):
        open_catalog(workspace)
    again, found = rebuilt(workspace)
    assert (found.images, found.rejected, found.problem) == (9, 2, None)
    assert (workspace.data / found.aside).stat().st_size > 0
    assert (kept(again), list_classes(again)) == (before, classes)
    assert not annotations_state(workspace, again).hand_edited
    undo(again, who="me")
    undo(again, who="me")
    assert len(kept(again)) == 9
    again.close()
    sound, nothing = open_or_rebuild(workspace, who="me")
    assert nothing is None
    sound.close()


@pytest.mark.parametrize("lines", [None, b"\xff\xfe nonsense", b"img_name,class_id,class_name\nother/1.jpg,0,other\n"])
def test_without_an_annotations_file_that_fits_nothing_is_rejected(
    workspace: Workspace, db: Database, tmp_path: Path, lines: bytes | None
) -> None:
    dataset(workspace, db, tmp_path)
    workspace.annotations.unlink()
    if lines is not None:
        workspace.annotations.write_bytes(lines)
    damage(workspace, db)
    again, found = rebuilt(workspace)
    assert (found.images, found.rejected) == (9, 0)
    names = {path: name for path, name, _ in kept(again)}
    assert all(path.startswith(f"{name}/") for path, name in names.items())
    again.close()


def test_a_rebuild_that_was_stopped_goes_on(
    workspace: Workspace, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dataset(workspace, db, tmp_path)
    damage(workspace, db)
    with pytest.raises(StoppedError):
        open_or_rebuild(workspace, who="me", reporter=Stopper(2))

    def die(database: Database, named: Sequence[str], *, who: str) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(rebuild, "_reject_absent", die)
    with pytest.raises(KeyboardInterrupt):
        open_or_rebuild(workspace, who="me")
    monkeypatch.undo()
    again, found = rebuilt(workspace)
    assert (kept(again), found.rejected) == (before, 2)
    again.close()
