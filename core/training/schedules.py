"""Learning rates as functions of the step; nothing counts along."""

import math

__all__ = ["one_cycle", "warm_cosine"]

_FIRST = 1 / 25


def one_cycle(step: int, steps: int, *, peak: float, rise: float = 0.3) -> float:
    """Up to `peak` over the first `rise` of the steps and down to nothing, both on a cosine (Smith, arXiv 1708.07120).

    `step` counts from 0.
    """
    at = step / max(1, steps)
    if at < rise:
        return peak * (_FIRST + (1 - _FIRST) * _half_cosine(at / rise))
    return peak * (1 - _half_cosine((at - rise) / (1 - rise)))


def warm_cosine(step: int, steps: int, *, peak: float, warm_steps: int) -> float:
    """Straight up to `peak` over `warm_steps`, then down to nothing on a cosine; `step` counts from 0."""
    if step < warm_steps:
        return peak * (step + 1) / warm_steps
    return peak * (1 - _half_cosine((step - warm_steps) / max(1, steps - warm_steps)))


def _half_cosine(at: float) -> float:
    """0 at 0, 1 at 1."""
    return (1 - math.cos(math.pi * at)) / 2
