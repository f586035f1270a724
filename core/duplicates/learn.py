"""A person's own line between copies and pictures that are merely alike, learnt from a few questions.

Pairs are asked of each distance in turn, those near the present line first; each answer then speaks for all the pairs
of its distance. So the figures are estimates for the whole dataset, though only a few pairs were looked at.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.duplicates.candidates import Candidates
from core.duplicates.neighbours import Near, Neighbours, apart, find_neighbours
from core.duplicates.pairs import MAX_RADIUS

__all__ = ["QUESTIONS", "Answer", "Interview", "Lesson", "Question", "Rated", "choose_questions", "learn"]

QUESTIONS = 24
_LOOKED_AT = 2000
"""Pairs of one distance among which those to ask are drawn, at most."""
_OF_ONE_HASH = 8


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
class Answer:
    bits: int
    same: bool


@dataclass(frozen=True, slots=True)
class Rated:
    """What would come of one distance."""

    distance: int
    asked: int
    """Pairs of exactly this distance that were answered."""
    same: int
    """Those of them that are copies."""
    precision: float
    """Share of copies among the pairs up to this distance, 0 … 1."""
    recall: float
    """Share of all copies that lie within this distance, 0 … 1."""

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Lesson:
    rated: tuple[Rated, ...]
    """For each distance that was asked about, ascending."""
    distance: int | None
    """The one proposed: the best balance of precision and recall, the smallest of equals; None without copies."""


@dataclass(frozen=True, slots=True)
class Interview:
    questions: tuple[Question, ...]
    """In an order that does not give the distance away."""
    pairs: Mapping[int, int]
    """How many pairs of pictures lie at each distance, in round figures: what the answers speak for."""


def choose_questions(
    candidates: Candidates,
    *,
    line: int,
    different: Collection[tuple[int, int]] = (),
    number: int = QUESTIONS,
    seed: int = 0,
) -> Interview:
    """Up to `number` pairs to ask about, of all distances in turn, those near `line` first.

    Pairs of equal bytes, those called different (image ids) and those that the second look parts are not asked, and a
    picture comes once. The same seed gives the same questions.
    """
    rng = np.random.default_rng(seed)
    neighbours = find_neighbours(candidates, candidates.radius)
    asked: set[int] = set()
    waiting = {
        bits: _questions_at(neighbours, bits, rng=rng, asked=asked, different=different)
        for bits in sorted(range(candidates.radius + 1), key=lambda bits: (abs(bits - line), bits))
    }
    questions: list[Question] = []
    while waiting and len(questions) < number:
        for bits in list(waiting)[: number - len(questions)]:
            question = next(waiting[bits], None)
            if question is None:
                del waiting[bits]
            else:
                questions.append(question)
    order = rng.permutation(len(questions)).tolist()
    return Interview(tuple(questions[place] for place in order), _count_pairs(neighbours))


def learn(answers: Sequence[Answer], *, pairs: Mapping[int, int]) -> Lesson:
    """Precision and recall at each distance that was asked about, and the distance with the best balance.

    The answers at one distance speak for all `pairs` there; distances without an answer are left out.
    """
    asked = {bits: [answer.same for answer in answers if answer.bits == bits] for bits in range(MAX_RADIUS + 1)}
    strata = [(bits, same, max(1, pairs.get(bits, 0))) for bits, same in asked.items() if same]
    copies = np.array([weight * sum(same) / len(same) for _, same, weight in strata])
    found, within = np.cumsum(copies), np.cumsum([weight for _, _, weight in strata])
    total = float(copies.sum())
    rated = tuple(
        Rated(bits, len(same), sum(same), float(got / of), float(got / total) if total else 0.0)
        for (bits, same, _), got, of in zip(strata, found, within, strict=True)
    )
    best = max(rated, key=lambda one: (one.f1, -one.distance), default=None)
    return Lesson(rated, best.distance if best and total else None)


def _questions_at(
    neighbours: Neighbours,
    bits: int,
    *,
    rng: np.random.Generator,
    asked: set[int],
    different: Collection[tuple[int, int]],
) -> Iterator[Question]:
    """Questions about pairs of exactly this distance; `asked` holds the images that were in one already."""
    pictures = neighbours.candidates.pictures
    for places in _pairs_at(neighbours, bits, rng):
        first, second = sorted((pictures[place] for place in places), key=lambda picture: picture.image)
        nearest, mirrored = apart(first, second)
        ids = (first.image, second.image)
        fresh = first.image != second.image and asked.isdisjoint(ids) and ids not in different
        worth_asking = fresh and nearest == bits and first.sha256 != second.sha256
        if worth_asking and neighbours.alike(places[0], Near(places[1], bits, mirrored)):
            asked.update(ids)
            yield Question(*ids, bits, mirrored)


def _pairs_at(neighbours: Neighbours, bits: int, rng: np.random.Generator) -> Iterator[tuple[int, int]]:
    """Positions of some pictures whose hashes, straight or mirrored, are so far apart, drawn by lot."""
    if bits:
        rows = np.flatnonzero(neighbours.candidates.pairs.distance == bits)
        first, second = neighbours.candidates.pairs.i[rows], neighbours.candidates.pairs.j[rows]
    else:
        first = second = np.arange(len(neighbours.candidates.values))
    for place in rng.permutation(len(first))[:_LOOKED_AT].tolist():
        a, b = int(first[place]), int(second[place])
        for these, those in (
            (neighbours.hashed, neighbours.hashed),
            (neighbours.hashed, neighbours.mirrored),
            (neighbours.mirrored, neighbours.hashed),
        ):
            pairs = [(x, y) for x in these.get(a, ())[:_OF_ONE_HASH] for y in those.get(b, ())[:_OF_ONE_HASH] if x != y]
            if pairs:
                yield pairs[int(rng.integers(len(pairs)))]


def _count_pairs(neighbours: Neighbours) -> dict[int, int]:
    """Pairs of pictures by distance; each mirrored pair is met from both sides and counts a half each time.

    A picture that is its own mirror image is near another one straight as well as mirrored, which is one pair.
    """
    size, found = len(neighbours.candidates.values), neighbours.candidates.pairs
    hash_of, mirror_of = np.array(neighbours.hash_of, np.int64), np.array(neighbours.mirror_of, np.int64)
    hashed = np.bincount(hash_of, minlength=size)
    mirrored = np.bincount(mirror_of[mirror_of != hash_of], minlength=size)
    i, j = found.i, found.j
    each = hashed[i] * hashed[j] + (hashed[i] * mirrored[j] + mirrored[i] * hashed[j]) / 2
    counts = np.bincount(found.distance, weights=each, minlength=neighbours.candidates.radius + 1)
    counts[0] += (hashed * (hashed - 1) / 2 + hashed * mirrored / 2).sum()
    return {bits: round(count) for bits, count in enumerate(counts.tolist()) if round(count)}
