"""Train, val and test: close to the shares, the same for the same seed, and no copy across a line."""

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog.clusters import set_clusters
from core.catalog.decisions import decide
from core.catalog.images import get_many, mark_missing, set_splits
from core.catalog.records import Operation
from core.database import Database
from core.dataset.allotment import deal, quotas
from core.dataset.split import Leakage, SplitCounts, leakage, make_split, settle_clusters
from core.errors import InputError
from tests.duplicates.drawn import Drawn, add_drawn

SHARES = (0.7, 0.15, 0.15)


def lonely(count: int, class_name: str = "abra", *, seed: int = 0) -> list[Drawn]:
    """Pictures that are like no other."""
    rng = random.Random(f"{class_name} {seed}")
    return [Drawn(f"{class_name}/{number:04d}.jpg", rng.getrandbits(64), class_name) for number in range(count)]


def parts_of(db: Database, *ids: int) -> list[str | None]:
    return [row.split for row in get_many(db, ids)]


@pytest.mark.parametrize(
    ("count", "groups", "expected"),
    [
        (100, 100, [70, 15, 15]),
        (10, 10, [7, 2, 1]),
        (5, 5, [3, 1, 1]),
        (3, 3, [1, 1, 1]),
        (2, 2, [2, 0, 0]),
        (30, 2, [21, 5, 4]),
        (0, 0, [0, 0, 0]),
    ],
)
def test_quotas(count: int, groups: int, expected: list[int]) -> None:
    assert quotas(count, groups, SHARES) == expected


def test_parts_without_a_share_stay_empty() -> None:
    assert quotas(3, 3, (0.8, 0.2, 0.0)) == [2, 1, 0]
    assert set(deal(np.ones((20, 1), np.int64), (0.8, 0.2, 0.0), seed=0)) == {0, 1}


@settings(max_examples=80, deadline=None)
@given(
    sizes=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), max_size=60),
    both=st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), max_size=4),
    seed=st.integers(0, 3),
)
def test_drawn_groups(sizes: list[tuple[int, int]], both: list[tuple[int, int]], seed: int) -> None:
    """A class with three or more groups of its own has one in each part, and misses a quota by one group at most."""
    groups = np.zeros((len(sizes) + len(both), 4), np.int64)
    for number, (place, size) in enumerate(sizes):
        groups[number, place] = size
    for number, (first, second) in enumerate(both, start=len(sizes)):
        groups[number, :2] = first, second
    parts = deal(groups, SHARES, seed=seed)
    assert parts == deal(groups, SHARES, seed=seed)
    dealt = np.zeros((4, 3), np.int64)
    for group, part in zip(groups, parts, strict=True):
        dealt[:, part] += group
    for place in range(4):
        own = [size for at, size in sizes if at == place]
        if len(own) >= 3:
            assert (dealt[place] > 0).all()
        if own and place > 1:
            target = np.array(SHARES) * sum(own)
            assert np.abs(dealt[place] - target).max() <= 2 * max(own) + 1


def test_single_pictures_get_exactly_their_quotas(db: Database) -> None:
    add_drawn(db, *lonely(200, "abra"), *lonely(60, "mew"), *lonely(5, "onix"), *lonely(3, "jynx"))
    assert make_split(db) == SplitCounts(
        train=140 + 42 + 3 + 1, val=30 + 9 + 1 + 1, test=30 + 9 + 1 + 1, clusters_crossing=0
    )
    first = parts_of(db, *range(1, 269))
    assert make_split(db).train == 186
    assert parts_of(db, *range(1, 269)) == first
    make_split(db, seed=1)
    assert parts_of(db, *range(1, 269)) != first


def test_copies_stay_together_even_across_classes_and_through_rejected_ones(db: Database) -> None:
    rng = random.Random(5)
    families = [rng.getrandbits(64) for _ in range(40)]
    pictures = []
    for number, ancestor in enumerate(families):
        for copy in range(4):
            phash = ancestor
            for bit in rng.sample(range(64), 2 * copy):
                phash ^= 1 << bit
            name = ("abra", "mew")[(number + copy) % 2 if number % 5 == 0 else number % 2]
            pictures.append(Drawn(f"{number:02d}-{copy}.jpg", phash, name))
    add_drawn(db, *pictures)
    chained = [Drawn("chain0.jpg", 0), Drawn("chain1.jpg", 0b111111), Drawn("chain2.jpg", 0b111111111111)]
    ids = add_drawn(db, *chained)
    decide(db, [Operation(ids[1], "reject")], who="me")
    for seed in range(5):
        counts = make_split(db, seed=seed)
        assert counts.clusters_crossing == 0
        assert counts.train + counts.val + counts.test == 162
        assert 100 <= counts.train <= 125
        for start in range(1, 161, 4):
            near = parts_of(db, start, start + 1, start + 2, start + 3)
            assert len(set(near)) == 1
        first, rejected, last = parts_of(db, *ids)
        assert rejected is None
        assert first == last
        assert leakage(db).present == 0


