"""Which pairs a person is asked about, and the distance that the answers speak for."""

import random
from itertools import pairwise

import pytest

from core.database import Database
from core.duplicates.candidates import prepare
from core.duplicates.learn import Answer, Rated, choose_questions, learn
from tests.duplicates.drawn import Drawn, add_drawn, mirror_of

ALL_ALIKE = dict.fromkeys(range(17), 10)


def answers(same: dict[int, list[bool]]) -> list[Answer]:
    return [Answer(bits, one) for bits, several in same.items() for one in several]


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
    assert lesson.rated == (
        Rated(0, 1, 1, 1.0, 10 / 25),
        Rated(4, 2, 2, 1.0, 20 / 25),
        Rated(8, 2, 1, 25 / 30, 1.0),
        Rated(12, 2, 0, 25 / 40, 1.0),
    )


def test_answers_speak_for_all_pairs_of_their_distance() -> None:
    """One copy among a thousand alike pairs at 10 bits would drag all of those along."""
    told = answers({2: [True, True], 10: [True, False, False]})
    assert learn(told, pairs={2: 10, 10: 9}).distance == 2
    assert learn(told, pairs={2: 10, 10: 1000}).rated[1].precision == pytest.approx((10 + 1000 / 3) / 1010)


def test_of_equals_the_smaller_distance_is_proposed() -> None:
    assert learn(answers({3: [True], 5: []}), pairs=ALL_ALIKE).distance == 3


def test_without_a_copy_nothing_is_proposed() -> None:
    assert learn([], pairs=ALL_ALIKE).distance is None
    lesson = learn(answers({6: [False], 7: [False]}), pairs=ALL_ALIKE)
    assert lesson.distance is None
    assert [one.recall for one in lesson.rated] == [0.0, 0.0]


def test_recall_never_falls_with_the_distance() -> None:
    rng = random.Random(4)
    told = answers({bits: [rng.random() > bits / 16 for _ in range(3)] for bits in range(17)})
    rated = learn(told, pairs=ALL_ALIKE).rated
    assert all(one.recall <= other.recall for one, other in pairwise(rated))


def test_every_distance_is_asked_about_and_the_line_more_often(db: Database) -> None:
    draw_pairs(db, 3)
    interview = choose_questions(prepare(db, radius=16), line=6)
    assert len(interview.questions) == 24
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
