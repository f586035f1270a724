"""How the hashes of a catalogue are made: one mode for all of them, since those of two modes do not compare."""

import sqlite3
from typing import Final

from core.catalog.store import next_revision
from core.database import Database
from core.workspace import HashMode

__all__ = ["adopt_hash_mode", "hash_mode", "mode_in", "paths_without_hash"]

_KEY: Final = "hash_mode"


def hash_mode(database: Database) -> HashMode:
    """The mode of this catalogue's hashes."""
    with database.read() as connection:
        return mode_in(connection)


def mode_in(connection: sqlite3.Connection) -> HashMode:
    """The same, inside the caller's transaction."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    return "fast" if row is not None and row[0] == "fast" else "exact"


def adopt_hash_mode(database: Database, mode: HashMode) -> None:
    """Make `mode` that of the catalogue; hashes of another one are forgotten, so that the next scan makes them anew.

    Until then those pictures are compared with none. Those deleted with the bin keep theirs, since nobody can make
    others; a few bits more lie between them and their copies then.
    """
    with database.write() as connection:
        if mode_in(connection) == mode:
            return
        stamp = next_revision(connection)
        connection.execute(
            "UPDATE image SET phash = NULL, phash_mirror = NULL, changed = ? WHERE emptied IS NULL", (stamp,)
        )
        connection.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (_KEY, mode)
        )


def paths_without_hash(database: Database) -> set[str]:
    """Readable images that have none of the catalogue's mode."""
    with database.read(seconds=60.0) as connection:
        rows = connection.execute("SELECT path FROM image WHERE error IS NULL AND phash IS NULL")
        return {row[0] for row in rows}
