"""Groups of things dealt out to parts in given shares, class by class; plain counts in, part numbers out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["deal", "quotas"]


@dataclass(slots=True)
class _Table:
    """The state of dealing: what is still owed, and how many groups of each class lie in each part."""

    owed: NDArray[np.float64]
    """[class, part]: quota less what was dealt."""
    quota: NDArray[np.float64]
    held: NDArray[np.int64]
    """[class, part]: groups."""
    waiting: NDArray[np.int64]
    """[class]: groups not dealt yet."""
    asked: NDArray[np.bool_]
    """[part]: its share is above 0."""

    def put(self, group: NDArray[np.int64], part: int, sign: int = 1) -> None:
        self.owed[:, part] -= sign * group
        self.held[:, part] += sign * (group > 0)


def quotas(count: int, groups: int, shares: Sequence[float]) -> list[int]:
    """How many of `count` things each part should get: the largest remainders, and where there are as many groups as
    parts with a share, at least one each."""
    exact = np.array(shares) * count
    result = np.floor(exact + 1e-9).astype(np.int64)
    for part in np.argsort(-(exact - result), kind="stable")[: count - int(result.sum())].tolist():
        result[part] += 1
    asked = [part for part, share in enumerate(shares) if share > 0]
    if groups >= len(asked):
        for part in asked:
            if result[part] == 0:
                result[int(np.argmax(result))] -= 1
                result[part] = 1
    return [int(number) for number in result]


def deal(groups: NDArray[np.int64], shares: Sequence[float], *, seed: int) -> list[int]:
    """The part of each group; `groups[n, c]` says how many things of class c the n-th group holds.

    Groups stay whole. Each class comes as close to its quotas as whole groups allow, and a class with as many groups as
    there are parts gets one into each (unless groups that hold several classes stand in the way). Deterministic.
    """
    rng = np.random.default_rng(seed)
    presence = (groups > 0).sum(axis=0)
    quota = np.array(
        [quotas(int(n), int(k), shares) for n, k in zip(groups.sum(axis=0), presence, strict=True)], np.float64
    ).reshape(groups.shape[1], len(shares))
    table = _Table(quota.copy(), quota, np.zeros(quota.shape, np.int64), presence.copy(), np.array(shares) > 0)
    parts = [0] * len(groups)
    lot = rng.permutation(len(groups))
    order = sorted(lot.tolist(), key=lambda n: (-int((groups[n] > 0).sum()), -int(groups[n].sum())))
    draws = rng.random((len(groups), len(shares)))
    for number in order:
        parts[number] = _choose(table, groups[number], draws[number])
        table.put(groups[number], parts[number])
        table.waiting -= groups[number] > 0
    _fill_empty(table, groups, parts)
    return parts


def _choose(table: _Table, group: NDArray[np.int64], draw: NDArray[np.float64]) -> int:
    """The part that owes most in proportion, among those where the group fits; else where it does least harm."""
    classes = np.flatnonzero(group)
    open_parts = _demanded(table, classes)
    size = group[classes][:, None]
    owed = table.owed[classes]
    fits = open_parts & (owed >= size).all(axis=0)
    if fits.any():
        ratio = (owed / np.maximum(table.quota[classes], 1)).min(axis=0)
        return int(np.argmax(np.where(fits, ratio + 1e-6 * draw, -np.inf)))
    gain = (size * owed).sum(axis=0)
    return int(np.argmax(np.where(open_parts, gain + 1e-6 * draw, -np.inf)))


def _demanded(table: _Table, classes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The parts to choose from: the empty ones of a class that has just enough groups left to fill them."""
    open_parts = table.asked.copy()
    for number in classes.tolist():
        empty = table.asked & (table.held[number] == 0)
        total = table.held[number].sum() + table.waiting[number]
        if total >= table.asked.sum() and 0 < table.waiting[number] <= empty.sum() and (open_parts & empty).any():
            open_parts &= empty
    return open_parts


def _fill_empty(table: _Table, groups: NDArray[np.int64], parts: list[int]) -> None:
    """Move groups into parts that a class was left without, where no other class loses its only group."""
    for number in range(groups.shape[1]):
        holders = sorted(np.flatnonzero(groups[:, number]).tolist(), key=lambda n: (int(groups[n].sum()), n))
        for part in np.flatnonzero(table.asked & (table.held[number] == 0)).tolist():
            if len(holders) < table.asked.sum():
                continue
            movable = (n for n in holders if (table.held[np.flatnonzero(groups[n]), parts[n]] > 1).all())
            chosen = next(movable, None)
            if chosen is not None:
                table.put(groups[chosen], parts[chosen], sign=-1)
                table.put(groups[chosen], part)
                parts[chosen] = part
