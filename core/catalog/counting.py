"""How many images a filter lets through, split up in several ways: the numbers on the chips."""

from collections.abc import Mapping

from core.catalog.columns import COLUMNS
from core.catalog.filters import Parameter, parse_filter, sql_of
from core.catalog.selection import selecting
from core.database import Database

__all__ = ["count_each", "count_values", "find_fitting"]


def count_each(database: Database, options: Mapping[str, str], *, where: str = "") -> dict[str, int]:
    """Of the images that `where` lets through, how many each option, itself a filter, lets through: {option: count}.

    One pass for all of them. `where` has to name the run that they speak of, if any; what `where` hides stays hidden.
    """
    parsed = {name: parse_filter(text, run="") for name, text in options.items()}
    parameters: list[Parameter] = []
    counts = [f"COALESCE(SUM({sql_of(each.condition, parameters)}), 0)" for each in parsed.values()]
    if not counts:
        return {}
    columns = sorted({name for each in parsed.values() for name in each.columns})
    with selecting(database, where, columns=columns) as (connection, asked):
        row = connection.execute(
            f"SELECT {', '.join(counts)} FROM {asked.tables} WHERE {asked.condition}",
            (*parameters, *asked.parameters),
        ).fetchone()
    return {name: int(count) for name, count in zip(parsed, row, strict=True)}


def count_values(database: Database, column: str, *, where: str = "", limit: int = 1000) -> dict[str, int]:
    """The values of a text column among the images that `where` lets through: {value: count}, most frequent first.

    An empty cell counts under "". Raises KeyError for a column that there is not.
    """
    cell = COLUMNS[column].sql
    with selecting(database, where, columns=[column]) as (connection, asked):
        rows = connection.execute(
            f"SELECT IFNULL({cell}, '') AS cell, COUNT(*) AS number FROM {asked.tables} WHERE {asked.condition} "
            "GROUP BY 1 ORDER BY number DESC, cell LIMIT ?",
            (*asked.parameters, limit),
        ).fetchall()
    return {str(row["cell"]): int(row["number"]) for row in rows}


def find_fitting(database: Database, options: Mapping[str, str]) -> frozenset[str]:
    """Those of the options, each a filter, that let at least one image through; quick where many fit."""
    found = set()
    for name, text in options.items():
        with selecting(database, text) as (connection, asked):
            row = connection.execute(
                f"SELECT 1 FROM {asked.tables} WHERE {asked.condition} LIMIT 1", asked.parameters
            ).fetchone()
        found |= {name} if row else set()
    return frozenset(found)
