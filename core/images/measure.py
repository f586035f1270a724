"""What plain numbers say of a picture: its perceptual hash, how sharp, bright, plain or framed it is, its small look.

The look is 384 bytes: 16 x 16 cells of luma part copies from pictures that are merely alike where 8 x 8 do not, and
colour finer than 8 x 8 parts no better (measured on all near pairs of the real sets and on 1,100 edits).
"""

import hashlib
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from PIL import Image

__all__ = [
    "KEPT",
    "LOOK_PX",
    "Counts",
    "Quality",
    "border_white",
    "brightness",
    "cells_of",
    "contrast",
    "entropy",
    "hash_cells",
    "hashes_of",
    "level_counts",
    "phashes",
    "pixel_digest",
    "quality",
    "sharpness",
]

KEPT: Final = 8
"""Frequencies a side that a hash keeps."""
LOOK_PX: Final = 256
"""Long side of the small picture that quality is measured on, so that figures compare across sizes."""

_CELLS: Final = 32
_LUMA_CELLS: Final = 16
_COLOUR_CELLS: Final = 8
_STRIP_PIXELS: Final = 1 << 16
_NEAR_WHITE: Final = 245
_BORDER_SHARE: Final = 0.02

Grey = NDArray[np.uint8]
Counts = NDArray[np.float64]

_LEVELS: Final[Counts] = np.arange(256, dtype=np.float64)
_HALF: Final = KEPT * KEPT // 2


@dataclass(frozen=True, slots=True)
class Quality:
    """The figures of `core.catalog.records.Measured` that come from looking; units and ranges as there."""

    sharpness: float
    brightness: float
    contrast: float
    entropy: float
    border_white: float


def hash_cells(picture: Image.Image) -> Grey:
    """The 32 x 32 grey levels that the hash looks at, [row, column]; flip the columns for the mirrored picture."""
    return np.asarray(picture.convert("L").resize((_CELLS, _CELLS), Image.Resampling.LANCZOS))


def phashes(cells: Grey) -> tuple[int, int]:
    """The 64 bits of `imagehash.phash`, most significant first, unsigned; and those of the mirrored picture.

    scipy's transform and no faster matrix product: where low frequencies tie, as in symmetric drawings, the bits
    depend on how the sums round. For the same reason the mirrored picture is transformed too.
    """
    both = np.stack((cells, cells[:, ::-1]))
    down = scipy.fft.dct(both, axis=1)[:, :KEPT]
    return hashes_of(scipy.fft.dct(down, axis=2)[:, :, :KEPT])


def hashes_of(low: NDArray[np.float64] | NDArray[np.float32]) -> tuple[int, int]:
    """Which of the lowest frequencies of a picture and its mirror image [2, KEPT, KEPT] are above each one's median."""
    flat = low.reshape(2, -1)
    ordered = flat.copy()
    ordered.sort(axis=1)  # of so few numbers in a fifth of the time of np.partition or np.median
    middle = (ordered[:, _HALF - 1 : _HALF] + ordered[:, _HALF : _HALF + 1]) / 2
    plain, mirrored = np.packbits(flat > middle).view(">u8").tolist()
    return plain, mirrored


def cells_of(small: Image.Image) -> bytes:
    """The `cells` of `core.catalog.records.Measured`, from an RGB picture whose long side is LOOK_PX or less."""
    fine = small.resize((_LUMA_CELLS, _LUMA_CELLS), Image.Resampling.BOX).convert("YCbCr")
    coarse = fine.resize((_COLOUR_CELLS, _COLOUR_CELLS), Image.Resampling.BOX)
    return fine.getchannel("Y").tobytes() + coarse.getchannel("Cb").tobytes() + coarse.getchannel("Cr").tobytes()


def pixel_digest(picture: Image.Image) -> str:
    """32 hex digits that are the same for the same size and RGB pixels alone, however they are stored."""
    seen = hashlib.sha256(f"{picture.width}x{picture.height}".encode())
    rows = max(1, _STRIP_PIXELS // picture.width)
    # By strips: two thirds of the time of one copy of the whole picture, which leaves the processor's cache.
    for top in range(0, picture.height, rows):
        bottom = min(top + rows, picture.height)
        seen.update(picture.crop((0, top, picture.width, bottom)).tobytes())
    return seen.hexdigest()[:32]


def quality(small: Image.Image) -> Quality:
    """The figures of an RGB picture whose long side is LOOK_PX or less; sharpness is measured at LOOK_PX anyhow."""
    grey = small.convert("L")
    counts = level_counts(grey)
    return Quality(
        sharpness(np.asarray(_enlarged(grey))),
        brightness(counts),
        contrast(counts),
        entropy(counts),
        border_white(np.asarray(small)),
    )


def _enlarged(grey: Image.Image) -> Image.Image:
    longest = max(grey.size)
    if longest >= LOOK_PX:
        return grey
    width, height = (max(1, round(side * LOOK_PX / longest)) for side in grey.size)
    return grey.resize((width, height), Image.Resampling.BILINEAR)


def sharpness(grey: Grey) -> float:
    """Variance of the Laplacian, in grey levels squared; 0 for a flat picture and for one thinner than 3 px."""
    height, width = grey.shape
    if min(height, width) < 3:
        return 0.0
    # All rows as one run, three quarters of the time of a block of columns; the ends of rows, which then mix, count 0.
    levels = grey.astype(np.int16).ravel()
    inside = levels[width:-width]
    edges = levels[: -2 * width] + levels[2 * width :]
    edges -= inside << 2
    edges[1:] += inside[:-1]
    edges[:-1] += inside[1:]
    flat = edges.astype(np.float32)
    flat[::width] = 0
    flat[width - 1 :: width] = 0
    pixels = (height - 2) * (width - 2)
    mean = float(flat.sum()) / pixels
    variance: float = float(flat @ flat) / pixels - mean * mean
    return max(0.0, variance)


def level_counts(grey: Image.Image) -> Counts:
    """How many pixels of a picture in L have each level, 0 … 255."""
    return np.array(grey.histogram(), np.float64)


def brightness(counts: Counts) -> float:
    """Mean grey, 0 (black) … 1 (white)."""
    return float(counts @ _LEVELS) / float(counts.sum()) / 255


def contrast(counts: Counts) -> float:
    """Standard deviation of grey, 0 … 0.5."""
    pixels = float(counts.sum())
    away = _LEVELS - float(counts @ _LEVELS) / pixels
    return math.sqrt(float(counts @ (away * away)) / pixels) / 255


def entropy(counts: Counts) -> float:
    """Entropy of the grey histogram, 0 (one level) … 8 bits."""
    shares = counts[counts > 0] / counts.sum()
    return max(0.0, -float(shares @ np.log2(shares)))


def border_white(colours: NDArray[np.uint8]) -> float:
    """Share of near-white pixels in a frame of 2 % of the longer side, 0 … 1; `colours` is [row, column, RGB]."""
    height, width = colours.shape[:2]
    frame = max(1, round(_BORDER_SHARE * max(height, width)))
    if 2 * frame >= min(height, width):
        return _white_share([colours])
    sides = colours[frame:-frame]
    return _white_share([colours[:frame], colours[-frame:], sides[:, :frame], sides[:, -frame:]])


def _white_share(parts: list[NDArray[np.uint8]]) -> float:
    red, green, blue = np.concatenate([part.reshape(-1, 3) for part in parts]).T
    darkest = np.minimum(np.minimum(red, green), blue)
    return float(np.count_nonzero(darkest >= _NEAR_WHITE) / darkest.size)
