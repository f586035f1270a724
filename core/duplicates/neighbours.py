"""Which pictures are near which, for one distance: straight and mirrored, and what else must agree."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.duplicates.candidates import Candidates, Picture
from core.duplicates.second_look import show_the_same

__all__ = ["Near", "Neighbours", "apart", "find_components", "find_neighbours", "have_same_pixels"]

_MOST_GREY_APART = 0.25
_FLAT_CONTRAST = 0.02
_FLAT_GREY_APART = 0.02
_SURE_BITS = 2
_MOST_ASPECT_APART = 1.15
_BLOCK = 512
"""Pairs looked at together: enough for numpy, few enough that most pairs are not looked at from both ends."""


@dataclass(frozen=True, slots=True)
class Near:
    """A picture that is near another one."""

    position: int
    """Into the candidates' pictures."""
    bits: int
    mirrored: bool
    link: bool = False
    """Found by laying over each other, not by near hashes."""


@dataclass(frozen=True)
class Neighbours:
    """The near pictures of each picture; made by `find_neighbours`."""

    candidates: Candidates
    first: NDArray[np.int64]
    """Pairs of positions into the hashes that are within the distance: first[n] is near second[n]."""
    second: NDArray[np.int64]
    bits: NDArray[np.uint8]
    """Between the two of each pair."""
    kin: NDArray[np.int64]
    """[pair, (position, other position, bits)]: pictures that are kin within the distance."""

    @cached_property
    def hash_of(self) -> list[int]:
        """The position of each picture's hash in `candidates.values`."""
        positions: list[int] = self.candidates.places[0].tolist()
        return positions

    @cached_property
    def mirror_of(self) -> list[int]:
        """The same of its mirrored hash."""
        positions: list[int] = self.candidates.places[1].tolist()
        return positions

    @cached_property
    def hashed(self) -> dict[int, list[int]]:
        """The pictures that have a hash, by the hash's position."""
        return _places(self.hash_of)

    @cached_property
    def mirrored(self) -> dict[int, list[int]]:
        """The same for mirrored hashes."""
        return _places(self.mirror_of)

    @cached_property
    def near(self) -> dict[int, list[tuple[int, int]]]:
        """Other hashes within the distance, with the bits between."""
        near: dict[int, list[tuple[int, int]]] = {}
        for a, b, bits in zip(self.first.tolist(), self.second.tolist(), self.bits.tolist(), strict=True):
            near.setdefault(a, []).append((b, bits))
            near.setdefault(b, []).append((a, bits))
        return near

    @cached_property
    def linked(self) -> dict[int, list[Near]]:
        """The kin of each picture that has some."""
        linked: dict[int, list[Near]] = {}
        for first, second, bits in self.kin.tolist():
            linked.setdefault(first, []).append(Near(second, bits, False, link=True))
            linked.setdefault(second, []).append(Near(first, bits, False, link=True))
        return linked

    @cached_property
    def _compact(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], int]:
        """hash_of, mirror_of, first and second with the hashes of these pictures alone, and how many those are."""
        used, places = np.unique(self.candidates.places, return_inverse=True)
        hash_of, mirror_of = places.reshape(2, -1)
        return hash_of, mirror_of, np.searchsorted(used, self.first), np.searchsorted(used, self.second), len(used)

    def count(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many of the chosen pictures are near each picture, straight and mirrored, without a second look.

        A chosen picture counts itself; one that is nearly its own mirror image counts up to three times.
        """
        hash_of, mirror_of, first, second, size = self._compact

        def sum_over(here: NDArray[np.int64]) -> NDArray[np.int64]:
            """For each hash, `here` of itself and of those near it."""
            total = here.astype(np.int64)
            np.add.at(total, first, here[second])
            np.add.at(total, second, here[first])
            return total

        hashed = sum_over(np.bincount(hash_of[chosen], minlength=size))
        mirrored = sum_over(np.bincount(mirror_of[chosen], minlength=size))
        near = hashed[hash_of] + mirrored[hash_of] + hashed[mirror_of]
        np.add.at(near, self.kin[:, 0], chosen[self.kin[:, 1]])
        np.add.at(near, self.kin[:, 1], chosen[self.kin[:, 0]])
        return near

    def around(self, positions: Sequence[int], *, taken: Collection[int]) -> Iterator[tuple[int, list[Near]]]:
        """Each of these pictures with those near it that pass the second look; each once, with the fewest bits.

        Pictures that are `taken`, which may grow while this goes on, are left out as far as that is known in time.
        """
        waiting: list[tuple[int, list[Near]]] = []
        pairs = 0
        for position in positions:
            if position in taken:
                continue
            waiting.append((position, [near for near in self._near(position) if near.position not in taken]))
            pairs += len(waiting[-1][1])
            if pairs >= _BLOCK:
                yield from self._looked_at(waiting)
                waiting, pairs = [], 0
        yield from self._looked_at(waiting)

    def alike(self, pairs: Sequence[tuple[int, Near]]) -> list[bool]:
        """Which pairs, each of a picture's position and one near it, pass the second look."""
        return [bool(passed) for _, passed in self._looked_at([(position, [near]) for position, near in pairs])]

    def _looked_at(self, waiting: Sequence[tuple[int, list[Near]]]) -> Iterator[tuple[int, list[Near]]]:
        """The same, without those near ones that fail the second look, and each picture once."""
        pictures = self.candidates.pictures
        passed: list[list[Near]] = [[] for _ in waiting]
        asked: list[tuple[int, Near]] = []
        for number, (position, near_ones) in enumerate(waiting):
            for near in near_ones:
                verdict = near.link or _first_look(pictures[position], pictures[near.position], near.bits)
                if verdict:
                    passed[number].append(near)
                elif verdict is None:
                    asked.append((number, near))
        answers = self._ask([(waiting[number][0], near) for number, near in asked])
        for (number, near), same in zip(asked, answers, strict=True):
            if same:
                passed[number].append(near)
        for (position, _), near_ones in zip(waiting, passed, strict=True):
            yield position, _nearest(near_ones)

    def _ask(self, pairs: Sequence[tuple[int, Near]]) -> list[bool]:
        if not pairs:
            return []
        pictures, cells = self.candidates.pictures, self.candidates.looks.cells
        first = cells[[pictures[position].look for position, _ in pairs]]
        second = cells[[pictures[near.position].look for _, near in pairs]]
        mirrored = np.array([near.mirrored for _, near in pairs], np.bool_)
        answers: list[bool] = show_the_same(first, second, mirrored=mirrored).tolist()
        return answers

    def _near(self, position: int) -> Iterator[Near]:
        for near in (*self._straight(position), *self._mirrored(position), *self.linked.get(position, ())):
            if near.position != position:
                yield near

    def _straight(self, position: int) -> Iterator[Near]:
        for value, bits in self._within(self.hash_of[position]):
            for other in self.hashed.get(value, ()):
                yield Near(other, bits, False)

    def _mirrored(self, position: int) -> Iterator[Near]:
        for value, bits in self._within(self.hash_of[position]):
            for other in self.mirrored.get(value, ()):
                yield Near(other, bits, True)
        for value, bits in self._within(self.mirror_of[position]):
            for other in self.hashed.get(value, ()):
                yield Near(other, bits, True)

    def _within(self, value: int) -> list[tuple[int, int]]:
        return [(value, 0), *self.near.get(value, ())]


def find_neighbours(candidates: Candidates, distance: int) -> Neighbours:
    """The near pictures of each picture at `distance`, which is at most the candidates' radius."""
    close = candidates.pairs.distance <= distance
    pairs = candidates.pairs
    return Neighbours(candidates, pairs.i[close], pairs.j[close], pairs.distance[close], _kin(candidates, distance))


def _kin(candidates: Candidates, distance: int) -> NDArray[np.int64]:
    """[pair, (position, other position, bits)] of the kin within `distance` that are both present."""
    images = np.array([picture.image for picture in candidates.pictures], np.int64)
    rows = candidates.kin.rows[candidates.kin.rows["bits"] <= distance]
    pairs = np.stack([rows["first"], rows["second"]], axis=1)
    present = np.isin(pairs, images).all(axis=1)
    places = np.searchsorted(images, pairs[present])
    return np.concatenate([places, rows["bits"][present, None].astype(np.int64)], axis=1)


def find_components(neighbours: Neighbours) -> list[list[int]]:
    """Positions of pictures joined by chains of near hashes, two or more each, without a second look.

    Wider than clusters on purpose: a split that keeps them together cannot leak through a chain.
    """
    parent = list(range(len(neighbours.candidates.pictures)))
    for value in set(neighbours.hashed):
        _join(parent, neighbours.hashed[value])
        for other, _ in [(value, 0), *neighbours.near.get(value, ())]:
            joined = [*neighbours.hashed.get(other, ())[:1], *neighbours.mirrored.get(other, ())]
            _join(parent, [neighbours.hashed[value][0], *joined])
    for first, second, _ in neighbours.kin.tolist():
        _join(parent, [first, second])
    groups: dict[int, list[int]] = {}
    for position in range(len(parent)):
        groups.setdefault(_root(parent, position), []).append(position)
    return [members for members in groups.values() if len(members) > 1]


def apart(first: Picture, second: Picture) -> tuple[int, bool]:
    """The bits between two pictures, and whether they are nearer with one of them mirrored."""
    straight = (first.phash ^ second.phash).bit_count()
    flipped = min((first.phash ^ second.phash_mirror).bit_count(), (first.phash_mirror ^ second.phash).bit_count())
    return (flipped, True) if flipped < straight else (straight, False)


def have_same_pixels(first: Picture, second: Picture) -> bool:
    """Whether size and each pixel are known to be the same, as of the same bytes they are."""
    return first.sha256 == second.sha256 or first.pixel_digest == second.pixel_digest != ""


def _first_look(first: Picture, second: Picture, bits: int) -> bool | None:
    """Whether two pictures that are `bits` apart are copies of each other; None when only a second look can tell.

    Grey: black, white and any other plain surface have one and the same hash, so flat pictures must agree in grey, and
    0.25 of mean grey is another picture (edits of one picture in the real sets differ by 0.05 at most). Where one has
    no small look yet, the aspect decides: beyond 2 bits it may be 15 % off; pictures squeezed into a square are copies
    too and keep their hash.
    """
    if have_same_pixels(first, second):
        return True
    grey_apart = abs(first.brightness - second.brightness)
    if grey_apart > _MOST_GREY_APART:
        return False
    if max(first.contrast, second.contrast) < _FLAT_CONTRAST and grey_apart > _FLAT_GREY_APART:
        return False
    if first.look >= 0 and second.look >= 0:
        return None
    aspects = (first.width * second.height, second.width * first.height)
    return bits <= _SURE_BITS or max(aspects) <= _MOST_ASPECT_APART * min(aspects)


def _nearest(near_ones: Sequence[Near]) -> list[Near]:
    """Each picture once, with the fewest bits, rather straight than mirrored."""
    best: dict[int, Near] = {}
    for near in near_ones:
        known = best.get(near.position)
        if known is None or (near.bits, near.mirrored) < (known.bits, known.mirrored):
            best[near.position] = near
    return list(best.values())


def _places(value_of: Sequence[int]) -> dict[int, list[int]]:
    places: dict[int, list[int]] = {}
    for position, value in enumerate(value_of):
        places.setdefault(value, []).append(position)
    return places


def _join(parent: list[int], members: list[int]) -> None:
    root = _root(parent, members[0])
    for member in members[1:]:
        parent[_root(parent, member)] = root


def _root(parent: list[int], position: int) -> int:
    while parent[position] != position:
        parent[position] = parent[parent[position]]
        position = parent[position]
    return position
