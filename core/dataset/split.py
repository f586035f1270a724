"""Train, val and test, such that no picture of one part has a copy in another."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from core.catalog.classes import count_classes
from core.catalog.images import image_table, set_splits
from core.catalog.records import Split, Verdict
from core.database import Database
from core.dataset.allotment import deal
from core.duplicates.candidates import Candidates, prepare
from core.duplicates.clusters import update_clusters
from core.duplicates.neighbours import find_components, find_neighbours
from core.errors import InputError

__all__ = ["Leakage", "Settled", "SplitCounts", "leakage", "make_split", "settle_clusters"]

_PARTS: tuple[Split, ...] = get_args(Split)
_NAIVE_DRAWS = 20


@dataclass(frozen=True, slots=True)
class SplitCounts:
    """Images in each part."""

    train: int
    val: int
    test: int
    clusters_crossing: int
    """Groups of copies with members in more than one part."""


@dataclass(frozen=True, slots=True)
class Leakage:
    """How many test images have a near twin in train."""

    present: int
    """For the split as it is."""
    random: int
    """For a split by lot with the same number of images in each part; the mean of 20."""


@dataclass(frozen=True, slots=True)
class Settled:
    clusters: int
    """Clusters that wait for a decision."""
    like_rejected: tuple[int, ...]
    """Images in them that came after one like them was rejected, and that nobody has looked at."""
    moved: int
    """Images that changed their part because a cluster joined two."""
    joined: int
    """Images without a part that took that of their cluster."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """An image as far as the split goes."""

    image: int
    class_id: int
    verdict: Verdict
    split: Split | None
    cluster: int | None
    added: float


def make_split(
    database: Database, *, train: float = 0.7, val: float = 0.15, test: float = 0.15, seed: int = 0, distance: int = 6
) -> SplitCounts:
    """Deal all images that are not rejected out to the parts: by class and, whole, by group of copies.

    A group is what chains of hashes within `distance` bits join, mirrored ones too, and what shares a cluster. Rejected
    images get no part. The same seed gives the same split. Raises InputError for shares that cannot be.
    """
    shares = _checked_shares(train, val, test)
    groups = _groups(database, prepare(database, radius=distance), distance)
    classes = {number: place for place, number in enumerate(sorted({p.class_id for g in groups for p in g}))}
    counts = np.zeros((len(groups), len(classes)), np.int64)
    for number, group in enumerate(groups):
        for picture in group:
            counts[number, classes[picture.class_id]] += 1
    parts = deal(counts, shares, seed=seed) if groups else []
    splits: dict[int, Split | None] = dict.fromkeys(_everybody(database))
    for group, part in zip(groups, parts, strict=True):
        splits.update((picture.image, _PARTS[part]) for picture in group)
    set_splits(database, splits)
    sizes = Counter(split for split in splits.values() if split is not None)
    crossing = sum(len({splits[picture.image] for picture in group}) > 1 for group in groups)
    return SplitCounts(sizes["train"], sizes["val"], sizes["test"], crossing)


def leakage(database: Database, *, distance: int = 6, candidates: Candidates | None = None, seed: int = 0) -> Leakage:
    """How many test images have a picture within `distance` bits in train, now and by lot; no look but at the hash.

    Where there is no split yet, the lot deals 70 %, 15 % and 15 %. Writes nothing.
    """
    current = prepare(database, radius=distance, previous=candidates)
    neighbours = find_neighbours(current, distance)
    kept = np.array([picture.verdict != "reject" for picture in current.pictures], np.bool_)
    part = np.array([_PARTS.index(p.split) if p.split else -1 for p in current.pictures], np.int64)

    def count(parts: NDArray[np.int64]) -> int:
        return int(((parts == 2) & (neighbours.count(parts == 0) > 0)).sum())

    sizes = _sizes(database)
    placed = np.flatnonzero(kept & (part >= 0) if sum(sizes.now) else kept)
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(_NAIVE_DRAWS):
        # Pictures that are near no other one cannot leak, so the lot need not be drawn for each of them.
        here = rng.multivariate_hypergeometric(sizes.drawn, min(len(placed), sum(sizes.drawn)))
        lot = np.full(len(part), -1, np.int64)
        lot[placed[: here.sum()]] = rng.permutation(np.repeat(np.arange(len(_PARTS)), here))
        drawn.append(count(lot))
    return Leakage(count(np.where(kept, part, -1)), round(float(np.mean(drawn))))


def settle_clusters(database: Database, *, distance: int = 6, candidates: Candidates | None = None) -> Settled:
    """Find the clusters anew, and bring groups of copies that now lie in two parts into one.

    The newer images follow the oldest one's part; but nothing leaves test: a group with an image in test goes there
    whole. Images without a part join their group's. To be called when images have come in.
    """
    current = prepare(database, radius=distance, previous=candidates)
    clusters = update_clusters(database, distance=distance, candidates=current)
    splits: dict[int, Split | None] = {}
    moved = joined = 0
    for group in _groups(database, prepare(database, radius=distance, previous=current), distance):
        target = _part_of(group)
        for picture in group:
            if target is not None and picture.split != target:
                splits[picture.image] = target
                moved += picture.split is not None
                joined += picture.split is None
    set_splits(database, splits)
    like = tuple(image for cluster in clusters if cluster.like_rejected for image in cluster.like_rejected.images)
    return Settled(len(clusters), like, moved, joined)


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Images in each part, rejected ones left out."""

    now: tuple[int, int, int]
    drawn: tuple[int, int, int]
    """The same; where there is no split yet, 70 %, 15 % and 15 % of all."""


