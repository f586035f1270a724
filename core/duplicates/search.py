"""The search for copies that a server keeps: what was found stays, and what takes long is done beside the answers."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from core.catalog.clusters import set_clusters
from core.catalog.compared import count_rows
from core.catalog.decisions import different_pairs
from core.catalog.store import revision
from core.database import Database
from core.duplicates.candidates import Candidates, KnownLooks, Picture, prepare
from core.duplicates.clusters import Cluster, describe, number_groups
from core.duplicates.hashed import Hashed, still_hold
from core.duplicates.kin import Link
from core.duplicates.pairs import MAX_RADIUS
from core.duplicates.stars import find_stars
from core.errors import SpecimenError
from core.workspace import KeepRule

__all__ = ["CopySearch"]

_log = logging.getLogger(__name__)
_RADII = (8, 12, MAX_RADIUS)
"""Pairs are kept up to these: each step costs several times the one before, in time and in memory."""
_FEW = 10_000
"""Images that are searched in a quarter of a second, within the answer."""
_CLOSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Found:
    """The groups at one distance, and what they were found in; good as long as that is what there is."""

    hashed: Hashed
    looks: KnownLooks
    different: frozenset[tuple[int, int]]
    groups: tuple[tuple[int, ...], ...]
    """Images."""


@dataclass(frozen=True, slots=True)
class _Wish:
    distance: int
    numbering: bool = False
    """Whether the catalogue is to be told of the groups found."""


class CopySearch:
    """Any thread may ask. After a decision only the decided pictures are read anew, and nothing is searched."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turns = {radius: threading.Lock() for radius in _RADII}
        self._kept: dict[int, Candidates] = {}
        self._found: dict[int, _Found] = {}
        self._described: dict[tuple[int, tuple[KeepRule, ...]], tuple[int, list[Cluster]]] = {}
        self._refused: dict[int, int] = {}
        self._desk = threading.Condition()
        self._wishes: list[_Wish] = []
        self._worker: threading.Thread | None = None
        self._began: float | None = None
        self._closed = False

    def candidates(self, distance: int) -> Candidates:
        """All pairs up to `distance` at least, of the catalogue as it is now: `core.duplicates.candidates.prepare`."""
        radius = _radius(distance)
        with self._turns[radius]:
            known = self._kept.get(radius) or next(iter(self._kept.values()), None)
            self._kept[radius] = prepare(self._database, radius=radius, previous=known)
            return self._kept[radius]

    def clusters(self, distance: int, *, order: Sequence[KeepRule]) -> list[Cluster]:
        """As `core.duplicates.clusters.find_clusters`."""
        now, asked = revision(self._database), (distance, tuple(order))
        known = self._described.get(asked)
        if known is None or known[0] != now:
            groups, kin = self._groups(distance), self.candidates(distance).kin
            known = (now, describe(self._database, groups, kin=kin, resolved=False, order=order))
            self._described[asked] = known
        return known[1]

    def link(self, first: int, second: int) -> Link | None:
        """How two pictures lie over each other, seen from the first; None when they do not or nobody looked."""
        known = next(iter(self._kept.values()), None)
        return None if known is None else known.kin.between(first, second)

    def number_clusters(self, distance: int) -> None:
        """Let the catalogue know which pictures are copies, as `core.duplicates.clusters.update_clusters`.

        Of many pictures that happens a moment later, in the thread.
        """
        if self._few():
            self._number(distance)
        else:
            self._wish(_Wish(distance, numbering=True))

    def ready(self, distance: int) -> bool:
        """Whether an answer needs no long search: pictures are few, or were searched at this distance as they are."""
        radius = _radius(distance)
        if self._few() or self._refused.get(radius) == revision(self._database):
            return True
        kept, found = self._kept.get(radius), self._found.get(distance)
        if kept is None or found is None or found.hashed is not kept.hashed:
            return False
        return still_hold(self._database, kept.hashed, kept.revision)

    def ask(self, distance: int) -> None:
        """Search for this distance in a thread, then for those beside it, which a slider comes to next.

        Returns at once, and `ready` tells. What was asked last is searched first.
        """
        beside = [other for other in range(MAX_RADIUS + 1) if _radius(other) == _radius(distance)]
        self._wish(*(_Wish(other) for other in sorted(beside, key=lambda other: abs(other - distance))))

    @property
    def busy_seconds(self) -> float:
        """For how long the thread has been at the present search; 0.0 while there is none."""
        return 0.0 if self._began is None else time.monotonic() - self._began

    def close(self) -> None:
        """Begin nothing more, and wait a little for what was begun."""
        with self._desk:
            self._closed = True
            worker = self._worker
        if worker is not None:
            worker.join(_CLOSE_SECONDS)

    def _few(self) -> bool:
        return count_rows(self._database) <= _FEW

    def _number(self, distance: int) -> None:
        set_clusters(self._database, number_groups(self._groups(distance)))

    def _wish(self, *wishes: _Wish) -> None:
        with self._desk:
            self._wishes = [*wishes, *(wish for wish in self._wishes if wish not in wishes)]
            if self._worker is None and not self._closed:
                self._worker = threading.Thread(target=self._work, name="copies", daemon=True)
                self._worker.start()

    def _groups(self, distance: int) -> list[list[Picture]]:
        current = self.candidates(distance)
        different = different_pairs(self._database)
        known = self._found.get(distance)
        if known is None or not _still_true(known, current, different):
            stars = find_stars(current, distance, different=different)
            groups = tuple(tuple(picture.image for picture in star) for star in stars)
            self._found[distance] = _Found(current.hashed, current.looks, frozenset(different), groups)
            return stars
        pictures = {picture.image: picture for picture in current.pictures}
        return [[pictures[image] for image in group] for group in known.groups]

    def _work(self) -> None:
        while (wish := self._next_wish()) is not None:
            try:
                if wish.numbering:
                    self._number(wish.distance)
                else:
                    self._groups(wish.distance)
            except SpecimenError as exc:
                self._refused[_radius(wish.distance)] = revision(self._database)
                _log.warning("Copies up to distance %d were not searched: %s", wish.distance, exc)

    def _next_wish(self) -> _Wish | None:
        with self._desk:
            if self._closed or not self._wishes:
                self._worker = self._began = None
                return None
            self._began = time.monotonic()
            return self._wishes.pop(0)


def _radius(distance: int) -> int:
    return next((radius for radius in _RADII if distance <= radius), MAX_RADIUS)


def _still_true(known: _Found, current: Candidates, different: set[tuple[int, int]]) -> bool:
    return known.hashed is current.hashed and known.looks is current.looks and known.different == different
