"""The search for kin: every look is asked for hypothetical edits, and what meets another look is laid over it.

What a look's hash would be after a crop or a turn follows from the look (`core.duplicates.look_hash`). Only what agrees
in detail and colour once it lies over the other stays.

Measured on all pairs that meet in 5,003 real pictures and 1,719 edits of them: true crops, frames, pages and turns
agree in detail by 0.9 and more, different pictures by 0.86 and less but for the next shot of a series.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.catalog.kin import Views, read_details, read_views
from core.database import Database
from core.duplicates.laid_over import correlation, fit, likeness, sample
from core.duplicates.look_hash import (
    CELLS,
    CROPS,
    Floats,
    crop_frequencies,
    frequencies,
    pack,
    turn,
    turn_frequencies,
)
from core.duplicates.pairs import find_pairs
from core.duplicates.probing import Table
from core.duplicates.second_look import CELL_BYTES, same_colour
from core.errors import RefusedError

__all__ = ["KIN", "VERSION", "Rows", "search_kin"]

KIN: Final = np.dtype(
    [
        ("first", "<i8"), ("second", "<i8"), ("first_box", "<f4", 4), ("second_box", "<f4", 4), ("bits", "u1"),
        ("turn", "i1"), ("page", "u1"),
    ]
)  # fmt: skip
"""One pair of images. The boxes are the parts of each that show the same: top, bottom, left and right in shares of its
sides, the first one's after its turn. `bits`: in how many the looks' hashes differ once laid over each other. `turn`:
how the first is turned to look like the second, a place in TURNS, or -1. `page`: 1 where the first is a page around
the second, 2 where the second is one around the first, else 0."""

VERSION: Final = "3"
"""Another one whenever the search would find others in the same looks."""

_LEAST_ALIKE: Final = 0.96
_LEAST_ALIKE_IN_DETAIL: Final = 0.9
_LEAST_ALIKE_AT_FIRST: Final = 0.7
"""Before the edges are moved; one true pair in five hundred begins lower."""
_LEAST_COLOUR_AT_FIRST: Final = 0.8
_LEAST_COLOUR: Final = ((0.97, 0.98), (0.92, 0.95), (0.0, 0.9))
"""The cosine that the chroma must reach, by the share of the picture that is compared: colour cells are so large that a
crop mixes them anew."""
_LEAST_CONTRAST: Final = 4.0
"""Standard deviation in grey levels below which a picture counts as plain: such agree with anything."""
_PLAINLY_NEAR: Final = 4
"""Bits of pHash up to which a pair needs no laying over to be found."""
_NEAR: Final = 8
"""Bits of pHash up to which a pair is laid over each other, whether or not the looks' hashes meet."""
_MOST_NEAR: Final = 8
"""Pairs a picture; beyond, so many are alike that only those whose looks meet are laid over each other."""
_LEAST_SEEN: Final = 0.25
"""Grey levels of a frequency's mean amplitude."""
_OF_ONE_HASH: Final = 8
_AT_ONCE: Final = 512
"""Views: more hold the interpreter's lock for longer than an answer may wait, and leave the processor's cache."""
_LAID_AT_ONCE: Final = 256
_DETAIL: Final = 32
_EDGES: Final = 8
_WHOLE: Final = np.array([0, 1, 0, 1], np.float32)

Rows = NDArray[np.void]


def search_kin(database: Database) -> Rows:
    """The rows of all pairs of kin, found anew."""
    seen = _Seen(read_views(database))
    pairs = _promising(seen, _meet(seen))
    blocks = [pairs[start : start + _LAID_AT_ONCE] for start in range(0, len(pairs), _LAID_AT_ONCE)]
    details = read_details(database, sorted({int(image) for image in seen.image[np.unique(pairs[:, :2])]}))
    found = [_lay_over(seen, block, details) for block in blocks]
    rows = np.concatenate(found) if found else np.empty(0, KIN)
    return _each_once(rows)


