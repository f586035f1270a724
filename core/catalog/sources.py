"""Where pictures came from on the web; kept for failed and rejected ones too, so that they are not fetched again."""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.catalog.among import rows_among
from core.catalog.records import Measured, NewSource
from core.database import Database

__all__ = [
    "Origin",
    "find_licensed",
    "find_origins",
    "find_outcomes",
    "inherit_sources",
    "origin_in_words",
    "record_source",
    "write_told_origins",
]

_TOLD = "told"
"""The outcome of a source that is the picture's own file; it was found by no engine."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a picture came from."""

    source: int
    """The number of the row."""
    file_url: str
    page_url: str | None
    engine: str
    """Empty when no search found it: the file itself tells, or what came along with it."""
    title: str | None
    author: str | None
    licence: str | None
    licence_url: str | None
    inherited: bool
    """It is the origin of a copy that this picture replaced."""

    @property
    def address(self) -> str | None:
        """Where on the web it is, the page rather than the file; None where that is not known."""
        return next((place for place in (self.page_url, self.file_url) if place and "://" in place), None)


_COLUMNS = "source.id AS source, file_url, page_url, engine, title, author, licence, licence_url"
_ORIGINS = f"""
SELECT image, {_COLUMNS}, 0 AS inherited FROM source WHERE image IN ({{marks}})
UNION
SELECT inheritance.image AS image, {_COLUMNS}, 1 FROM inheritance JOIN batch USING (batch)
JOIN source ON source.id = inheritance.source WHERE inheritance.image IN ({{marks}}) AND batch.state = 'done'
ORDER BY image, inherited, source
"""
_LICENSED = """
SELECT image FROM source WHERE image IS NOT NULL AND licence > ''
UNION
SELECT inheritance.image FROM inheritance JOIN batch USING (batch)
JOIN source ON source.id = inheritance.source WHERE batch.state = 'done' AND licence > ''
"""


def find_outcomes(database: Database, addresses: Sequence[str]) -> dict[str, set[str]]:
    """What became of these file addresses when they were last tried, for whatever classes: {address: outcomes}."""
    outcomes: dict[str, set[str]] = {}
    with database.read() as connection:
        statement = "SELECT file_url, outcome FROM source WHERE file_url IN ({marks})"
        for row in rows_among(connection, statement, addresses):
            outcomes.setdefault(row["file_url"], set()).add(row["outcome"])
    return outcomes


def find_licensed(database: Database) -> frozenset[int]:
    """The images of which an origin with a licence is known, their own or an inherited one."""
    with database.read() as connection:
        rows = connection.execute(_LICENSED)
        return frozenset(row[0] for row in rows)


def find_origins(database: Database, images: Sequence[int]) -> dict[int, list[Origin]]:
    """The known origins of these images, their own before inherited ones, oldest first; none, no entry."""
    origins: dict[int, list[Origin]] = {}
    with database.read() as connection:
        for row in rows_among(connection, _ORIGINS, images):
            cells = dict(row)
            origins.setdefault(cells.pop("image"), []).append(Origin(**cells | {"inherited": bool(cells["inherited"])}))
    return origins


def origin_in_words(origins: Sequence[Origin]) -> str:
    """The site, the maker and the licence, as far as any of a picture's origins tells; empty where none does."""
    address = next((origin.address for origin in origins if origin.address), None)
    site = urlsplit(address).hostname if address else None
    author = next((origin.author for origin in origins if origin.author), None)
    licence = next((origin.licence for origin in origins if origin.licence), None)
    words = [f"from {site}" if site else "", f"by {author}" if author else "", licence or ""]
    return ", ".join(word for word in words if word)


def inherit_sources(database: Database, heirs: Sequence[tuple[int, int]], *, batch: int) -> None:
    """Let images have sources of others, as pairs (image, source), for as long as the decisions of `batch` stand.

    So undo takes the inheritance back, and redo brings it again.
    """
    with database.write() as connection:
        rows = [(image, source, batch) for image, source in heirs]
        connection.executemany("INSERT OR IGNORE INTO inheritance VALUES (?, ?, ?)", rows)


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


def write_told_origins(connection: sqlite3.Connection, rows: Sequence[tuple[int, str, Measured | None]]) -> None:
    """Replace what these images, given by number and path, tell of their rights, inside the caller's transaction."""
    # What others have inherited stays theirs, but no longer speaks for the file, which has changed.
    images = [(image,) for image, _, _ in rows]
    left = f"image = ? AND outcome = '{_TOLD}'"
    unused = "NOT EXISTS (SELECT 1 FROM inheritance WHERE inheritance.source = source.id)"
    connection.executemany(f"DELETE FROM source WHERE {left} AND {unused}", images)
    connection.executemany(f"UPDATE source SET image = NULL WHERE {left}", images)
    now = time.time()
    connection.executemany(
        "INSERT INTO source (file_url, engine, query, rank, author, licence, licence_url, sha256, image, outcome, at) "
        f"VALUES (?, '', '', 0, ?, ?, ?, ?, ?, '{_TOLD}', ?)",
        [
            (path, seen.author or None, seen.licence or None, seen.licence_url or None, seen.sha256, image, now)
            for image, path, seen in rows
            if seen is not None and (seen.author or seen.licence)
        ],
    )
