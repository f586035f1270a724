"""From a filled-in form to a run in the queue, without torch: what the Train page and `train` both call."""

import importlib.metadata
import platform
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from core.database import Database
from core.dataset.snapshot import SnapshotRow, read_snapshot, take_snapshot
from core.dataset.split import make_split
from core.errors import InputError, NotFoundError
from core.files import plain_path
from core.jobs.process import LOCAL, Launcher
from core.jobs.queue import submit
from core.jobs.status import observe
from core.runs.manifest import checkpoint_bytes, epoch_file, read_manifest
from core.runs.predictions import settle_filter
from core.runs.store import new_run, read_config, run_folder
from core.training.presets import Preset, TrainingConfig, find_preset
from core.workspace import CHECKOUT, Workspace, read_settings

__all__ = ["Material", "device_slot", "launch", "resume", "survey"]

_PACKAGES = ("torch", "torchvision", "numpy", "pillow", "safetensors", "pydantic")


@dataclass(frozen=True, slots=True)
class Material:
    """What a run would learn from."""

    labels: list[str]
    """Class names, in the order of the scores."""
    counts: dict[str, dict[str, int]]
    """Pictures by class and part; `none` are those without a part."""
    warnings: list[str]
    """Sentences: what is thin or left out; nothing of it stops a run."""


def launch(
    workspace: Workspace,
    database: Database,
    *,
    preset: str,
    config: TrainingConfig,
    where: str = "",
    request_key: str | None = None,
    wait: bool = False,
    parent: tuple[str, int] | None = None,
    after: str | None = None,
    launcher: Launcher = LOCAL,
) -> Path:
    """The folder of a new run, queued for its device; of the first one when `request_key` comes again.

    Makes the default split where there is none and freezes the pictures in a snapshot. `wait` says that somebody
    waits for it: it takes all cores. `after` names a run that must end first. Raises InputError when there is nothing
    to learn from, NotFoundError when weights, preset or parent are not there.
    """
    found = find_preset(preset)
    config = _with_weights_found(config)
    rows, snapshot = _frozen(workspace, database, where)
    if not any(row.split for row in rows):
        make_split(database, seed=0, distance=read_settings(workspace).duplicate_distance)
        rows, snapshot = _frozen(workspace, database, where)
    material = survey(found, rows, minimum=read_settings(workspace).minimum_per_class)
    folder = new_run(
        workspace,
        preset=preset,
        config={
            "format": 1,
            "parameters": config.model_dump(),
            "seed": config.seed,
            "device": config.device,
            "snapshot": snapshot,
            "where": where,
            "labels": material.labels,
            "counts": material.counts,
            "warnings": material.warnings,
            "parent": None if parent is None else {"run": parent[0], "epoch": parent[1]},
            "code": _code(),
            "packages": _packages(),
        },
        request_key=request_key,
    )
    return _queue(workspace, folder, request_key=request_key, wait=wait, after=after, launcher=launcher)


def resume(
    workspace: Workspace,
    run: str,
    *,
    epoch: int | None = None,
    wait: bool = False,
    request_key: str | None = None,
    launcher: Launcher = LOCAL,
) -> Path:
    """The folder of the run that goes on: this one from its newest checkpoint, or a new one from an older epoch.

    A new one has this run as its parent and the same settings and pictures. Raises NotFoundError when run or epoch is
    not there, InputError when it is at work or nothing is left to do, StorageError when the checkpoint is damaged.
    """
    folder = run_folder(workspace, run)
    status = observe(folder)
    if not status.ended:
        raise InputError(f"{run} is {status.state}; wait until it has ended, or stop it first.")
    if epoch is None:
        if status.state == "finished":
            raise InputError(f"{run} has finished; give an epoch to start a new run from, or train with more epochs.")
        return _queue(workspace, folder, request_key=request_key, wait=wait, after=None, launcher=launcher)
    config = read_config(folder)
    _require_epoch(folder, epoch, config)
    kept = {key: value for key, value in config.items() if key not in ("preset", "created")}
    child = new_run(
        workspace,
        preset=str(config["preset"]),
        config=kept | {"parent": {"run": run, "epoch": epoch}, "code": _code(), "packages": _packages()},
        request_key=request_key,
    )
    return _queue(workspace, child, request_key=request_key, wait=wait, after=None, launcher=launcher)


