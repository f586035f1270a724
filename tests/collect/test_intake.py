"""The one way in, seen from those who hand it pictures."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.catalog.classes import ensure_class, list_classes
from core.catalog.images import get_image, list_images
from core.collect.importer import import_source
from core.collect.intake import Candidate, SecondCopy, open_intake
from core.database import Database
from core.images.decoder import Decoder
from core.images.scan import scan
from core.workspace import Workspace
from tests.support.pictures import jpeg, png, webp

KILLED = """
import os, signal, sys
from pathlib import Path
from core.catalog.store import open_catalog
from core.collect import intake
from core.collect.importer import import_source
from core.workspace import open_workspace

def die(*anything):
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[3] == "before":
    intake.add_images = die
else:
    intake.Thumbnails.put_many = die
workspace = open_workspace(Path(sys.argv[1]), environ={})
import_source(workspace, open_catalog(workspace), sys.argv[2])
"""
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder(processes=1) as opened:
        yield opened


def take(
    workspace: Workspace, db: Database, decoder: Decoder, *candidates: Candidate, second_copy: SecondCopy = "add"
) -> list[tuple[str, str | None]]:
    """Outcome and reason or path of each candidate, taken in as one import."""
    with open_intake(workspace, db, decoder, second_copy=second_copy) as intake:
        return [(taken.outcome, taken.reason or taken.path) for taken in intake.take(candidates)]


def test_files_and_bytes_are_stored_under_true_extensions(
    workspace: Workspace, db: Database, decoder: Decoder, tmp_path: Path
) -> None:
    (tmp_path / "x.gif").write_bytes(webp(2))
    found = take(
        workspace,
        db,
        decoder,
        Candidate(jpeg(1), "http://a/1.png", "Mew"),
        Candidate(tmp_path / "x.gif", "x.gif", "Abra"),
        Candidate(b"<html>", "http://a/2.jpg", "Mew"),
        Candidate(png(3), "3", "Mew"),
        Candidate(tmp_path / "absent.jpg", "absent.jpg", "Mew"),
        Candidate(b"", "empty", "Mew"),
    )
    assert found == [
        ("added", "mew/mew001.jpg"),
        ("added", "abra/abra001.webp"),
        ("rejected", "not a picture (HTML page)"),
        ("added", "mew/mew002.png"),
        ("rejected", "the file is gone"),
        ("rejected", "empty file"),
    ]
    assert (workspace.images / "mew/mew001.jpg").read_bytes() == jpeg(1)
    assert get_image(db, 1).original == "http://a/1.png"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_kill_at_the_entry_of_rows_leaves_no_second_copies(
    workspace: Workspace, db: Database, tmp_path: Path, moment: str
) -> None:
    source = tmp_path / "s" / "mew"
    source.mkdir(parents=True)
    for number in range(3):
        (source / f"{number}.jpg").write_bytes(jpeg(number))
    command = [sys.executable, "-c", KILLED, str(workspace.home), str(source.parent), moment]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
    dropped = workspace.images / "mew" / "mine.jpg"
    dropped.write_bytes(jpeg(9))
    imported = import_source(workspace, db, str(source.parent))
    assert (imported.added, imported.known) == ((3, 0) if moment == "before" else (0, 3))
    assert (scan(workspace, db).images, dropped.exists()) == (4, True)


def test_copies_that_come_together_are_added(workspace: Workspace, db: Database, decoder: Decoder) -> None:
    same = [Candidate(jpeg(1), str(number), name) for number, name in enumerate(["a", "a", "b"])]
    assert [outcome for outcome, _ in take(workspace, db, decoder, *same)] == ["added", "added", "added"]
    again = take(workspace, db, decoder, *same, Candidate(jpeg(1), "4", "c"))
    assert [outcome for outcome, _ in again] == ["known", "known", "known", "added"]


def test_from_the_web_the_second_copy_is_known(workspace: Workspace, db: Database, decoder: Decoder) -> None:
    same = [Candidate(jpeg(1), str(number), name) for number, name in enumerate(["a", "a", "b"])]
    found = take(workspace, db, decoder, *same, second_copy="known")
    assert [outcome for outcome, _ in found] == ["added", "known", "known"]
    assert [row.name for row in list_classes(db)] == ["a"]
    again = take(workspace, db, decoder, Candidate(jpeg(1), "5", "c"), second_copy="known")
    assert again == [("known", None)]


def test_a_class_of_a_known_name_is_found_in_either_unicode_form(
    workspace: Workspace, db: Database, decoder: Decoder
) -> None:
    ensure_class(db, "\u00f6d")
    take(workspace, db, decoder, Candidate(jpeg(1), "1", "o\u0308d"), Candidate(jpeg(2), "2", " \u00f6d "))
    assert [row.name for row in list_classes(db)] == ["\u00f6d"]
    assert list_images(db)[0] == 2


def test_many_candidates_keep_their_order(workspace: Workspace, db: Database, decoder: Decoder) -> None:
    contents = [jpeg(number, size=(16, 16)) for number in range(7)]
    candidates = [Candidate(contents[number % 7] if number % 3 else b"x", str(number), "a") for number in range(205)]
    with open_intake(workspace, db, decoder) as intake:
        taken = intake.take(candidates)
    assert [item.original for item in taken] == [str(number) for number in range(205)]
    assert [item.outcome for item in taken] == ["added" if number % 3 else "rejected" for number in range(205)]


def test_what_dead_imports_left_is_swept(workspace: Workspace, db: Database, decoder: Decoder) -> None:
    leftover = workspace.cache / "intake" / "999999999-abc"
    living = workspace.cache / "intake" / f"{os.getpid()}-abc"
    for folder in (leftover, living):
        folder.mkdir(parents=True)
        (folder / "0").write_bytes(b"half")
    with open_intake(workspace, db, decoder):
        assert not leftover.exists()
        assert living.exists()
