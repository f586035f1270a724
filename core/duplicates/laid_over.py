"""How well a part of one picture, moved until it fits best, agrees with another picture.

The edges of the part are found by Gauss-Newton steps on 16 x 16 cells: brightness and contrast are fitted along with
them (Baker and Matthews, "Lucas-Kanade 20 years on", 2004). Whether it is the same picture is told from the 32 x 32
cells, as they are and without what changes slowly: soft pictures agree in the large with many others.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from core.duplicates.look_hash import CELLS, Floats, axis_weights

__all__ = ["LaidOver", "correlation", "fit", "likeness", "sample"]

_STEPS: Final = 2
"""True pairs gain nothing from more."""
_NUDGE: Final = 0.5 / CELLS
_MOST_MOVED: Final = 0.04
"""Of a side, in one step."""
_OVERSHOOT: Final = 0.03
"""How far beyond the edge a part may begin: borders are found to a pixel of the thumbnail."""
_MOST_CROPPED: Final = 0.3
_LEAST_GAIN: Final = 0.2
_GRAIN: Final = 1.0
"""Variance in squared grey levels that means nothing, so that plain surfaces agree with each other."""
_LEAST_DETAIL: Final = 2.0
"""Variance in squared grey levels below which there is no detail to compare."""


@dataclass(frozen=True, slots=True)
class LaidOver:
    """For each pair, how the part of the first picture that fits the second best agrees with it."""

    boxes: Floats
    """[pair, (top, bottom, left, right)] in shares of the sides of the first picture."""
    alike: Floats
    """Correlation of 32 x 32 cells, up to 1."""
    alike_in_detail: Floats
    """The same without what changes slowly; 0 where there is hardly anything else."""


def fit(ours: Floats, theirs: Floats, boxes: Floats) -> Floats:
    """The boxes in `ours` [pair, 16, 16] that agree best with the whole of `theirs`, begun from `boxes`."""
    best, most = boxes, correlation(sample(ours, boxes), theirs)
    for _ in range(_STEPS):
        boxes = _moved(ours, theirs, boxes)
        alike = correlation(sample(ours, boxes), theirs)
        best = np.where((alike > most)[:, None], boxes, best).astype(np.float32)
        most = np.maximum(alike, most)
    return best


def likeness(ours: Floats, theirs: Floats, boxes: Floats) -> LaidOver:
    """How the boxes in `ours` [pair, 32, 32] agree with the whole of `theirs`."""
    part = sample(ours, boxes)
    ours_fine, theirs_fine = part - _soft(part), theirs - _soft(theirs)
    least = np.minimum((ours_fine * ours_fine).mean((-1, -2)), (theirs_fine * theirs_fine).mean((-1, -2)))
    detail = np.where(least < _LEAST_DETAIL, 0, correlation(ours_fine, theirs_fine))
    return LaidOver(boxes, correlation(part, theirs), detail.astype(np.float32))


def sample(planes: Floats, boxes: Floats) -> Floats:
    """The parts of planes [pair, ..., n, n] within `boxes`, each n x n again."""
    cells = planes.shape[-1]
    shape = (len(planes), *(1,) * (planes.ndim - 3), cells, cells)
    rows, columns = (axis_weights(boxes[:, at], boxes[:, at + 1], cells).reshape(shape) for at in (0, 2))
    sampled: Floats = rows @ planes @ columns.swapaxes(-1, -2)
    return sampled


def _moved(ours: Floats, theirs: Floats, boxes: Floats) -> Floats:
    """The boxes after one step towards the least squared difference."""
    here = sample(ours, boxes)
    slopes = [(sample(ours, boxes + nudge) - here) / _NUDGE for nudge in np.eye(4, dtype=np.float32) * _NUDGE]
    columns = np.stack([here, *slopes, np.ones_like(here)], axis=1).reshape(len(boxes), 6, -1)
    squares = columns @ columns.swapaxes(1, 2)
    squares += np.eye(6, dtype=np.float32) * (1e-6 * np.trace(squares, axis1=1, axis2=2)[:, None, None] + 1e-3)
    answer = np.linalg.solve(squares, columns @ theirs.reshape(len(boxes), -1, 1))[:, :, 0]
    gain = np.maximum(answer[:, :1], _LEAST_GAIN)
    moved = boxes + np.clip(answer[:, 1:5] / gain, -_MOST_MOVED, _MOST_MOVED)
    least = np.array([-_OVERSHOOT, 1 - _MOST_CROPPED] * 2, np.float32)
    most = np.array([_MOST_CROPPED, 1 + _OVERSHOOT] * 2, np.float32)
    clipped: Floats = np.clip(moved, least, most).astype(np.float32)
    return clipped


def correlation(first: Floats, second: Floats) -> Floats:
    """Of the last two axes; two plain surfaces correlate by 1."""
    ours, theirs = (planes - planes.mean((-1, -2), keepdims=True) for planes in (first, second))
    spread = ((ours * ours).mean((-1, -2)) + _GRAIN) * ((theirs * theirs).mean((-1, -2)) + _GRAIN)
    found: Floats = ((ours * theirs).mean((-1, -2)) + _GRAIN) / np.sqrt(spread)
    return found


def _soft(planes: Floats) -> Floats:
    """Each cell's mean with those around it, five by five; beyond the edge its cells go on."""
    means = _means(planes.shape[-1])
    return np.asarray(means @ planes @ means.T, np.float32)


@lru_cache(maxsize=4)
def _means(cells: int) -> Floats:
    """[cell, cell]: the mean of each cell of a row with two on either side."""
    weights = np.zeros((cells, cells), np.float32)
    for apart in range(-2, 3):
        np.add.at(weights, (np.arange(cells), np.clip(np.arange(cells) + apart, 0, cells - 1)), 0.2)
    return weights
