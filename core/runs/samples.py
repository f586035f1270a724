"""The sample grids of a run: `samples/epoch_0001.webp` and so on, beside `real.webp`."""

import re
from pathlib import Path

__all__ = ["real_path", "sample_epochs", "sample_path"]

_NAME = re.compile(r"epoch_(\d{4,})\.webp")


def sample_epochs(folder: Path) -> list[int]:
    """The epochs of which there is a grid, ascending."""
    place = folder / "samples"
    names = (entry.name for entry in place.iterdir()) if place.is_dir() else iter(())
    return sorted(int(match[1]) for name in names if (match := _NAME.fullmatch(name)))


def sample_path(folder: Path, epoch: int) -> Path:
    """Where the grid of this epoch lies, or will lie."""
    return folder / "samples" / f"epoch_{epoch:04d}.webp"


def real_path(folder: Path) -> Path:
    """Where the grid of real pictures lies, or will lie."""
    return folder / "samples" / "real.webp"
