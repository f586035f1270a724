"""The list of runs, quick with a thousand of them: of those that have ended only the changed ones are read.

What was read before lies in `data/cache/runs.json`, keyed by the times at which the files changed; it is disposable.
"""

import contextlib
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from core.errors import SpecimenError
from core.files import read_json, write_json
from core.jobs.status import ENDED, State, Status, observe
from core.workspace import Workspace

__all__ = ["RunSummary", "list_runs", "summarise"]

_VERSION = 1


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of the list of runs."""

    run: str
    state: State
    preset: str
    epoch: int
    """Epochs done."""
    epochs: int | None
    best: float | None
    """Best validation accuracy, 0 to 1; None for what does not classify."""
    started: float | None
    """Unix time at which it began to work; None while it waits."""
    seconds: float
    """Time at work so far."""


def list_runs(workspace: Workspace) -> list[RunSummary]:
    """All runs, newest first; those in the bin are left out."""
    known = _read_index(workspace)
    index: dict[str, dict[str, object]] = {}
    rows: list[RunSummary] = []
    for folder in _folders(workspace):
        stamp = _stamp(folder)
        row = _remembered(known.get(folder.name), stamp) or _read(folder)
        if row is None:
            continue
        rows.append(row)
        # A run that ended and changed in the same instant as it was read is read again: its stamp was taken before.
        if row.state in ENDED:
            index[folder.name] = {"stamp": stamp, "row": dataclasses.asdict(row)}
    if index != known:
        with contextlib.suppress(SpecimenError):
            write_json(_index_path(workspace), {"version": _VERSION, "runs": index})
    return sorted(rows, key=lambda row: row.run, reverse=True)


def summarise(folder: Path, status: Status) -> RunSummary:
    """The run's line in the list, from its status, config and report."""
    config = _json(folder / "config.json")
    return RunSummary(
        run=folder.name,
        state=status.state,
        preset=str(config.get("preset", "")),
        epoch=_whole(status.extra.get("epoch")) or 0,
        epochs=_whole(status.extra.get("epochs")) or _epochs(config),
        best=_best(folder, status),
        started=status.began,
        seconds=status.seconds,
    )


def _folders(workspace: Workspace) -> list[Path]:
    if not workspace.runs.is_dir():
        return []
    return [entry for entry in workspace.runs.iterdir() if entry.name[0] != "." and (entry / "config.json").exists()]


def _read(folder: Path) -> RunSummary | None:
    """None when the run went into the bin meanwhile."""
    try:
        return summarise(folder, observe(folder))
    except SpecimenError:
        return None


def _best(folder: Path, status: Status) -> float | None:
    best = status.extra.get("best")
    if _is_figure(best):
        return cast("float", best)
    accuracy = _json(folder / "report.json").get("accuracy")
    value = accuracy.get("val") if isinstance(accuracy, dict) else None
    return cast("float", value) if _is_figure(value) else None


def _epochs(config: Mapping[str, object]) -> int | None:
    """`epochs` of the config, beside the preset or among its parameters."""
    parameters = config.get("parameters")
    inner = parameters.get("epochs") if isinstance(parameters, dict) else None
    return _whole(config.get("epochs")) or _whole(inner)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _stamp(folder: Path) -> list[int]:
    return [_changed(folder / name) for name in ("status.json", "report.json", "config.json")]


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _remembered(entry: Mapping[str, object] | None, stamp: list[int]) -> RunSummary | None:
    if entry is None or entry.get("stamp") != stamp or not isinstance(entry.get("row"), dict):
        return None
    try:
        return RunSummary(**cast("dict[str, object]", entry["row"]))  # type: ignore[arg-type]
    except TypeError:
        return None


def _read_index(workspace: Workspace) -> dict[str, dict[str, object]]:
    value = _json(_index_path(workspace))
    runs = value.get("runs")
    return runs if value.get("version") == _VERSION and isinstance(runs, dict) else {}


def _index_path(workspace: Workspace) -> Path:
    return workspace.cache / "runs.json"


def _json(path: Path) -> dict[str, object]:
    try:
        return read_json(path)
    except SpecimenError:
        return {}
