"""Importing folders, tables and files into a workspace."""

import errno
import itertools
import os
import shutil
import socket
from pathlib import Path
from typing import IO

import pytest

from core.catalog.classes import count_classes
from core.catalog.images import list_images
from core.catalog.records import ImageRow
from core.collect.importer import Imported, Rejected, import_source
from core.database import Database
from core.errors import InputError, NotFoundError, SpecimenError, StorageError
from core.images.thumbnails import open_thumbnails
from core.workspace import Workspace
from tests.collect.test_collector import Stopper
from tests.support.pictures import avif, broken_files, jpeg, odd_pictures, png, webp


def lay(folder: Path, files: dict[str, bytes]) -> Path:
    """Write the files below `folder`."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def images(db: Database) -> list[ImageRow]:
    return list_images(db, limit=1000)[1]


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Content and time of every file."""
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def test_a_folder_of_class_folders(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    files = {"Über Rose/b.jpg": png(1), "daisy/a.jpg": jpeg(2), "deep/down/tulip/c": webp(3), "daisy/x.png": avif(4)}
    source = lay(tmp_path / "flowers", files)
    before = snapshot(source)
    assert import_source(workspace, db, str(source)) == Imported(4, 0, [])
    assert {(image.path, image.class_name, image.original, image.format) for image in images(db)} == {
        ("daisy/daisy001.jpg", "daisy", "flowers/daisy/a.jpg", "JPEG"),
        ("daisy/daisy002.avif", "daisy", "flowers/daisy/x.png", "AVIF"),
        ("tulip/tulip001.webp", "tulip", "flowers/deep/down/tulip/c", "WEBP"),
        ("uber-rose/uber-rose001.png", "Über Rose", "flowers/Über Rose/b.jpg", "PNG"),
    }
    assert snapshot(source) == before
    thumbnails = open_thumbnails(workspace)
    for image in images(db):
        stored = workspace.images / image.path
        assert stored.read_bytes() in files.values()
        assert (stored.stat().st_mtime_ns, stored.stat().st_ino) == (image.mtime_ns, stored.stat().st_ino)
        assert image.sha256 is not None
        assert thumbnails.get(image.sha256) is not None
    thumbnails.close()
    assert list((workspace.cache / "intake").iterdir()) == []


def test_a_flat_folder(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    files = {
        "abra001.jpg": jpeg(1),
        "abra002.jpg": jpeg(2),
        "mew1.png": png(3),
        "mew2.png": png(4),
        "other.jpg": jpeg(5),
    }
    import_source(workspace, db, str(lay(tmp_path / "zoo", files)))
    assert [(row.name, row.unreviewed) for row in count_classes(db)] == [("abra", 2), ("mew", 2), ("zoo", 1)]
    assert images(db)[0].path == "abra/abra001.jpg"


def test_a_flat_folder_with_a_table_of_two_columns(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    table = b"img_name,pokemon_id\na.jpg,62\nb.jpg,62\nmew1.jpg,9\nmew2.jpg,9\nlost.jpg,62\n"
    files = {"a.jpg": jpeg(1), "b.jpg": jpeg(2), "mew1.jpg": jpeg(3), "mew2.jpg": jpeg(4), "annotations.csv": table}
    imported = import_source(workspace, db, str(lay(tmp_path / "zoo", files)))
    assert imported == Imported(4, 0, [Rejected("lost.jpg", "listed in annotations.csv, but there is no such file")])
    assert {image.original: image.class_name for image in images(db)} == {
        "zoo/a.jpg": "62",
        "zoo/b.jpg": "62",
        "zoo/mew1.jpg": "mew",
        "zoo/mew2.jpg": "mew",
    }


def test_a_single_picture(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    folder = lay(tmp_path / "cats", {"tom.jpg": jpeg(1), "ann.jpg": jpeg(2), "text": b"hello"})
    assert import_source(workspace, db, str(folder / "tom.jpg")).added == 1
    assert import_source(workspace, db, str(folder / "ann.jpg"), class_name="Dog").added == 1
    assert [(image.original, image.class_name) for image in images(db)] == [
        ("cats/tom.jpg", "cats"),
        ("cats/ann.jpg", "Dog"),
    ]
    refused = import_source(workspace, db, str(folder / "text"))
    assert refused == Imported(0, 0, [Rejected("text", "not a picture (text)")])


@pytest.mark.parametrize("name", [" ", "x" * 81, "a\nb"])
def test_a_class_that_cannot_be_is_said_once(workspace: Workspace, db: Database, tmp_path: Path, name: str) -> None:
    source = lay(tmp_path / "s", {"a.jpg": jpeg(1), "b.jpg": jpeg(2)})
    with pytest.raises(InputError, match="class"):
        import_source(workspace, db, str(source), class_name=name)


def test_what_was_held_before_is_known_and_copies_are_added(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    same = jpeg(1)
    source = lay(tmp_path / "s", {"a/1.jpg": same, "a/2.jpg": same, "b/1.jpg": same})
    assert import_source(workspace, db, str(source)) == Imported(3, 0, [])
    assert import_source(workspace, db, str(source)) == Imported(0, 3, [])
    lay(source, {"a/3.jpg": jpeg(2), "c/1.jpg": same})
    assert import_source(workspace, db, str(source)) == Imported(2, 3, [])


def test_every_broken_file_has_a_reason(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    broken = broken_files()
    files = {f"broken/{name}": content for name, (content, _) in broken.items()}
    imported = import_source(workspace, db, str(lay(tmp_path / "s", {**files, "fine/1.jpg": jpeg(1)})))
    assert (imported.added, imported.known) == (1, 0)
    assert {item.path: item.reason for item in imported.rejected} == {
        f"broken/{name}": reason for name, (_, reason) in broken.items()
    }
    assert [row.name for row in count_classes(db)] == ["fine"]


def test_odd_but_valid_pictures_are_taken(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    files = {f"odd/{name}": content for name, content in odd_pictures().items()}
    imported = import_source(workspace, db, str(lay(tmp_path / "s", files)))
    assert imported == Imported(len(files), 0, [])


def test_what_is_no_picture_is_left_in_silence_or_named(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    silent = {
        "LICENSE.txt": b"CC-BY",
        "README.md": b"# Flowers",
        "a/Thumbs.db": b"\xd0\xcf\x11\xe0",
        "a/.DS_Store": b"\0\0",
        ".git/x.jpg": jpeg(8),
        "__MACOSX/a/._1.jpg": b"x",
        "notes.bin": bytes(range(256)),
        "BMW": b"BMW is a maker of cars",
        "prices.csv": b"name,price\nx,1\n",
    }
    named = {"a/page.jpg": b"<html></html>", "a/zero.png": b"", "a/icon": b"\0\0\1\0\1\0", "a/v.svg": b"<svg/>"}
    imported = import_source(workspace, db, str(lay(tmp_path / "s", {**silent, **named, "a/1.jpg": jpeg(1)})))
    assert imported == Imported(
        1,
        0,
        [
            Rejected("a/icon", "format ICO is not supported"),
            Rejected("a/page.jpg", "not a picture (HTML page)"),
            Rejected("a/v.svg", "format SVG is not supported"),
            Rejected("a/zero.png", "empty file"),
        ],
    )


def test_links_pipes_and_devices_never_block(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    source = lay(tmp_path / "s", {"a/1.jpg": jpeg(1)})
    (source / "a/passwd.jpg").symlink_to("/etc/passwd")
    (source / "a/loop").symlink_to(source)
    (source / "a/gone.jpg").symlink_to("nowhere")
    os.mkfifo(source / "a/pipe.jpg")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(source / "a/s.jpg"))
    imported = import_source(workspace, db, str(source))
    assert imported == Imported(
        1,
        0,
        [
            Rejected("a/gone.jpg", "a link, not a file"),
            Rejected("a/loop", "a link, not a file"),
            Rejected("a/passwd.jpg", "a link, not a file"),
            Rejected("a/pipe.jpg", "a pipe, not a file"),
            Rejected("a/s.jpg", "a socket, not a file"),
        ],
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_files_and_folders_are_named(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    source = lay(tmp_path / "s", {"a/1.jpg": jpeg(1), "a/2.jpg": jpeg(2), "b/1.jpg": jpeg(3)})
    (source / "a/2.jpg").chmod(0)
    (source / "b").chmod(0)
    imported = import_source(workspace, db, str(source))
    (source / "b").chmod(0o755)
    assert imported.added == 1
    assert {item.path for item in imported.rejected} == {"a/2.jpg", "b"}


def test_file_names_are_only_text(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    names = [
        b"new\nline.jpg",
        b'quote".jpg',
        b"<img src=x onerror=alert(1)>.jpg",
        "\u202egpj.exe.jpg".encode(),
        "😀.jpg".encode(),
        "e\u0301.jpg".encode(),
        "\u00e9.jpg".encode(),
        b"x" * 251 + b".jpg",
        b"-rf.jpg",
        b"CON.jpg",
        b"dot.jpg.",
        b"bad\xff\xfe.jpg",
        b"=cmd.jpg",
        b" .jpg",
    ]
    folder = tmp_path / "s" / "kind"
    folder.mkdir(parents=True)
    for number, name in enumerate(names):
        (folder / os.fsdecode(name)).write_bytes(jpeg(number))
    assert import_source(workspace, db, str(tmp_path / "s")) == Imported(len(names), 0, [])
    assert {image.original for image in images(db)} == {
        "s/kind/" + name.decode("utf-8", "backslashreplace") for name in names
    }
    assert {image.path for image in images(db)} == {f"kind/kind{number + 1:03d}.jpg" for number in range(len(names))}


def test_class_names_from_folders_are_kept_or_refused(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    kept = ["=cmd|' C calc'!A0", "<script>alert(1)", "Über", "😀", 'a,b;"c"', "CON"]
    refused = ["c" * 200, "tab\there", "line\nbreak"]
    files = {f"{name}/1.jpg": jpeg(number) for number, name in enumerate([*kept, *refused, "o\u0308d", "\u00f6d"])}
    imported = import_source(workspace, db, str(lay(tmp_path / "s", files)))
    assert {image.class_name for image in images(db)} == {*kept, "öd"}
    assert {item.path for item in imported.rejected} == {f"{name}/1.jpg" for name in refused}


def test_a_hand_dropped_file_is_never_replaced(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    lay(workspace.images, {"a/a001.jpg": b"mine"})
    import_source(workspace, db, str(lay(tmp_path / "s", {"a/1.jpg": jpeg(1)})))
    assert (workspace.images / "a/a001.jpg").read_bytes() == b"mine"
    assert images(db)[0].path == "a/a002.jpg"


def test_a_stop_keeps_what_was_added(workspace: Workspace, db: Database, tmp_path: Path) -> None:
    same = jpeg(1)
    source = lay(tmp_path / "s", {f"a/{number}.jpg": same for number in range(250)})
    stopper = Stopper(after=100)
    assert import_source(workspace, db, str(source), reporter=stopper).added == 100
    assert [told[:2] for told in stopper.told] == [(0, 250), (100, 250)]


def test_a_disk_that_refuses_leaves_the_catalogue_whole(
    workspace: Workspace, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = jpeg(1)
    source = lay(tmp_path / "s", {f"a/{number:03d}.jpg": same for number in range(120)})
    links = itertools.count(1)
    link = os.link

    def fill(one: Path, other: Path) -> None:
        if next(links) > 110:
            raise OSError(errno.EXDEV, "no hard links")
        link(one, other)

    def full(content: IO[bytes], target: IO[bytes]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", fill)
    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(StorageError, match=r"disk is full.*100 pictures of this import were stored before"):
        import_source(workspace, db, str(source))
    monkeypatch.undo()
    stored = {image.path for image in images(db)}
    assert len(stored) == 100
    assert {path.relative_to(workspace.images).as_posix() for path in workspace.images.rglob("*.jpg")} == stored


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("https://example.org/list", "is an address"),
        ("", "No source was given"),
        ("{tmp}/absent", "is not there"),
        ("{tmp}/page.html", "saved page"),
        ("{tmp}/urls.txt", "lists of addresses cannot be imported yet"),
        ("{tmp}/t.csv", "import the folder that holds it"),
        ("{tmp}/a.tar.gz", "unpack it"),
        ("{tmp}/empty", "holds no picture"),
        ("{tmp}/pipe", "neither a folder nor a plain file"),
        ("{tmp}", "holds this workspace's own pictures"),
        ("x" * 300, "cannot be a path"),
        ("a\0b", "cannot be a path"),
        ("~nobody-of-this-name/pictures", "cannot be a path"),
    ],
)
def test_sources_that_cannot_be_are_refused(
    workspace: Workspace, db: Database, tmp_path: Path, source: str, part: str
) -> None:
    lay(tmp_path, {"page.html": b"<html>", "urls.txt": b"http://a", "t.csv": b"a,b", "a.tar.gz": b"\x1f\x8b"})
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises((InputError, NotFoundError)) as caught:
        import_source(workspace, db, source.format(tmp=tmp_path))
    assert isinstance(caught.value, SpecimenError)
    assert part in str(caught.value)
