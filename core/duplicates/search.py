"""The search for copies that a server keeps: what was found stays, and what takes long is done beside the answers."""

import contextlib
import gc
import logging
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from core.catalog.clusters import set_clusters
from core.catalog.compared import count_rows
from core.catalog.decisions import different_pairs
from core.catalog.store import revision
from core.database import Database
from core.duplicates.candidates import Candidates, KnownLooks, Picture, prepare
from core.duplicates.clusters import Cluster, number_groups
from core.duplicates.described import Described
from core.duplicates.hashed import Hashed, still_hold
from core.duplicates.kin import NO_KIN, Kin, Link, find_kin, known_kin
from core.duplicates.pairs import MAX_RADIUS
from core.duplicates.stars import find_stars
from core.errors import SpecimenError
from core.workspace import KEEP_ORDER, KeepRule

__all__ = ["CopySearch"]

_log = logging.getLogger(__name__)
_RADII = (8, 12, MAX_RADIUS)
"""Pairs are kept up to these: each step costs several times the one before, in time and in memory."""
_FEW = 10_000
"""Images that are searched in a quarter of a second, within the answer."""
_CLOSE_SECONDS = 5.0
_TURN_SECONDS = 0.0005
"""For how long the thread keeps the interpreter's lock from an answer, which asks for it some thirty times."""


@dataclass(frozen=True, slots=True)
class _Found:
    """The groups at one distance, and what they were found in; good as long as that is what there is."""

    hashed: Hashed
    looks: KnownLooks
    kin: Kin
    different: frozenset[tuple[int, int]]
    groups: tuple[tuple[int, ...], ...]
    """Images."""


@dataclass(frozen=True, slots=True)
class _Clusters:
    basis: tuple[int, str, tuple[KeepRule, ...]]
    """Revision, stamp of the kin and rules by which they were described."""
    clusters: list[Cluster]


@dataclass(frozen=True, slots=True)
class _Wish:
    what: Literal["pairs", "kin", "groups", "numbers"]
    """`numbers` is to tell the catalogue of the groups."""
    distance: int = 0


