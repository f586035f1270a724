"""Small looks of pictures in the catalogue: written with the rows, and missing in those of an older version."""

import sqlite3
from dataclasses import fields, replace
from pathlib import Path

from core.catalog.images import add_images, get_by_path, list_images, record_measured
from core.catalog.looks import looks_stamp, paths_without_look, read_looks
from core.catalog.records import ImageRow, Looks, NewImage
from core.catalog.schema import CATALOG
from core.catalog.store import open_catalog
from core.database import Database, Schema, open_database
from core.files import digest
from core.images.scan import scan
from core.workspace import Workspace, open_workspace
from tests.catalog.rows import fill, measured
from tests.support.pictures import jpeg


def test_looks_come_and_go_with_what_is_measured(db: Database) -> None:
    fill(db, {"abra": 1})
    home = get_by_path(db, "abra/abra001.jpg").class_id
    seen = replace(measured(2), pixel_digest="d" * 32, cells=bytes(range(256)) + bytes(128), detail=bytes(1024))
    fine, broken = NewImage("abra/b.jpg", "b", home, seen), NewImage("abra/c.jpg", "c", home, seen, error="truncated")
    add_images(db, [fine, broken])
    first = read_looks(db, [1, 2, 3])
    assert (first.images, first.pixel_digests, first.cells) == ((2,), ("d" * 32,), seen.cells)
    assert paths_without_look(db) == {"abra/abra001.jpg"}
    record_measured(db, [("abra/abra001.jpg", seen, None), ("abra/b.jpg", seen, "truncated JPEG")])
    assert read_looks(db, [1, 2, 3]).images == (1,)
    assert looks_stamp(db) == read_looks(db, []).stamp != first.stamp


def test_an_empty_catalogue_has_no_looks(db: Database) -> None:
    assert read_looks(db, []) == Looks("", (), (), b"")


def test_a_catalogue_of_version_1_is_migrated_and_scanned_once(tmp_path: Path) -> None:
    """Nothing is lost, one scan measures what was not measured then, and the next opens no file."""
    workspace = open_workspace(tmp_path / "work", environ={})
    for name in "ab":
        place = workspace.images / "daisy" / f"{name}.jpg"
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(jpeg(ord(name)))
    _fill_version_1(workspace)
    db = open_catalog(workspace)
    before = list_images(db, order="id")
    assert [(row.path, row.verdict, row.phash) for row in before[1]] == [
        ("daisy/a.jpg", "reject", 0x8000000000000001), ("daisy/b.jpg", "keep", 7),
    ]  # fmt: skip
    assert paths_without_look(db) == {"daisy/a.jpg", "daisy/b.jpg"}
    result = scan(workspace, db)
    assert (result.new, result.changed, result.missing, result.images) == (0, 0, 0, 2)
    assert (paths_without_look(db), len(read_looks(db, [1, 2]).cells)) == (set(), 2 * 384)
    assert get_by_path(db, "daisy/a.jpg").verdict == "reject"
    (workspace.images / "daisy" / "a.jpg").chmod(0)
    stamp = looks_stamp(db)
    scan(workspace, db)
    assert looks_stamp(db) == stamp
    db.close()


def _fill_version_1(workspace: Workspace) -> None:
    """Two images as the first version kept them, with the stamps of the files that lie there."""
    old = open_database(workspace.catalog, Schema(CATALOG.application_id, CATALOG.migrations[:1]))
    with old.write() as connection:
        connection.execute("INSERT INTO class VALUES (1, 'daisy', 'daisy', 3)")
        for number, (name, verdict, phash) in enumerate([("a", "reject", -(2**63) + 1), ("b", "keep", 7)]):
            place = workspace.images / "daisy" / f"{name}.jpg"
            status = place.stat()
            row = {
                "id": number + 1, "path": f"daisy/{name}.jpg", "original": "x", "sha256": digest(place.read_bytes()),
                "bytes": status.st_size, "mtime_ns": status.st_mtime_ns, "inode": status.st_ino, "width": 48,
                "height": 64, "format": "JPEG", "mode": "RGB", "phash": phash, "phash_mirror": 1, "class_id": 1,
                "verdict": verdict, "added": 1.0,
            }  # fmt: skip
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO image ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
    old.close()
    with sqlite3.connect(workspace.catalog) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == 1
    connection.close()
    assert {field.name for field in fields(ImageRow)}.isdisjoint({"cells", "pixel_digest"})
