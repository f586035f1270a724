"""Which images a filter lets through, in which order: the SQL around it, and what must be made before it is asked."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from core.catalog.columns import tables_of
from core.catalog.filters import Filter, order_by, order_columns, parse_filter
from core.catalog.oddity import settle_oddity
from core.catalog.predictions import run_number
from core.database import Database
from core.errors import InputError

__all__ = ["Selection", "asking", "selecting"]


@dataclass(frozen=True, slots=True)
class Selection:
    """The pieces of a statement: `SELECT … FROM {tables} WHERE {condition} ORDER BY {order}`."""

    tables: str
    condition: str
    parameters: tuple[str | float | None, ...]
    order: str


@contextmanager
def selecting(
    database: Database, where: str, *, order: str = "", columns: Sequence[str] = (), seconds: float = 10.0
) -> Iterator[tuple[sqlite3.Connection, Selection]]:
    """A consistent view of the catalogue, and what to ask it; `columns` are those that will be read.

    Files that cannot be decoded or are gone are left out unless the filter speaks of `error` or `missing`. Raises
    InputError for a filter or an order that is not understood, or when it speaks of a run of which nothing is known.
    """
    found = parse_filter(where)
    with asking(database, found, order=order, columns=columns, seconds=seconds) as asked:
        yield asked


@contextmanager
def asking(
    database: Database, found: Filter, *, order: str = "", columns: Sequence[str] = (), seconds: float = 10.0
) -> Iterator[tuple[sqlite3.Connection, Selection]]:
    """As `selecting`, for a filter that is parsed already."""
    names = frozenset(columns) | found.columns | frozenset(order_columns(order))
    extra = tables_of(names)
    if "prediction" in extra and found.run is None:
        raise InputError("This order is about the answers of a training run; name one in the filter: run = “…”.")
    if "oddity" in extra:
        settle_oddity(database)
    broken = [] if "error" in found.columns else ["image.error IS NULL"]
    # What was deleted with the bin is gone for good, so it is no file that a person could put back.
    gone = "image.emptied IS NULL" if "missing" in found.columns else "image.missing = 0"
    condition = " AND ".join([found.sql, *broken, gone])
    with database.read(seconds=seconds) as connection:
        tables = "image JOIN class USING (class_id)" if "class" in extra else "image"
        if "oddity" in extra:
            tables += " LEFT JOIN oddity ON oddity.image = image.id"
        if found.run is not None and "prediction" in extra:
            tables += _joined(connection, found.run)
        yield connection, Selection(tables, condition, found.parameters, order_by(order))


def _joined(connection: sqlite3.Connection, run: str) -> str:
    number = run_number(connection, run)
    if number is None:
        raise InputError(
            f"The catalogue holds no answers of a run {run!r}; `runs list` tells which there are, "
            "and those that classify have answers when they have ended."
        )
    return f" LEFT JOIN prediction ON prediction.run = {number} AND prediction.image = image.id"