class CopySearch:
    """Any thread may ask. After a decision only the decided pictures are read anew, and nothing is searched.

    Of many pictures the near copies come first; crops and turned copies join them when they are found.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._describing = threading.Lock()
        self._order: Sequence[KeepRule] = KEEP_ORDER
        self._turns = {radius: threading.Lock() for radius in _RADII}
        self._kept: dict[int, Candidates] = {}
        self._kin = NO_KIN
        self._found: dict[int, _Found] = {}
        self._described = Described()
        self._clusters: dict[int, _Clusters] = {}
        self._refused: dict[tuple[str, int], int] = {}
        self._desk = threading.Condition()
        self._wishes: list[_Wish] = []
        self._worker: threading.Thread | None = None
        self._began: float | None = None
        self._closed = False

    def candidates(self, distance: int) -> Candidates:
        """All pairs up to `distance` at least, of the catalogue as it is now: `core.duplicates.candidates.prepare`.

        Of many pictures without crops and turned copies until those are `ready`.
        """
        radius = _radius(distance)
        with self._turns[radius]:
            known = self._kept.get(radius) or next(iter(self._kept.values()), None)
            kin = self._all_kin() if self._few() else self._known_kin()
            self._kept[radius] = prepare(self._database, radius=radius, previous=known, kin=kin)
            return self._kept[radius]

    def clusters(self, distance: int, *, order: Sequence[KeepRule]) -> list[Cluster]:
        """As `core.duplicates.clusters.find_clusters`."""
        self._order = order
        basis = (revision(self._database), self._known_kin().stamp, tuple(order))
        known = self._clusters.get(distance)
        if known is None or known.basis != basis:
            groups, kin = self._groups(distance), self.candidates(distance).kin
            with self._describing:
                clusters = self._described.clusters(self._database, groups, kin=kin, order=order)
            known = self._clusters[distance] = _Clusters(basis, clusters)
        return known.clusters

    def link(self, first: int, second: int) -> Link | None:
        """How two pictures lie over each other, seen from the first; None when they do not or nobody looked."""
        return self._kin.between(first, second)

    def number_clusters(self, distance: int) -> None:
        """Let the catalogue know which pictures are copies, as `core.duplicates.clusters.update_clusters`.

        Of many pictures that happens a moment later, in the thread.
        """
        if self._few():
            self._number(distance)
        else:
            self._wish(_Wish("kin"), _Wish("numbers", distance))

    def ready(self, distance: int) -> bool:
        """Whether an answer needs no long search: pictures are few, or were searched at this distance as they are."""
        if not self.near_ready(distance):
            return False
        if self._few() or self._is_refused("kin", 0):
            return True
        found, kin = self._found.get(distance), self._known_kin()
        return kin is not NO_KIN and (found is None or found.kin.stamp == kin.stamp)

    def near_ready(self, distance: int) -> bool:
        """The same for near copies alone, which many pictures' answers hold before they hold all."""
        if not self.pairs_ready(distance):
            return False
        radius = _radius(distance)
        if self._few() or self._is_refused("pairs", radius):
            return True
        kept, found = self._kept.get(radius), self._found.get(distance)
        return kept is not None and found is not None and found.hashed is kept.hashed

    def pairs_ready(self, distance: int) -> bool:
        """The same for the `candidates` alone, without groups."""
        radius = _radius(distance)
        if self._few() or self._is_refused("pairs", radius):
            return True
        kept = self._kept.get(radius)
        return kept is not None and still_hold(self._database, kept.hashed, kept.revision)

    def ask(self, distance: int) -> None:
        """Search for this distance in a thread, then for those beside it, which a slider comes to next.

        Returns at once, and `ready` tells. What was asked last is searched first.
        """
        beside = [other for other in range(MAX_RADIUS + 1) if _radius(other) == _radius(distance)]
        beside.sort(key=lambda other: abs(other - distance))
        self._wish(_Wish("groups", distance), _Wish("kin"), *(_Wish("groups", other) for other in beside))

    def ask_pairs(self, distance: int) -> None:
        """Search for the `candidates` of this distance in a thread; returns at once, and `pairs_ready` tells."""
        self._wish(_Wish("pairs", distance))

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
            self._found[distance] = _Found(current.hashed, current.looks, current.kin, frozenset(different), groups)
            return stars
        pictures = {picture.image: picture for picture in current.pictures}
        return [[pictures[image] for image in group] for group in known.groups]

    def _all_kin(self) -> Kin:
        self._kin = find_kin(self._database, self._kin)
        return self._kin

    def _known_kin(self) -> Kin:
        """All kin, or none while they are not found yet."""
        known = known_kin(self._database, self._kin)
        if known is not None:
            self._kin = known
        return known or NO_KIN

    def _is_refused(self, what: str, radius: int) -> bool:
        return self._refused.get((what, radius)) == revision(self._database)

    def _work(self) -> None:
        while (wish := self._next_wish()) is not None:
            try:
                with _giving_way():
                    self._fulfil(wish)
            except Exception as exc:  # noqa: BLE001 - whatever it is, who waits must hear it when asking again
                what, radius = ("kin", 0) if wish.what == "kin" else ("pairs", _radius(wish.distance))
                self._refused[what, radius] = revision(self._database)
                _log.warning(
                    "The search for copies (%s up to distance %d) ended: %s",
                    what,
                    wish.distance,
                    exc,
                    exc_info=not isinstance(exc, SpecimenError),
                )

    def _fulfil(self, wish: _Wish) -> None:
        if wish.what == "kin":
            self._all_kin()
        elif wish.what == "pairs":
            self.candidates(wish.distance)
        elif wish.what == "groups":
            self.clusters(wish.distance, order=self._order)
        else:
            self._number(wish.distance)

    def _next_wish(self) -> _Wish | None:
        with self._desk:
            if self._closed or not self._wishes:
                self._worker = self._began = None
                return None
            self._began = time.monotonic()
            return self._wishes.pop(0)


@contextlib.contextmanager
def _giving_way() -> Iterator[None]:
    """Answers get the interpreter's lock soon.

    Nothing here refers to itself, but its hundreds of thousands of small objects make the collector of cycles look
    through the whole process again and again, for 0.1 to 0.2 s each time, in which nobody is answered.
    """
    usual, collecting = sys.getswitchinterval(), gc.isenabled()
    sys.setswitchinterval(_TURN_SECONDS)
    gc.disable()
    try:
        yield
    finally:
        sys.setswitchinterval(usual)
        if collecting:
            gc.enable()


def _radius(distance: int) -> int:
    return next((radius for radius in _RADII if distance <= radius), MAX_RADIUS)


def _still_true(known: _Found, current: Candidates, different: set[tuple[int, int]]) -> bool:
    same_pairs = known.hashed is current.hashed and known.kin.stamp == current.kin.stamp
    return same_pairs and known.looks is current.looks and known.different == different
