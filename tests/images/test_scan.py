import os
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.catalog.classes import ensure_class
from core.catalog.images import add_images, get_by_path, known_files, list_images, reserve_paths
from core.catalog.records import NewImage
from core.catalog.store import revision
from core.database import Database
from core.images.scan import ScanResult, Unreadable, scan
from core.images.thumbnails import open_thumbnails
from core.workspace import Workspace
from tests.support.pictures import draw, encode, jpeg, oriented, png


def _put(workspace: Workspace, path: str, content: bytes) -> Path:
    place = workspace.images / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return place


def _paths(db: Database) -> list[str]:
    return sorted(known_files(db))


class Watcher:
    """A reporter that asks to stop after so many questions."""

    def __init__(self, patience: int = 1_000_000) -> None:
        self.patience = patience
        self.steps: list[tuple[int, int | None]] = []

    def progress(self, done: int, total: int | None, message: str = "") -> None:
        self.steps.append((done, total))

    def stopped(self) -> bool:
        self.patience -= 1
        return self.patience < 0

    def update(self, **extra: object) -> None:
        """Nothing."""


def test_an_empty_workspace(workspace: Workspace, db: Database) -> None:
    assert scan(workspace, db) == ScanResult(images=0, new=0, changed=0, missing=0, moved=0, unreadable=[], classes={})


def test_files_dropped_by_hand_are_registered_under_their_names(workspace: Workspace, db: Database) -> None:
    _put(workspace, "daisy/first.jpg", jpeg(1))
    _put(workspace, "daisy/deep/second.jpg", oriented(6, 2))
    _put(workspace, "abra001.png", png(3))
    _put(workspace, "abra002.png", png(4))
    _put(workspace, "single.png", png(5))
    _put(workspace, ".hidden.jpg", jpeg(6))
    _put(workspace, ".folder/also.jpg", jpeg(7))
    result = scan(workspace, db)
    assert (result.images, result.new, result.unreadable) == (5, 5, [])
    assert result.classes == {"abra": 2, "daisy": 2, "images": 1}
    row = get_by_path(db, "daisy/deep/second.jpg")
    assert (row.class_name, row.width, row.height, row.orientation, row.verdict) == ("daisy", 64, 48, 6, "unreviewed")
    assert row.original == "daisy/deep/second.jpg"


def test_a_folder_named_like_a_class_s_slug_is_that_class(workspace: Workspace, db: Database) -> None:
    umlaut = ensure_class(db, "Über Blume")
    other = ensure_class(db, "花")
    _put(workspace, f"{umlaut.slug}/a.jpg", jpeg(1))
    _put(workspace, f"{other.slug}/b.jpg", jpeg(2))
    assert scan(workspace, db).classes == {"Über Blume": 1, "花": 1}


def test_what_cannot_be_read_joins_a_class_but_makes_none(workspace: Workspace, db: Database) -> None:
    _put(workspace, "LICENSE.txt", b"Do what you like.")
    _put(workspace, "daisy/a-broken.jpg", jpeg(1)[:300])
    _put(workspace, "daisy/b.jpg", jpeg(2))
    _put(workspace, "rose/broken.jpg", jpeg(3)[:300])
    result = scan(workspace, db)
    assert result.classes == {"daisy": 1}
    assert _paths(db) == ["daisy/a-broken.jpg", "daisy/b.jpg"]
    assert result.unreadable == [
        Unreadable("LICENSE.txt", "not a picture (text)"),
        Unreadable("daisy/a-broken.jpg", "truncated JPEG"),
        Unreadable("rose/broken.jpg", "truncated JPEG"),
    ]


def test_unchanged_files_are_not_opened(workspace: Workspace, db: Database) -> None:
    place = _put(workspace, "daisy/a.jpg", jpeg(1))
    _put(workspace, "daisy/broken.jpg", jpeg(2)[:300])
    first = scan(workspace, db)
    before = revision(db)
    place.chmod(0)
    watcher = Watcher()
    again = scan(workspace, db, reporter=watcher)
    assert watcher.steps == [(0, 0)]
    assert (again.new, again.changed, again.images) == (0, 0, 1)
    assert again.unreadable == first.unreadable == [Unreadable("daisy/broken.jpg", "truncated JPEG")]
    assert revision(db) == before


