"""Which pairs a person is asked about, and the distance that the answers speak for."""

import random
from itertools import pairwise

import pytest

from core.database import Database
from core.duplicates.candidates import prepare
from core.duplicates.learn import Answer, Lesson, learn, wilson
from core.duplicates.questions import QUESTIONS, Interview, choose_questions
from tests.duplicates.drawn import Drawn, add_drawn, mirror_of

ALL_ALIKE = dict.fromkeys(range(17), 10)


def answers(same: dict[int, list[bool]]) -> list[Answer]:
    return [Answer(bits, one) for bits, several in same.items() for one in several]


def figures(lesson: Lesson) -> list[tuple[int, int, int, float, float]]:
    return [(one.distance, one.asked, one.same, one.precision.value, one.recall.value) for one in lesson.rated]


def draw_pairs(db: Database, each: int) -> None:
    """`each` pairs of pictures at every distance from 0 to 16, and none between the pairs."""
    rng = random.Random(1)
    for bits in range(17):
        for number in range(each):
            phash = rng.getrandbits(64)
            flipped = sum(1 << bit for bit in rng.sample(range(64), bits))
            # Hashes whose mirror images lie as far apart as they do, as those of real pictures.
            add_drawn(
                db,
                Drawn(f"{bits}-{number}a.jpg", phash),
                Drawn(f"{bits}-{number}b.jpg", phash ^ flipped, mirror=mirror_of(phash) ^ flipped),
            )


def test_the_distance_with_the_best_balance_is_proposed() -> None:
    lesson = learn(answers({0: [True], 4: [True, True], 8: [True, False], 12: [False, False]}), pairs=ALL_ALIKE)
    assert lesson.distance == 8
    assert figures(lesson) == [
        (0, 1, 1, 1.0, 10 / 25),
        (4, 2, 2, 1.0, 20 / 25),
        (8, 2, 1, 25 / 30, 1.0),
        (12, 2, 0, 25 / 40, 1.0),
    ]


def test_answers_speak_for_all_pairs_of_their_distance() -> None:
    """One copy among a thousand alike pairs at 10 bits would drag all of those along."""
    told = answers({2: [True, True], 10: [True, False, False]})
    assert learn(told, pairs={2: 10, 10: 9}).distance == 2
    assert learn(told, pairs={2: 10, 10: 1000}).rated[1].precision.value == pytest.approx((10 + 1000 / 3) / 1010)


def test_of_equals_the_smaller_distance_is_proposed() -> None:
    assert learn(answers({3: [True], 5: []}), pairs=ALL_ALIKE).distance == 3


def test_without_a_copy_nothing_is_proposed() -> None:
    assert learn([], pairs=ALL_ALIKE).distance is None
    lesson = learn(answers({6: [False], 7: [False]}), pairs=ALL_ALIKE)
    assert lesson.distance is None
    assert [one.recall.value for one in lesson.rated] == [0.0, 0.0]


def test_recall_never_falls_with_the_distance() -> None:
    rng = random.Random(4)
    told = answers({bits: [rng.random() > bits / 16 for _ in range(3)] for bits in range(17)})
    rated = learn(told, pairs=ALL_ALIKE).rated
    assert all(one.recall.value <= other.recall.value for one, other in pairwise(rated))


@pytest.mark.parametrize(
    ("share", "answers", "low", "high"),
    [(0.5, 10, 0.2366, 0.7634), (0.9, 10, 0.5958, 0.9821), (0.0, 10, 0.0, 0.2775), (1.0, 24, 0.8620, 1.0)],
)
def test_the_interval_is_that_of_wilson(share: float, answers: float, low: float, high: float) -> None:
    """Figures from Brown, Cai and DasGupta's formula (2001), worked out apart."""
    assert wilson(share, answers) == pytest.approx((low, high), abs=5e-4)


def test_pairs_that_nobody_answered_widen_the_intervals() -> None:
    told = answers({2: [True] * 6, 8: [False] * 6})
    plain = {one.distance: one for one in learn(told, pairs={2: 100, 8: 100}).rated}
    wider = {one.distance: one for one in learn(told, pairs={1: 100, 2: 100, 5: 100, 8: 100, 12: 100}).rated}
    for distance in (2, 8):
        for before, after in (
            (plain[distance].precision, wider[distance].precision),
            (plain[distance].recall, wider[distance].recall),
        ):
            assert after.value == before.value
            assert after.low < before.low
    assert plain[8].recall.low == 1.0
    assert wider[8].recall.low < 0.6


def test_the_true_figures_lie_in_the_intervals() -> None:
    """Of 300 people who answer by lot, as many as is claimed: 95 of 100 and more."""
    rng = random.Random(0)
    truth = {2: 0.95, 5: 0.8, 8: 0.4, 11: 0.05}
    pairs = {2: 400, 5: 200, 8: 300, 11: 900}
    copies = {bits: truth[bits] * pairs[bits] for bits in truth}
    held = {"precision": 0, "recall": 0}
    for _ in range(300):
        told = answers({bits: [rng.random() < share for _ in range(6)] for bits, share in truth.items()})
        rated = {one.distance: one for one in learn(told, pairs=pairs).rated}[5]
        precision = (copies[2] + copies[5]) / (pairs[2] + pairs[5])
        recall = (copies[2] + copies[5]) / sum(copies.values())
        held["precision"] += rated.precision.low <= precision <= rated.precision.high
        held["recall"] += rated.recall.low <= recall <= rated.recall.high
    assert min(held.values()) >= 0.95 * 300


