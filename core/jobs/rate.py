"""How fast a job goes, smoothed, and so when it will be done."""

import math

__all__ = ["Rate"]

_MEMORY_SECONDS = 15.0


class Rate:
    """An exponentially weighted rate of a growing count; times are seconds of any monotonic clock."""

    def __init__(self, *, memory_seconds: float = _MEMORY_SECONDS) -> None:
        self._memory_seconds = memory_seconds
        self._last: tuple[float, int] | None = None
        self._rate = 0.0
        self._weight = 0.0

    def add(self, done: int, at: float) -> None:
        """Take note that `done` had been reached at `at`; a smaller count than before begins anew."""
        if self._last is None or done < self._last[1]:
            self._last, self._rate, self._weight = (at, done), 0.0, 0.0
            return
        passed = at - self._last[0]
        if passed <= 0:
            return
        share = 1.0 - math.exp(-passed / self._memory_seconds)
        self._rate += share * ((done - self._last[1]) / passed - self._rate)
        self._weight += share * (1.0 - self._weight)
        self._last = (at, done)

    def per_second(self) -> float:
        """The rate now; 0 while nothing is known."""
        # Dividing by the weight takes out the zero that the average starts from, so that the first figures are right.
        return self._rate / self._weight if self._weight else 0.0

    def eta_seconds(self, total: int | None) -> float | None:
        """Seconds from the last count to `total`; None while nobody can tell."""
        rate = self.per_second()
        if total is None or self._last is None or rate <= 0:
            return None
        return max(0.0, (total - self._last[1]) / rate)
