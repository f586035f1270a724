"""Which pictures are near which, for one distance: straight and mirrored, and what else must agree."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.duplicates.candidates import Candidates, Picture

__all__ = ["Near", "Neighbours", "apart", "find_components", "find_neighbours", "looks_alike"]

_MOST_GREY_APART = 0.25
_FLAT_CONTRAST = 0.02
_FLAT_GREY_APART = 0.02
_SURE_BITS = 2
_MOST_ASPECT_APART = 1.15


@dataclass(frozen=True, slots=True)
class Near:
    """A picture that is near another one."""

    position: int
    """Into the candidates' pictures."""
    bits: int
    mirrored: bool


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The near pictures of each picture; made by `find_neighbours`."""

    candidates: Candidates
    hash_of: list[int]
    """The position of each picture's hash in `candidates.values`; so its mirrored hash."""
    mirror_of: list[int]
    hashed: dict[int, list[int]]
    """The pictures that have a hash, by the hash's position; so for mirrored hashes."""
    mirrored: dict[int, list[int]]
    near: dict[int, list[tuple[int, int]]]
    """Other hashes within the distance, with the bits between."""
    first: NDArray[np.int64]
    """The same as pairs of positions into the hashes: first[n] is near second[n]."""
    second: NDArray[np.int64]

    def count(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many of the chosen pictures are near each picture, straight and mirrored, without a second look.

        A chosen picture counts itself; one that is nearly its own mirror image counts up to three times.
        """
        hash_of, mirror_of = np.array(self.hash_of, np.int64), np.array(self.mirror_of, np.int64)
        hashed = self._sum_over(np.bincount(hash_of[chosen], minlength=len(self.candidates.values)))
        mirrored = self._sum_over(np.bincount(mirror_of[chosen], minlength=len(self.candidates.values)))
        return hashed[hash_of] + mirrored[hash_of] + hashed[mirror_of]

    def around(self, position: int) -> Iterator[Near]:
        """The pictures near one picture that pass the second look; each once, with the fewest bits."""
        best: dict[int, Near] = {}
        for near in (*self._straight(position), *self._mirrored(position)):
            known = best.get(near.position)
            if near.position != position and (known is None or near.bits < known.bits):
                best[near.position] = near
        pictures = self.candidates.pictures
        for near in best.values():
            if looks_alike(pictures[position], pictures[near.position], near.bits):
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

    def _sum_over(self, here: NDArray[np.int64]) -> NDArray[np.int64]:
        """For each hash, `here` of itself and of those near it."""
        total = here.astype(np.int64)
        np.add.at(total, self.first, here[self.second])
        np.add.at(total, self.second, here[self.first])
        return total

    def _within(self, value: int) -> list[tuple[int, int]]:
        return [(value, 0), *self.near.get(value, ())]


def find_neighbours(candidates: Candidates, distance: int) -> Neighbours:
    """The near pictures of each picture at `distance`, which is at most the candidates' radius."""
    values, pictures = candidates.values, candidates.pictures
    hash_of = np.searchsorted(values, np.array([picture.phash for picture in pictures], np.uint64))
    mirror_of = np.searchsorted(values, np.array([picture.phash_mirror for picture in pictures], np.uint64))
    close = candidates.pairs.distance <= distance
    first, second = candidates.pairs.i[close], candidates.pairs.j[close]
    near: dict[int, list[tuple[int, int]]] = {}
    for a, b, bits in zip(first.tolist(), second.tolist(), candidates.pairs.distance[close].tolist(), strict=True):
        near.setdefault(a, []).append((b, bits))
        near.setdefault(b, []).append((a, bits))
    return Neighbours(
        candidates=candidates,
        hash_of=hash_of.tolist(),
        mirror_of=mirror_of.tolist(),
        hashed=_places(hash_of),
        mirrored=_places(mirror_of),
        near=near,
        first=first,
        second=second,
    )


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
    groups: dict[int, list[int]] = {}
    for position in range(len(parent)):
        groups.setdefault(_root(parent, position), []).append(position)
    return [members for members in groups.values() if len(members) > 1]


def apart(first: Picture, second: Picture) -> tuple[int, bool]:
    """The bits between two pictures, and whether they are nearer with one of them mirrored."""
    straight = (first.phash ^ second.phash).bit_count()
    flipped = min((first.phash ^ second.phash_mirror).bit_count(), (first.phash_mirror ^ second.phash).bit_count())
    return (flipped, True) if flipped < straight else (straight, False)


def looks_alike(first: Picture, second: Picture, bits: int) -> bool:
    """Whether what else is measured allows two pictures that are `bits` apart to be copies of each other.

    Grey: black, white and any other plain surface have one and the same hash, so flat pictures must agree in grey, and
    0.25 of mean grey is another picture (edits of one picture in the real sets differ by 0.05 at most). Aspect: beyond
    2 bits it may be 15 % off; pictures squeezed into a square are copies too and keep their hash. At 6 bits this parts
    no group of edits in the real sets (of single pairs only an oversharpened picture and its squeezed copies, 4 bits),
    and it leaves together what differs in colour alone, such as one drawing in the colours of four seasons.
    """
    if first.sha256 == second.sha256:
        return True
    grey_apart = abs(first.brightness - second.brightness)
    if grey_apart > _MOST_GREY_APART:
        return False
    if max(first.contrast, second.contrast) < _FLAT_CONTRAST and grey_apart > _FLAT_GREY_APART:
        return False
    aspects = (first.width * second.height, second.width * first.height)
    return bits <= _SURE_BITS or max(aspects) <= _MOST_ASPECT_APART * min(aspects)


def _places(value_of: NDArray[np.int64]) -> dict[int, list[int]]:
    places: dict[int, list[int]] = {}
    for position, value in enumerate(value_of.tolist()):
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
