"""Copies whose hashes are not near: one shows a part of the other, or is turned, or is a page around it.

The pairs depend on the looks alone, so they are kept in the catalogue until a look changes.
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.catalog.kin import read_kin, write_kin
from core.catalog.looks import looks_stamp
from core.database import Database
from core.duplicates.kin_search import KIN, VERSION, Rows, search_kin
from core.duplicates.look_hash import Box, Floats
from core.errors import BusyError, StorageError

__all__ = ["NO_KIN", "Kin", "Link", "Relation", "find_kin", "known_kin"]

Relation = Literal["near", "crop", "turned"]
"""The same picture, a part of it or a page around it, or turned by 90 or 180 degrees."""

_WHOLE_SHARE: Final = 0.97
"""Of the area, from which a part counts as the whole."""


@dataclass(frozen=True, slots=True)
class Link:
    """How two pictures belong together; the boxes are the parts of each that show the same."""

    relation: Relation
    bits: int
    """Between the hashes of their looks, once laid over each other."""
    turn: int
    """How the first is turned to look like the second, or the second like the first where `turns_second`; -1: not."""
    turns_second: bool
    box: Box
    other_box: Box
    page: bool
    """The first is a page around the second, or has a frame."""
    other_page: bool

    @property
    def area(self) -> float:
        """The share of the first picture that the second shows too, 0 … 1."""
        return _area(self.box)

    @property
    def other_area(self) -> float:
        """The same of the second picture."""
        return _area(self.other_box)


@dataclass(frozen=True)
class Kin:
    """The pairs of kin among the pictures of a catalogue."""

    stamp: str
    """Of the looks that were compared."""
    rows: Rows
    """Of KIN; by images, each pair once."""

    @cached_property
    def images(self) -> NDArray[np.int64]:
        """All that are in a pair, ascending."""
        return np.unique(np.concatenate([self.rows["first"], self.rows["second"]]))

    def between(self, first: int, second: int) -> Link | None:
        """How the first image and the second belong together, seen from the first."""
        place = self._places.get((first, second))
        if place is not None:
            return _link(self.rows[place], swapped=False)
        place = self._places.get((second, first))
        return None if place is None else _link(self.rows[place], swapped=True)

    @cached_property
    def partners(self) -> dict[int, list[int]]:
        """By image, those that it is in a pair with."""
        partners: dict[int, list[int]] = {}
        for first, second in self._places:
            partners.setdefault(first, []).append(second)
            partners.setdefault(second, []).append(first)
        return partners

    @cached_property
    def _places(self) -> dict[tuple[int, int], int]:
        pairs = zip(self.rows["first"].tolist(), self.rows["second"].tolist(), strict=True)
        return {pair: place for place, pair in enumerate(pairs)}


NO_KIN: Final = Kin("", np.empty(0, KIN))


def find_kin(database: Database, previous: Kin | None = None) -> Kin:
    """The kin as the looks are now; searched only when a look has changed since somebody did."""
    stamp = _stamp(database)
    known = known_kin(database, previous)
    if known is not None and known.stamp == stamp:
        return known
    rows = search_kin(database)
    with suppress(BusyError, StorageError):  # then the next one to ask searches again
        write_kin(database, stamp, rows.tobytes())
    return Kin(stamp, rows)


def known_kin(database: Database, previous: Kin | None = None) -> Kin | None:
    """The same without a search; None when one is needed."""
    stamp = _stamp(database)
    if previous is not None and previous.stamp == stamp:
        return previous
    kept, content = read_kin(database)
    return Kin(stamp, np.frombuffer(content, KIN)) if kept == stamp else None


def _stamp(database: Database) -> str:
    return f"{VERSION}:{looks_stamp(database)}"


def _link(row: np.void, *, swapped: bool) -> Link:
    boxes = [_box(row["first_box"]), _box(row["second_box"])]
    pages = [row["page"] == 1, row["page"] == 2]
    if swapped:
        boxes.reverse()
        pages.reverse()
    return Link(
        relation=_relation(row),
        bits=int(row["bits"]),
        turn=int(row["turn"]),
        turns_second=swapped,
        box=boxes[0],
        other_box=boxes[1],
        page=bool(pages[0]),
        other_page=bool(pages[1]),
    )


def _box(edges: Floats) -> Box:
    top, bottom, left, right = edges.tolist()
    return top, bottom, left, right


def _relation(row: np.void) -> Relation:
    if row["turn"] >= 0:
        return "turned"
    least = min(_area(_box(row["first_box"])), _area(_box(row["second_box"])))
    return "crop" if row["page"] or least < _WHOLE_SHARE else "near"


def _area(box: Box) -> float:
    top, bottom, left, right = box
    return (bottom - top) * (right - left)
