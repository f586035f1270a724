"""A person's own line between copies and pictures that are merely alike, learnt from a few answers.

Each answer speaks for all the pairs of its distance that pass the second look. So the figures are estimates for the
whole dataset, though only a few pairs were looked at, and come with the interval that this leaves open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from core.duplicates.pairs import MAX_RADIUS

__all__ = ["Answer", "Lesson", "Rated", "Share", "learn", "wilson"]

_SURE: Final = 1.96
"""Standard deviations on each side of what an interval holds: 95 times in 100."""


@dataclass(frozen=True, slots=True)
class Answer:
    bits: int
    same: bool


@dataclass(frozen=True, slots=True)
class Share:
    """A share as estimated, and the interval that holds the true one 95 times in 100; 0 … 1."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Rated:
    """What would come of one distance."""

    distance: int
    asked: int
    """Pairs of exactly this distance that were answered."""
    same: int
    """Those of them that are copies."""
    precision: Share
    """Of copies among the pairs up to this distance."""
    recall: Share
    """Of those within this distance among all copies."""

    @property
    def f1(self) -> float:
        total = self.precision.value + self.recall.value
        return 2 * self.precision.value * self.recall.value / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Lesson:
    rated: tuple[Rated, ...]
    """For each distance that was asked about, ascending."""
    distance: int | None
    """The one proposed: the best balance of precision and recall, the smallest of equals; None without copies."""


def learn(answers: Sequence[Answer], *, pairs: Mapping[int, int]) -> Lesson:
    """Precision and recall at each distance that was asked about, and the distance with the best balance.

    The answers at one distance speak for all `pairs` there; distances without an answer are left out, but for the
    intervals: any share of their pairs may be copies.
    """
    asked = {bits: [answer.same for answer in answers if answer.bits == bits] for bits in range(MAX_RADIUS + 1)}
    strata = [_Answered(bits, same, max(1, pairs.get(bits, 0))) for bits, same in asked.items() if same]
    unknown = {bits: count for bits, count in pairs.items() if not asked.get(bits)}
    rated = tuple(
        Rated(
            stratum.bits,
            len(stratum.same),
            sum(stratum.same),
            precision=_precision(
                strata[: place + 1], unknown=sum(count for bits, count in unknown.items() if bits <= stratum.bits)
            ),
            recall=_recall(
                strata[: place + 1],
                strata[place + 1 :],
                unknown=sum(count for bits, count in unknown.items() if bits > stratum.bits),
            ),
        )
        for place, stratum in enumerate(strata)
    )
    best = max(rated, key=lambda one: (one.f1, -one.distance), default=None)
    return Lesson(rated, best.distance if best and best.f1 else None)


def wilson(share: float, answers: float) -> tuple[float, float]:
    """The interval of Wilson (1927) around a share that so many answers gave; it stays honest where all agree."""
    square = _SURE * _SURE / answers
    middle = (share + square / 2) / (1 + square)
    reach = _SURE * sqrt(share * (1 - share) / answers + square / answers / 4) / (1 + square)
    return max(0.0, middle - reach), min(1.0, middle + reach)


@dataclass(frozen=True, slots=True)
class _Answered:
    """The answers at one distance, and how many pairs they speak for."""

    bits: int
    same: Sequence[bool]
    pairs: int


def _share(strata: Sequence[_Answered]) -> Share:
    """Of copies among all the pairs of these distances.

    Answers that speak for pairs of unlike number count as fewer: by the effective sample size of Kish (1965).
    """
    pairs = sum(one.pairs for one in strata)
    value = sum(one.pairs * sum(one.same) / len(one.same) for one in strata) / pairs
    effective = pairs**2 / sum(one.pairs**2 / len(one.same) for one in strata)
    return Share(value, *wilson(value, effective))


def _precision(strata: Sequence[_Answered], *, unknown: int) -> Share:
    """As `_share`, with so many pairs among them of which nobody answered one."""
    share, known = _share(strata), sum(one.pairs for one in strata)
    total = known + unknown
    return Share(share.value, share.low * known / total, (share.high * known + unknown) / total)


def _recall(within: Sequence[_Answered], beyond: Sequence[_Answered], *, unknown: int) -> Share:
    """Of copies `within` among all; at its lowest there are as few within, and as many beyond, as may be.

    `unknown` pairs lie beyond of which nobody answered one.
    """
    found, missed = _copies(within), _copies(beyond)
    return Share(
        _part(found.value, missed.value),
        low=_part(found.low, missed.high + unknown),
        high=_part(found.high, missed.low),
    )


def _copies(strata: Sequence[_Answered]) -> Share:
    """How many copies there are among the pairs of these distances: as a number, not a share."""
    if not strata:
        return Share(0.0, 0.0, 0.0)
    pairs, share = sum(one.pairs for one in strata), _share(strata)
    return Share(pairs * share.value, pairs * share.low, pairs * share.high)


def _part(found: float, missed: float) -> float:
    return found / (found + missed) if found else 0.0
