"""What a browser sends becomes zips that the importer can read."""

import io
import os
import zipfile
from pathlib import Path

import pytest

from core.collect.uploads import save_uploads
from core.errors import InputError
from core.workspace import Workspace, open_workspace


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
    assert saved[0].parent == workspace.cache / "uploads"
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
    os.utime(old, (1, 1))

    save_uploads(workspace, [("2.jpg", io.BytesIO(b"y"))])

    assert not old.exists()


def test_nothing_sent_is_said(workspace: Workspace) -> None:
    with pytest.raises(InputError, match="No files have arrived"):
        save_uploads(workspace, [])
