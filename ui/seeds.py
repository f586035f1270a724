"""Seeds in an address: `1,2,3`."""

import secrets
from collections.abc import Sequence

__all__ = ["FIRST_SEEDS", "new_seeds", "read_seeds", "seeds_text"]

FIRST_SEEDS = (1, 2, 3, 4, 5)
_MOST = 64
_LARGEST = 2**31 - 1


def read_seeds(text: str) -> tuple[int, ...]:
    """The seeds that `text` names; the first five where it names none, or what is none."""
    parts = [part.strip() for part in text.split(",")][:_MOST]
    if not all(part.isdecimal() and int(part) <= _LARGEST for part in parts):
        return FIRST_SEEDS
    return tuple(int(part) for part in parts)


def new_seeds(count: int) -> tuple[int, ...]:
    """Seeds that nobody has seen, below ten thousand so that they can be read out."""
    return tuple(secrets.randbelow(10_000) for _ in range(count))


def seeds_text(seeds: Sequence[int]) -> str:
    """What `read_seeds` reads."""
    return ",".join(map(str, seeds))
