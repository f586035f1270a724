"""In words and numbers: how the colours of a copy differ from those of the one to keep, told from their small looks.

Means alone are compared, so it does not matter whether a copy is mirrored, turned or cropped a little.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import atan2, hypot, remainder, tau
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.catalog.looks import read_looks
from core.database import Database
from core.duplicates.second_look import CELL_BYTES

__all__ = ["colours_apart", "colours_in_words"]

_LUMA_CELLS: Final = 256
_GREY: Final = 2.0
"""Mean chroma, of 128 levels, below which a picture has no colours."""
_LEAST_STRENGTH: Final = 0.1
"""Compression and scaling alone change the strength of colours by 4 % at most, and their mean by one level."""
_LEAST_SHIFT: Final = 2.0
_TINTS: Final = {
    "redder": (-0.169, 0.5),
    "yellower": (-0.5, 0.081),
    "greener": (-0.331, -0.419),
    "more cyan": (0.169, -0.5),
    "bluer": (0.5, -0.081),
    "more magenta": (0.331, 0.419),
}
"""Cb and Cr of the pure colours (ITU-R BT.601)."""


def colours_apart(database: Database, pairs: Iterable[tuple[int, int]]) -> dict[int, str]:
    """By the first image of each pair: how its colours differ from the second's; left out where they do not."""
    wanted = list(pairs)
    looks = read_looks(database, sorted({image for pair in wanted for image in pair}))
    every = np.frombuffer(looks.cells, np.uint8).reshape(-1, CELL_BYTES)
    cells = dict(zip(looks.images, every, strict=True))
    told = {
        image: colours_in_words(cells[image], cells[keep]) for image, keep in wanted if image in cells and keep in cells
    }
    return {image: words for image, words in told.items() if words}


def colours_in_words(cells: NDArray[np.uint8], keep: NDArray[np.uint8]) -> str:
    """Of two small looks [CELL_BYTES]: grey, weaker or stronger, and the tint; empty where they are alike."""
    ours, theirs = _Chroma.of(cells), _Chroma.of(keep)
    if ours.strength < _GREY or theirs.strength < _GREY:
        if max(ours.strength, theirs.strength) < 2 * _GREY:
            return ""
        return "without its colours" if ours.strength < theirs.strength else "in colour, not grey"
    ratio = ours.strength / theirs.strength
    words = []
    if abs(ratio - 1) >= _LEAST_STRENGTH:
        words.append(f"colours {abs(ratio - 1):.0%} {'stronger' if ratio > 1 else 'weaker'}".replace("%", " %"))
    if hypot(ours.blue - theirs.blue * ratio, ours.red - theirs.red * ratio) >= _LEAST_SHIFT:
        blue, red = ours.blue - theirs.blue, ours.red - theirs.red
        words.append(f"{_tint(blue, red)} by {hypot(blue, red):.0f} of 255")
    return ", ".join(words)


@dataclass(frozen=True, slots=True)
class _Chroma:
    """The mean chroma of a picture, in levels from grey."""

    blue: float
    red: float
    strength: float

    @classmethod
    def of(cls, cells: NDArray[np.uint8]) -> "_Chroma":
        blue, red = cells[_LUMA_CELLS:].reshape(2, -1).astype(np.float64) - 128
        return cls(float(blue.mean()), float(red.mean()), float(np.hypot(blue, red).mean()))


def _tint(blue: float, red: float) -> str:
    """The one of six colours towards which a shift of chroma leads."""
    angle = atan2(red, blue)
    return min(_TINTS, key=lambda name: abs(remainder(angle - atan2(*reversed(_TINTS[name])), tau)))
