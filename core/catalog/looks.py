"""What pictures look like in little: a table of its own, so that a walk over all images does not drag them along."""

import sqlite3
from collections.abc import Sequence

from core.catalog.among import rows_among
from core.catalog.records import Looks, Measured
from core.database import Database

__all__ = ["looks_stamp", "paths_without_look", "read_looks", "write_looks"]

_STAMP = "SELECT COALESCE((SELECT value FROM meta WHERE key = 'looks'), '')"


def write_looks(connection: sqlite3.Connection, rows: Sequence[tuple[int, Measured | None]], *, revision: int) -> None:
    """Replace what is known of these images' looks, inside the caller's transaction; None and empty ones forget it."""
    for table in ("look", "detail", "inner_look"):
        connection.executemany(f"DELETE FROM {table} WHERE image = ?", [(image,) for image, _ in rows])
    connection.executemany(
        "INSERT INTO look (image, pixel_digest, cells) VALUES (?, ?, ?)",
        [(image, seen.pixel_digest, seen.cells) for image, seen in rows if seen is not None and seen.cells],
    )
    connection.executemany(
        "INSERT INTO detail (image, luma) VALUES (?, ?)",
        [(image, seen.detail) for image, seen in rows if seen is not None and seen.detail],
    )
    connection.executemany(
        "INSERT INTO inner_look (image, content) VALUES (?, ?)",
        [(image, seen.inner) for image, seen in rows if seen is not None and seen.inner],
    )
    connection.execute(
        "INSERT INTO meta VALUES ('looks', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (str(revision),)
    )


def looks_stamp(database: Database) -> str:
    """Another text whenever any look has changed."""
    with database.read() as connection:
        return str(connection.execute(_STAMP).fetchone()[0])


def read_looks(database: Database, images: Sequence[int]) -> Looks:
    """The looks of those of the images that have one; `images` in ascending order."""
    with database.read(seconds=60.0) as connection:
        stamp = str(connection.execute(_STAMP).fetchone()[0])
        found = "SELECT image, pixel_digest, cells FROM look WHERE image IN ({marks}) ORDER BY image"
        rows = list(rows_among(connection, found, images))
    numbers, digests, cells = zip(*rows, strict=True) if rows else ((), (), ())
    return Looks(stamp, numbers, digests, b"".join(cells))


def paths_without_look(database: Database) -> set[str]:
    """Readable images that were measured before there were looks, or before they had details."""
    with database.read(seconds=60.0) as connection:
        rows = connection.execute(
            "SELECT path FROM image WHERE error IS NULL AND phash IS NOT NULL "
            "AND NOT EXISTS (SELECT 1 FROM look JOIN detail USING (image) WHERE look.image = image.id)"
        )
        return {row[0] for row in rows}