def test_changed_content_is_measured_again(workspace: Workspace, db: Database) -> None:
    _put(workspace, "daisy/a.jpg", jpeg(1))
    _put(workspace, "daisy/b.jpg", jpeg(2))
    scan(workspace, db)
    before = get_by_path(db, "daisy/a.jpg")
    place = _put(workspace, "daisy/a.jpg", png(9, size=(30, 20)))
    os.utime(workspace.images / "daisy/b.jpg")
    result = scan(workspace, db)
    after = get_by_path(db, "daisy/a.jpg")
    assert (result.new, result.changed, result.images) == (0, 1, 2)
    assert (after.id, after.width, after.format, after.mtime_ns) == (before.id, 30, "PNG", place.stat().st_mtime_ns)
    place.write_bytes(b"<html>")
    assert scan(workspace, db).unreadable == [Unreadable("daisy/a.jpg", "not a picture (HTML page)")]
    place.write_bytes(jpeg(1))
    assert scan(workspace, db).unreadable == []
    assert get_by_path(db, "daisy/a.jpg").phash == before.phash


def test_vanished_files_are_marked_and_come_back(workspace: Workspace, db: Database) -> None:
    place = _put(workspace, "daisy/a.jpg", jpeg(1))
    _put(workspace, "daisy/b.jpg", jpeg(2))
    scan(workspace, db)
    aside = place.rename(workspace.home / "aside.jpg")
    assert (scan(workspace, db).missing, list_images(db)[0]) == (1, 1)
    assert scan(workspace, db).missing == 1
    aside.rename(place)
    result = scan(workspace, db)
    assert (result.missing, result.new, result.changed, result.images) == (0, 0, 0, 2)


def test_a_moved_file_keeps_its_row(workspace: Workspace, db: Database) -> None:
    place = _put(workspace, "daisy/a.jpg", jpeg(1))
    twin = _put(workspace, "daisy/b.jpg", jpeg(1))
    scan(workspace, db)
    ids = {path: get_by_path(db, path).id for path in _paths(db)}
    (workspace.images / "rose").mkdir()
    twin.rename(workspace.images / "rose" / "b.jpg")
    place.rename(workspace.images / "daisy" / "renamed.jpg")
    result = scan(workspace, db)
    assert (result.new, result.missing, result.moved) == (0, 0, 2)
    assert get_by_path(db, "rose/b.jpg").id == ids["daisy/b.jpg"]
    assert get_by_path(db, "rose/b.jpg").class_name == "daisy"
    assert get_by_path(db, "daisy/renamed.jpg").id == ids["daisy/a.jpg"]
    assert scan(workspace, db).changed == 0


def test_a_copy_is_new_while_the_first_is_there(workspace: Workspace, db: Database) -> None:
    _put(workspace, "daisy/a.jpg", jpeg(1))
    scan(workspace, db)
    _put(workspace, "daisy/copy.jpg", jpeg(1))
    result = scan(workspace, db)
    assert (result.new, result.moved, result.images) == (1, 0, 2)


