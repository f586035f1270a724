"""Where two pictures differ: the absolute difference of their pixels, amplified so that small edits show."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.images.decode import load_rgb

__all__ = ["GAIN", "amplified_difference", "difference_picture"]

GAIN = 4
"""A difference of 64 grey levels is shown as white; what compression leaves stays near black."""


def difference_picture(first: bytes, second: bytes, *, mirrored: bool = False) -> bytes:
    """A lossless WebP in the size of `first`: black where the two are alike; `mirrored` flips the second before.

    Raises InputError when one of them is no picture.
    """
    left, right = load_rgb(first), load_rgb(second)
    if mirrored:
        right = right.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if right.size != left.size:
        right = right.resize(left.size, Image.Resampling.LANCZOS)
    shown = io.BytesIO()
    Image.fromarray(amplified_difference(np.asarray(left), np.asarray(right))).save(shown, "WEBP", lossless=True)
    return shown.getvalue()


def amplified_difference(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """|first - second| · GAIN by channel, at most 255; both height × width × 3."""
    apart = np.abs(first.astype(np.int16) - second.astype(np.int16)) * GAIN
    shown: NDArray[np.uint8] = np.minimum(apart, 255).astype(np.uint8)
    return shown