def _sizes(database: Database) -> _Sizes:
    counts = count_classes(database)
    now = (sum(row.train for row in counts), sum(row.val for row in counts), sum(row.test for row in counts))
    if sum(now):
        return _Sizes(now, now)
    everybody = sum(row.usable for row in counts)
    train, val = round(0.7 * everybody), round(0.15 * everybody)
    return _Sizes(now, (train, val, everybody - train - val))


def _part_of(group: Sequence[_Placed]) -> Split | None:
    if any(picture.split == "test" for picture in group):
        return "test"
    placed = [picture for picture in group if picture.split is not None]
    return min(placed, key=lambda picture: (picture.added, picture.image)).split if placed else None


def _groups(database: Database, candidates: Candidates, distance: int) -> list[list[_Placed]]:
    """The not rejected pictures in groups that must stay together, single ones too; by the smallest id.

    Rejected pictures still link those beside them: what they join may be copies.
    """
    pictures = _placed(database, candidates)
    position = {picture.image: place for place, picture in enumerate(pictures)}
    label = list(range(len(pictures)))
    for members in find_components(find_neighbours(candidates, distance)):
        images = [candidates.pictures[member].image for member in members]
        places = [position[image] for image in images if image in position]
        for place in places:
            label[place] = places[0]
    _merge_by_cluster(label, [picture.cluster for picture in pictures])
    groups: dict[int, list[_Placed]] = {}
    for picture, number in zip(pictures, label, strict=True):
        if picture.verdict != "reject":
            groups.setdefault(number, []).append(picture)
    return list(groups.values())


def _placed(database: Database, candidates: Candidates) -> list[_Placed]:
    """All pictures that have a hash, by id."""
    table = image_table(database, ["id", "class_id", "verdict", "split", "cluster", "added"])
    hashed = set(candidates.hashed.images.tolist())
    return [_Placed(*row) for row in zip(*table.values(), strict=True) if row[0] in hashed]


def _merge_by_cluster(label: list[int], clusters: Sequence[int | None]) -> None:
    """Give labels that share a stored cluster one label."""
    first: dict[int, int] = {}
    same: dict[int, int] = {}

    def root(number: int) -> int:
        while number in same:
            number = same[number]
        return number

    for position, cluster in enumerate(clusters):
        if cluster is not None:
            a, b = root(label[position]), root(first.setdefault(cluster, label[position]))
            if a != b:
                same[max(a, b)] = min(a, b)
    label[:] = [root(number) for number in label]


def _everybody(database: Database) -> list[int]:
    table = image_table(database, ["id"], "(error = none or error != none) and missing >= 0")
    return [image for image in table["id"] if isinstance(image, int)]


def _checked_shares(train: float, val: float, test: float) -> tuple[float, float, float]:
    shares = {"train": train, "val": val, "test": test}
    wrong = [f"{name} {share:g}" for name, share in shares.items() if not 0 <= share <= 1]
    if wrong:
        raise InputError(f"The share {wrong[0]} is out of range; choose 0 to 1.")
    if abs(sum(shares.values()) - 1) > 0.001:
        raise InputError(f"The shares add up to {sum(shares.values()):g}; make train, val and test add up to 1.")
    if train == 0:
        raise InputError("The share of train is 0, so nothing could be trained on; give it some.")
    return train, val, test
