"""The runs of a workspace: made, listed, shown, put into the bin and taken out again.

A run is the folder `runs/<run id>`; its name is its id, whatever the files inside say. Deleting moves it to
`runs/.bin`.
"""

import itertools
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError, NotFoundError, SpecimenError, StorageError
from core.files import read_json, storage_error, write_json
from core.jobs.line import claim_key
from core.jobs.status import Status, observe, write_status
from core.runs.index import RunSummary, list_runs, summarise
from core.runs.manifest import CheckpointFile, read_manifest
from core.runs.samples import sample_epochs
from core.workspace import Workspace

__all__ = [
    "RunDetail",
    "RunSummary",
    "binned_runs",
    "delete_run",
    "empty_bin",
    "list_runs",
    "new_run",
    "read_config",
    "read_report",
    "restore_run",
    "run_folder",
    "show_run",
]


@dataclass(frozen=True, slots=True)
class RunDetail:
    """All of one run but its records and pictures."""

    run: str
    folder: Path
    summary: RunSummary
    status: Status
    config: dict[str, object]
    report: dict[str, object] | None
    """The final figures; None until there are some."""
    samples: list[int]
    """Epochs of which there is a sample grid."""
    checkpoints: list[CheckpointFile]
    """What the manifest vouches for, oldest epoch first; empty when it is damaged."""


def new_run(workspace: Workspace, *, preset: str, config: Mapping[str, object], request_key: str | None = None) -> Path:
    """The folder of a new run, queued, with its config.json; the first one's when `request_key` comes again.

    It appears whole or not at all. Raises StorageError when the disk refuses.
    """

    def make() -> Path:
        return _publish(workspace, _draft(workspace, preset=preset, config=config), preset=preset)

    return make() if request_key is None else claim_key(workspace, f"run:{request_key}", make)


def run_folder(workspace: Workspace, run: str) -> Path:
    """The folder of the run with this id; raises NotFoundError for any text that names none."""
    folder = workspace.runs / run
    if not _is_name(run) or not (folder / "config.json").is_file():
        raise NotFoundError(f"There is no run {run!r} in {workspace.runs}; `runs list` tells which there are.")
    return folder


def show_run(workspace: Workspace, run: str) -> RunDetail:
    """One run; raises NotFoundError when there is none of this id."""
    folder = run_folder(workspace, run)
    status = observe(folder)
    return RunDetail(
        run,
        folder,
        summarise(folder, status),
        status,
        read_config(folder),
        read_report(folder),
        sample_epochs(folder),
        _checkpoints(folder),
    )


def read_config(folder: Path) -> dict[str, object]:
    """The run's config.json; raises StorageError naming the file when it is damaged."""
    return read_json(folder / "config.json")


def read_report(folder: Path) -> dict[str, object] | None:
    """The run's final figures; None while there are none, or none that can be read."""
    try:
        return read_json(folder / "report.json")
    except StorageError:
        return None


def delete_run(workspace: Workspace, run: str) -> None:
    """Move the run into the bin; raises InputError while it waits or works."""
    folder = run_folder(workspace, run)
    if not observe(folder).ended:
        raise InputError(f"{run} is still at work; stop it first.")
    place = _bin(workspace) / run
    place.parent.mkdir(exist_ok=True)
    # A name that was deleted before and then given anew by hand: the older one keeps its place in the bin.
    target = next(path for path in _numbered(place) if not path.exists())
    _move(folder, target)


def restore_run(workspace: Workspace, run: str) -> Path:
    """The folder of a run taken out of the bin; raises NotFoundError, or InputError when its name is in use again."""
    folder, target = _bin(workspace) / run, workspace.runs / run
    if not _is_name(run) or not folder.is_dir():
        raise NotFoundError(f"There is no run {run!r} in the bin.")
    if target.exists():
        raise InputError(f"{target} exists again; rename or delete that one first.")
    _move(folder, target)
    return target


def binned_runs(workspace: Workspace) -> list[str]:
    """The ids in the bin, newest first."""
    place = _bin(workspace)
    return sorted((entry.name for entry in place.iterdir()), reverse=True) if place.is_dir() else []


def empty_bin(workspace: Workspace) -> int:
    """Delete for good what is in the bin; how many runs that were."""
    runs = binned_runs(workspace)
    for run in runs:
        shutil.rmtree(_bin(workspace) / run)
    return len(runs)


def _draft(workspace: Workspace, *, preset: str, config: Mapping[str, object]) -> Path:
    """A hidden folder with all that a new run consists of."""
    folder = workspace.runs / f".new-{os.urandom(6).hex()}"
    now = time.time()
    try:
        folder.mkdir(parents=True)
        write_json(folder / "config.json", {"preset": preset, "created": now} | dict(config))
        write_status(folder, Status("queued", created=now, title=f"Train {preset}"))
    except OSError as exc:
        raise storage_error(exc, folder) from exc
    except SpecimenError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def _publish(workspace: Workspace, draft: Path, *, preset: str) -> Path:
    """Rename the draft to the first free id: onto a folder that is not empty the kernel refuses to."""
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{preset}"
    for folder in _numbered(workspace.runs / name):
        if folder.exists() or (_bin(workspace) / folder.name).exists():
            continue
        try:
            draft.rename(folder)
        except OSError:
            if folder.exists():
                continue
            raise
        return folder
    raise AssertionError("counting ends never")


def _numbered(path: Path) -> Iterator[Path]:
    """`path`, then `path-2`, `path-3`, without end."""
    yield path
    for number in itertools.count(2):
        yield path.with_name(f"{path.name}-{number}")


def _checkpoints(folder: Path) -> list[CheckpointFile]:
    try:
        return read_manifest(folder)
    except StorageError:
        return []


def _move(folder: Path, target: Path) -> None:
    try:
        folder.rename(target)
    except OSError as exc:
        raise storage_error(exc, folder) from exc


def _bin(workspace: Workspace) -> Path:
    return workspace.runs / ".bin"


def _is_name(run: str) -> bool:
    """Whether it is one plain name: no path, nothing hidden, nothing that the disk has no room for."""
    return 0 < len(run.encode(errors="replace")) <= 200 and run[0] != "." and not any(sign in run for sign in "/\\\0")
