"""Emptying the bin: what goes, what stays known, and that no crash leaves a file gone that could still be restored."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.catalog.bin import bin_size, count_doomed, count_reasons, find_rejections
from core.catalog.classes import count_classes
from core.catalog.decisions import apply_client, decide, history, redo, undo
from core.catalog.images import get_by_path, get_image, list_images
from core.catalog.looks import read_looks
from core.catalog.records import ClientOperation, Operation
from core.catalog.store import open_catalog
from core.collect.importer import import_source
from core.database import Database
from core.dataset.annotations import write_annotations
from core.errors import RefusedError, StoppedError
from core.images.bin import Emptied, Left, empty_bin
from core.images.scan import scan
from core.images.thumbnails import open_thumbnails
from core.workspace import Workspace
from tests.support.pictures import jpeg

ME = "me"
ROOT = Path(__file__).resolve().parents[2]
KILLED = """
import os, signal, sys
from pathlib import Path
from core.catalog.store import open_catalog
from core.images import bin
from core.workspace import open_workspace

def die(*anything, **more):
    os.kill(os.getpid(), signal.SIGKILL)

calls = 0
def die_at_third(*anything):
    global calls
    calls += 1
    return die() if calls == 3 else unlink(*anything)

unlink = Path.unlink
moment = sys.argv[2]
workspace = open_workspace(Path(sys.argv[1]), environ={})
db = open_catalog(workspace)
if moment == "third file":
    Path.unlink = die_at_third
elif moment == "thumbnails":
    bin.Thumbnails.drop_many = die
elif moment != "strace":
    setattr(bin, moment, die)
bin.empty_bin(workspace, db, who="me")
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for name in ("abra", "mew"):
        (tmp_path / "source" / name).mkdir(parents=True)
        for number in range(4):
            (tmp_path / "source" / name / f"{number}.jpg").write_bytes(jpeg(number + 10 * len(name)))
    return tmp_path / "source"


@pytest.fixture
def filled(workspace: Workspace, db: Database, source: Path) -> list[int]:
    """Eight pictures, of which the first five are rejected; their numbers."""
    assert import_source(workspace, db, str(source)).added == 8
    rejected = [1, 2, 3, 4, 5]
    decide(db, [Operation(number, "reject", reason="duplicate of mew/mew004.jpg") for number in rejected[:2]], who="it")
    decide(db, [Operation(number, "reject") for number in rejected[2:]], who=ME)
    return rejected


def files(workspace: Workspace) -> set[str]:
    return {path.relative_to(workspace.images).as_posix() for path in workspace.images.rglob("*") if path.is_file()}


def test_the_bin_says_how_much_why_by_whom(workspace: Workspace, db: Database, filled: list[int]) -> None:
    total = sum(get_image(db, number).bytes for number in filled)
    assert (bin_size(db).images, bin_size(db).bytes) == (5, total)
    assert count_reasons(db) == {"by hand": 3, "duplicate": 2}
    assert {number: found.who for number, found in find_rejections(db, [1, 5, 6]).items()} == {1: "it", 5: ME}


def test_a_rejection_that_was_taken_back_is_not_the_one_that_stands(db: Database, filled: list[int]) -> None:
    decide(db, [Operation(5, "keep")], who="third")
    decide(db, [Operation(5, "reject")], who="second")
    undo(db, who="second")
    decide(db, [Operation(6, "keep")], who="second")
    undo(db, who="third")
    assert (get_image(db, 5).verdict, find_rejections(db, [5])[5].who) == ("reject", ME)


def test_emptying_deletes_the_files_and_keeps_the_memory(
    workspace: Workspace, db: Database, source: Path, filled: list[int]
) -> None:
    before = [get_image(db, number) for number in filled]
    size = bin_size(db)
    assert empty_bin(workspace, db, who=ME, expected=5) == Emptied(5, size.bytes, [])
    assert files(workspace) == {row.path for row in list_images(db)[1]}
    assert len(files(workspace)) == 3
    after = [get_image(db, number) for number in filled]
    assert [(row.sha256, row.phash, row.verdict) for row in after] == [
        (row.sha256, row.phash, "reject") for row in before
    ]
    assert len(read_looks(db, filled).images) == 5
    assert bin_size(db).images == 0
    assert sum(row.rejected for row in count_classes(db)) == 0
    assert write_annotations(workspace, db).rows == 3
    thumbnails = open_thumbnails(workspace)
    assert [thumbnails.get(row.sha256 or "") for row in after] == [None] * 5
    assert thumbnails.get(get_image(db, 8).sha256 or "") is not None
    thumbnails.close()
    assert history(db)[0].label == "bin emptied of 5"
    again = import_source(workspace, db, str(source))
    elsewhere = import_source(workspace, db, str(source / "abra"), class_name="somewhere else")
    assert (again.added, again.known, elsewhere.added, elsewhere.known) == (0, 8, 0, 4)


