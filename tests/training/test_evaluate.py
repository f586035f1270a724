"""Figures of a classifier, against numbers worked out by hand."""

import numpy as np
import pytest

from core.training.evaluate import Scores, calibration, confusion, macro_f1, per_class

PROBABILITIES = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.7, 0.3]])
SCORES = Scores(PROBABILITIES, np.array([0, 1, 1, 0]))


def test_accuracy_and_loss() -> None:
    assert SCORES.accuracy == 0.75
    assert SCORES.loss == pytest.approx(-np.log([0.9, 0.4, 0.8, 0.7]).mean())


def test_confusion_and_what_follows() -> None:
    assert confusion(SCORES).tolist() == [[2, 0], [1, 1]]
    rows = per_class(SCORES, ["a", "b"])
    assert [(row["precision"], row["recall"], row["pictures"]) for row in rows] == [(2 / 3, 1.0, 2), (1.0, 0.5, 2)]
    assert macro_f1(SCORES) == pytest.approx((0.8 + 2 / 3) / 2)


def test_calibration() -> None:
    found = calibration(SCORES)
    # Four bins with one picture each: gaps .1, .6 (wrong), .2, .3.
    assert found["ece"] == pytest.approx((0.1 + 0.6 + 0.2 + 0.3) / 4)
    assert isinstance(found["bins"], list)
    assert len(found["bins"]) == 15


def test_no_pictures_no_figures() -> None:
    empty = Scores(np.empty((0, 2)), np.empty(0, np.int64))
    assert (empty.accuracy, empty.loss, macro_f1(empty), calibration(empty)["ece"]) == (None, None, None, None)


def test_certainty_falls_into_the_last_bin() -> None:
    sure = Scores(np.array([[1.0, 0.0]]), np.array([0]))
    bins = calibration(sure)["bins"]
    assert isinstance(bins, list)
    assert bins[-1]["pictures"] == 1