class _Seen:
    """All views: the pictures as they are, then what lies within those that are pages."""

    def __init__(self, views: Views) -> None:
        whole = np.frombuffer(views.cells, np.uint8).reshape(-1, CELL_BYTES)
        size = _EDGES + CELL_BYTES + _DETAIL * _DETAIL
        within = np.frombuffer(views.inner, np.uint8).reshape(-1, size)
        self.wholes = len(whole)
        images = np.array(views.images, np.int64)
        inner_images = np.array(views.inner_images, np.int64)
        self.image: NDArray[np.int64] = np.concatenate([images, inner_images])
        hashes = np.array(views.hashes, np.int64).reshape(-1, 2).view(np.uint64)
        self.phash = hashes[np.concatenate([np.arange(len(images)), np.searchsorted(images, inner_images)])]
        self.cells: NDArray[np.uint8] = np.concatenate([whole, within[:, _EDGES : _EDGES + CELL_BYTES]])
        edges = np.ascontiguousarray(within[:, :_EDGES]).view("<u2").astype(np.float32) / 65535
        self.box: Floats = np.concatenate([np.tile(_WHOLE, (len(whole), 1)), edges])
        self.inner_detail = within[:, _EDGES + CELL_BYTES :]

    def luma(self, views: NDArray[np.int64] | slice) -> Floats:
        """[view, 16, 16]."""
        cells = self.cells[views, : CELLS * CELLS]
        return cells.reshape(-1, CELLS, CELLS).astype(np.float32)

    def chroma(self, views: NDArray[np.int64]) -> Floats:
        """[view, Cb and Cr, 8, 8], 0 for grey."""
        return self.cells[views, CELLS * CELLS :].reshape(-1, 2, CELLS // 2, CELLS // 2).astype(np.float32) - 128

    def detail(self, views: NDArray[np.int64], details: dict[int, bytes]) -> Floats:
        """[view, 32, 32]; 0 where it is not known."""
        none = bytes(_DETAIL * _DETAIL)
        content = [
            self.inner_detail[view - self.wholes].tobytes()
            if view >= self.wholes
            else details.get(int(self.image[view]), none)
            for view in views.tolist()
        ]
        return np.frombuffer(b"".join(content), np.uint8).reshape(-1, _DETAIL, _DETAIL).astype(np.float32)


def _meet(seen: _Seen) -> NDArray[np.int64]:
    """[pair, (view, other view, hypothesis, bits)]: what to lay over each other, each pair of images once."""
    hashes = np.zeros(len(seen.image), np.uint64)
    structured = np.zeros(len(seen.image), np.bool_)
    for start in range(0, len(hashes), _AT_ONCE):
        luma = seen.luma(slice(start, start + _AT_ONCE))
        hashes[start : start + _AT_ONCE] = pack(frequencies(luma))
        structured[start : start + _AT_ONCE] = luma.std(axis=(1, 2)) >= _LEAST_CONTRAST
    views = np.flatnonzero(structured)
    groups = _Groups(hashes, views)
    table = Table(groups.values)
    found = [_best(_worth_it(seen, _near(seen)), seen.image)]
    for start in range(0, len(views), _AT_ONCE):
        some = views[start : start + _AT_ONCE]
        luma = seen.luma(some)
        crops = crop_frequencies(luma)
        asked = np.concatenate([crops, turn_frequencies(crops[:, 0])], axis=1)
        rows, hits, bits = table.near(asked.reshape(-1, asked.shape[2]))
        view, hypothesis = some[rows // asked.shape[1]], rows % asked.shape[1]
        which, other = groups.members(hits)
        met = np.stack([view[which], other, hypothesis[which], bits[which].astype(np.int64)], axis=1)
        found.append(_best(_worth_it(seen, met), seen.image))
    return _best(np.concatenate(found), seen.image)


def _near(seen: _Seen) -> NDArray[np.int64]:
    """Pairs of whole pictures whose pHashes are near, as `_meet` gives them: a change of light turns bits in both."""
    try:
        pairs = find_pairs(seen.phash[: seen.wholes, 0], _NEAR, limit=_MOST_NEAR * seen.wholes)
    except RefusedError:
        return np.empty((0, 4), np.int64)
    straight = np.zeros(len(pairs.i), np.int64)
    return np.stack([pairs.i, pairs.j, straight, pairs.distance.astype(np.int64)], axis=1)


class _Groups:
    """Views by their hash."""

    def __init__(self, hashes: NDArray[np.uint64], views: NDArray[np.int64]) -> None:
        order = views[np.argsort(hashes[views], kind="stable")]
        self.values, self._starts, counts = np.unique(hashes[order], return_index=True, return_counts=True)
        self._counts = np.minimum(counts, _OF_ONE_HASH)
        self._views = order

    def members(self, hits: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Each hit with the first few views that have that hash: the hit's place, and the view."""
        counts = self._counts[hits]
        which = np.repeat(np.arange(len(hits)), counts)
        within = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        return which, self._views[self._starts[hits][which] + within]


def _worth_it(seen: _Seen, met: NDArray[np.int64]) -> NDArray[np.int64]:
    """Without pairs of a picture with itself, those that pHash finds anyhow, and pages turned."""
    first, second, hypothesis = met[:, 0], met[:, 1], met[:, 2]
    straight = seen.phash[first] ^ seen.phash[second][:, :1]
    near = np.bitwise_count(straight).min(axis=1) <= _PLAINLY_NEAR if len(met) else np.zeros(0, np.bool_)
    pages = (first >= seen.wholes) | (second >= seen.wholes)
    kept: NDArray[np.int64] = met[
        (seen.image[first] != seen.image[second]) & ~near & ~(pages & (hypothesis >= len(CROPS)))
    ]
    return kept


def _best(met: NDArray[np.int64], image: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of each pair of images the way with the fewest bits, rather straight than turned."""
    ends = image[met[:, :2]]
    low, high = ends.min(axis=1), ends.max(axis=1)
    order = np.lexsort((met[:, 1], met[:, 0], met[:, 2], met[:, 3], met[:, 2] >= len(CROPS), high, low))
    low, high = low[order], high[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    best: NDArray[np.int64] = met[order[new]]
    return best


def _promising(seen: _Seen, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those that are alike as they meet, so that the others' details need not be read."""
    kept = [np.empty((0, 4), np.int64)]
    for start in range(0, len(pairs), _LAID_AT_ONCE):
        block = pairs[start : start + _LAID_AT_ONCE]
        first, second, turned, boxes = _hypotheses(block)
        part, theirs = sample(_turned(seen.luma(first), turned), boxes), seen.luma(second)
        chroma = sample(_turned(seen.chroma(first), turned), boxes), seen.chroma(second)
        least = np.full(len(block), _LEAST_COLOUR_AT_FIRST)
        alike = correlation(part, theirs) >= _LEAST_ALIKE_AT_FIRST
        kept.append(block[alike & same_colour((part, theirs), chroma, least=least)])
    return np.concatenate(kept)


def _hypotheses(
    pairs: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Floats]:
    """Of pairs that met: the views, how the first is turned (-1: not), and the part of it that the second may show."""
    first, second, hypothesis = pairs[:, 0], pairs[:, 1], pairs[:, 2]
    turned = np.where(hypothesis >= len(CROPS), hypothesis - len(CROPS), -1)
    return first, second, turned, np.array(CROPS, np.float32)[np.where(turned < 0, hypothesis, 0)]


def _lay_over(seen: _Seen, pairs: NDArray[np.int64], details: dict[int, bytes]) -> Rows:
    """Those of the pairs that show the same once they lie over each other."""
    first, second, turned, start = _hypotheses(pairs)
    ours, theirs = _turned(seen.luma(first), turned), seen.luma(second)
    boxes = fit(ours, theirs, start)
    laid = likeness(_turned(seen.detail(first, details), turned), seen.detail(second, details), boxes)
    same = (laid.alike >= _LEAST_ALIKE) & (laid.alike_in_detail >= _LEAST_ALIKE_IN_DETAIL)
    part, chroma = sample(ours, boxes), sample(_turned(seen.chroma(first), turned), boxes)
    shares = (boxes[:, 1] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 2])
    least = np.select([shares >= share for share, _ in _LEAST_COLOUR], [cosine for _, cosine in _LEAST_COLOUR])
    same &= same_colour((part, theirs), (chroma, seen.chroma(second)), least=least)
    rows = np.empty(len(pairs), KIN)
    rows["first"], rows["second"] = seen.image[first], seen.image[second]
    rows["first_box"], rows["second_box"] = _within(seen.box[first], boxes), seen.box[second]
    rows["bits"] = _bits_between(frequencies(part), frequencies(theirs))
    rows["turn"] = turned
    rows["page"] = np.where(first >= seen.wholes, 1, 0) + np.where(second >= seen.wholes, 2, 0)
    rows["page"][rows["page"] == 3] = 0
    return rows[same]


def _bits_between(first: Floats, second: Floats) -> NDArray[np.uint8]:
    """In how many bits the hashes differ, without those of frequencies that are too weak in either to be seen."""
    seen = np.minimum(np.abs(first), np.abs(second)) >= _LEAST_SEEN
    bits: NDArray[np.uint8] = np.bitwise_count(pack(np.where(seen, first, 0)) ^ pack(np.where(seen, second, 0)))
    return bits


def _turned(planes: Floats, turned: NDArray[np.int64]) -> Floats:
    planes = planes.copy()
    for how in np.unique(turned[turned >= 0]).tolist():
        planes[turned == how] = turn(planes[turned == how], how)
    return planes


def _within(outer: Floats, boxes: Floats) -> Floats:
    """Boxes in a part of a picture as boxes in the whole of it."""
    size = np.stack([outer[:, 1] - outer[:, 0], outer[:, 3] - outer[:, 2]], axis=1).repeat(2, axis=1)
    placed: Floats = np.clip(outer[:, [0, 0, 2, 2]] + boxes * size, 0, 1)
    return placed


def _each_once(rows: Rows) -> Rows:
    return rows[np.lexsort((rows["second"], rows["first"]))]
