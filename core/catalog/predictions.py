"""What trained runs answer about the images: a table that follows their predictions.csv, asked by filters and tiles."""

import math
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from core.database import Database

__all__ = ["Prediction", "forget_predictions", "keep_predictions", "known_stamp", "run_number"]

_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Prediction:
    """One line of a run's predictions.csv."""

    path: str
    truth: str
    """The class that the run was told."""
    predicted: str
    probability: float
    """Of the class that is predicted, 0 … 1; so of the true one below."""
    probability_true: float
    part: str
    """train, val or test."""


def keep_predictions(database: Database, run: str, rows: Sequence[Prediction], *, stamp: str) -> int:
    """Replace what is known of the run's answers; how many of them are about images of the catalogue.

    `stamp` names the state of the file that they come from. The catalogue's revision stays: no image has changed.
    """
    sure = _self_confidence(rows)
    with database.write() as connection:
        connection.execute(
            "INSERT INTO answered_run (run, stamp) VALUES (?, ?) "
            "ON CONFLICT (run) DO UPDATE SET stamp = excluded.stamp",
            (run, stamp),
        )
        number = run_number(connection, run)
        images = dict(connection.execute("SELECT path, id FROM image").fetchall())
        connection.execute("DELETE FROM prediction WHERE run = ?", (number,))
        cells = [
            (
                number, images[row.path], row.truth, row.predicted, row.probability, row.probability_true,
                -math.log(max(row.probability_true, _LEAST)), row.part, int(_is_disputed(row, sure)),
            )
            for row in rows
            if row.path in images
        ]  # fmt: skip
        cells.sort(key=lambda row: row[1])
        connection.executemany("INSERT OR REPLACE INTO prediction VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", cells)
    return len(cells)


def forget_predictions(database: Database, *, but: Collection[str]) -> None:
    """Drop the answers of all runs but these."""
    with database.write() as connection:
        rows = connection.execute("SELECT number, run FROM answered_run").fetchall()
        gone = [(row["number"],) for row in rows if row["run"] not in but]
        connection.executemany("DELETE FROM prediction WHERE run = ?", gone)
        connection.executemany("DELETE FROM answered_run WHERE number = ?", gone)


def known_stamp(database: Database, run: str) -> str | None:
    """The stamp that the run's answers were kept with; None while there are none."""
    with database.read() as connection:
        row = connection.execute("SELECT stamp FROM answered_run WHERE run = ?", (run,)).fetchone()
    return None if row is None else str(row[0])


def run_number(connection: sqlite3.Connection, run: str) -> int | None:
    """What the run is called in the table; None while its answers were never kept."""
    row = connection.execute("SELECT number FROM answered_run WHERE run = ?", (run,)).fetchone()
    return None if row is None else int(row[0])


def _self_confidence(rows: Iterable[Prediction]) -> dict[tuple[str, str], float]:
    """How sure the run is of a class on that class's own pictures, on average: {(part, class): probability}.

    The threshold of confident learning (Northcutt, Jiang, Chuang, arXiv 1911.00068, equation 2); each part has its
    own, because a run is surer of the pictures that it was trained on.
    """
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0])
    for row in rows:
        entry = sums[row.part, row.truth]
        entry[0] += row.probability_true
        entry[1] += 1
    return {key: total / count for key, (total, count) in sums.items()}


def _is_disputed(row: Prediction, sure: dict[tuple[str, str], float]) -> bool:
    """Whether the picture counts for another class in the confident joint; the likeliest class alone is looked at."""
    return row.predicted != row.truth and row.probability >= sure.get((row.part, row.predicted), math.inf)