def test_a_number_that_is_no_longer_true_deletes_nothing(workspace: Workspace, db: Database, filled: list[int]) -> None:
    decide(db, [Operation(6, "reject")], who="somebody else")
    with pytest.raises(RefusedError, match="6 pictures by now, not 5"):
        empty_bin(workspace, db, who=ME, expected=5)
    assert len(files(workspace)) == 8


def test_undo_says_what_cannot_come_back_and_goes_on(workspace: Workspace, db: Database, filled: list[int]) -> None:
    decide(db, [Operation(5, "unreview"), Operation(6, "reject")], who=ME)
    empty_bin(workspace, db, who=ME)
    mixed = undo(db, who=ME)
    assert (mixed.changed, mixed.deleted, get_image(db, 5).verdict) == (1, 1, "reject")
    assert mixed.refusal == "1 picture of this decision cannot come back: the file is gone since the bin was emptied."
    gone = undo(db, who=ME)
    assert (gone.changed, gone.deleted) == (1, 2)
    assert get_image(db, 5).verdict == "unreviewed"
    assert redo(db, who=ME).changed == 1
    with pytest.raises(RefusedError, match=r"abra/abra003\.jpg was deleted"):
        decide(db, [Operation(3, "keep")], who=ME)


def test_a_tab_hears_why_undo_did_not_bring_a_picture_back(
    workspace: Workspace, db: Database, filled: list[int]
) -> None:
    empty_bin(workspace, db, who=ME)
    told = apply_client(db, client="tab", who=ME, operations=[ClientOperation(1, "undo"), ClientOperation(2, "undo")])
    assert told.acknowledged == 2
    assert [(seq, reason.partition(":")[0]) for seq, reason in told.refused] == [
        (1, "3 pictures of this decision cannot come back")
    ]


def test_a_file_that_a_person_changed_stays_and_is_found_as_a_new_picture(
    workspace: Workspace, db: Database, filled: list[int]
) -> None:
    (workspace.images / "abra/abra001.jpg").write_bytes(jpeg(99))
    emptied = empty_bin(workspace, db, who=ME)
    assert (emptied.deleted, [left.path for left in emptied.left]) == (4, ["abra/abra001.jpg"])
    scanned = scan(workspace, db)
    assert (scanned.images, scanned.new, scanned.missing) == (4, 1, 0)
    assert get_by_path(db, "abra/abra001.jpg").verdict == "unreviewed"
    assert get_image(db, 1).emptied is not None


@pytest.mark.parametrize("name", ["abra/abra001.jpg", "elsewhere/mine.jpg"])
def test_a_deleted_picture_put_back_by_hand_is_in_the_bin_again(
    workspace: Workspace, db: Database, filled: list[int], name: str
) -> None:
    content = (workspace.images / "abra/abra001.jpg").read_bytes()
    empty_bin(workspace, db, who=ME)
    place = workspace.images / name
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(content)
    scan(workspace, db)
    assert (bin_size(db).images, get_by_path(db, name).id) == (1, 1)
    assert decide(db, [Operation(1, "unreview")], who=ME).changed == 1


def test_a_file_that_is_renamed_by_hand_is_not_taken_for_its_deleted_copy(
    workspace: Workspace, db: Database, source: Path
) -> None:
    shutil.copy(source / "abra/0.jpg", source / "mew/copy.jpg")
    import_source(workspace, db, str(source / "abra"))
    import_source(workspace, db, str(source / "mew"))
    copies = [row for row in list_images(db)[1] if row.sha256 == get_image(db, 1).sha256]
    decide(db, [Operation(1, "reject"), Operation(copies[1].id, "keep")], who=ME)
    empty_bin(workspace, db, who=ME)
    (workspace.images / copies[1].path).rename(workspace.images / "mew" / Path(copies[0].path).name)
    assert (scan(workspace, db).moved, bin_size(db).images) == (1, 0)
    assert [row.id for row in list_images(db, where="verdict = keep")[1]] == [copies[1].id]


