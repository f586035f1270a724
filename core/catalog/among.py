"""Rows that belong to many values: SQLite bounds how many parameters a statement takes."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

__all__ = ["rows_among"]

_AT_ONCE = 500


def rows_among(
    connection: sqlite3.Connection | sqlite3.Cursor, statement: str, values: Sequence[int] | Sequence[str]
) -> Iterator[Any]:
    """The rows of `statement`, whose every `{marks}` stands for the values, asked 500 values at a time, in their order.

    An ORDER BY in the statement sorts within each 500 only.
    """
    places = statement.count("{marks}")
    for start in range(0, len(values), _AT_ONCE):
        some = values[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(some))
        yield from connection.execute(statement.format(marks=marks), [*some] * places)
