"""Who works when: jobs that need no device start at once, those that do wait in line for its slot.

The line is `data/queue.db`, apart from the catalogue so that neither stops the other. Its rows say who is due; what a
job does and how it went stands in the job's folder alone.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.database import Database, Schema, open_database
from core.errors import InputError, SpecimenError
from core.files import read_json
from core.jobs.process import LOCAL, Launcher, clear_notes, detach, spawn
from core.jobs.requests import JobRequest, new_folder, request_of, write_request
from core.jobs.status import Status, is_acknowledged, observe, read_status, write_status
from core.workspace import Workspace

__all__ = [
    "JobRequest",
    "QueueRow",
    "claim",
    "claim_key",
    "forget",
    "free",
    "list_jobs",
    "open_queue",
    "request_of",
    "result_of",
    "start",
    "submit",
    "waiting",
    "wake",
    "working",
]

_SCHEMA = Schema(
    0x53504A51,
    (
        """
        CREATE TABLE job (
            id INTEGER PRIMARY KEY,
            folder TEXT NOT NULL,
            device TEXT,
            after TEXT,
            state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'ended')),
            submitted REAL NOT NULL,
            claimed REAL
        );
        CREATE UNIQUE INDEX job_live ON job (folder) WHERE state != 'ended';
        CREATE INDEX job_state ON job (state);
        CREATE TABLE request (
            key TEXT PRIMARY KEY,
            folder TEXT NOT NULL
        ) WITHOUT ROWID;
        """,
    ),
)
_DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One job in line or at work."""

    id: int
    folder: Path
    device: str | None
    after: str | None
    claimed: float | None
    """Unix time at which its turn came."""


@contextlib.contextmanager
def open_queue(workspace: Workspace) -> Iterator[Database]:
    """The queue's database while the block lasts."""
    database = open_database(workspace.queue, _SCHEMA)
    try:
        yield database
    finally:
        database.close()


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
            row = (_stored(workspace, place), device, after, time.time())
            connection.execute("INSERT INTO job (folder, device, after, submitted) VALUES (?, ?, ?, ?)", row)
        return place

    with open_queue(workspace) as database:
        with database.write() as connection:
            place = _once(connection, workspace, key=f"job:{request_key}", make=enter) if request_key else enter()
        if device is None and after is None:
            _start_now(workspace, database, place, launcher=launcher)
        else:
            wake(workspace, launcher=launcher)
    return place


def claim_key(workspace: Workspace, key: str, make: Callable[[], Path]) -> Path:
    """What `make` returned the first time that `key` was claimed in this workspace, by any thread or process.

    `make` runs while the queue is locked; when it raises, the key stays free.
    """
    with open_queue(workspace) as database, database.write() as connection:
        return _once(connection, workspace, key=key, make=make)


def wake(workspace: Workspace, *, launcher: Launcher = LOCAL) -> None:
    """Start the process that works off the line, when there is work for it; it ends by itself when idle.

    Harmless when one runs already: the kernel's lock on `queue.runner` lets only one work.
    """
    if _has_work(workspace):
        command = (*launcher.command, "--home", str(workspace.home), "run-queue")
        detach(command, log=workspace.data / "queue.log", environ=launcher.environ)


def list_jobs(workspace: Workspace) -> list[tuple[Path, Status]]:
    """What works, waits, ended within a day, or failed and was not read yet; newest first.

    Runs are among them only while they wait or work.
    """
    folders = {row.folder for row in _live_rows(workspace)}
    if workspace.jobs.is_dir():
        folders |= {entry for entry in workspace.jobs.iterdir() if (entry / "status.json").exists()}
    found = [(folder, _observed(folder)) for folder in folders]
    shown = [
        (folder, status) for folder, status in found if status is not None and _is_shown(workspace, folder, status)
    ]
    return sorted(shown, key=lambda item: (item[1].created, item[0].name), reverse=True)


def forget(workspace: Workspace, folder: Path) -> None:
    """Delete an ended job's folder in data/jobs; raises InputError for one that works, or that is a run."""
    if folder.resolve().parent != workspace.jobs.resolve():
        raise InputError(f"{folder.name} is no job of data/jobs; delete a run on the Runs page.")
    if not observe(folder).ended:
        raise InputError(f"{folder.name} is still at work; stop it first.")
    for entry in folder.iterdir():
        entry.unlink()
    folder.rmdir()


