"""Saving a run and taking it up again: networks for Try as safetensors, everything for resuming in state.pt.

state.pt holds networks, optimisers, sums and places, so that one file, replaced whole, is enough to go on bit by bit.
Chance needs no saving (see `core.training.randomness`). When state.pt is damaged, the newest whole checkpoint gives its
weights, with fresh optimisers.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import NotFoundError, RefusedError, StorageError
from core.models.build import fill, part
from core.models.weights import Blueprint, pack, pack_state, unpack, unpack_state
from core.runs.manifest import STATE, CheckpointFile, checkpoint_bytes, epoch_file, publish, read_manifest
from core.training.task import LOG, Task

__all__ = ["BEST", "LAST", "Resumption", "Snapshot", "find_resumption", "load_weights", "resume_into", "save"]

BEST = "best.safetensors"
LAST = "last.safetensors"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a loop holds between two steps."""

    blueprint: Blueprint
    """With the epoch and step of this moment."""
    networks: Mapping[str, nn.Module]
    optimisers: Mapping[str, torch.optim.Optimizer]
    sums: Mapping[str, Tensor]
    """Running sums of figures, by name."""
    figures: dict[str, float] = field(default_factory=dict)
    """Plain values to remember, such as the best accuracy so far."""


@dataclass(frozen=True, slots=True)
class Resumption:
    """Where a run goes on."""

    step: int
    """Steps done."""
    exact: bool
    """Whether nothing was lost: optimisers and sums are there too."""
    networks: dict[str, dict[str, Tensor]]
    optimisers: dict[str, dict[str, object]]
    sums: dict[str, Tensor]
    figures: dict[str, float]
    threads: int | None = None
    """How many threads computed so far: with another number sums are rounded otherwise on the CPU."""
    skipped: tuple[str, ...] = ()
    """Sentences about the checkpoints that were not whole."""

    def apply(self, snapshot: Snapshot) -> None:
        """Copy everything into the loop's networks, optimisers and sums, in place."""
        for name, network in snapshot.networks.items():
            fill(network, self.networks[name], "The checkpoint")
        for name, optimiser in snapshot.optimisers.items():
            if name in self.optimisers:
                optimiser.load_state_dict(self.optimisers[name])
        for name, total in snapshot.sums.items():
            if name in self.sums:
                total.copy_(self.sums[name])
        snapshot.figures.update(self.figures)


def resume_into(task: Task, snapshot: Snapshot, *, per_epoch: int) -> int:
    """How many steps of the run are done, with everything of that moment copied into the snapshot's parts; 0 when new.

    A new run with a parent begins after the parent's epoch, with its weights and fresh optimisers. Raises as
    `find_resumption`.
    """
    found = find_resumption(task.folder, snapshot.blueprint) or _from_parent(task, snapshot.blueprint, per_epoch)
    if found is None:
        task.recorder.forget_after(0)
        return 0
    for sentence in found.skipped:
        LOG.warning("Skipped: %s", sentence)
    if found.threads is not None:
        torch.set_num_threads(found.threads)
    found.apply(snapshot)
    if not found.exact:
        task.recorder.forget_after(found.step)
        LOG.warning("Going on from step %d with fresh optimisers", found.step)
    LOG.info("Goes on after step %d", found.step)
    return found.step


def save(run: Path, snapshot: Snapshot, *, epoch_kept: bool, best: bool) -> None:
    """Write last.safetensors and state.pt, and beside them the epoch's and the best file where asked.

    Raises StorageError when the disk refuses; the checkpoints of before are then whole.
    """
    names = [LAST, *([epoch_file(snapshot.blueprint.epoch)] if epoch_kept else []), *([BEST] if best else [])]
    content = pack(snapshot.blueprint, _flat(snapshot.networks))
    at, step = snapshot.blueprint.epoch, snapshot.blueprint.step
    files = [(CheckpointFile(name, at, step, figures=snapshot.figures), content) for name in names]
    publish(run, [*files, (CheckpointFile(STATE, at, step), pack_state(_state(snapshot)))])


def find_resumption(run: Path, blueprint: Blueprint) -> Resumption | None:
    """Where the run goes on: at its state.pt, else at the newest whole checkpoint; None when it never saved one.

    Raises RefusedError when the checkpoint is of another network or of other classes, StorageError when checkpoints
    were written but none is whole.
    """
    rows = read_manifest(run)
    skipped: list[str] = []
    for row in sorted(rows, key=lambda row: (row.file == STATE, row.step, row.file == LAST), reverse=True):
        try:
            found = (
                _from_state(run, row, blueprint=blueprint)
                if row.file == STATE
                else _from_weights(run, row, blueprint=blueprint)
            )
        except (StorageError, RefusedError, NotFoundError) as exc:
            if isinstance(exc, _OtherNetworkError):
                raise
            skipped.append(str(exc))
            continue
        return replace(found, skipped=tuple(skipped))
    if skipped:
        raise StorageError(f"No checkpoint of {run.name} is whole ({skipped[0]}); train again.")
    return None


