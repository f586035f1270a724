"""The exact join of 64-bit hashes by pieces of their bits, in numpy.

The bits are cut into pieces, each with a tolerance t. When the t + 1 of all pieces add up to radius + 1, two hashes
within the radius agree in at least one piece up to its tolerance (the general pigeonhole principle of Qin et al.,
"GPH: Similarity search in Hamming space", 2018). So only hashes whose pieces meet are looked at.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

__all__ = ["Join", "Met", "Piece", "join_here", "masks", "meet", "plan"]

_HASH_BITS = 64
_MAX_PIECE_BITS = 22
_BLOCK = 1 << 20
"""Candidates looked at together; one million keep a block's arrays near 20 MB, and the cache useful."""
_PROBE_COST = 2.5
"""One look into the table of pieces, in candidates; measured with a million random hashes at radius 4 to 10."""
_MASK_COST = 20_000.0
"""What one mask costs beside its work (a dozen small numpy calls), in candidates."""

Met = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Positions of hashes that are near each other: the first of each pair, and the second."""
Join = Callable[[NDArray[np.uint64], int], Iterator[Met]]
"""Finds the pairs of positions into distinct hashes within a radius, each pair once, in blocks."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of the hash's bits."""

    shift: int
    """Its lowest bit."""
    bits: int
    """Its width; 0 for the empty piece, in which all hashes agree."""
    tolerance: int
    """How many of its bits may differ."""

    @property
    def mask(self) -> np.uint64:
        return np.uint64(((1 << self.bits) - 1) << self.shift)


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Hashes in the order of one piece of theirs, with the place where each value of the piece starts."""

    values: NDArray[np.uint64]
    origin: NDArray[np.int64]
    keys: NDArray[np.int64]
    starts: NDArray[np.int64]


def join_here(values: NDArray[np.uint64], radius: int) -> Iterator[Met]:
    """Pairs of positions into the distinct `values` within `radius`, each pair once, in blocks."""
    if radius == 0 or len(values) < 2:
        return
    pieces = plan(len(values), radius)
    for number, piece in enumerate(pieces):
        yield from meet(values, piece, masks(piece), radius=radius, earlier=pieces[:number])


def meet(
    values: NDArray[np.uint64], piece: Piece, flips: Iterable[int], *, radius: int, earlier: Sequence[Piece]
) -> Iterator[Met]:
    """Pairs within `radius` whose `piece` differs in exactly one of `flips`, and that no `earlier` piece has found."""
    table = _sort_by(values, piece)
    for flipped in flips:
        for a, b in _meet(table, flipped, radius):
            new = _not_met_before(table.values[a] ^ table.values[b], earlier)
            yield table.origin[a[new]], table.origin[b[new]]


def plan(count: int, radius: int) -> list[Piece]:
    """The pieces with the least expected work for `count` spread-out hashes; for few hashes one empty piece."""
    best, best_cost = [(0, radius)], count * count / 2
    for pieces in range(1, radius + 2):
        low, extra = divmod(radius + 1, pieces)
        for wide in range(1, _MAX_PIECE_BITS + 1):
            narrow = min((_HASH_BITS - wide * extra) // (pieces - extra), _MAX_PIECE_BITS)
            if narrow < 1:
                continue
            shape = [(wide, low)] * extra + [(narrow, low - 1)] * (pieces - extra)
            cost = sum(_cost(count, bits, tolerance) for bits, tolerance in shape)
            if cost < best_cost:
                best, best_cost = shape, cost
    shifts = np.cumsum([0, *(bits for bits, _ in best)])
    return [Piece(int(shift), bits, tolerance) for shift, (bits, tolerance) in zip(shifts, best, strict=False)]


def _cost(count: int, bits: int, tolerance: int) -> float:
    masks = sum(comb(bits, flips) for flips in range(tolerance + 1))
    return masks * (count * count / 2 / float(1 << bits) + _PROBE_COST * count / 2 + _MASK_COST) + float(1 << bits)


def _sort_by(values: NDArray[np.uint64], piece: Piece) -> _Sorted:
    keys = ((values & piece.mask) >> np.uint64(piece.shift)).astype(np.int64)
    order = np.argsort(keys, kind="stable")
    starts = np.zeros((1 << piece.bits) + 1, np.int64)
    np.cumsum(np.bincount(keys, minlength=1 << piece.bits), out=starts[1:])
    return _Sorted(values[order], order, keys[order], starts)


def masks(piece: Piece) -> Iterator[int]:
    """Which bits of a piece may be flipped: every choice within its tolerance, none at all first."""
    for flips in range(min(piece.tolerance, piece.bits) + 1):
        for places in combinations(range(piece.bits), flips):
            yield sum(1 << place for place in places)


def _meet(table: _Sorted, flipped: int, radius: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Positions into `table` of pairs within `radius` whose pieces differ in exactly the bits of `flipped`."""
    if flipped == 0:
        rows = np.arange(len(table.keys))
        begin, end = rows + 1, table.starts[table.keys + 1]
    else:
        rows = np.flatnonzero(table.keys & (1 << (flipped.bit_length() - 1)) == 0)
        partner = table.keys[rows] ^ flipped
        begin, end = table.starts[partner], table.starts[partner + 1]
    busy = np.flatnonzero(end > begin)
    rows, begin = rows[busy], begin[busy]
    counts = end[busy] - begin
    for block in _blocks(np.cumsum(counts)):
        yield _look(table.values, rows[block], begin[block], counts[block], radius)


def _blocks(ends: NDArray[np.int64]) -> Iterator[slice]:
    """Slices of rows that hold about `_BLOCK` candidates each; one row may hold more."""
    start, done = 0, 0
    while start < len(ends):
        stop = max(int(np.searchsorted(ends, done + _BLOCK, side="right")), start + 1)
        yield slice(start, stop)
        start, done = stop, int(ends[stop - 1])


def _look(
    values: NDArray[np.uint64],
    rows: NDArray[np.int64],
    begin: NDArray[np.int64],
    counts: NDArray[np.int64],
    radius: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pairs (row, one of its run of partners from `begin`) that lie within `radius`."""
    ends = np.cumsum(counts)
    partners = np.arange(ends[-1]) + np.repeat(begin - ends + counts, counts)
    differing = np.bitwise_count(np.repeat(values[rows], counts) ^ values[partners])
    hits = np.flatnonzero(differing <= radius)
    return rows[np.searchsorted(ends, hits, side="right")], partners[hits]


def _not_met_before(differing: NDArray[np.uint64], earlier: Sequence[Piece]) -> NDArray[np.bool_]:
    """Which pairs no earlier piece has found already."""
    new = np.ones(len(differing), np.bool_)
    for piece in earlier:
        new &= np.bitwise_count(differing & piece.mask) > piece.tolerance
    return new