def result_of(folder: Path) -> dict[str, object] | None:
    """What the function of an ended job returned, as JSON; None when it returned nothing or did not finish."""
    return read_json(folder / "result.json") if (folder / "result.json").exists() else None


def waiting(database: Database, workspace: Workspace) -> list[QueueRow]:
    """The jobs in line, oldest first."""
    return _rows(database, workspace, "queued")


def working(database: Database, workspace: Workspace) -> list[QueueRow]:
    """The jobs whose turn has come and whose end nobody has noticed yet, oldest first."""
    return _rows(database, workspace, "running")


def claim(database: Database, row_id: int) -> bool:
    """Take the job's turn: True for one caller only, and only while nobody works on its device."""
    with database.write() as connection:
        taken = connection.execute(
            """
            UPDATE job SET state = 'running', claimed = ?
            WHERE id = ? AND state = 'queued' AND NOT EXISTS (
                SELECT 1 FROM job AS other WHERE other.state = 'running' AND other.device = job.device
            )
            RETURNING id
            """,
            (time.time(), row_id),
        ).fetchall()
    return bool(taken)


def free(database: Database, row_id: int) -> None:
    """Give the job's slot to the next in line."""
    with database.write() as connection:
        connection.execute("UPDATE job SET state = 'ended' WHERE id = ?", (row_id,))


def start(workspace: Workspace, folder: Path, *, launcher: Launcher) -> None:
    """Start the process of a job whose turn was claimed; a failure to do so stands in its status."""
    request = request_of(folder)
    command = (*launcher.command, "--home", str(workspace.home), "run-job", str(folder.resolve()))
    spawn(folder, command, niced=request.niced, environ=launcher.environ)


def _start_now(workspace: Workspace, database: Database, folder: Path, *, launcher: Launcher) -> None:
    for row in waiting(database, workspace):
        if row.folder == folder and claim(database, row.id):
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


def _once(connection: sqlite3.Connection, workspace: Workspace, *, key: str, make: Callable[[], Path]) -> Path:
    found = connection.execute("SELECT folder FROM request WHERE key = ?", (key,)).fetchone()
    if found is not None and (workspace.home / found["folder"]).is_dir():
        return workspace.home / str(found["folder"])
    folder = make()
    connection.execute(
        "INSERT INTO request (key, folder) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET folder = excluded.folder",
        (key, _stored(workspace, folder)),
    )
    return folder


def _is_live(connection: sqlite3.Connection, workspace: Workspace, folder: Path) -> bool:
    """Whether the folder waits or works; a row whose job has ended meanwhile is closed on the way."""
    row = connection.execute(
        "SELECT id FROM job WHERE folder = ? AND state != 'ended'", (_stored(workspace, folder),)
    ).fetchone()
    if row is None:
        return False
    if not observe(folder).ended:
        return True
    connection.execute("UPDATE job SET state = 'ended' WHERE id = ?", (row["id"],))
    return False


def _has_work(workspace: Workspace) -> bool:
    return any(row.device is not None or row.claimed is None for row in _live_rows(workspace))


def _live_rows(workspace: Workspace) -> list[QueueRow]:
    if not workspace.queue.exists():
        return []
    with open_queue(workspace) as database:
        return _rows(database, workspace, "queued") + _rows(database, workspace, "running")


def _rows(database: Database, workspace: Workspace, state: str) -> list[QueueRow]:
    with database.read() as connection:
        found = connection.execute(
            "SELECT id, folder, device, after, claimed FROM job WHERE state = ? ORDER BY id", (state,)
        ).fetchall()
    return [
        QueueRow(row["id"], workspace.home / row["folder"], row["device"], row["after"], row["claimed"])
        for row in found
    ]


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


def _is_shown(workspace: Workspace, folder: Path, status: Status) -> bool:
    if not status.ended:
        return True
    if folder.parent != workspace.jobs:
        return False
    if status.state in ("failed", "lost") and not is_acknowledged(folder):
        return True
    return time.time() - (status.finished or status.created) < _DAY_SECONDS


def _stored(workspace: Workspace, folder: Path) -> str:
    """The folder as the queue keeps it: relative to the workspace, so that a moved workspace still finds it."""
    return folder.resolve().relative_to(workspace.home.resolve()).as_posix()
