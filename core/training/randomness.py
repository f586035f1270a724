"""Chance as a pure function of (seed, epoch, step): a run that resumes draws what it would have drawn.

There is no state of a random generator to save: order, crops, noise and dropout of a step all start from its own seed.
"""

import hashlib

import torch
from torch import Tensor

__all__ = ["batch_indices", "generator_for", "reseed", "steps_per_epoch"]


def generator_for(seed: int, purpose: str, *, epoch: int = 0, step: int = 0) -> torch.Generator:
    """A generator on the CPU for this purpose at this place of the run; the same on every device and machine."""
    return torch.Generator().manual_seed(_derive(seed, purpose, epoch, step))


def reseed(seed: int, purpose: str, *, epoch: int = 0, step: int = 0) -> None:
    """Set torch's own generators on all devices, from which dropout and fresh weights draw."""
    torch.manual_seed(_derive(seed, purpose, epoch, step))


def steps_per_epoch(pictures: int, batch: int) -> int:
    """Steps until each picture was seen once; at least one."""
    return max(1, -(-pictures // batch))


def batch_indices(pictures: int, batch: int, *, seed: int, epoch: int) -> Tensor:
    """(steps, batch) places 0 … pictures - 1 in this epoch's order; the last row is filled up from the beginning.

    Full batches only: shapes stay the same, and batch normalisation never sees a remainder of one.
    """
    order = torch.randperm(pictures, generator=generator_for(seed, "order", epoch=epoch))
    steps = steps_per_epoch(pictures, batch)
    return torch.cat([order, order[: steps * batch - pictures]]).view(steps, batch)


def _derive(seed: int, purpose: str, epoch: int, step: int) -> int:
    content = f"{seed}/{purpose}/{epoch}/{step}".encode()
    return int.from_bytes(hashlib.sha256(content).digest()[:8], "big") >> 1
