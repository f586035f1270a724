"""The line at the devices: `data/queue.db`, apart from the catalogue so that neither stops the other.

Its rows say whose turn it is; what a job does and how it went stands in the job's folder alone.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.database import Database, Schema, open_database
from core.workspace import Workspace

__all__ = [
    "QueueRow",
    "append",
    "claim",
    "claim_key",
    "free",
    "live_row",
    "once",
    "open_queue",
    "put_back",
    "waiting",
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


def claim_key(workspace: Workspace, key: str, make: Callable[[], Path]) -> Path:
    """What `make` returned the first time that `key` was claimed in this workspace, by any thread or process.

    `make` runs while the queue is locked; when it raises, the key stays free.
    """
    with open_queue(workspace) as database, database.write() as connection:
        return once(connection, workspace, key=key, make=make)


def once(connection: sqlite3.Connection, workspace: Workspace, *, key: str, make: Callable[[], Path]) -> Path:
    """`claim_key` within a transaction of the caller's."""
    found = connection.execute("SELECT folder FROM request WHERE key = ?", (key,)).fetchone()
    if found is not None and (workspace.home / found["folder"]).is_dir():
        return workspace.home / str(found["folder"])
    folder = make()
    connection.execute(
        "INSERT INTO request (key, folder) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET folder = excluded.folder",
        (key, _stored(workspace, folder)),
    )
    return folder


def append(
    connection: sqlite3.Connection, workspace: Workspace, folder: Path, *, device: str | None, after: str | None
) -> None:
    """Put the job in `folder` at the end of the line; one folder stands in it once."""
    row = (_stored(workspace, folder), device, after, time.time())
    connection.execute("INSERT INTO job (folder, device, after, submitted) VALUES (?, ?, ?, ?)", row)


def live_row(connection: sqlite3.Connection, workspace: Workspace, folder: Path) -> int | None:
    """The id of the folder's row while it waits or works; None when it is not in the line."""
    row = connection.execute(
        "SELECT id FROM job WHERE folder = ? AND state != 'ended'", (_stored(workspace, folder),)
    ).fetchone()
    return None if row is None else int(row["id"])


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


def put_back(database: Database, row_id: int) -> None:
    """Undo `claim`: the job waits again, at its old place."""
    with database.write() as connection:
        connection.execute("UPDATE job SET state = 'queued', claimed = NULL WHERE id = ?", (row_id,))


def _rows(database: Database, workspace: Workspace, state: str) -> list[QueueRow]:
    with database.read() as connection:
        found = connection.execute(
            "SELECT id, folder, device, after, claimed FROM job WHERE state = ? ORDER BY id", (state,)
        ).fetchall()
    return [
        QueueRow(row["id"], workspace.home / row["folder"], row["device"], row["after"], row["claimed"])
        for row in found
    ]


def _stored(workspace: Workspace, folder: Path) -> str:
    """The folder as the queue keeps it: relative to the workspace, so that a moved workspace still finds it."""
    return folder.resolve().relative_to(workspace.home.resolve()).as_posix()
