"""Real pictures beside the checkout, where there are any."""

from pathlib import Path

import pytest

from core.catalog.classes import count_classes
from core.catalog.images import list_images
from core.collect.importer import import_source
from core.database import Database
from core.workspace import Workspace

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

pytestmark = [
    pytest.mark.field,
    pytest.mark.skipif(not DATA.is_dir(), reason="no real pictures beside the checkout (../shared/data)"),
]


def test_a_dirty_scrape_comes_in_whole(workspace: Workspace, db: Database) -> None:
    source = DATA / "dirty-scrape" / "pikachu"
    count = len(list(source.iterdir()))
    imported = import_source(workspace, db, str(source))
    assert (imported.added, imported.known, imported.rejected) == (count, 0, [])
    assert [row.name for row in count_classes(db)] == ["pikachu"]
    images = list_images(db, limit=1000)[1]
    assert {image.format for image in images} == {"JPEG", "PNG"}
    assert all(image.path.endswith({"JPEG": ".jpg", "PNG": ".png"}[image.format]) for image in images)
    again = import_source(workspace, db, str(source))
    assert (again.added, again.known, again.rejected) == (0, count, [])


def test_some_flowers_keep_their_classes(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    for kind in ("daisy", "dandelion", "rose", "sunflower", "tulip"):
        (tmp_path / "flowers" / kind).mkdir(parents=True)
        for picture in sorted((DATA / "flowers" / kind).iterdir())[:20]:
            (tmp_path / "flowers" / kind / picture.name).write_bytes(picture.read_bytes())
    (tmp_path / "flowers" / "LICENSE.txt").write_bytes((DATA / "flowers" / "LICENSE.txt").read_bytes())
    imported = import_source(workspace, db, str(tmp_path / "flowers"))
    assert (imported.added, imported.rejected) == (100, [])
    assert [row.unreviewed for row in count_classes(db)] == [20] * 5


def test_every_broken_file_is_refused_with_a_reason(workspace: Workspace, db: Database) -> None:
    source = DATA / "malformed" / "broken"
    imported = import_source(workspace, db, str(source))
    assert (imported.added, imported.known) == (0, 0)
    assert {item.path for item in imported.rejected} == {path.name for path in source.iterdir()}
    assert all(item.reason for item in imported.rejected)


def test_odd_files_are_taken_or_refused_with_a_reason(workspace: Workspace, db: Database) -> None:
    source = DATA / "malformed" / "odd-but-valid"
    imported = import_source(workspace, db, str(source))
    assert imported.added + len(imported.rejected) == len(list(source.iterdir()))
    assert imported.added >= 45
