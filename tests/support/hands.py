"""Hands that do every piece of work in the test's own process."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

__all__ = ["OwnHands"]


class OwnHands:
    """Does the pieces here, one by one; notes how many there were and how many array elements the largest one held."""

    def __init__(self) -> None:
        self.pieces = 0
        self.most_held = 0

    def share(self, value: object) -> Any:  # noqa: ANN401 - as the protocol says
        return value

    def in_order(
        self,
        work: Callable[..., Any],
        pieces: Iterable[tuple[object, ...]],
        *,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Iterator[Any]:
        for piece in pieces:
            if stopped():
                return
            self.pieces += 1
            self.most_held = max(self.most_held, sum(len(part) for part in piece if isinstance(part, np.ndarray)))
            yield work(*piece)
