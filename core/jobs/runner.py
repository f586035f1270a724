"""The one detached process that works off a workspace's line: starts who is due, notices ends, goes when idle."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from core.database import Database
from core.errors import BusyError, NotFoundError, SpecimenError, StorageError
from core.jobs.identity import kill_session, life_of
from core.jobs.line import QueueRow, claim, free, open_queue, put_back, waiting, working
from core.jobs.process import LOCAL, Launcher
from core.jobs.queue import start
from core.jobs.record import process_of, read_status
from core.jobs.status import observe
from core.workspace import Workspace

__all__ = ["run_queue"]

_POLL_SECONDS = 0.5
_TROUBLE_SECONDS = 2.0
_LINGER_SECONDS = 30.0
_START_SECONDS = 60.0


def run_queue(workspace: Workspace, *, launcher: Launcher = LOCAL, poll_seconds: float = _POLL_SECONDS) -> int:
    """How many jobs this process started before the line was empty; 0 at once when another one is at it."""
    started = 0
    with _alone(workspace.data / "queue.runner") as descriptor, open_queue(workspace) as database:
        idle = False
        while descriptor is not None and not idle and workspace.queue.exists():
            try:
                _notice_ends(workspace, database)
                started += _start_due(workspace, database, launcher=launcher)
                idle = _is_idle(workspace, database, descriptor)
            except (BusyError, StorageError):
                # A disk that is full or a lock that is held may be free at the next look; jobs at work need no runner.
                time.sleep(_TROUBLE_SECONDS)
            time.sleep(0 if idle else poll_seconds)
    return started


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[int | None]:
    """The descriptor that holds the runner's lock; None when another process holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield descriptor
    finally:
        os.close(descriptor)


def _is_idle(workspace: Workspace, database: Database, descriptor: int) -> bool:
    """Whether nobody waits or holds a slot; the lock is then given up.

    Looking and giving up happen in one transaction: whoever submits after it finds the lock free, whoever submitted
    before it is seen.
    """
    with database.write():
        busy = waiting(database, workspace) or [row for row in working(database, workspace) if row.device is not None]
        if not busy:
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    return not busy


def _start_due(workspace: Workspace, database: Database, *, launcher: Launcher) -> int:
    started = 0
    for row in waiting(database, workspace):
        if _has_ended(row.folder):
            free(database, row.id)
        elif _may_start(workspace, row) and claim(database, row.id):
            started += _start(workspace, database, row, launcher=launcher)
    return started


def _start(workspace: Workspace, database: Database, row: QueueRow, *, launcher: Launcher) -> int:
    try:
        start(workspace, row.folder, launcher=launcher)
    except SpecimenError:
        free(database, row.id)
        return 0
    return 1


def _may_start(workspace: Workspace, row: QueueRow) -> bool:
    return row.after is None or all(
        _has_ended(folder) for folder in (workspace.runs / row.after, workspace.jobs / row.after)
    )


def _notice_ends(workspace: Workspace, database: Database) -> None:
    for row in working(database, workspace):
        if _has_ended(row.folder) and _is_gone(row.folder):
            free(database, row.id)
        elif _was_never_started(row):
            put_back(database, row.id)


def _has_ended(folder: Path) -> bool:
    try:
        return observe(folder).ended
    except NotFoundError:
        return True


def _is_gone(folder: Path) -> bool:
    """Whether the process of an ended job has left: until then it may hold its device's memory.

    One that hangs on its way out is helped.
    """
    try:
        status = read_status(folder)
    except NotFoundError:
        return True
    identity = process_of(folder, status)
    if identity is None or life_of(identity) != "alive":
        return True
    if time.time() - (status.finished or 0.0) > _LINGER_SECONDS:
        kill_session(identity, folder.resolve())
    return False


def _was_never_started(row: QueueRow) -> bool:
    """Whether somebody took the job's turn and died before starting it."""
    age = time.time() - (row.claimed or 0.0)
    return age > _START_SECONDS and read_status(row.folder).state == "queued"
