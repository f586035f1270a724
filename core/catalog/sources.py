"""Where pictures came from on the web; kept for failed and rejected ones too, so that they are not fetched again."""

import time
from collections.abc import Sequence

from core.catalog.records import NewSource
from core.database import Database

__all__ = ["find_licensed", "find_outcomes", "record_source"]

_CHUNK = 500


def find_outcomes(database: Database, addresses: Sequence[str], *, class_id: int) -> dict[str, str]:
    """What became of these file addresses when they were last tried for this class: {address: outcome}."""
    outcomes: dict[str, str] = {}
    with database.read() as connection:
        for start in range(0, len(addresses), _CHUNK):
            some = addresses[start : start + _CHUNK]
            marks = ", ".join("?" * len(some))
            rows = connection.execute(
                f"SELECT file_url, outcome FROM source WHERE class_id = ? AND file_url IN ({marks})", (class_id, *some)
            )
            outcomes.update((row[0], row[1]) for row in rows)
    return outcomes


def find_licensed(database: Database) -> frozenset[int]:
    """The images of which an origin with a licence is known."""
    with database.read() as connection:
        rows = connection.execute("SELECT DISTINCT image FROM source WHERE image IS NOT NULL AND licence > ''")
        return frozenset(row[0] for row in rows)


def record_source(
    database: Database,
    source: NewSource,
    *,
    outcome: str,
    reason: str | None = None,
    sha256: str | None = None,
    image: int | None = None,
) -> None:
    """Keep what became of one address; a later try replaces the earlier one."""
    cells = {
        "file_url": source.file_url,
        "page_url": source.page_url,
        "engine": source.engine,
        "query": source.query,
        "rank": source.rank,
        "title": source.title,
        "author": source.author,
        "licence": source.licence,
        "licence_url": source.licence_url,
        "class_id": source.class_id,
        "sha256": sha256,
        "image": image,
        "outcome": outcome,
        "reason": reason,
        "at": time.time(),
    }
    updates = ", ".join(f"{name} = excluded.{name}" for name in cells if name not in ("file_url", "class_id"))
    with database.write() as connection:
        connection.execute(
            f"INSERT INTO source ({', '.join(cells)}) VALUES ({', '.join('?' * len(cells))}) "
            f"ON CONFLICT (file_url, class_id) DO UPDATE SET {updates}",
            tuple(cells.values()),
        )