def load_weights(run: Path, file: str, blueprint: Blueprint) -> dict[str, Tensor]:
    """The tensors of one checkpoint of this run, by the names within its networks.

    Raises NotFoundError when the run has no such file, StorageError when it is damaged, RefusedError when it is of
    another network or of other classes.
    """
    rows = {row.file: row for row in read_manifest(run)}
    if file not in rows:
        raise NotFoundError(f"{run.name} has no checkpoint {file}; it has {', '.join(rows) or 'none'}.")
    found, tensors = unpack(checkpoint_bytes(run, rows[file]), f"{run.name}/{file}")
    _require_same(found, blueprint, f"{run.name}/{file}")
    return tensors


class _OtherNetworkError(RefusedError):
    """The checkpoint is whole, but belongs to something else."""


def _require_same(found: Blueprint, wanted: Blueprint, name: str) -> None:
    if found.labels != wanted.labels:
        raise _OtherNetworkError(
            f"{name}: classes differ: it knows {', '.join(found.labels) or 'none'}, "
            f"the run has {', '.join(wanted.labels) or 'none'}."
        )
    if (found.network, found.arguments) != (wanted.network, wanted.arguments):
        raise _OtherNetworkError(f"{name} is of another network ({found.network}) than the run ({wanted.network}).")


def _state(snapshot: Snapshot) -> dict[str, object]:
    return {
        "format": _FORMAT,
        "step": snapshot.blueprint.step,
        "threads": torch.get_num_threads(),
        "blueprint": asdict(snapshot.blueprint),
        "networks": {name: network.state_dict() for name, network in snapshot.networks.items()},
        "optimisers": {name: optimiser.state_dict() for name, optimiser in snapshot.optimisers.items()},
        "sums": dict(snapshot.sums),
        "figures": snapshot.figures,
    }


def _from_state(run: Path, row: CheckpointFile, *, blueprint: Blueprint) -> Resumption:
    name = f"{run.name}/{row.file}"
    value = unpack_state(checkpoint_bytes(run, row), name)
    try:
        found, resumption = _blueprint(value["blueprint"]), _resumption(value)
    except (KeyError, TypeError, ValueError) as exc:
        raise RefusedError(f"{name} is no state of a run ({exc}).") from exc
    _require_same(found, blueprint, name)
    return resumption


def _from_weights(run: Path, row: CheckpointFile, *, blueprint: Blueprint) -> Resumption:
    name = f"{run.name}/{row.file}"
    found, tensors = unpack(checkpoint_bytes(run, row), name)
    _require_same(found, blueprint, name)
    networks = {prefix: part(tensors, prefix) for prefix in {key.partition(".")[0] for key in tensors}}
    return Resumption(step=found.step, exact=False, networks=networks, optimisers={}, sums={}, figures=row.figures)


def _from_parent(task: Task, blueprint: Blueprint, per_epoch: int) -> Resumption | None:
    if task.parent is None:
        return None
    folder, epoch = task.parent
    rows = {row.file: row for row in read_manifest(folder)}
    if epoch_file(epoch) not in rows:
        raise NotFoundError(f"{folder.name} has no checkpoint of epoch {epoch} any more; start a new run.")
    found = _from_weights(folder, rows[epoch_file(epoch)], blueprint=blueprint)
    # Its best epoch is not this run's: the first epoch here is the best until a better one comes.
    return replace(found, step=epoch * per_epoch, figures={})


def _resumption(value: dict[str, object]) -> Resumption:
    if _whole(value["format"]) > _FORMAT:
        raise ValueError("a newer version wrote it")
    return Resumption(
        step=_whole(value["step"]),
        exact=True,
        networks={name: _dict(tensors) for name, tensors in _dict(value["networks"]).items()},
        optimisers={name: _dict(state) for name, state in _dict(value["optimisers"]).items()},
        sums=_dict(value["sums"]),
        figures=_dict(value["figures"]),
        threads=_whole(value["threads"]),
    )


def _blueprint(value: object) -> Blueprint:
    return Blueprint(**_dict(value))


def _flat(networks: Mapping[str, nn.Module]) -> dict[str, Tensor]:
    """All tensors under `<network>.<its own name>`."""
    return {
        f"{prefix}.{name}": tensor
        for prefix, network in networks.items()
        for name, tensor in network.state_dict().items()
    }


def _dict(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("a part is missing")
    return {str(key): item for key, item in value.items()}


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("a number is missing")
    return value
