"""Which pairs a person is asked about, to learn their own line between copies and pictures that are merely alike.

Pairs are asked of each distance in turn, those near the present line first. Pairs that the second look parts are copies
at no distance, and pairs of the same bytes at every one: neither is asked or counted.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.duplicates.candidates import Candidates
from core.duplicates.neighbours import Near, Neighbours, apart, find_neighbours

__all__ = ["QUESTIONS", "Interview", "Question", "choose_questions"]

QUESTIONS: Final = 24
_LOOKED_AT: Final = 150
"""Pairs of hashes of one distance that are looked into, at most."""
_OF_ONE_HASH: Final = 3
"""Pictures that stand for all those of one hash."""


@dataclass(frozen=True, slots=True)
class Question:
    """Two pictures: do they show the same?"""

    first: int
    """The smaller image number."""
    second: int
    bits: int
    """Between their hashes, 0 … 16."""
    mirrored: bool


@dataclass(frozen=True, slots=True)
class Interview:
    questions: tuple[Question, ...]
    """In an order that does not give the distance away."""
    pairs: Mapping[int, int]
    """How many pairs of pictures at each distance pass the second look, estimated: what the answers speak for."""


def choose_questions(
    candidates: Candidates,
    *,
    line: int,
    different: Collection[tuple[int, int]] = (),
    number: int = QUESTIONS,
    seed: int = 0,
) -> Interview:
    """Up to `number` pairs to ask about, of all distances in turn, those near `line` first.

    Those called different (image ids) are not asked again, and a picture comes once as long as there are others.
    The same seed gives the same questions.
    """
    rng = np.random.default_rng(seed)
    neighbours = find_neighbours(candidates, candidates.radius)
    by_nearness = sorted(range(candidates.radius + 1), key=lambda bits: (abs(bits - line), bits))
    strata = {bits: _look_into(neighbours, bits, rng) for bits in by_nearness}
    open_ones = {
        bits: [question for question in stratum.questions if (question.first, question.second) not in different]
        for bits, stratum in strata.items()
    }
    questions = _in_turn(open_ones, number)
    order = rng.permutation(len(questions)).tolist()
    counts = {bits: stratum.pairs for bits, stratum in sorted(strata.items()) if stratum.pairs}
    return Interview(tuple(questions[place] for place in order), counts)


@dataclass(frozen=True, slots=True)
class _Stratum:
    """The pairs of one distance that pass the second look."""

    pairs: int
    """How many, estimated."""
    questions: Sequence[Question]
    """Some of them, drawn by lot."""


def _look_into(neighbours: Neighbours, bits: int, rng: np.random.Generator) -> _Stratum:
    """Looks at some of the pairs of this distance, and takes the share of those that pass for that of all."""
    first, second, weights = _hashes_apart(neighbours, bits)
    drawn = rng.permutation(len(first))[:_LOOKED_AT]
    pairs = [list(_some_pairs(neighbours, int(first[row]), int(second[row]))) for row in drawn]
    judged = iter(_judge(neighbours, [pair for some in pairs for pair in some], bits))
    passed = [[question for question in islice(judged, len(some)) if question] for some in pairs]
    shares = np.array([len(good) / max(len(some), 1) for good, some in zip(passed, pairs, strict=True)])
    passing = float((weights[drawn] * shares).sum()) * len(first) / max(len(drawn), 1)
    questions = list(dict.fromkeys(question for some in passed for question in some))
    return _Stratum(max(round(passing), len(questions)), questions)


def _hashes_apart(
    neighbours: Neighbours, bits: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Pairs of hashes so far apart, as positions, and of how many pairs of pictures each is the nearest.

    A mirrored pair is met from both sides, and counts a half each time. A picture that is its own mirror image is near
    another one straight as well as mirrored, which is one pair.
    """
    size = len(neighbours.candidates.values)
    hash_of, mirror_of = np.array(neighbours.hash_of, np.int64), np.array(neighbours.mirror_of, np.int64)
    hashed = np.bincount(hash_of, minlength=size)
    mirrored = np.bincount(mirror_of[mirror_of != hash_of], minlength=size)
    if bits:
        rows = np.flatnonzero(neighbours.candidates.pairs.distance == bits)
        first, second = neighbours.candidates.pairs.i[rows], neighbours.candidates.pairs.j[rows]
        across = hashed[first] * mirrored[second] + mirrored[first] * hashed[second]
        weights = hashed[first] * hashed[second] + across / 2
    else:
        first = second = np.arange(size)
        weights = hashed * (hashed - 1) / 2 + hashed * mirrored / 2
    held = np.flatnonzero(weights)
    return first[held], second[held], weights[held].astype(np.float64)


def _some_pairs(neighbours: Neighbours, first: int, second: int) -> Iterator[tuple[int, int]]:
    """Positions of pictures with these two hashes, straight or mirrored: a few of the many there may be."""
    met: set[tuple[int, int]] = set()
    for these, those in (
        (neighbours.hashed, neighbours.hashed),
        (neighbours.hashed, neighbours.mirrored),
        (neighbours.mirrored, neighbours.hashed),
    ):
        for a in these.get(first, ())[:_OF_ONE_HASH]:
            for b in those.get(second, ())[:_OF_ONE_HASH]:
                pair = (min(a, b), max(a, b))
                if a != b and pair not in met:
                    met.add(pair)
                    yield pair


def _judge(neighbours: Neighbours, pairs: Sequence[tuple[int, int]], bits: int) -> list[Question | None]:
    """The question that each pair makes; None where it is nearer, has the same bytes or fails the second look."""
    pictures = neighbours.candidates.pictures
    asked: dict[int, tuple[int, Near]] = {}
    for number, (place, other) in enumerate(pairs):
        nearest, mirrored = apart(pictures[place], pictures[other])
        seen = pictures[place].emptied is None and pictures[other].emptied is None
        if seen and nearest == bits and pictures[place].sha256 != pictures[other].sha256:
            asked[number] = (place, Near(other, bits, mirrored))
    judged: list[Question | None] = [None] * len(pairs)
    answers = neighbours.alike(list(asked.values()))
    for (number, (place, near)), alike in zip(asked.items(), answers, strict=True):
        if alike:
            images = sorted((pictures[place].image, pictures[near.position].image))
            judged[number] = Question(images[0], images[1], bits, near.mirrored)
    return judged


def _in_turn(strata: Mapping[int, Sequence[Question]], number: int) -> list[Question]:
    """One question of each stratum after the other; those with a picture that was in one already come last."""
    chosen: dict[Question, None] = {}
    shown: set[int] = set()
    for fresh in (True, False):
        waiting = {bits: iter(questions) for bits, questions in strata.items()}
        while waiting and len(chosen) < number:
            for bits in list(waiting)[: number - len(chosen)]:
                for question in waiting[bits]:
                    images = {question.first, question.second}
                    if question not in chosen and not (fresh and images & shown):
                        chosen[question] = None
                        shown |= images
                        break
                else:
                    del waiting[bits]
    return list(chosen)
