"""A second hash, of small looks: what it would be after an edit follows from the look, so no file is opened for it.

It is the signs of the low frequencies of the cosine transform, as in pHash. A turned picture has the same frequencies
with rows and columns exchanged and some signs turned, and a cropped one's are a linear map of the look's cells. So the
hashes of hypothetical edits are a matter of one matrix product, and meet those of the pictures that are there.
"""

from collections.abc import Sequence
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CELLS",
    "CROPS",
    "FREQUENCIES",
    "TURNS",
    "Box",
    "axis_weights",
    "crop_frequencies",
    "frequencies",
    "pack",
    "turn",
    "turn_frequencies",
]

Floats = NDArray[np.float32]
Box = tuple[float, float, float, float]
"""Top, bottom, left and right of a part of a picture, in shares of its sides."""

CELLS: Final = 16
_KEPT: Final = 8
FREQUENCIES: Final = _KEPT * _KEPT
_STEP: Final = 0.05
_MOST_STEPS: Final = 3
"""Crops of 5, 10 and 15 %, from every side by steps of 5 %: no crop up to 16 % is off by more than 2.5 % at an edge."""


def _order() -> NDArray[np.int64]:
    """The places of the frequencies in a transform, the lowest first, for they are the ones that edits leave alone."""
    places = sorted(product(range(_KEPT), repeat=2), key=lambda place: (sum(place), max(place), place))
    return np.array([row * _KEPT + column for row, column in places])


_ORDER: Final = _order()


def _crops() -> tuple[Box, ...]:
    boxes = []
    for steps in range(_MOST_STEPS + 1):
        rest = 1 - steps * _STEP
        starts = [start * _STEP for start in range(steps + 1)]
        boxes += [(top, top + rest, left, left + rest) for top, left in product(starts, repeat=2)]
    return tuple(boxes)


CROPS: Final[tuple[Box, ...]] = _crops()
"""The whole picture first."""
TURNS: Final[tuple[str, ...]] = ("quarter", "half", "upside down", "diagonal", "other diagonal")
"""By 90° to the left, by 180°, mirrored top to bottom, and mirrored at either diagonal. A turn to the right is one to
the left seen from the other picture, and the mirror image has a hash of its own."""


def axis_weights(low: Floats, high: Floats, cells: int) -> Floats:
    """[pair, cells, cells]: how the part from `low` to `high` (shares of the side) of a row of cells is sampled anew.

    What lies beyond the edge counts as nothing, so the cells at the edge are larger.
    """
    edges = (low[:, None] + np.arange(cells + 1, dtype=np.float32) / cells * (high - low)[:, None]) * cells
    places = np.arange(cells, dtype=np.float32)
    begin, end = np.clip(edges[:, :-1, None] - places, 0, 1), np.clip(edges[:, 1:, None] - places, 0, 1)
    shares = end - begin
    weights: Floats = shares / np.maximum(shares.sum(axis=2, keepdims=True), 1e-6)
    return weights


def _cosines() -> Floats:
    waves = np.cos(np.pi / CELLS * (np.arange(CELLS) + 0.5) * np.arange(_KEPT)[:, None])
    return np.asarray(waves / CELLS, np.float32)


_COSINES: Final = _cosines()


def _map_of(boxes: Sequence[Box]) -> Floats:
    """[cell, (box, frequency)]: from a look's luma to the frequencies of those parts of it."""
    edges = np.array(boxes, np.float32).T
    rows = _COSINES @ axis_weights(edges[0], edges[1], CELLS)
    columns = _COSINES @ axis_weights(edges[2], edges[3], CELLS)
    both = np.einsum("vfi,vgj->ijvfg", rows, columns).reshape(CELLS * CELLS, len(boxes), FREQUENCIES)
    ordered: Floats = both[:, :, _ORDER].reshape(CELLS * CELLS, -1)
    return ordered


_CROP_MAP: Final = _map_of(CROPS)
_WHOLE_MAP: Final = _map_of(CROPS[:1])


def frequencies(luma: Floats) -> Floats:
    """[look, frequency] of looks [look, 16, 16], the lowest frequency first."""
    found: Floats = luma.reshape(len(luma), -1) @ _WHOLE_MAP
    return found


def crop_frequencies(luma: Floats) -> Floats:
    """[look, crop, frequency]: those of each of CROPS."""
    found: Floats = (luma.reshape(len(luma), -1) @ _CROP_MAP).reshape(len(luma), len(CROPS), FREQUENCIES)
    return found


def _signs(turn: str) -> tuple[bool, Floats]:
    """Whether a turn exchanges rows and columns, and which frequencies it gives another sign afterwards."""
    flip = (1 - 2 * (np.arange(_KEPT) % 2)).astype(np.float32)
    plain = np.ones(_KEPT, np.float32)
    down, across = {
        "quarter": (flip, plain), "half": (flip, flip), "upside down": (flip, plain), "diagonal": (plain, plain),
        "other diagonal": (flip, flip),
    }[turn]  # fmt: skip
    return turn not in ("half", "upside down"), np.outer(down, across).astype(np.float32)


def _turn_order(turn: str) -> tuple[NDArray[np.int64], Floats]:
    exchanged, signs = _signs(turn)
    places = np.arange(FREQUENCIES).reshape(_KEPT, _KEPT)
    rank = np.argsort(_ORDER)
    source = rank[(places.T if exchanged else places).ravel()[_ORDER]]
    return source, signs.ravel()[_ORDER]


_TURN_ORDERS: Final = [_turn_order(turn) for turn in TURNS]


def turn_frequencies(found: Floats) -> Floats:
    """[look, turn, frequency]: those of the pictures turned in each of TURNS; from what `frequencies` gave."""
    turned: Floats = np.stack([found[:, source] * signs for source, signs in _TURN_ORDERS], axis=1)
    return turned


def turn(planes: Floats, how: int) -> Floats:
    """Planes of cells [..., row, column], square, turned in the way TURNS[how]."""
    if TURNS[how] == "half":
        return planes[..., ::-1, ::-1]
    if TURNS[how] == "upside down":
        return planes[..., ::-1, :]
    exchanged = planes.swapaxes(-1, -2)
    if TURNS[how] == "quarter":
        return exchanged[..., ::-1, :]
    return exchanged if TURNS[how] == "diagonal" else exchanged[..., ::-1, ::-1]


def pack(found: Floats) -> NDArray[np.uint64]:
    """The hashes of frequencies [..., frequency]: a bit for each that is positive, the lowest in the lowest bit.

    The mean brightness is not looked at.
    """
    positive = found > 0
    positive[..., 0] = False
    hashes: NDArray[np.uint64] = np.packbits(positive, axis=-1, bitorder="little").view("<u8")[..., 0]
    return hashes
