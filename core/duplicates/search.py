"""The search for copies that a server keeps: what was found stays, and what takes long is done beside the answers."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from core.catalog.clusters import set_clusters
from core.catalog.compared import count_rows
from core.catalog.decisions import different_pairs
from core.catalog.store import revision
from core.database import Database
from core.duplicates.candidates import Candidates, KnownLooks, Picture, prepare
from core.duplicates.clusters import Cluster, describe
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


class CopySearch:
    """Any thread may ask. After a decision only the decided pictures are read anew, and nothing is searched."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turns = {radius: threading.Lock() for radius in _RADII}
        self._kept: dict[int, Candidates] = {}
        self._found: dict[int, _Found] = {}
        self._refused: dict[int, int] = {}
        self._desk = threading.Condition()
        self._wishes: list[int] = []
        self._worker: threading.Thread | None = None
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
        groups, kin = self._groups(distance), self.candidates(distance).kin
        return describe(self._database, groups, kin=kin, resolved=False, order=order)

    def link(self, first: int, second: int) -> Link | None:
        """How two pictures lie over each other, seen from the first; None when they do not or nobody looked."""
        known = next(iter(self._kept.values()), None)
        return None if known is None else known.kin.between(first, second)

    def number_clusters(self, distance: int) -> None:
        """Let the catalogue know which pictures are copies, as `core.duplicates.clusters.update_clusters`."""
        groups = self._groups(distance)
        set_clusters(self._database, {picture.image: group[0].image for group in groups for picture in group})

    def ready(self, distance: int) -> bool:
        """Whether an answer needs no long search: pictures are few, or their hashes those that were searched."""
        rows = count_rows(self._database)
        kept = self._kept.get(_radius(distance))
        if rows <= _FEW or self._refused.get(_radius(distance)) == revision(self._database):
            return True
        return kept is not None and still_hold(self._database, kept.hashed, kept.revision)

    def ask(self, *distances: int) -> None:
        """Search for these distances in a thread, one after the other; returns at once, and `ready` tells."""
        with self._desk:
            self._wishes += [distance for distance in distances if distance not in self._wishes]
            if self._worker is None and self._wishes and not self._closed:
                self._worker = threading.Thread(target=self._work, name="copies", daemon=True)
                self._worker.start()

    def close(self) -> None:
        """Begin nothing more, and wait a little for what was begun."""
        with self._desk:
            self._closed = True
            worker = self._worker
        if worker is not None:
            worker.join(_CLOSE_SECONDS)

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
        while (distance := self._next_wish()) is not None:
            try:
                self._groups(distance)
            except SpecimenError as exc:
                self._refused[_radius(distance)] = revision(self._database)
                _log.warning("Copies up to distance %d were not searched: %s", distance, exc)

    def _next_wish(self) -> int | None:
        with self._desk:
            if self._closed or not self._wishes:
                self._worker = None
                return None
            return self._wishes.pop(0)


def _radius(distance: int) -> int:
    return next((radius for radius in _RADII if distance <= radius), MAX_RADIUS)


def _still_true(known: _Found, current: Candidates, different: set[tuple[int, int]]) -> bool:
    return known.hashed is current.hashed and known.looks is current.looks and known.different == different