def survey(preset: Preset, rows: Sequence[SnapshotRow], *, minimum: int) -> Material:
    """What `preset` would learn from these rows; raises InputError in a sentence when that is nothing."""
    names = {row.class_id: row.class_name for row in rows}
    labels = [names[number] for number in sorted(names)]
    tally = Counter((row.class_name, row.split or "none") for row in rows)
    counts = {name: {part: tally[name, part] for part in ("train", "val", "test", "none")} for name in labels}
    if preset.kind == "generator":
        if not sum(sum(parts.values()) - parts["test"] for parts in counts.values()):
            raise InputError("There is no picture to learn from outside of the test part; import or collect some.")
        return Material(labels, counts, [])
    taught = [name for name in labels if counts[name]["train"]]
    if len(taught) < 2:
        there = f"only {taught[0]} has" if taught else "no class has"
        raise InputError(
            f"A classifier needs at least two classes with pictures in the train part, but {there} some; "
            "collect or label more, then split again."
        )
    return Material(labels, counts, _warnings(counts, minimum))


def device_slot(device: str) -> str:
    """The slot of the queue for a device setting: what `auto` will most likely turn out to be."""
    if device == "cuda":
        return "cuda:0"
    if device != "auto":
        return device
    if Path("/dev/nvidia0").exists() or Path("/dev/dxg").exists():
        return "cuda:0"
    return "mps" if sys.platform == "darwin" and platform.machine() == "arm64" else "cpu"


def _queue(
    workspace: Workspace,
    folder: Path,
    *,
    request_key: str | None,
    wait: bool,
    after: str | None,
    launcher: Launcher,
) -> Path:
    config = read_config(folder)
    parameters = cast(dict[str, object], config["parameters"])
    return submit(
        workspace,
        kind="train",
        arguments={"run": folder.name},
        title=f"Train {config['preset']}",
        request_key=request_key,
        folder=folder,
        device=device_slot(str(parameters["device"])),
        after=after,
        niced=not wait,
        launcher=launcher,
    )


def _frozen(workspace: Workspace, database: Database, where: str) -> tuple[list[SnapshotRow], str]:
    settle_filter(workspace, database, where)
    snapshot = take_snapshot(workspace, database, where=where)
    return read_snapshot(snapshot.path), snapshot.id


def _warnings(counts: dict[str, dict[str, int]], minimum: int) -> list[str]:
    found = []
    totals = {name: sum(parts.values()) for name, parts in counts.items()}
    thin = [f"{name} ({total})" for name, total in totals.items() if total < minimum]
    if thin:
        found.append(f"Fewer than {minimum} pictures: {', '.join(thin)}.")
    left_out = sum(parts["none"] for parts in counts.values())
    if left_out:
        found.append(f"{left_out} pictures are in no part of the split and stay out; split again to use them.")
    for part in ("val", "test"):
        if not any(parts[part] for parts in counts.values()):
            found.append(f"The {part} part is empty, so there will be no figure for it.")
    return found


def _with_weights_found(config: TrainingConfig) -> TrainingConfig:
    """`config` with the absolute path of its weights file: the run's process starts in another folder."""
    if config.weights in ("none", "torchvision"):
        return config
    path = plain_path(config.weights)
    if not path.is_file():
        raise InputError(f"weights={config.weights}: there is no such file; give none or the path of a checkpoint.")
    return config.model_copy(update={"weights": str(path)})


def _require_epoch(folder: Path, epoch: int, config: dict[str, object]) -> None:
    rows = {row.file: row for row in read_manifest(folder)}
    if epoch_file(epoch) not in rows:
        there = ", ".join(str(row.epoch) for row in rows.values() if row.file.startswith("epoch_")) or "none"
        raise NotFoundError(f"{folder.name} kept no checkpoint of epoch {epoch}; it has {there}.")
    checkpoint_bytes(folder, rows[epoch_file(epoch)])
    parameters = config.get("parameters")
    epochs = parameters.get("epochs") if isinstance(parameters, dict) else None
    if isinstance(epochs, int) and epoch >= epochs:
        raise InputError(f"Epoch {epoch} is the last one of {folder.name}; resume from an earlier one.")


def _code() -> dict[str, str | None]:
    """Version and commit of this program; no commit where it is no checkout or git is absent."""
    version = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    command = ["git", "-C", str(CHECKOUT), "rev-parse", "HEAD"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        answer = ""
    return {"version": version, "commit": answer or None}


def _packages() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "absent"
    return found
