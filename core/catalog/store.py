"""Opening the catalogue, and the few values that describe it as a whole."""

import os
import sqlite3
import time
from pathlib import Path
from typing import Final

from core.catalog.schema import CATALOG
from core.catalog.soundness import check_pages
from core.database import Database, file_lock, lock_path, open_database
from core.errors import DamagedError, RefusedError
from core.files import storage_error
from core.workspace import Workspace, read_settings, write_settings

__all__ = ["get_meta", "next_revision", "open_catalog", "revision", "set_aside", "set_meta"]

_NOTE: Final = "catalog.checked"


def open_catalog(workspace: Workspace) -> Database:
    """The workspace's catalogue, made when the workspace is new.

    Raises RefusedError when the workspace had one and lost it, or it is of a newer version; DamagedError when it is
    damaged (`core.dataset.rebuild` builds it anew).
    """
    settings = read_settings(workspace)
    present = workspace.catalog.exists()
    if settings.catalog_id and not present:
        raise RefusedError(
            f"{workspace.catalog} was here before and is gone; put it back, or delete {workspace.settings.name} "
            "beside it to start anew from the pictures."
        )
    if settings.catalog_id and workspace.catalog.stat().st_size == 0:
        # SQLite takes an empty file for a new database, and quick_check calls it sound.
        raise DamagedError(f"{workspace.catalog} is empty, though it held a catalogue; {CATALOG.mend}.")
    database = open_database(workspace.catalog, CATALOG)
    check_pages(database, workspace.cache / _NOTE, mend=CATALOG.mend)
    if not settings.catalog_id:
        write_settings(workspace, settings.model_copy(update={"catalog_id": os.urandom(8).hex()}))
    return database


def set_aside(workspace: Workspace) -> Path:
    """Move a damaged catalogue, and what belongs to it, to `data/catalog.damaged-<time>.db`; the new place."""
    moved = workspace.catalog.with_name(f"catalog.damaged-{time.strftime('%Y%m%d-%H%M%S')}.db")
    # First the settings: a crash after it leaves a damaged catalogue that is still found, not one that is missed.
    write_settings(workspace, read_settings(workspace).model_copy(update={"catalog_id": None}))
    try:
        with file_lock(lock_path(workspace.catalog)):
            for suffix in ("", "-wal", "-shm"):
                part = workspace.catalog.with_name(workspace.catalog.name + suffix)
                if part.exists():
                    part.rename(moved.with_name(moved.name + suffix))
    except OSError as exc:
        raise storage_error(exc, workspace.catalog) from exc
    return moved


def revision(database: Database) -> int:
    """A number that grows with every change of images, classes, verdicts, clusters and splits."""
    return int(get_meta(database, "revision") or 0)


def next_revision(connection: sqlite3.Connection) -> int:
    """Raise the revision by one, inside the caller's transaction; the new one."""
    row = connection.execute(
        "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'revision' RETURNING value"
    ).fetchone()
    return int(row[0])


def get_meta(database: Database, key: str) -> str | None:
    """The value kept under `key`, if any."""
    with database.read() as connection:
        row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def set_meta(database: Database, key: str, value: str) -> None:
    """Keep `value` under `key`."""
    with database.write() as connection:
        connection.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value)
        )
