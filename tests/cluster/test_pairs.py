"""The pair search by a cluster finds what the one on this machine finds, whatever happens to a node."""

import importlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pytest

from core.duplicates.pairs import Pairs, find_pairs
from core.duplicates.spread import spread_over
from core.errors import RefusedError
from core.jobs.cluster import Hands
from tests.cluster.conftest import TwoNodes
from tests.duplicates.test_pairs import ADVERSARIAL, families, random_hashes

pytestmark = pytest.mark.cluster


class Teller:
    """A reporter that does something once, when so many pieces are done."""

    def __init__(self, after: int, act: Callable[[], None]) -> None:
        self._after = after
        self._act = act
        self._seen = 0
        self.seen_after = 0
        """Pieces that were done after the act."""

    def progress(self, done: int, total: int | None, message: str = "") -> None:
        self._seen += 1
        self.seen_after = max(self._seen - self._after, 0)
        if self._seen == self._after:
            self._act()

    def stopped(self) -> bool:
        return False

    def update(self, **extra: object) -> None:
        """Nothing."""


def assert_same(ours: Pairs, expected: Pairs) -> None:
    np.testing.assert_array_equal(ours.i, expected.i)
    np.testing.assert_array_equal(ours.j, expected.j)
    np.testing.assert_array_equal(ours.distance, expected.distance)
    assert len(expected.i)


@pytest.mark.parametrize("name", ["every fourth bit", "equal low half"])
def test_adversarial_sets(hands: Hands, name: str) -> None:
    hashes = np.concatenate([ADVERSARIAL[name], families(400, 9)])
    assert_same(find_pairs(hashes, 6, join=spread_over(hands, most=1000)), find_pairs(hashes, 6))


def test_a_node_killed_half_way_changes_nothing(two_nodes: TwoNodes, hands: Hands) -> None:
    hashes = np.concatenate([random_hashes(200_000), families(20_000, 9, seed=5)])
    teller = Teller(20, two_nodes.kill_second)
    assert_same(find_pairs(hashes, 6, join=spread_over(hands, most=30_000, reporter=teller)), find_pairs(hashes, 6))
    assert teller.seen_after > 20


class Watched:
    """Hands of a cluster whose workers tell what they were given."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self.held: list[int] = []
        """Hashes that lay in a worker, for each piece of work."""
        self.nodes: set[str] = set()

    def share(self, value: object) -> Any:  # noqa: ANN401 - as the protocol says
        return self._hands.share(value)

    def in_order(
        self,
        work: Callable[..., Any],
        pieces: Iterable[tuple[object, ...]],
        *,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Iterator[Any]:
        def weigh(*piece: object) -> tuple[Any, int, str]:
            held = sum(len(part) for part in piece if isinstance(part, np.ndarray))
            node = importlib.import_module("ray").get_runtime_context().get_node_id()
            return work(*piece), held, node

        for result, held, node in self._hands.in_order(weigh, pieces, stopped=stopped):
            self.held.append(held)
            self.nodes.add(node)
            yield result


def test_no_worker_holds_more_than_two_chunks(hands: Hands) -> None:
    hashes = np.concatenate([random_hashes(200_000), families(20_000, 9, seed=5)])
    watched = Watched(hands)
    assert_same(find_pairs(hashes, 6, join=spread_over(watched, most=20_000)), find_pairs(hashes, 6))
    assert 0 < max(watched.held) <= 40_000 < len(hashes) / 5
    assert len(watched.nodes) == 2


def test_too_many_pairs_are_refused_in_the_same_words(hands: Hands) -> None:
    hashes = np.arange(4096, dtype=np.uint64)
    with pytest.raises(RefusedError, match="smaller distance"):
        find_pairs(hashes, 12, limit=1000, join=spread_over(hands, most=1000))
