"""A run's network from one of its checkpoints: proven against the manifest, kept while it is asked for."""

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from core.errors import NotFoundError, RefusedError
from core.models.build import build_classifier, build_generator, fill, part
from core.models.weights import Blueprint, unpack
from core.runs.manifest import STATE, CheckpointFile, checkpoint_bytes, epoch_file, read_manifest
from core.runs.store import read_config, run_folder
from core.workspace import Workspace

__all__ = ["Loaded", "Models"]

_KEPT = 4
_NEWEST = ("best.safetensors", "last.safetensors")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A network ready to answer, on the CPU, in evaluation mode."""

    blueprint: Blueprint
    network: nn.Module


class Models:
    """The networks used last, by run and by the sha256 of their checkpoint."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Path, str], Loaded] = OrderedDict()

    def get(self, workspace: Workspace, run: str, epoch: int | None = None) -> Loaded:
        """The run's network after that epoch; without one, its best, else its last.

        Raises NotFoundError when run or checkpoint is not there, StorageError when the file is damaged, RefusedError
        when it belongs to something else.
        """
        folder = run_folder(workspace, run)
        row = _choose(folder, epoch)
        key = (folder, row.sha256)
        if key not in self._kept:
            self._kept[key] = _load(folder, row)
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]


def _choose(folder: Path, epoch: int | None) -> CheckpointFile:
    rows = {row.file: row for row in read_manifest(folder) if row.file != STATE}
    wanted = _NEWEST if epoch is None else (epoch_file(epoch),)
    for name in wanted:
        if name in rows:
            return rows[name]
    if epoch is None:
        raise NotFoundError(f"{folder.name} has no checkpoint yet; wait until its first epoch is over.")
    there = ", ".join(str(row.epoch) for row in rows.values() if row.file.startswith("epoch_")) or "none"
    raise NotFoundError(f"{folder.name} kept no checkpoint of epoch {epoch}; it has {there}.")


def _load(folder: Path, row: CheckpointFile) -> Loaded:
    name = f"{folder.name}/{row.file}"
    blueprint, tensors = unpack(checkpoint_bytes(folder, row), name)
    _require_labels(folder, blueprint, name)
    gan = blueprint.network == "dcgan"
    network = build_generator(blueprint) if gan else build_classifier(blueprint)
    fill(network, part(tensors, "generator" if gan else "classifier"), name)
    return Loaded(blueprint, network.eval())


def _require_labels(folder: Path, blueprint: Blueprint, name: str) -> None:
    """A checkpoint copied in from another run would name classes that this run does not have."""
    labels = read_config(folder).get("labels")
    if blueprint.labels and isinstance(labels, list) and tuple(labels) != blueprint.labels:
        raise RefusedError(
            f"{name}: classes differ: it knows {', '.join(blueprint.labels)}, the run has {', '.join(labels)}."
        )
