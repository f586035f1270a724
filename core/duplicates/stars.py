"""Groups of pictures around a centre: each member is within the distance of the centre, so chains cannot form.

Plain union of pairs joins long sequences: 61 frames of a film became one cluster, the first and the last unlike each
other. Here the picture with the most neighbours takes those that are free, then the next one, until none is left; two
members of one group are at most twice the distance apart.
"""

from collections.abc import Sequence

import numpy as np

from core.duplicates.candidates import Candidates, Picture
from core.duplicates.neighbours import Near, Neighbours, find_neighbours

__all__ = ["find_stars"]


def find_stars(candidates: Candidates, distance: int, *, different: set[tuple[int, int]]) -> list[list[Picture]]:
    """Groups of two or more pictures, members by id, groups by their smallest id; each picture in one at most.

    No group holds a pair of `different` (image ids). Verdicts play no part, so groups stay while decisions are taken.
    """
    neighbours = find_neighbours(candidates, distance)
    enemies = _enemies(different)
    taken: set[int] = set()
    stars: list[list[Picture]] = []
    for centre, near_ones in neighbours.around(_centres(neighbours, distance), taken=taken):
        free = [] if centre in taken else [near for near in near_ones if near.position not in taken]
        members = _gather(candidates.pictures, centre, free=free, enemies=enemies)
        if len(members) > 1:
            taken.update(members)
            stars.append([candidates.pictures[position] for position in sorted(members)])
    return sorted(stars, key=lambda star: star[0].image)


def _centres(neighbours: Neighbours, distance: int) -> list[int]:
    """The pictures with anything near them, those with the most first, then by id."""
    pictures = neighbours.candidates.pictures
    own = np.array([(picture.phash ^ picture.phash_mirror).bit_count() for picture in pictures], np.int64)
    crowd = neighbours.count(np.ones(len(pictures), np.bool_))
    alone = np.where(own <= distance, 3, 1)
    order = np.lexsort((np.arange(len(crowd)), -crowd))
    return [position for position in order.tolist() if crowd[position] > alone[position]]


def _gather(
    pictures: Sequence[Picture], centre: int, *, free: Sequence[Near], enemies: dict[int, set[int]]
) -> list[int]:
    """The centre and its free neighbours, nearest first, but none that is different from one already in."""
    members, images = [centre], {pictures[centre].image}
    for near in sorted(free, key=lambda near: (near.bits, near.mirrored, near.position)):
        image = pictures[near.position].image
        if images.isdisjoint(enemies.get(image, ())):
            members.append(near.position)
            images.add(image)
    return members


def _enemies(different: set[tuple[int, int]]) -> dict[int, set[int]]:
    enemies: dict[int, set[int]] = {}
    for first, second in different:
        enemies.setdefault(first, set()).add(second)
        enemies.setdefault(second, set()).add(first)
    return enemies
