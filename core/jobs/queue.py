"""Who works when: jobs that need no device start at once, those that do wait in line for its slot."""

import contextlib
import fcntl
import shutil
import sqlite3
import time
from pathlib import Path

from core.database import Database
from core.errors import SpecimenError
from core.files import read_json
from core.jobs.line import QueueRow, append, claim, free, live_row, once, open_queue, waiting, working
from core.jobs.process import LOCAL, Launcher, clear_notes, detach, spawn
from core.jobs.requests import JobRequest, new_folder, request_of, write_request
from core.jobs.status import Status, is_acknowledged, observe, read_status, write_status
from core.workspace import Workspace

__all__ = [
    "JobRequest",
    "list_jobs",
    "request_of",
    "result_of",
    "start",
    "submit",
    "wake",
]

_DAY_SECONDS = 86_400.0
_KEPT = 200


def submit(
    workspace: Workspace,
    *,
    kind: str,
    arguments: dict[str, object],
    title: str,
    request_key: str | None = None,
    folder: Path | None = None,
    device: str | None = None,
    after: str | None = None,
    niced: bool = True,
    launcher: Launcher = LOCAL,
) -> Path:
    """The folder of the job that does this, started or put in line; of the first one when `request_key` comes again.

    `folder` is one that exists already (a run's); a job that waits or works there is returned as it is. `after` names a
    run or job that must have ended first. Raises StorageError, BusyError or UnavailableError when it cannot be.
    """
    request = JobRequest(kind, arguments, title, device, niced)

    def enter() -> Path:
        place = folder or new_folder(workspace, kind)
        if not _is_live(connection, workspace, place):
            _prepare(place, request)
            append(connection, workspace, place, device=device, after=after)
        return place

    with open_queue(workspace) as database:
        with database.write() as connection:
            place = once(connection, workspace, key=f"job:{request_key}", make=enter) if request_key else enter()
        if device is None and after is None:
            _start_now(workspace, database, place, launcher=launcher)
        else:
            wake(workspace, launcher=launcher)
    if folder is None:
        _tidy(workspace)
    return place


def wake(workspace: Workspace, *, launcher: Launcher = LOCAL) -> None:
    """Start the process that works off the line, when there is work for it; it ends by itself when idle.

    Harmless when one runs already: the kernel's lock on `queue.runner` lets only one work.
    """
    if _has_work(workspace) and not _is_held(workspace.data / "queue.runner"):
        command = (*launcher.command, "--home", str(workspace.home), "run-queue")
        detach(command, log=workspace.data / "queue.log", environ=launcher.environ)


def list_jobs(workspace: Workspace) -> list[tuple[Path, Status]]:
    """What works, waits, ended within a day, or failed and was not read yet; newest first.

    Runs are among them only while they wait or work.
    """
    rows = _live_rows(workspace)
    folders = {row.folder for row in rows}
    if workspace.jobs.is_dir():
        folders |= {entry for entry in workspace.jobs.iterdir() if (entry / "status.json").exists()}
    found = {folder: status for folder in folders if (status := _observed(folder)) is not None}
    _free_ended(workspace, rows, found)
    shown = [(folder, status) for folder, status in found.items() if _is_shown(workspace, folder, status)]
    return sorted(shown, key=lambda item: (item[1].created, item[0].name), reverse=True)


def result_of(folder: Path) -> dict[str, object] | None:
    """What the function of an ended job returned, as JSON; None when it returned nothing or did not finish."""
    return read_json(folder / "result.json") if (folder / "result.json").exists() else None


def start(workspace: Workspace, folder: Path, *, launcher: Launcher) -> None:
    """Start the process of a job whose turn was claimed; a failure to do so stands in its status."""
    request = request_of(folder)
    command = (*launcher.command, "--home", str(workspace.home), "run-job", str(folder.resolve()))
    spawn(folder, command, niced=request.niced, environ=launcher.environ)


def _start_now(workspace: Workspace, database: Database, folder: Path, *, launcher: Launcher) -> None:
    with database.read() as connection:
        row_id = live_row(connection, workspace, folder)
    if row_id is not None and claim(database, row_id):
        start(workspace, folder, launcher=launcher)


def _prepare(folder: Path, request: JobRequest) -> None:
    """Write the request and the first status; what an earlier process of the same folder had told stays in it."""
    clear_notes(folder)
    write_request(folder, request)
    write_status(folder, _queued(folder, request))


def _queued(folder: Path, request: JobRequest) -> Status:
    message = f"Waiting for {request.device}" if request.device else ""
    before = read_status(folder) if (folder / "status.json").exists() else Status("queued")
    return Status(
        "queued",
        created=before.created or time.time(),
        began=before.began,
        seconds=before.seconds,
        title=request.title,
        done=before.done,
        total=before.total,
        message=message,
        extra=before.extra,
    )


def _is_live(connection: sqlite3.Connection, workspace: Workspace, folder: Path) -> bool:
    """Whether the folder waits or works; a row whose job has ended meanwhile is closed on the way."""
    row_id = live_row(connection, workspace, folder)
    if row_id is None:
        return False
    if not observe(folder).ended:
        return True
    connection.execute("UPDATE job SET state = 'ended' WHERE id = ?", (row_id,))
    return False


def _has_work(workspace: Workspace) -> bool:
    return any(row.device is not None or row.claimed is None for row in _live_rows(workspace))


def _is_held(path: Path) -> bool:
    """Whether another process holds this lock; whoever finds it free here starts a runner, so none is missed."""
    with path.open("ab") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _live_rows(workspace: Workspace) -> list[QueueRow]:
    if not workspace.queue.exists():
        return []
    with open_queue(workspace) as database:
        return waiting(database, workspace) + working(database, workspace)


def _observed(folder: Path) -> Status | None:
    try:
        return observe(folder)
    except SpecimenError:
        return None


def _free_ended(workspace: Workspace, rows: list[QueueRow], found: dict[Path, Status]) -> None:
    """Close the rows of ended jobs that hold no device: no runner need ever look at them."""
    over = [row for row in rows if row.device is None and (row.folder not in found or found[row.folder].ended)]
    if over:
        with contextlib.suppress(SpecimenError), open_queue(workspace) as database:
            for row in over:
                free(database, row.id)


def _tidy(workspace: Workspace) -> None:
    """Forget the oldest jobs that nobody needs to see any more, once there are many."""
    for folder in sorted(workspace.jobs.iterdir(), reverse=True)[_KEPT:]:
        status = _observed(folder)
        if status is not None and not _is_shown(workspace, folder, status):
            shutil.rmtree(folder, ignore_errors=True)


def _is_shown(workspace: Workspace, folder: Path, status: Status) -> bool:
    if not status.ended:
        return True
    if folder.parent != workspace.jobs:
        return False
    if status.state in ("failed", "lost") and not is_acknowledged(folder):
        return True
    return time.time() - (status.finished or status.created) < _DAY_SECONDS
