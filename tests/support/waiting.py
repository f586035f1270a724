"""Waiting on a condition with a deadline, never on a sleep of a guessed length."""

import time
from collections.abc import Callable
from typing import TypeVar

__all__ = ["until"]

Found = TypeVar("Found")


def until(predicate: Callable[[], Found | None], *, seconds: float = 60.0, what: str = "the condition") -> Found:
    """The first true value of `predicate()`; fails the test when none came in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:.0f} s for {what}; last value: {value!r}")
        time.sleep(0.05)
