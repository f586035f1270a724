"""The picture within a page: what is left when frames, bars and margins are taken off.

A screenshot of a picture, or one with a frame, has plain lines at its edges: most pixels of such a line have one level,
as behind words and buttons. Where the plain lines end at a step of brightness, the picture begins.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.images.measure import cells_of

__all__ = ["DETAIL_CELLS", "Edges", "detail_of", "find_inner", "inner_of"]

Grey = NDArray[np.uint8]
Edges = tuple[int, int, int, int]
"""Top, bottom, left and right in pixels; bottom and right are the first ones outside."""

DETAIL_CELLS: Final = 32
"""A side. They tell what 16 x 16 cells do not, where pictures are compared whose hashes are not near, as with crops."""

_SAME: Final = 4
"""Grey levels by which a pixel of a plain line may be off."""
_PLAIN_ROW: Final = 0.5
_PLAIN_COLUMN: Final = 0.6
_STEP: Final = 12.0
"""Mean difference in grey levels between the last line of a border and the first one of a picture."""
_LEAST: Final = 0.3
"""Share of the page that the picture covers at least."""


def detail_of(small: Image.Image) -> bytes:
    """The `detail` of `core.catalog.records.Measured`, from an RGB picture whose long side is 256 px or less."""
    return small.resize((DETAIL_CELLS, DETAIL_CELLS), Image.Resampling.BOX).convert("L").tobytes()


def inner_of(small: Image.Image) -> bytes:
    """The `inner` of `core.catalog.records.Measured`, from the same."""
    edges = find_inner(np.asarray(small.convert("L")))
    if edges is None:
        return b""
    top, bottom, left, right = edges
    within = small.crop((left, top, right, bottom))
    shares = np.array([top / small.height, bottom / small.height, left / small.width, right / small.width])
    return np.round(shares * 65535).astype("<u2").tobytes() + cells_of(within) + detail_of(within)


def find_inner(grey: Grey) -> Edges | None:
    """Where the picture in the page [row, column] is; None when nothing can be taken off, or too much."""
    height, width = grey.shape
    top, bottom = _border(grey, _PLAIN_ROW), height - _border(grey[::-1], _PLAIN_ROW)
    if top >= bottom:
        return None
    columns = grey[top:bottom].T
    left, right = _border(columns, _PLAIN_COLUMN), width - _border(columns[::-1], _PLAIN_COLUMN)
    taken_off = (top, bottom, left, right) != (0, height, 0, width)
    return (top, bottom, left, right) if taken_off and (bottom - top) * (right - left) >= _LEAST * grey.size else None


def _border(lines: Grey, share: float) -> int:
    """How many of the lines from the first are border: up to the last step of brightness in or after the plain ones."""
    plain = 0
    while plain < len(lines) - 1 and _is_plain(lines[plain], share):
        plain += 1
    if not plain:
        return 0
    steps = np.abs(np.diff(lines[: plain + 1].astype(np.int16), axis=0)).mean(axis=1)
    strong = np.flatnonzero(steps >= _STEP)
    return int(strong[-1]) + 1 if len(strong) else 0


def _is_plain(line: Grey, share: float) -> bool:
    levels = np.bincount(line, minlength=256)
    near = np.convolve(levels, np.ones(2 * _SAME + 1, np.int64))
    return int(near.max()) >= share * line.size
