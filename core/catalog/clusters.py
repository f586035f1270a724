"""Clusters of near-duplicates as the catalogue remembers them from the last search."""

from core.database import Database

__all__ = ["count_open_clusters"]


def count_open_clusters(database: Database) -> int:
    """Clusters that still hold two or more pictures that are not rejected."""
    with database.read() as connection:
        row = connection.execute(
            "SELECT COUNT(*) FROM (SELECT 1 FROM image WHERE cluster IS NOT NULL AND verdict != 'reject' "
            "AND error IS NULL AND missing = 0 GROUP BY cluster HAVING COUNT(*) > 1)"
        ).fetchone()
    return int(row[0])
