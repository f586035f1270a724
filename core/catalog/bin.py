"""The bin: rejected images whose files are still there, and the memory of those whose files were deleted.

Emptying has three steps, so that a crash between them leaves what the next call completes: one transaction marks the
images as emptied and their files as doomed; the files are deleted (`core.images.bin`); the doomed ones are struck off.
From the first step on the images cannot be restored, so no file goes that the catalogue would still offer.
"""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass

from core.catalog.among import rows_among
from core.catalog.batches import new_batch
from core.catalog.store import next_revision
from core.database import Database
from core.errors import RefusedError

__all__ = [
    "BinSize",
    "Doomed",
    "Rejection",
    "bin_size",
    "count_doomed",
    "count_reasons",
    "doomed_files",
    "emptied_digests",
    "find_rejections",
    "in_the_bin",
    "last_emptied",
    "mark_emptied",
    "save_from_deletion",
    "step_aside",
    "strike_off",
    "unused_digests",
]

_BIN = "verdict = 'reject' AND error IS NULL AND missing = 0"
"""As the partial index `image_bin` has it."""


@dataclass(frozen=True, slots=True)
class BinSize:
    images: int
    bytes: int
    """Of their files."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Who rejected an image, and when; why is in its row."""

    who: str
    at: float
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class Doomed:
    """A file that is to be deleted, and what it was when it was measured."""

    image: int
    path: str
    sha256: str | None
    bytes: int
    mtime_ns: int
    inode: int


def in_the_bin(where: str = "") -> str:
    """The filter that lets through what lies in the bin and `where` lets through as well."""
    return f"verdict = reject and ({where})" if where.strip() else "verdict = reject"


def bin_size(database: Database) -> BinSize:
    """What emptying the bin would delete."""
    with database.read() as connection:
        row = connection.execute(f"SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM image WHERE {_BIN}").fetchone()
    return BinSize(int(row[0]), int(row[1]))


def count_reasons(database: Database) -> dict[str, int]:
    """How many images lie in the bin for each kind of reason: `duplicate`, `by hand`, and others by their text."""
    kind = "CASE WHEN reason IS NULL THEN 'by hand' WHEN reason LIKE 'duplicate of %' THEN 'duplicate' ELSE reason END"
    with database.read() as connection:
        rows = connection.execute(
            f"SELECT {kind} AS kind, COUNT(*) FROM image WHERE {_BIN} GROUP BY kind ORDER BY COUNT(*) DESC, kind"
        )
        return {str(row[0]): int(row[1]) for row in rows}


def find_rejections(database: Database, images: Sequence[int]) -> dict[int, Rejection]:
    """The rejection that stands, for those of the images of which one is known."""
    found: dict[int, Rejection] = {}
    with database.read() as connection:
        rows = rows_among(
            connection,
            "SELECT image, who, at FROM decision JOIN batch USING (batch) "
            "WHERE image IN ({marks}) AND field = 'verdict' AND after = 'reject' AND state = 'done' "
            "ORDER BY decision.id",
            images,
        )
        found.update((int(row[0]), Rejection(str(row[1]), float(row[2]))) for row in rows)
    return found


def mark_emptied(database: Database, *, who: str, expected: int | None = None) -> BinSize:
    """Give up what lies in the bin: from now on it cannot be restored, and its files are doomed.

    What makes an image known (digest, hashes, small look, sources) stays. Raises RefusedError when `expected` is not
    how many there are: somebody decided otherwise since the number was named.
    """
    with database.write() as connection:
        row = connection.execute(f"SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM image WHERE {_BIN}").fetchone()
        size = BinSize(int(row[0]), int(row[1]))
        if expected is not None and expected != size.images:
            raise RefusedError(
                f"The bin holds {size.images:,} pictures by now, not {expected:,}; look at it once more."
            )
        if size.images:
            connection.execute(f"INSERT OR IGNORE INTO doomed SELECT id FROM image WHERE {_BIN}")
            connection.execute(
                f"UPDATE image SET emptied = ?, missing = 1, cluster = NULL, changed = ? WHERE {_BIN}",
                (time.time(), next_revision(connection)),
            )
            batch = new_batch(connection, who=who, label=f"bin emptied of {size.images:,}")
            connection.execute("UPDATE batch SET state = 'dropped' WHERE batch = ?", (batch,))
    return size


def last_emptied(database: Database) -> float:
    """When the bin was emptied last, in unix seconds; 0 when it never was."""
    with database.read() as connection:
        row = connection.execute("SELECT MAX(emptied) FROM image WHERE emptied IS NOT NULL").fetchone()
    return float(row[0] or 0)


def count_doomed(database: Database) -> int:
    """Files that an emptying which was interrupted has left behind."""
    with database.read() as connection:
        return int(connection.execute("SELECT COUNT(*) FROM doomed").fetchone()[0])


def doomed_files(database: Database, *, after: int, limit: int) -> list[Doomed]:
    """The next files to delete, by image number, above `after`."""
    with database.read() as connection:
        rows = connection.execute(
            "SELECT id, path, sha256, bytes, mtime_ns, inode FROM doomed JOIN image ON image.id = doomed.image "
            "WHERE doomed.image > ? ORDER BY doomed.image LIMIT ?",
            (after, limit),
        )
        return [Doomed(*row) for row in rows]


def strike_off(database: Database, images: Sequence[int]) -> None:
    """The files of these images are gone, durably."""
    with database.write() as connection:
        connection.executemany("DELETE FROM doomed WHERE image = ?", [(image,) for image in images])


def save_from_deletion(connection: sqlite3.Connection, paths: Sequence[str]) -> None:
    """Files that were found count as present again: what an emptying could not delete must not go later, unasked."""
    connection.executemany(
        "DELETE FROM doomed WHERE image = (SELECT id FROM image WHERE path = ?)", [(path,) for path in paths]
    )


def emptied_digests(database: Database) -> frozenset[str]:
    """The contents (sha256) that were deleted with the bin: they are not taken in again."""
    with database.read(seconds=60.0) as connection:
        rows = connection.execute("SELECT sha256 FROM image WHERE emptied IS NOT NULL AND sha256 IS NOT NULL")
        return frozenset(row[0] for row in rows)


def unused_digests(database: Database, digests: Sequence[str]) -> list[str]:
    """Those of the contents that no image has whose file is still there."""
    with database.read() as connection:
        statement = "SELECT DISTINCT sha256 FROM image WHERE sha256 IN ({marks}) AND emptied IS NULL"
        used = {row[0] for row in rows_among(connection, statement, digests)}
    return [digest for digest in digests if digest not in used]


def step_aside(database: Database, path: str) -> None:
    """Free the path of an emptied image for another file that a person put there; the memory of the old one stays."""
    with database.write() as connection:
        # No file under data/images has such a path, so it is never in the way of one.
        connection.execute(
            "UPDATE image SET path = '/emptied/' || id || '/' || path WHERE path = ? AND emptied IS NOT NULL", (path,)
        )
