"""The join by pieces finds exactly what looking at every pair finds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.duplicates.pairs import MAX_RADIUS, find_pairs
from core.errors import InputError, RefusedError

Hashes = NDArray[np.uint64]


def brute_force(hashes: Hashes, radius: int) -> set[tuple[int, int, int]]:
    """Every pair by looking at all of them; equal hashes stand in for one another as `find_pairs` says."""
    first: dict[int, int] = {}
    for position, value in enumerate(hashes.tolist()):
        first.setdefault(value, position)
    found = {(first[value], position, 0) for position, value in enumerate(hashes.tolist()) if first[value] != position}
    heads = np.array(sorted(first.values()), np.int64)
    distances = np.bitwise_count(hashes[heads][:, None] ^ hashes[heads][None, :])
    for a, b in zip(*np.nonzero(np.triu(distances <= radius, k=1)), strict=True):
        found.add((int(heads[a]), int(heads[b]), int(distances[a, b])))
    return found


def joined(hashes: Hashes, radius: int) -> set[tuple[int, int, int]]:
    pairs = find_pairs(hashes, radius)
    rows = list(zip(pairs.i.tolist(), pairs.j.tolist(), pairs.distance.tolist(), strict=True))
    assert len(set(rows)) == len(rows), "a pair came out twice"
    assert rows == sorted(rows)
    return set(rows)


def random_hashes(count: int, seed: int = 0) -> Hashes:
    return np.random.default_rng(seed).integers(0, 2**64, count, dtype=np.uint64, endpoint=False)


def families(count: int, flips: int, seed: int = 0) -> Hashes:
    """Hashes in families: each with up to `flips` bits of its ancestor turned."""
    rng = np.random.default_rng(seed)
    hashes = random_hashes(count // 5 + 1, seed)[rng.integers(0, count // 5 + 1, count)]
    for _ in range(flips):
        turn = np.uint64(1) << rng.integers(0, 64, count, dtype=np.uint64)
        hashes = hashes ^ np.where(rng.random(count) < 0.7, turn, np.uint64(0))
    return hashes


@pytest.mark.parametrize("radius", range(MAX_RADIUS + 1))
def test_families_of_hashes_at_every_radius(radius: int) -> None:
    hashes = families(3000, 12, seed=radius)
    assert joined(hashes, radius) == brute_force(hashes, radius)


ADVERSARIAL: dict[str, Hashes] = {
    "none": np.zeros(0, np.uint64),
    "one": np.zeros(1, np.uint64),
    "two equal": np.zeros(2, np.uint64),
    "opposite": np.array([0, 2**64 - 1], np.uint64),
    "consecutive": np.arange(700, dtype=np.uint64),
    "high bits only": np.arange(700, dtype=np.uint64) << np.uint64(52),
    "all one-bit": np.uint64(1) << np.arange(64, dtype=np.uint64),
    "every fourth bit": np.array([int(f"{n:016x}", 16) & 0x1111111111111111 for n in range(0, 60000, 29)], np.uint64),
    "equal low half": random_hashes(2000) << np.uint64(32),
    "equal high half": random_hashes(2000) >> np.uint64(32),
    "few values": random_hashes(40)[np.random.default_rng(1).integers(0, 40, 3000)],
}


@pytest.mark.parametrize("radius", [0, 1, 4, 6, 10])
@pytest.mark.parametrize("name", ADVERSARIAL)
def test_adversarial_sets(name: str, radius: int) -> None:
    hashes = ADVERSARIAL[name]
    assert joined(hashes, radius) == brute_force(hashes, radius)


def test_pieces_are_cut_at_a_size_where_they_pay() -> None:
    """Enough hashes that the plan has several pieces with and without tolerance, checked where families are known."""
    hashes = np.concatenate([random_hashes(60_000), families(3000, 9, seed=5)])
    rng = np.random.default_rng(2)
    found = joined(hashes, 6)
    for position in rng.integers(60_000, 63_000, 300).tolist():
        near = np.flatnonzero(np.bitwise_count(hashes ^ hashes[position]) <= 6)
        head = int(np.flatnonzero(hashes == hashes[position])[0])
        if head != position:
            assert (head, position, 0) in found
            continue
        heads = {int(np.flatnonzero(hashes == hashes[other])[0]) for other in near.tolist()} - {position}
        expected = {(min(head, other), max(head, other)) for other in heads}
        equal = {(a, b) for a, b, distance in found if distance == 0 and a == position}
        assert {(a, b) for a, b, _ in found if position in (a, b)} - equal == expected


@settings(max_examples=60, deadline=None)
@given(
    ancestors=st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=6),
    masks=st.lists(st.integers(0, 2**64 - 1), min_size=0, max_size=60),
    radius=st.integers(0, MAX_RADIUS),
)
def test_drawn_sets(ancestors: list[int], masks: list[int], radius: int) -> None:
    turned = [ancestors[n % len(ancestors)] ^ (mask & masks[n - 1]) for n, mask in enumerate(masks)]
    hashes = np.array([*ancestors, *turned], np.uint64)
    assert joined(hashes, radius) == brute_force(hashes, radius)


def test_a_hundred_thousand_equal_hashes_give_a_star() -> None:
    hashes = np.full(100_000, 12345, np.uint64)
    hashes[7] = 12344
    pairs = find_pairs(hashes, 6)
    assert len(pairs.i) == 99_998 + 1
    assert set(pairs.i.tolist()) == {0}
    assert int(pairs.distance.sum()) == 1


def test_too_many_pairs_are_refused_before_memory_is_spent() -> None:
    with pytest.raises(RefusedError, match="smaller distance"):
        find_pairs(np.arange(4096, dtype=np.uint64), 12, limit=1000)


def test_a_radius_out_of_range_is_named() -> None:
    with pytest.raises(InputError, match="17"):
        find_pairs(np.zeros(2, np.uint64), 17)
