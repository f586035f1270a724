"""The answers of trained runs, brought into the catalogue when a filter speaks of them."""

import csv
from collections.abc import Iterator
from pathlib import Path

from core.catalog.filters import parse_filter
from core.catalog.predictions import Prediction, forget_predictions, keep_predictions, known_stamp
from core.database import Database
from core.errors import NotFoundError, StorageError
from core.files import storage_error
from core.runs.store import list_runs, run_folder
from core.workspace import Workspace

__all__ = ["PREDICTIONS", "answered_runs", "settle_answers", "settle_filter"]

PREDICTIONS = "predictions.csv"
_COLUMNS = ("img_name", "class_name", "predicted", "probability", "probability_true", "split")


def answered_runs(workspace: Workspace) -> list[str]:
    """The runs that have said what they see in each picture, newest first."""
    rows = list_runs(workspace)
    return [row.run for row in rows if (workspace.runs / row.run / PREDICTIONS).is_file()]


def settle_filter(workspace: Workspace, database: Database, where: str) -> str:
    """Make sure that the catalogue knows the answers of the run that the filter speaks of.

    Returns a text that is another one when those answers are; "" where it speaks of none. Raises InputError for a
    filter that is not understood, and what `settle_answers` raises.
    """
    run = parse_filter(where).run
    return "" if run is None else settle_answers(workspace, database, run)


def settle_answers(workspace: Workspace, database: Database, run: str) -> str:
    """Read the run's predictions.csv into the catalogue unless it has not changed since; its stamp.

    Those of runs that were deleted go then.
    Raises NotFoundError when there is no such run or it has no answers, StorageError when the file is damaged.
    """
    path = run_folder(workspace, run) / PREDICTIONS
    try:
        state = path.stat()
    except FileNotFoundError:
        raise NotFoundError(
            f"{run} has no {PREDICTIONS}: a run that classifies writes it when it ends; choose another run."
        ) from None
    stamp = f"{state.st_ino}-{state.st_size}-{state.st_mtime_ns}"
    if known_stamp(database, run) != stamp:
        keep_predictions(database, run, list(_read(path)), stamp=stamp)
        forget_predictions(database, but={run, *answered_runs(workspace)})
    return stamp


def _read(path: Path) -> Iterator[Prediction]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file)
            header = next(lines, [])
            if not set(_COLUMNS) <= set(header):
                raise StorageError(f"{path} lacks the columns {', '.join(_COLUMNS)}; train again to have it written.")
            places = [header.index(name) for name in _COLUMNS]
            for line in lines:
                name, truth, predicted, probability, true, part = (line[place] for place in places)
                yield Prediction(name, truth, predicted, float(probability), float(true), part)
    except OSError as exc:
        raise storage_error(exc, path) from exc
    except (ValueError, IndexError, csv.Error, UnicodeDecodeError) as exc:
        raise StorageError(f"{path}, line {lines.line_num} is damaged; train again to have it written.") from exc
