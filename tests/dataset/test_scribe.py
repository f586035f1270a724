"""annotations.csv written from a process beside the app: errors come through, and no death leaves half a file."""

import logging
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core.catalog.decisions import decide
from core.catalog.images import set_splits
from core.catalog.records import Operation
from core.database import Database
from core.dataset.annotations import annotations_lock, annotations_state, needs_writing
from core.dataset.scribe import Scribe
from core.dataset.table import annotation_rows, to_csv
from core.errors import RefusedError, StorageError, UnavailableError
from core.workspace import CHECKOUT, Workspace
from tests.duplicates.drawn import Drawn, add_drawn
from tests.support.waiting import until

_log = logging.getLogger(__name__)
APP = """
import sys
from pathlib import Path
from core.dataset.scribe import Scribe
from core.workspace import Workspace
scribe = Scribe(Workspace(Path(sys.argv[1])))
scribe.prepare()
print(scribe.pid, flush=True)
scribe.write()
"""


@pytest.fixture
def scribe(workspace: Workspace) -> Iterator[Scribe]:
    made = Scribe(workspace)
    yield made
    made.close()


def _is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_another_process_writes_what_the_catalogue_holds(workspace: Workspace, db: Database, scribe: Scribe) -> None:
    add_drawn(db, Drawn("a.jpg", 1), Drawn("b.jpg", 2))
    written = scribe.write()
    assert (written.path, written.rows) == (workspace.annotations, 2)
    assert scribe.pid not in (None, os.getpid())
    assert workspace.annotations.read_bytes() == to_csv(annotation_rows(db))
    assert not needs_writing(workspace, db)
    decide(db, [Operation(1, "reject")], who="me")
    assert scribe.write().rows == 1
    assert not needs_writing(workspace, db)


def test_errors_come_through_as_they_are(workspace: Workspace, db: Database, scribe: Scribe) -> None:
    add_drawn(db, Drawn("a.jpg", 1))
    workspace.annotations.mkdir()
    with pytest.raises(StorageError, match=r"annotations\.csv"):
        scribe.write()
    workspace.annotations.rmdir()
    workspace.annotations.write_text("img_name\nmine.jpg\n", encoding="utf-8")
    with pytest.raises(RefusedError, match="edited by hand"):
        scribe.write()
    assert workspace.annotations.read_text(encoding="utf-8") == "img_name\nmine.jpg\n"


def test_it_ends_when_idle_and_starts_again(workspace: Workspace, db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", 1))
    scribe = Scribe(workspace, idle_seconds=0.05)
    try:
        assert scribe.write().rows == 1
        until(lambda: scribe.pid is None, what="the end of an idle process")
        assert scribe.write().rows == 1
    finally:
        scribe.close()


def test_a_terminals_interrupt_does_not_end_it(db: Database, scribe: Scribe) -> None:
    add_drawn(db, Drawn("a.jpg", 1))
    scribe.write()
    assert scribe.pid is not None
    pid = scribe.pid
    os.kill(pid, signal.SIGINT)
    assert scribe.write().rows == 1
    assert scribe.pid == pid


def test_one_that_dies_amid_a_write_leaves_the_old_file_and_is_replaced(
    workspace: Workspace, db: Database, scribe: Scribe
) -> None:
    add_drawn(db, Drawn("a.jpg", 1))
    scribe.write()
    before = workspace.annotations.read_bytes()
    decide(db, [Operation(1, "reject")], who="me")
    pid = scribe.pid
    assert pid is not None

    def kill_amid_its_write() -> None:
        _let_it_ask(pid)
        os.kill(pid, signal.SIGKILL)

    with annotations_lock(workspace):  # so that it cannot go on
        killer = threading.Thread(target=kill_amid_its_write)
        killer.start()
        with pytest.raises(UnavailableError, match="SIGKILL"):
            scribe.write()
        killer.join()
    assert workspace.annotations.read_bytes() == before
    assert scribe.write().rows == 0


def test_one_that_is_stuck_is_ended(workspace: Workspace, db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", 1))
    scribe = Scribe(workspace, longest_seconds=0.3)
    try:
        with annotations_lock(workspace), pytest.raises(UnavailableError, match="SIGKILL"):
            scribe.write()
    finally:
        scribe.close()
    assert not workspace.annotations.exists()


def test_kills_at_any_moment_leave_an_old_or_a_new_file(workspace: Workspace, db: Database, scribe: Scribe) -> None:
    add_drawn(db, *(Drawn(f"{number:04d}.jpg", number) for number in range(600)))
    scribe.write()
    chance = random.Random(11)
    whole = {to_csv(annotation_rows(db))}
    for kill in range(8):
        set_splits(db, {image: ("train", "val")[(kill + image) % 2] for image in range(1, 600)})
        whole.add(to_csv(annotation_rows(db)))
        scribe.prepare()
        assert scribe.pid is not None
        delay = chance.uniform(0.0, 0.06) if kill % 2 else chance.uniform(0.2, 0.5)
        _log.info("kill %d after %.0f ms", kill, delay * 1000)
        timer = threading.Timer(delay, os.kill, (scribe.pid, signal.SIGKILL))
        timer.start()
        try:
            scribe.write()
        except UnavailableError:
            _log.info("it died over the write")
        timer.join()
        assert workspace.annotations.read_bytes() in whole
        assert not annotations_state(workspace, db).hand_edited
    scribe.write()
    assert workspace.annotations.read_bytes() == to_csv(annotation_rows(db))


def test_an_app_that_is_killed_leaves_nobody_behind_who_writes(workspace: Workspace, db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", 1))
    with annotations_lock(workspace):
        app = subprocess.Popen(
            [sys.executable, "-c", APP, str(workspace.home)], stdout=subprocess.PIPE, cwd=CHECKOUT, text=True
        )
        assert app.stdout is not None
        child = int(app.stdout.readline())
        assert _is_alive(child)
        _let_it_ask(child)
        app.kill()
        app.communicate()
        until(lambda: not _is_alive(child), what="the end of the process that the app has left")
    assert not workspace.annotations.exists()


def _let_it_ask(child: int) -> None:
    """Until the child waits for the lock in its write: it has the lock's file open then."""
    until(lambda: "annotations.csv.lock" in _open_files(child), what="its write")


def _open_files(pid: int) -> set[str]:
    return {Path(each.path).name for each in psutil.Process(pid).open_files()}