def test_a_picture_that_could_not_be_deleted_and_was_taken_back_is_never_deleted(
    workspace: Workspace, db: Database, filled: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.is_relative_to(workspace.images):
            raise PermissionError(errno.EACCES, "Permission denied")
        unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refuse)
        assert len(empty_bin(workspace, db, who=ME).left) == 5
        assert count_doomed(db) == 5
        (workspace.images / "abra/abra001.jpg").rename(workspace.images / "abra/mine.jpg")
        scan(workspace, db)
    assert (bin_size(db).images, count_doomed(db)) == (5, 0)
    decide(db, [Operation(number, "unreview") for number in filled], who=ME)
    assert scan(workspace, db).images == 8
    assert len(files(workspace)) == 8


def test_a_link_that_leads_out_is_not_followed(
    workspace: Workspace, db: Database, filled: list[int], tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    shutil.move(workspace.images / "abra", outside)
    (workspace.images / "abra").symlink_to(outside)
    emptied = empty_bin(workspace, db, who=ME)
    assert Left("abra/abra001.jpg", "a link leads out of data/images") in emptied.left
    assert len(list(outside.iterdir())) == 4


def test_work_that_is_stopped_goes_on_with_the_next_call(
    workspace: Workspace, db: Database, filled: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Impatient:
        def progress(self, done: int, total: int | None, message: str = "") -> None:
            """Nothing."""

        def stopped(self) -> bool:
            return True

        def update(self, **extra: object) -> None:
            """Nothing."""

    monkeypatch.setattr("core.images.bin._BATCH", 2)
    with pytest.raises(StoppedError, match="3 files are still to be deleted"):
        empty_bin(workspace, db, who=ME, reporter=Impatient())
    assert (len(files(workspace)), bin_size(db).images) == (6, 0)
    assert empty_bin(workspace, db, who=ME).deleted == 3


def check_after_a_kill(workspace: Workspace) -> None:
    """Nothing that is gone can be restored, and the next call ends the matter."""
    db = open_catalog(workspace)
    offered = list_images(db, where="verdict = reject")[1]
    assert {row.path for row in offered} <= files(workspace)
    assert len(offered) in (0, 5)
    if offered:
        assert count_doomed(db) == 0
    empty_bin(workspace, db, who=ME)
    assert (len(files(workspace)), count_doomed(db), bin_size(db).images) == (3, 0, 0)
    assert len(list_images(db)[1]) == 3
    thumbnails = open_thumbnails(workspace)
    assert [thumbnails.get(get_image(db, number).sha256 or "") for number in range(1, 6)] == [None] * 5
    thumbnails.close()
    db.close()


@pytest.mark.parametrize(
    "moment", ["mark_emptied", "finish_emptying", "third file", "sync_folder", "thumbnails", "strike_off"]
)
def test_a_kill_leaves_what_the_next_call_completes(
    workspace: Workspace, db: Database, filled: list[int], moment: str
) -> None:
    db.close()
    command = [sys.executable, "-c", KILLED, str(workspace.home), moment]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
    check_after_a_kill(workspace)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace injects the fault and is not installed")
@pytest.mark.parametrize(
    "points",
    [
        {"unlink": (4,), "pwrite64": (9,)},
        pytest.param(
            {"pwrite64": range(1, 40), "fdatasync": range(1, 8), "unlink": range(1, 6)}, marks=pytest.mark.soak
        ),
    ],
)
def test_a_kill_at_any_write_leaves_what_the_next_call_completes(
    workspace: Workspace, db: Database, filled: list[int], tmp_path: Path, points: dict[str, Sequence[int]]
) -> None:
    db.close()
    for call, moments in points.items():
        for moment in moments:
            home = tmp_path / f"{call}{moment}"
            shutil.copytree(workspace.home, home, copy_function=os.link)
            for name in ("catalog.db", "cache/thumbnails.db"):
                (home / "data" / name).unlink()
                shutil.copy(workspace.data / name, home / "data" / name)
            prefix = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}")
            fault = ("-e", f"inject={call}:signal=KILL:when={moment}")
            child = (sys.executable, "-c", KILLED, str(home), "strace")
            done = subprocess.run([*prefix, *fault, *child], cwd=ROOT, check=False, capture_output=True)
            if done.returncode not in (0, -signal.SIGKILL, 128 + signal.SIGKILL):
                pytest.skip("strace may not trace here")
            check_after_a_kill(Workspace(home))
