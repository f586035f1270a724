"""A training run from its folder: reads config.json and the snapshot, decodes, trains; called in the run's process."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path

import torch

from core.dataset.snapshot import SnapshotRow, read_snapshot, snapshot_path
from core.errors import StorageError
from core.files import write_json
from core.jobs.reporter import SILENT, Reporter
from core.runs.store import read_config
from core.training.adversarial import train_dcgan
from core.training.classify import train_classifier
from core.training.configs import DcganConfig, ResNet18Config, ScratchCnnConfig, TrainingConfig
from core.training.device import choose_device, describe_device, set_threads
from core.training.pictures import load_pictures
from core.training.presets import parse_values
from core.training.recorder import Recorder
from core.training.task import LOG, Task
from core.workspace import Workspace

__all__ = ["train_run"]


def train_run(workspace: Workspace, folder: Path, reporter: Reporter = SILENT) -> None:
    """Train the run in `folder` to its end, until asked to stop, or on from where an earlier process ended.

    Raises InputError, StorageError, UnavailableError or DivergedError in a sentence; what was saved stays whole.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    LOG.setLevel(logging.INFO)
    set_threads(os.environ)
    settings = read_config(folder)
    config = _config(settings, folder)
    device = choose_device(config.device)
    _prepare(device)
    LOG.info("%s on %s, torch %s", settings["preset"], describe_device(device), torch.__version__)
    for sentence in _texts(settings.get("warnings")):
        LOG.warning("%s", sentence)
    reporter.update(device=str(device), epochs=config.epochs)
    if settings.get("device") != str(device):  # `auto` until here: only torch knows what it finds
        write_json(folder / "config.json", settings | {"device": str(device)})

    rows = read_snapshot(snapshot_path(workspace, str(settings["snapshot"])))
    pictures = load_pictures(workspace, _wanted(rows, config), size=config.image_size, device=device, reporter=reporter)
    for sentence in pictures.unreadable:
        LOG.warning("Left out: %s", sentence)
    recorder = Recorder(folder)
    try:
        task = Task(
            folder=folder,
            seed=config.seed,
            labels=() if isinstance(config, DcganConfig) else tuple(_texts(settings.get("labels"))),
            pictures=pictures,
            device=device,
            recorder=recorder,
            reporter=reporter,
            parent=_parent(workspace, settings),
        )
        _train(task, config)
    finally:
        recorder.close()


def _train(task: Task, config: TrainingConfig) -> None:
    if isinstance(config, DcganConfig):
        train_dcgan(task, config)
    elif isinstance(config, ScratchCnnConfig | ResNet18Config):
        train_classifier(task, config)
    else:
        raise TypeError(f"nobody trains a {type(config).__name__}")


def _config(settings: dict[str, object], folder: Path) -> TrainingConfig:
    parameters = settings.get("parameters")
    if not isinstance(parameters, dict) or "snapshot" not in settings:
        raise StorageError(f"{folder / 'config.json'} has no parameters or no snapshot; start a new run.")
    return parse_values(str(settings.get("preset")), parameters)


def _wanted(rows: Sequence[SnapshotRow], config: TrainingConfig) -> list[SnapshotRow]:
    """GANs learn from all but test; classifiers from what has a part."""
    if isinstance(config, DcganConfig):
        return [row for row in rows if row.split != "test"]
    return [row for row in rows if row.split]


def _parent(workspace: Workspace, settings: dict[str, object]) -> tuple[Path, int] | None:
    parent = settings.get("parent")
    if not isinstance(parent, dict):
        return None
    return workspace.runs / str(parent["run"]), int(parent["epoch"])


def _prepare(device: torch.device) -> None:
    if device.type == "cuda":
        # Shapes never change within a run, so the search for the fastest kernels pays for itself.
        torch.backends.cudnn.benchmark = True
        torch.set_float32_matmul_precision("high")


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
