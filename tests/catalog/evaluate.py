"""The filter language once more, in plain Python over one row: what the SQL is held against."""

from collections.abc import Mapping

from core.catalog.columns import COLUMNS
from core.catalog.conditions import All, Comparison, Condition, Empty, Membership, Not, Some, Value

__all__ = ["Cell", "holds"]

Cell = str | int | float | None


def holds(condition: Condition, row: Mapping[str, Cell]) -> bool:
    """Whether the row is let through."""
    match condition:
        case Not(inner):
            return not holds(inner, row)
        case All(parts):
            return all(holds(part, row) for part in parts)
        case Some(parts):
            return any(holds(part, row) for part in parts)
        case Empty(column):
            return _is_empty(column, row[column])
        case Membership(column, values):
            return any(_equals(column, row[column], value) for value in values)
        case Comparison(column, sign, value):
            return _compares(column, sign, row[column], value)


def _compares(column: str, sign: str, cell: Cell, value: Value) -> bool:
    if sign in ("=", "!="):
        return _equals(column, cell, value) == (sign == "=")
    if cell is None:
        return False
    if sign == "~":
        return _folded(str(value)) in _folded(str(cell))
    if isinstance(value, tuple):
        # The end of a day counts for <= and >, and none of it is part of the next.
        start, end = value
        if end > start and sign in ("<=", ">"):
            return (float(cell) < end) == (sign == "<=")
        value = start
    return _ordered(sign, cell, value)


def _ordered(sign: str, cell: str | float, value: str | float) -> bool:
    if isinstance(cell, str) or isinstance(value, str):
        less, same = str(cell) < str(value), str(cell) == str(value)
    else:
        less, same = cell < value, cell == value
    return {"<": less, "<=": less or same, ">": not less and not same, ">=": not less}[sign]


def _equals(column: str, cell: Cell, value: Value | None) -> bool:
    if value is None:
        return _is_empty(column, cell)
    if isinstance(value, tuple):
        start, end = value
        return isinstance(cell, float) and (start <= cell < end or start == cell == end)
    return cell == value


def _is_empty(column: str, cell: Cell) -> bool:
    return cell is None or (COLUMNS[column].kind == "text" and cell == "")


def _folded(text: str) -> str:
    """Letters A-Z in lower case, as SQLite compares."""
    return "".join(mark.lower() if mark.isascii() else mark for mark in text)
