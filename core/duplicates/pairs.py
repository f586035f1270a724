"""Pairs of 64-bit hashes that differ in few bits: exact."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.duplicates.pieces import Join, join_here
from core.errors import InputError, RefusedError

__all__ = ["MAX_RADIUS", "Pairs", "find_pairs"]

MAX_RADIUS = 16


@dataclass(frozen=True, slots=True)
class Pairs:
    """Positions i < j into the hashes, sorted by i, then j, and the bits in which the two hashes differ."""

    i: NDArray[np.int64]
    j: NDArray[np.int64]
    distance: NDArray[np.uint8]


def find_pairs(hashes: NDArray[np.uint64], radius: int, *, limit: int = 50_000_000, join: Join = join_here) -> Pairs:
    """All pairs of hashes that differ in at most `radius` bits (0 to 16), exact.

    Equal hashes are grouped: their first position stands for all of them in pairs with other hashes, and each later
    position appears once, with that first one, at distance 0. So 10,000 equal hashes give 9,999 pairs.
    `join` does the search: on this machine, or spread over several (`core.duplicates.spread`).
    Raises InputError for another radius, RefusedError when more than `limit` pairs come out, which bounds the memory.
    """
    if not 0 <= radius <= MAX_RADIUS:
        raise InputError(f"The distance {radius} is out of range; choose 0 to {MAX_RADIUS}.")
    values = np.ascontiguousarray(hashes, dtype=np.uint64)
    distinct, first, group = np.unique(values, return_index=True, return_inverse=True)
    later = np.flatnonzero(first[group] != np.arange(len(values)))
    found = [(first[group[later]], later, np.zeros(len(later), np.uint8))]
    total = len(later)
    for a, b in join(distinct, radius):
        total += len(a)
        if total > limit:
            raise RefusedError(f"More than {limit:,} pairs lie within {radius} bits; choose a smaller distance.")
        found.append((first[a], first[b], np.bitwise_count(distinct[a] ^ distinct[b])))
    i, j, distance = (np.concatenate(column) for column in zip(*found, strict=True))
    low, high = np.minimum(i, j), np.maximum(i, j)
    order = np.lexsort((high, low))
    return Pairs(low[order], high[order], distance[order])
