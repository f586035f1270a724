"""Where two pictures differ: the absolute difference of their pixels, amplified so that small edits show."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.images.decode import load_rgb

__all__ = ["GAIN", "Part", "amplified_difference", "difference_picture"]

Part = tuple[float, float, float, float]
"""Top, bottom, left and right, in shares of the sides."""
_WHOLE: Part = (0.0, 1.0, 0.0, 1.0)

GAIN = 4
"""A difference of 64 grey levels is shown as white; what compression leaves stays near black."""


def difference_picture(
    first: bytes, second: bytes, *, turned: Image.Transpose | None = None, parts: tuple[Part, Part] = (_WHOLE, _WHOLE)
) -> bytes:
    """A lossless WebP in the size of `first`: black where the two are alike.

    The second is `turned` or flipped before. With `parts`, only those of each are laid over each other.
    Raises InputError when one of them is no picture.
    """
    left, right = load_rgb(first), load_rgb(second)
    if turned is not None:
        right = right.transpose(turned)
    left, right = _cut(left, parts[0]), _cut(right, parts[1])
    if right.size != left.size:
        right = right.resize(left.size, Image.Resampling.LANCZOS)
    shown = io.BytesIO()
    Image.fromarray(amplified_difference(np.asarray(left), np.asarray(right))).save(shown, "WEBP", lossless=True)
    return shown.getvalue()


def _cut(picture: Image.Image, part: Part) -> Image.Image:
    top, bottom, left, right = part
    if part == _WHOLE:
        return picture
    box = (left * picture.width, top * picture.height, right * picture.width, bottom * picture.height)
    size = (max(1, round(box[2] - box[0])), max(1, round(box[3] - box[1])))
    return picture.resize(size, Image.Resampling.BICUBIC, box=box)


def amplified_difference(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """|first - second| · GAIN by channel, at most 255; both height × width × 3."""
    apart = np.abs(first.astype(np.int16) - second.astype(np.int16)) * GAIN
    shown: NDArray[np.uint8] = np.minimum(apart, 255).astype(np.uint8)
    return shown
