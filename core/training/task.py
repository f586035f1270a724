"""What a training loop is given (settings, pictures, where to write, whom to tell) and how it is laid out in steps."""

import logging
import resource
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from core.errors import SpecimenError
from core.jobs.reporter import Reporter
from core.runs.manifest import read_manifest
from core.training.pictures import Pictures
from core.training.randomness import steps_per_epoch
from core.training.recorder import Recorder

__all__ = ["LOG", "DivergedError", "Plan", "SaveClock", "Stopwatch", "Task", "memory_mb", "plan", "require_finite"]

LOG = logging.getLogger("specimen.training")
"""Goes to the run's log.txt."""

_RECORDS_AN_EPOCH = 100
_LONG_EPOCH_SECONDS = 300.0
_SHORT_EPOCH_SECONDS = 10.0


class DivergedError(SpecimenError):
    """A loss is no number any more; what was saved before stays as it was."""

    cause = "nan"


@dataclass(frozen=True, slots=True)
class Plan:
    """How many steps of how many pictures a run has, and after which of them it records and saves."""

    batch: int
    """Pictures a step."""
    per_epoch: int
    """Steps an epoch."""
    epochs: int
    kept: frozenset[int]
    """Epochs, from 1, whose checkpoints stay."""

    @property
    def steps(self) -> int:
        return self.epochs * self.per_epoch

    def place(self, step: int) -> tuple[int, int]:
        """Epoch and step within it, both from 0, of the step with this number from 0."""
        return divmod(step, self.per_epoch)

    def records(self, done: int) -> bool:
        """Whether a record is due after `done` steps: at most 100 an epoch, since reading waits for the device."""
        every = -(-self.per_epoch // _RECORDS_AN_EPOCH)
        return (done % self.per_epoch) % every == 0 or self.closes(done)

    def closes(self, done: int) -> bool:
        """Whether an epoch is over after `done` steps."""
        return done % self.per_epoch == 0

    def keeps(self, done: int) -> bool:
        """Whether the epoch that is over after `done` steps leaves a checkpoint of its own."""
        return self.closes(done) and done // self.per_epoch in self.kept


def plan(pictures: int, *, batch_size: int, epochs: int, keep_epochs: int) -> Plan:
    """The plan for so many pictures: never a larger batch than there are pictures, at least one step an epoch."""
    batch = min(batch_size, pictures)
    stride = -(-epochs // keep_epochs) if keep_epochs else epochs + 1
    kept = {*range(stride, epochs + 1, stride), *([epochs] if keep_epochs else [])}
    return Plan(batch, steps_per_epoch(pictures, batch), epochs, frozenset(kept))


@dataclass(frozen=True, slots=True)
class Task:
    """One run under way."""

    folder: Path
    seed: int
    labels: tuple[str, ...]
    """Class names in the order of the scores; empty for GANs."""
    pictures: Pictures
    device: torch.device
    recorder: Recorder
    reporter: Reporter
    parent: tuple[Path, int] | None = None
    """The run and the epoch that this one starts from."""

    @property
    def goes_on(self) -> bool:
        """Whether there is a checkpoint to go on from, its own or its parent's."""
        return self.parent is not None or bool(read_manifest(self.folder))

    def announce(self, done: int, plan: Plan, figures: Mapping[str, object]) -> None:
        """Tell the reporter how far the run is after `done` steps."""
        over = done // plan.per_epoch
        self.reporter.progress(done, plan.steps, f"Epoch {min(over + 1, plan.epochs)} of {plan.epochs}")
        self.reporter.update(epoch=over, epochs=plan.epochs, step=done, **figures)


class Stopwatch:
    """Pictures a second between two looks."""

    def __init__(self) -> None:
        self._pictures, self._since = 0, time.perf_counter()

    def add(self, pictures: int) -> None:
        """Count pictures."""
        self._pictures += pictures

    def lap(self) -> float:
        """The rate since the last lap; starts the next."""
        now = time.perf_counter()
        rate = self._pictures / max(now - self._since, 1e-6)
        self._pictures, self._since = 0, now
        return round(rate, 1)


class SaveClock:
    """When a checkpoint is due by time alone: epochs of a second are not all saved, one of an hour is in between."""

    def __init__(self) -> None:
        self._saved = time.monotonic()

    def due(self, *, epoch_over: bool) -> bool:
        """Whether so much was done since the last checkpoint that losing it would hurt."""
        return time.monotonic() - self._saved > (_SHORT_EPOCH_SECONDS if epoch_over else _LONG_EPOCH_SECONDS)

    def restart(self) -> None:
        """Note that a checkpoint was written now."""
        self._saved = time.monotonic()


def require_finite(sums: Tensor, *, step: int) -> None:
    """Raise DivergedError when a loss among these sums is NaN or infinite; waits for the device."""
    if not bool(torch.isfinite(sums).all()):
        raise DivergedError(
            f"The loss is not a number any more at step {step}; train again with a smaller learning_rate."
        )


def memory_mb(device: torch.device) -> float:
    """The most memory that this run has held on its device so far, in MB."""
    if device.type == "cuda":
        return round(torch.cuda.max_memory_allocated(device) / 1e6, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1)
