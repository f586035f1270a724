"""What a browser sends becomes zips that the importer can read."""

import io
import os
import zipfile
from pathlib import Path

import pytest

from core.catalog.classes import count_classes
from core.catalog.store import open_catalog
from core.collect.importer import import_source
from core.collect.uploads import save_uploads
from core.errors import InputError
from core.workspace import Workspace, open_workspace
from tests.support.pictures import jpeg


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path, environ={})


def _entries(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def test_loose_files_and_folders_share_one_zip_with_their_names_as_text(workspace: Workspace) -> None:
    sent = [("abra/1.jpg", b"a"), ("Über blume/<img>.png", b"b"), ("abra/1.jpg", b"c")]

    saved = save_uploads(workspace, [(name, io.BytesIO(content)) for name, content in sent])

    assert len(saved) == 1
    assert saved[0].parent.parent == workspace.cache / "uploads"
    assert _entries(saved[0]) == {"abra/1.jpg": b"a", "Über blume/<img>.png": b"b", "abra/1 (2).jpg": b"c"}


def test_a_zip_stays_a_zip_of_its_own(workspace: Workspace) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("mew/1.jpg", b"m")

    saved = save_uploads(workspace, [("My Pictures.ZIP", io.BytesIO(content.getvalue())), ("2.jpg", io.BytesIO(b"x"))])

    assert [_entries(path) for path in saved] == [{"mew/1.jpg": b"m"}, {"2.jpg": b"x"}]


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..\\..\\x.jpg", "", "..", "a\0b.jpg"])
def test_no_name_escapes_the_zip(workspace: Workspace, name: str) -> None:
    saved = save_uploads(workspace, [(name, io.BytesIO(b"x"))])

    (entry,) = _entries(saved[0])
    assert ".." not in Path(entry).parts
    assert not entry.startswith("/")


def test_uploads_older_than_a_week_are_swept(workspace: Workspace) -> None:
    old = save_uploads(workspace, [("1.jpg", io.BytesIO(b"x"))])[0]
    os.utime(old.parent, (1, 1))

    save_uploads(workspace, [("2.jpg", io.BytesIO(b"y"))])

    assert not old.exists()


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (["zoo/abra001.jpg", "zoo/abra002.jpg"], "zoo.zip"),
        (["a/1.jpg", "b/1.jpg"], "pictures.zip"),
        (["1.jpg", "b/1.jpg"], "pictures.zip"),
        (["../1.jpg"], "pictures.zip"),
        (["My Zoo.ZIP"], "My Zoo.zip"),
        (["../..zip"], "pictures.zip"),
        ([f"{'x' * 300}.zip"], "pictures.zip"),
    ],
)
def test_a_zip_bears_the_name_that_the_person_knows(workspace: Workspace, sent: list[str], name: str) -> None:
    saved = save_uploads(workspace, [(file, io.BytesIO(b"x")) for file in sent])
    assert [path.name for path in saved] == [name]


def test_a_flat_folder_from_the_browser_is_imported_like_one_on_disk(workspace: Workspace) -> None:
    database = open_catalog(workspace)
    sent = [("zoo/abra001.jpg", jpeg(1)), ("zoo/abra002.jpg", jpeg(2)), ("zoo/x.jpg", jpeg(3))]
    [saved] = save_uploads(workspace, [(name, io.BytesIO(content)) for name, content in sent])
    assert import_source(workspace, database, str(saved)).added == 3
    assert [row.name for row in count_classes(database)] == ["abra", "zoo"]
    database.close()


def test_nothing_sent_is_said(workspace: Workspace) -> None:
    with pytest.raises(InputError, match="No files have arrived"):
        save_uploads(workspace, [])
