"""Between decoded pictures and tensors: one square for training and for Try, so that both see the same pixels."""

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

__all__ = ["square", "to_bytes", "to_signed", "to_unit"]


def square(picture: Image.Image, size: int) -> NDArray[np.uint8]:
    """The middle of an RGB picture as (3, size, size) bytes: shorter side to `size`, then cut, as in the tutorial."""
    width, height = picture.size
    shorter = min(width, height)
    # Only what the cut keeps is resized: the sides of a panorama would cost time and memory for nothing.
    wide, high = width - shorter, height - shorter
    box = (wide / 2, high / 2, width - wide / 2, height - high / 2)
    small = picture.resize((size, size), Image.Resampling.BILINEAR, box=box, reducing_gap=3.0)
    return np.ascontiguousarray(np.asarray(small, dtype=np.uint8).transpose(2, 0, 1))


def to_unit(pixels: Tensor) -> Tensor:
    """Bytes → float32 with values 0 … 1: what classifiers take."""
    return pixels.to(torch.float32) / 255


def to_signed(pixels: Tensor) -> Tensor:
    """Bytes → float32 with values -1 … 1: what GANs take."""
    return pixels.to(torch.float32) / 127.5 - 1


def to_bytes(signed: Tensor) -> Tensor:
    """Values -1 … 1 → bytes 0 … 255, on the CPU."""
    return ((signed.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).cpu()
