"""What the search for crops and turned copies reads of all pictures at once, and what it found last."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from core.catalog.among import rows_among
from core.database import Database

__all__ = ["Views", "read_details", "read_kin", "read_views", "write_kin"]

_READABLE = "image.error IS NULL AND image.phash IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Views:
    """The looks of all readable pictures, even of those whose files are gone, and of what lies within pages."""

    images: tuple[int, ...]
    """Ascending; so `inner_images`."""
    hashes: tuple[tuple[int, int], ...]
    """Of each image, the hash and the mirrored one, 64 bits, signed."""
    cells: bytes
    """Of one image after the other."""
    inner_images: tuple[int, ...]
    inner: bytes
    """As in `core.catalog.records.Measured`, of one of those after the other."""


def read_views(database: Database) -> Views:
    """All looks as they are now."""
    with database.read(seconds=60.0) as connection:
        images, hashes, cells = [], [], []
        found = (
            "SELECT image.id, phash, phash_mirror, cells FROM image JOIN look ON look.image = image.id "
            f"WHERE {_READABLE} ORDER BY image.id"
        )
        for image, phash, mirror, seen in connection.execute(found):
            images.append(image)
            hashes.append((phash, mirror))
            cells.append(seen)
        within = (
            f"SELECT image, content FROM inner_look JOIN image ON image.id = image WHERE {_READABLE} ORDER BY image"
        )
        inner = connection.execute(within).fetchall()
    return Views(
        tuple(images), tuple(hashes), b"".join(cells), tuple(row[0] for row in inner), b"".join(row[1] for row in inner)
    )


def read_details(database: Database, images: Sequence[int]) -> dict[int, bytes]:
    """The detail of those of the images that have one."""
    details: dict[int, bytes] = {}
    with database.read(seconds=60.0) as connection:
        details.update(rows_among(connection, "SELECT image, luma FROM detail WHERE image IN ({marks})", images))
    return details


def read_kin(database: Database) -> tuple[str, bytes]:
    """What `write_kin` kept last, and under which stamp; both empty when nothing was."""
    with database.read() as connection:
        row: sqlite3.Row | None = connection.execute("SELECT stamp, content FROM kin").fetchone()
    return ("", b"") if row is None else (str(row[0]), bytes(row[1]))


def write_kin(database: Database, stamp: str, content: bytes) -> None:
    """Keep what a search found in the place of what was kept before."""
    with database.write() as connection:
        connection.execute("DELETE FROM kin")
        connection.execute("INSERT INTO kin (stamp, content) VALUES (?, ?)", (stamp, content))
