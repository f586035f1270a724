"""What a search for copies asks of the images: all hashes at once, what has changed since, and rows of some images."""

from collections.abc import Sequence

from core.catalog.among import rows_among
from core.database import Database

__all__ = ["HashRow", "changed_images", "count_rows", "read_hashes", "read_rows"]

HashRow = tuple[int, int, int]
"""Image, hash and mirrored hash, these as SQLite keeps them: 64 bits, signed."""

_COMPARED = "error IS NULL AND phash IS NOT NULL AND (missing = 0 OR emptied IS NOT NULL)"
"""Pictures deleted with the bin as well: of those nothing but the file is gone."""


def read_hashes(database: Database) -> list[HashRow]:
    """Of all readable, present images, rejected and deleted ones included, by id."""
    with database.read(seconds=60.0) as connection:
        cursor = connection.cursor()
        cursor.row_factory = None  # plain tuples: half the time, with a million of them
        return cursor.execute(f"SELECT id, phash, phash_mirror FROM image WHERE {_COMPARED} ORDER BY id").fetchall()


def count_rows(database: Database) -> int:
    """All images that the catalogue knows, readable or not: with the same changes it tells whether any was deleted."""
    with database.read() as connection:
        return int(connection.execute("SELECT COUNT(*) FROM image").fetchone()[0])


def changed_images(database: Database, since: int, *, limit: int) -> dict[int, HashRow | None] | None:
    """The images that changed after the revision `since`, None for those that cannot be compared now.

    None when more than `limit` did: then reading all of them anew is quicker.
    """
    statement = f"SELECT id, phash, phash_mirror, {_COMPARED} FROM image WHERE changed > ? ORDER BY changed, id LIMIT ?"
    with database.read(seconds=60.0) as connection:
        rows = connection.execute(statement, (since, limit + 1)).fetchall()
    if len(rows) > limit:
        return None
    return {row[0]: (row[0], row[1], row[2]) if row[3] else None for row in rows}


def read_rows(database: Database, columns: Sequence[str], images: Sequence[int]) -> list[tuple[object, ...]]:
    """These columns of these images, which ascend; hashes are signed, unknown images left out."""
    selected = ", ".join("class.name" if name == "class" else f"image.{name}" for name in columns)
    with database.read(seconds=60.0) as connection:
        cursor = connection.cursor()
        cursor.row_factory = None
        statement = (
            f"SELECT {selected} FROM image JOIN class USING (class_id) WHERE image.id IN ({{marks}}) ORDER BY image.id"
        )
        return list(rows_among(cursor, statement, images))
