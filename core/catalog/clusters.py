"""Clusters of copies as the catalogue remembers them from the last search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.catalog.among import rows_among
from core.catalog.store import next_revision
from core.database import Database

__all__ = ["OpenClusters", "count_open_clusters", "kept_images", "rejected_images", "set_clusters"]

_WAITING = "cluster IS NOT NULL AND verdict != 'reject' AND error IS NULL AND missing = 0"


@dataclass(frozen=True, slots=True)
class OpenClusters:
    """Clusters that still hold two or more pictures that are not rejected."""

    all: int
    across: int
    """Those whose pictures stand in two classes or more."""


def count_open_clusters(database: Database) -> OpenClusters:
    """How many clusters wait for a decision."""
    with database.read() as connection:
        row = connection.execute(
            "SELECT COUNT(*), COALESCE(SUM(classes > 1), 0) FROM (SELECT COUNT(DISTINCT class_id) AS classes "
            f"FROM image WHERE {_WAITING} GROUP BY cluster HAVING COUNT(*) > 1)"
        ).fetchone()
    return OpenClusters(int(row[0]), int(row[1]))


def rejected_images(database: Database) -> frozenset[int]:
    """All readable, present images that are rejected."""
    with database.read() as connection:
        rows = connection.execute("SELECT id FROM image WHERE verdict = 'reject' AND error IS NULL AND missing = 0")
        return frozenset(row[0] for row in rows)


def kept_images(database: Database, images: Sequence[int]) -> frozenset[int]:
    """Those of the images that a person kept."""
    with database.read() as connection:
        rows = rows_among(connection, "SELECT id FROM image WHERE verdict = 'keep' AND id IN ({marks})", images)
        return frozenset(row[0] for row in rows)


def set_clusters(database: Database, clusters: Mapping[int, int]) -> None:
    """Give these images the number of their cluster, and all others none.

    Only what differs is written, so that nothing seems to have changed when nothing did.
    """
    with database.write() as connection:
        present = dict(connection.execute("SELECT id, cluster FROM image WHERE cluster IS NOT NULL").fetchall())
        changes: list[tuple[int | None, int]] = [
            (number, image) for image, number in clusters.items() if present.get(image) != number
        ]
        changes += [(None, image) for image in present if image not in clusters]
        if changes:
            stamp = next_revision(connection)
            connection.executemany(f"UPDATE image SET cluster = ?, changed = {stamp} WHERE id = ?", changes)
