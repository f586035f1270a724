"""Contact sheets of a GAN: the same noise in every epoch, and real pictures beside them, as WebP files."""

import io
import math
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from core.files import write_atomic
from core.models.dcgan import Generator, draw_noise
from core.models.pixels import to_bytes
from core.runs.samples import real_path, sample_path

__all__ = ["GRID_SEEDS", "sheet", "write_real", "write_sample"]

GRID_SEEDS = tuple(range(64))
"""Picture k of a sheet is what `generate` draws from seed k."""

_MOST_BYTES = 200_000
_QUALITIES = (90, 80, 70, 55, 40, 25)


def write_sample(folder: Path, *, epoch: int, generator: Generator, noise_size: int, device: torch.device) -> None:
    """Draw the sheet of this epoch and write it; the generator's weights and statistics stay untouched."""
    training = generator.training
    generator.eval()
    with torch.no_grad():
        pictures = generator(draw_noise(GRID_SEEDS, noise_size).to(device))  # (64, 3, H, H)
    generator.train(training)
    _write(sample_path(folder, epoch), to_bytes(pictures))


def write_real(folder: Path, pictures: Tensor) -> None:
    """Write real.webp from up to 64 pictures (N, 3, H, H bytes), once."""
    if not real_path(folder).exists():
        _write(real_path(folder), pictures[: len(GRID_SEEDS)].cpu())


def sheet(pictures: Tensor) -> Image.Image:
    """Pictures (N, 3, H, H bytes) row by row in a square; white where there are none."""
    count, _, side, _ = pictures.shape
    columns = max(1, math.isqrt(count - 1) + 1)
    rows = -(-count // columns)
    canvas: NDArray[np.uint8] = np.full((rows * side, columns * side, 3), 255, dtype=np.uint8)
    for place, picture in enumerate(pictures.permute(0, 2, 3, 1).numpy()):
        top, left = place // columns * side, place % columns * side
        canvas[top : top + side, left : left + side] = picture
    return Image.fromarray(canvas)


def _write(path: Path, pictures: Tensor) -> None:
    """Write the sheet in the best quality that stays under 200 kB: pages load one an epoch."""
    picture = sheet(pictures)
    for quality in _QUALITIES:
        buffer = io.BytesIO()
        picture.save(buffer, "WEBP", quality=quality, method=2)
        if buffer.tell() <= _MOST_BYTES:
            break
    write_atomic(path, buffer.getvalue())