@pytest.mark.parametrize("line", [3, 7, 12])
def test_the_line_of_a_person_is_found(db: Database, line: int) -> None:
    draw_pairs(db, 6)
    interview = choose_questions(prepare(db, radius=16), line=6)
    told = [Answer(question.bits, question.bits <= line) for question in interview.questions]
    lesson = learn(told, pairs=interview.pairs)
    assert lesson.distance == line
    rated = {one.distance: one for one in lesson.rated}[line]
    assert (rated.precision.value, rated.recall.value) == (1.0, 1.0)
    assert 0.4 < rated.precision.low < 0.95
    assert rated.recall.low < 0.95


def test_every_distance_is_asked_about_and_the_line_more_often(db: Database) -> None:
    draw_pairs(db, 3)
    interview = choose_questions(prepare(db, radius=16), line=6)
    assert len(interview.questions) == QUESTIONS
    bits = [question.bits for question in interview.questions]
    assert set(bits) == set(range(17))
    assert sorted(one for one in set(bits) if bits.count(one) == 2) == [3, 4, 5, 6, 7, 8, 9]
    images = [image for question in interview.questions for image in (question.first, question.second)]
    assert len(set(images)) == len(images)
    assert bits != sorted(bits)
    assert {bits: interview.pairs[bits] for bits in range(13)} == dict.fromkeys(range(13), 3)  # beyond, chance joins in


def test_what_is_certain_or_answered_is_not_asked(db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", 5, content="same"), Drawn("b.jpg", 5, content="same"))
    add_drawn(db, Drawn("c.jpg", 0x0123456789ABCDEF), Drawn("d.jpg", 0x0123456789ABCDEE))
    (question,) = choose_questions(prepare(db, radius=16), line=6).questions
    assert (question.first, question.second, question.bits, question.mirrored) == (3, 4, 1, False)
    assert choose_questions(prepare(db, radius=16), line=6, different={(3, 4)}).questions == ()


def test_a_mirrored_pair_is_asked_about_once(db: Database) -> None:
    phash = 0x0123456789ABCDEF
    add_drawn(db, Drawn("a.jpg", phash), Drawn("b.jpg", mirror_of(phash), mirror=phash))
    interview = choose_questions(prepare(db, radius=16), line=6)
    assert [(question.bits, question.mirrored) for question in interview.questions] == [(0, True)]
    assert interview.pairs == {0: 1}


def test_a_picture_that_is_its_own_mirror_image_is_no_pair(db: Database) -> None:
    add_drawn(db, Drawn("a.jpg", 15, mirror=15), Drawn("b.jpg", 15, mirror=15))
    assert choose_questions(prepare(db, radius=16), line=6).pairs == {0: 1}


def test_an_empty_catalogue_asks_nothing(db: Database) -> None:
    assert choose_questions(prepare(db, radius=16), line=6).questions == ()


def test_the_same_seed_asks_the_same(db: Database) -> None:
    draw_pairs(db, 2)
    candidates = prepare(db, radius=16)
    assert choose_questions(candidates, line=6) == choose_questions(candidates, line=6)
    assert choose_questions(candidates, line=6) != choose_questions(candidates, line=6, seed=1)


def gradient(*, leaning: bool, red: bool = False) -> bytes:
    """A small look: light from the left or from above, grey or red."""
    luma = bytes(16 * (column if leaning else row) for row in range(16) for column in range(16))
    return luma + bytes([128] * 64) + bytes([200 if red else 128] * 64)


def test_what_the_second_look_parts_is_neither_asked_nor_counted(db: Database) -> None:
    rng = random.Random(2)
    for number in range(40):
        phash = rng.getrandbits(64)
        look, other = gradient(leaning=True), gradient(leaning=number < 10)
        add_drawn(
            db,
            Drawn(f"{number}a.jpg", phash, cells=look),
            Drawn(f"{number}b.jpg", phash ^ 0b1111, mirror=mirror_of(phash) ^ 0b1111, cells=other),
        )
    interview = choose_questions(prepare(db, radius=8), line=6)
    assert interview.pairs == {4: 10}
    assert {question.first for question in interview.questions} == set(range(1, 21, 2))


def test_a_few_pictures_alike_among_each_other_give_enough_questions(db: Database) -> None:
    """Eight pictures make 28 pairs; each of them comes in several questions then."""
    phash = 0x0123456789ABCDEF
    for number in range(8):
        add_drawn(db, Drawn(f"{number}.jpg", phash ^ 1 << number, mirror=mirror_of(phash) ^ 1 << number))
    interview = choose_questions(prepare(db, radius=16), line=6)
    pairs = {(question.first, question.second) for question in interview.questions}
    assert len(pairs) == len(interview.questions) == QUESTIONS
    assert interview.pairs == {2: 28}


def test_many_pairs_are_counted_by_those_looked_at(db: Database) -> None:
    """Two thousand pairs at 3 bits, of which every fourth passes: an estimate, not a count."""
    rng = random.Random(3)
    drawn: list[Drawn] = []
    for number in range(2000):
        phash = rng.getrandbits(64)
        drawn.append(Drawn(f"{number}a.jpg", phash, cells=gradient(leaning=True)))
        drawn.append(
            Drawn(f"{number}b.jpg", phash ^ 7, mirror=mirror_of(phash) ^ 7, cells=gradient(leaning=number % 4 == 0))
        )
    add_drawn(db, *drawn)
    interview: Interview = choose_questions(prepare(db, radius=4), line=6)
    assert len(interview.questions) == QUESTIONS
    assert 250 < interview.pairs[3] < 850
