"""The join by chunks finds what the join in one place finds, and no worker gets more than two chunks."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.duplicates.pairs import MAX_RADIUS, find_pairs
from core.duplicates.pieces import plan
from core.duplicates.spread import cut, spread_over
from core.errors import StoppedError
from tests.duplicates.test_pairs import ADVERSARIAL, Hashes, families, random_hashes
from tests.support.hands import OwnHands


def columns(hashes: Hashes, radius: int, **how: Any) -> list[NDArray[Any]]:  # noqa: ANN401 - find_pairs's options
    pairs = find_pairs(hashes, radius, **how)
    return [pairs.i, pairs.j, pairs.distance]


def assert_same(hashes: Hashes, radius: int, *, most: int) -> OwnHands:
    hands = OwnHands()
    spread = columns(hashes, radius, join=spread_over(hands, most=most))
    for ours, expected in zip(spread, columns(hashes, radius), strict=True):
        np.testing.assert_array_equal(ours, expected)
    assert hands.most_held <= 2 * most
    return hands


@pytest.mark.parametrize("radius", [0, 1, 2, 4, 6, 8, 10, 13, 16])
def test_families_of_hashes(radius: int) -> None:
    assert_same(families(3000, 12, seed=radius), radius, most=200)


@pytest.mark.parametrize("radius", [1, 4, 6, 10])
@pytest.mark.parametrize("name", ADVERSARIAL)
def test_adversarial_sets(name: str, radius: int) -> None:
    assert_same(ADVERSARIAL[name], radius, most=150)


def test_a_size_where_pieces_have_tolerance() -> None:
    hashes = np.concatenate([random_hashes(150_000), families(3000, 9, seed=5)])
    assert any(piece.tolerance for piece in plan(len(hashes), 6))
    hands = assert_same(hashes, 6, most=20_000)
    assert hands.pieces > 20


def test_by_itself_it_leaves_no_worker_more_than_an_eighth() -> None:
    hashes = families(600_000, 9)
    hands = OwnHands()
    spread = columns(hashes, 4, join=spread_over(hands))
    for ours, expected in zip(spread, columns(hashes, 4), strict=True):
        np.testing.assert_array_equal(ours, expected)
    assert hands.most_held <= len(hashes) / 8


@settings(max_examples=60, deadline=None)
@given(
    ancestors=st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=6),
    masks=st.lists(st.integers(0, 2**64 - 1), min_size=0, max_size=60),
    radius=st.integers(0, MAX_RADIUS),
    most=st.integers(1, 30),
)
def test_drawn_sets(ancestors: list[int], masks: list[int], radius: int, most: int) -> None:
    turned = [ancestors[n % len(ancestors)] ^ (mask & masks[n - 1]) for n, mask in enumerate(masks)]
    assert_same(np.array([*ancestors, *turned], np.uint64), radius, most=most)


def test_every_hash_lies_in_one_chunk_that_is_not_too_large() -> None:
    hashes = np.unique(np.concatenate([random_hashes(5000), random_hashes(2000) >> np.uint64(40)]))
    for piece in plan(1_000_000, 6):
        chunks = cut(hashes, piece, 300)
        assert max(len(chunk.members) for chunk in chunks) <= 300
        np.testing.assert_array_equal(np.sort(np.concatenate([c.members for c in chunks])), np.arange(len(hashes)))


class Impatient:
    def __init__(self) -> None:
        self.done = 0

    def progress(self, done: int, total: int | None, message: str = "") -> None:
        self.done = done

    def stopped(self) -> bool:
        return self.done >= 3

    def update(self, **extra: object) -> None:
        """Nothing."""


def test_a_stop_ends_the_search() -> None:
    reporter = Impatient()
    with pytest.raises(StoppedError):
        find_pairs(families(3000, 9), 6, join=spread_over(OwnHands(), most=200, reporter=reporter))
    assert reporter.done == 3