def test_stored_clusters_are_kept_together_whatever_the_distance(db: Database) -> None:
    add_drawn(db, *lonely(60))
    set_clusters(db, {number: 1 + (number - 1) // 6 * 6 for number in range(1, 61)})
    assert make_split(db).clusters_crossing == 0
    for start in range(1, 61, 6):
        assert len(set(parts_of(db, *range(start, start + 6)))) == 1


def test_rejected_and_missing_images_get_no_part(db: Database) -> None:
    add_drawn(db, *lonely(30))
    make_split(db)
    decide(db, [Operation(1, "reject")], who="me")
    mark_missing(db, ["abra/0001.jpg"], True)
    counts = make_split(db)
    assert counts.train + counts.val + counts.test == 28
    assert parts_of(db, 1, 2) == [None, None]


def test_an_empty_catalogue_is_split_into_nothing(db: Database) -> None:
    assert make_split(db) == SplitCounts(0, 0, 0, 0)
    assert leakage(db) == Leakage(0, 0)
    assert settle_clusters(db).moved == 0


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ({"train": 1.2, "val": 0.0, "test": -0.2}, "out of range"),
        ({"train": 0.7, "val": 0.7, "test": 0.1}, "add up to 1.5"),
        ({"train": 0.0, "val": 0.5, "test": 0.5}, "share of train is 0"),
        ({"train": float("nan"), "val": 0.5, "test": 0.5}, "out of range"),
    ],
)
def test_shares_that_cannot_be(db: Database, shares: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_split(db, **shares)  # type: ignore[arg-type]


def test_leakage_counts_test_images_with_a_twin_in_train(db: Database) -> None:
    pictures = [picture for one in lonely(100) for picture in (one, Drawn(f"copy of {one.path}", one.phash ^ 7))]
    add_drawn(db, *pictures)
    set_splits(db, {number: "train" if number % 2 else "test" for number in range(1, 201)})
    found = leakage(db)
    assert found.present == 100
    assert 40 <= found.random <= 60
    make_split(db)
    assert leakage(db).present == 0
    assert Counter(parts_of(db, *range(1, 201))) == {"train": 140, "val": 30, "test": 30}


def test_mirrored_twins_leak_too(db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", 0x0123456789ABCDEF, mirror=0xFF), Drawn("b.jpg", 0xFF, mirror=0x0123456789ABCDEF))
    set_splits(db, {1: "train", 2: "test"})
    assert leakage(db).present == 1


def test_newer_members_follow_the_oldest_and_nothing_leaves_test(db: Database) -> None:
    """A new picture that is near to two parts joins them."""
    far, other = 0, 0xFFFF0000FFFF0000
    ids = add_drawn(
        db,
        Drawn("a.jpg", far), Drawn("b.jpg", far ^ 0b111111111111),
        Drawn("c.jpg", other), Drawn("d.jpg", other ^ 0b111111111111),
        Drawn("alone.jpg", 0x0F0F0F0F0F0F0F0F),
    )  # fmt: skip
    set_splits(db, dict(zip(ids, ("train", "val", "val", "test", "train"), strict=True)))
    assert settle_clusters(db).moved == 0
    new = add_drawn(
        db, Drawn("ab.jpg", far ^ 0b111111), Drawn("cd.jpg", other ^ 0b111111), Drawn("new.jpg", 0xFF00FF00FF)
    )
    settled = settle_clusters(db)
    assert (settled.moved, settled.joined) == (2, 2)
    assert parts_of(db, *ids, *new) == ["train", "train", "test", "test", "train", "train", "test", None]
    again = settle_clusters(db)
    assert (again.moved, again.joined) == (0, 0)
