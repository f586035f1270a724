"""A filter as SQL with parameters, never evaluated as Python; the language is described in `core.catalog.parser`."""

import re
import time
from dataclasses import dataclass
from typing import Final

from core.catalog.columns import COLUMNS, RUN, Column
from core.catalog.conditions import All, Comparison, Condition, Empty, Membership, Not, Some, Value
from core.catalog.parser import Parser
from core.catalog.tokens import FilterError
from core.errors import InputError

__all__ = ["Filter", "order_by", "order_columns", "parse_filter", "quoted", "sql_of"]

Parameter = str | float | None
_PLAIN: Final = {"=": "IS", "!=": "IS NOT"}


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition over `image JOIN class`, and over predictions and oddities where its columns are of those."""

    condition: Condition
    sql: str
    parameters: tuple[Parameter, ...]
    columns: frozenset[str]
    """The columns it speaks of."""
    run: str | None
    """The run whose answers it speaks of."""


def parse_filter(text: str, *, run: str | None = None, now: float | None = None) -> Filter:
    """The filter that `text` says; an empty text lets everything through.

    `run` is the one meant where the text names none; `now`, in Unix seconds, is what `today` and `7d` count from.
    Raises FilterError, an InputError that names the place and what was expected there.
    """
    parser = Parser(text, now=time.time() if now is None else now)
    condition = parser.parse()
    meant = parser.run or run
    if meant is None:
        asked = next((name for name in parser.places if COLUMNS[name].table == "prediction"), None)
        if asked is not None:
            token = parser.places[asked]
            raise FilterError(
                f"The filter, character {token.start + 1}: {asked} is an answer of a training run; "
                f'say which one, as in: {RUN} = "…" and {asked} …',
                token.start,
                token.end,
            )
    parameters: list[Parameter] = []
    sql = sql_of(condition, parameters)
    return Filter(condition, sql, tuple(parameters), frozenset(parser.places), meant)


def order_columns(order: str) -> tuple[str, ...]:
    """The columns of an order such as `class,-added`; raises InputError for one that there is not."""
    names = tuple(part.strip().removeprefix("-") for part in order.split(",") if part.strip())
    unknown = next((name for name in names if name not in COLUMNS or name == RUN), None)
    if unknown is not None:
        raise InputError(f"There is no column {unknown!r} to order by; use {', '.join(COLUMNS)}.")
    return names


def order_by(order: str) -> str:
    """The SQL of an order such as `id`, `-sharpness` (largest first) or `class,-added`.

    Ties by id, empty cells last. Raises InputError for a column that there is not.
    """
    order_columns(order)
    parts = []
    for name in (part.strip() for part in order.split(",") if part.strip()):
        column = COLUMNS[name.removeprefix("-")]
        way = " DESC" if name.startswith("-") else ""
        parts.append(f"{column.sql}{way}{' NULLS LAST' if column.nullable and not way else ''}")
    return ", ".join([*parts, "image.id"])


def quoted(text: str) -> str:
    """`text` as a value of the filter language."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def sql_of(condition: Condition, parameters: list[Parameter], *, negated: bool = False) -> str:
    """The SQL of a condition, its values appended to `parameters`.

    Negations are pushed down to the single tests, whose NULL then counts as false everywhere.
    """
    if isinstance(condition, Not):
        return sql_of(condition.inner, parameters, negated=not negated)
    if isinstance(condition, All | Some):
        if not condition.parts:
            return "0" if negated else "1"
        joint = " AND " if isinstance(condition, All) != negated else " OR "
        return f"({joint.join(sql_of(part, parameters, negated=negated) for part in condition.parts)})"
    test = _test(condition, parameters)
    return f"NOT IFNULL({test}, 0)" if negated else test


def _test(condition: Comparison | Membership | Empty, parameters: list[Parameter]) -> str:
    column = COLUMNS[condition.column]
    if isinstance(condition, Empty):
        return _is_empty(column)
    if isinstance(condition, Membership):
        return _is_among(column, condition.values, parameters)
    if column.name == RUN:
        return f"prediction.image IS {'NOT ' if condition.operator == '=' else ''}NULL"
    return _compares(column, condition.operator, condition.value, parameters)


def _is_empty(column: Column) -> str:
    if column.kind == "text":
        return f"IFNULL({column.sql}, '') = ''"
    return f"{column.sql} IS NULL"


def _is_among(column: Column, values: tuple[Value | None, ...], parameters: list[Parameter]) -> str:
    plain = [value for value in values if isinstance(value, str | float)]
    tests = []
    if plain:
        parameters.extend(plain)
        tests.append(f"{column.sql} IN ({', '.join('?' * len(plain))})")
    tests += [_compares(column, "=", value, parameters) for value in values if isinstance(value, tuple)]
    if None in values:
        tests.append(_is_empty(column))
    return f"({' OR '.join(tests)})"


def _compares(column: Column, operator: str, value: Value, parameters: list[Parameter]) -> str:
    if isinstance(value, tuple):
        return _is_when(column, operator, value, parameters)
    if operator == "~":
        escaped = re.sub(r"([%_\\])", r"\\\1", str(value))
        parameters.append(f"%{escaped}%")
        return f"{column.sql} LIKE ? ESCAPE '\\'"
    parameters.append(value)
    return f"{column.sql} {_PLAIN.get(operator, operator)} ?"


def _is_when(column: Column, operator: str, moment: tuple[float, float], parameters: list[Parameter]) -> str:
    """`<=` and `>` look at the end of a day, `<` and `>=` at its beginning; a point in time has no length."""
    start, end = moment
    if operator in ("=", "!="):
        parameters.extend((start, end))
        within = f"({column.sql} >= ? AND {column.sql} {'<' if end > start else '<='} ?)"
        return within if operator == "=" else f"NOT IFNULL({within}, 0)"
    if end > start and operator in ("<=", ">"):
        parameters.append(end)
        return f"{column.sql} {'<' if operator == '<=' else '>='} ?"
    parameters.append(start)
    return f"{column.sql} {operator} ?"