def test_links_pipes_and_sockets_are_named_and_left_alone(
    workspace: Workspace, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put(workspace, "daisy/a.jpg", jpeg(1))
    folder = workspace.images / "daisy"
    (folder / "loop").symlink_to(folder)
    (folder / "passwd.jpg").symlink_to("/etc/passwd")
    (folder / "dangling.jpg").symlink_to("nowhere")
    os.mkfifo(folder / "pipe.jpg")
    monkeypatch.chdir(folder)  # a socket's whole path may have 100 bytes
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.jpg")
        result = scan(workspace, db)
    assert result.images == 1
    assert result.unreadable == [
        Unreadable("daisy/dangling.jpg", "a link, not a file"),
        Unreadable("daisy/loop", "a link, not a file"),
        Unreadable("daisy/passwd.jpg", "a link, not a file"),
        Unreadable("daisy/pipe.jpg", "a pipe, not a file"),
        Unreadable("daisy/socket.jpg", "a socket, not a file"),
    ]


@pytest.mark.parametrize(
    "name", ["line\nbreak.jpg", 'quo"te.jpg', "<img src=x onerror=alert(1)>.jpg", "\u202egpj.exe", "😀.jpg", "-rf.jpg"]
)
def test_strange_names_are_kept_exactly(workspace: Workspace, db: Database, name: str) -> None:
    _put(workspace, f"daisy/{name}", jpeg(1))
    scan(workspace, db)
    assert _paths(db) == [f"daisy/{name}"]


def test_a_name_that_is_no_text_is_named(workspace: Workspace, db: Database) -> None:
    folder = os.fsencode(workspace.images)
    try:
        with open(folder + b"/caf\xe9.jpg", "wb") as handle:  # noqa: PTH123 - a Path cannot hold these bytes plainly
            handle.write(jpeg(1))
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    assert scan(workspace, db).unreadable == [Unreadable("caf\\xe9.jpg", "its name is not valid UTF-8; rename it")]


def test_a_folder_name_that_no_class_can_have_is_named(workspace: Workspace, db: Database) -> None:
    _put(workspace, f"{'x' * 90}/a.jpg", jpeg(1))
    _put(workspace, "daisy/a.jpg", jpeg(2))
    result = scan(workspace, db)
    assert result.classes == {"daisy": 1}
    assert [(row.path, row.reason[:41]) for row in result.unreadable] == [
        (f"{'x' * 90}/a.jpg", "its folder's name cannot be a class: The ")
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_closed_folder_does_not_lose_its_pictures(workspace: Workspace, db: Database) -> None:
    _put(workspace, "daisy/a.jpg", jpeg(1))
    scan(workspace, db)
    folder = workspace.images / "daisy"
    folder.chmod(0)
    try:
        result = scan(workspace, db)
    finally:
        folder.chmod(0o755)
    assert (result.missing, result.images) == (0, 1)
    assert [row.path for row in result.unreadable] == ["daisy"]


def test_an_image_folder_that_is_gone_marks_nothing(workspace: Workspace, db: Database) -> None:
    _put(workspace, "daisy/a.jpg", jpeg(1))
    scan(workspace, db)
    workspace.images.rename(workspace.data / "elsewhere")
    assert scan(workspace, db).missing == 0


def test_progress_and_stop_and_going_on(workspace: Workspace, db: Database) -> None:
    for number in range(12):
        _put(workspace, f"daisy/{number}.jpg", jpeg(number))
    gone = _put(workspace, "daisy/gone.jpg", jpeg(99))
    watcher = Watcher()
    scan(workspace, db, reporter=watcher)
    assert (watcher.steps[0], watcher.steps[-1]) == ((0, 13), (13, 13))
    gone.unlink()
    for number in range(20, 30):
        _put(workspace, f"daisy/{number}.jpg", jpeg(number))
    part = scan(workspace, db, reporter=Watcher(patience=4))
    assert (part.new, part.missing) == (5, 0)
    rest = scan(workspace, db)
    assert (rest.new, rest.missing, rest.images) == (5, 1, 22)


def test_what_another_process_stored_meanwhile_is_not_registered_twice(workspace: Workspace, db: Database) -> None:
    vanished_twin = _put(workspace, "daisy/twin.jpg", jpeg(1))
    scan(workspace, db)
    vanished_twin.unlink()
    _put(workspace, "daisy/a.jpg", jpeg(1))
    daisy = ensure_class(db, "daisy")

    class Meddler(Watcher):
        def stopped(self) -> bool:
            if "daisy/a.jpg" not in known_files(db):
                add_images(db, [NewImage("daisy/a.jpg", "elsewhere", daisy.class_id, None, "not looked at yet")])
            return False

    result = scan(workspace, db, reporter=Meddler())
    assert (result.new, result.moved, _paths(db)) == (0, 0, ["daisy/a.jpg", "daisy/twin.jpg"])


def test_thumbnails_are_made_on_the_way(workspace: Workspace, db: Database) -> None:
    _put(workspace, "daisy/a.jpg", encode(draw(1, size=(600, 400)), "JPEG"))
    scan(workspace, db)
    thumbnails = open_thumbnails(workspace)
    assert thumbnails.get(get_by_path(db, "daisy/a.jpg").sha256 or "") is not None
    thumbnails.close()


def test_many_files_in_several_batches(workspace: Workspace, db: Database) -> None:
    contents: Sequence[bytes] = [jpeg(seed, size=(16, 16)) for seed in range(30)]
    for number in range(450):
        _put(workspace, f"daisy/{number:03d}.jpg", contents[number % 30])
    assert scan(workspace, db).images == 450
    assert reserve_paths(db, ensure_class(db, "daisy").class_id, ["jpg"]) == ["daisy/daisy001.jpg"]
