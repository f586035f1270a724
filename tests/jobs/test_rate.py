"""The smoothed rate behind every "so many seconds left"."""

import pytest

from core.jobs.rate import Rate


def test_a_steady_rate_is_right_from_the_second_count_on() -> None:
    rate = Rate()
    rate.add(0, 100.0)
    assert rate.eta_seconds(1000) is None
    for second in range(1, 5):
        rate.add(10 * second, 100.0 + second)
        assert rate.eta_seconds(1000) == pytest.approx((1000 - 10 * second) / 10)


def test_a_change_of_speed_is_followed_and_one_hiccup_is_not() -> None:
    rate = Rate(memory_seconds=10.0)
    for second in range(100):
        rate.add(10 * second, float(second))
    rate.add(990, 100.0)
    assert 8.5 < rate.per_second() < 10
    for second in range(101, 200):
        rate.add(990 + 50 * (second - 100), float(second))
    assert rate.per_second() == pytest.approx(50, rel=0.01)


def test_a_new_stage_begins_anew_and_no_total_has_no_end() -> None:
    rate = Rate()
    rate.add(0, 0.0)
    rate.add(500, 1.0)
    rate.add(2, 2.0)
    assert rate.eta_seconds(10) is None
    rate.add(4, 3.0)
    assert rate.eta_seconds(10) == pytest.approx(3.0)
    assert rate.eta_seconds(None) is None
    assert rate.eta_seconds(1) == 0.0


def test_time_that_stands_still_divides_nothing() -> None:
    rate = Rate()
    rate.add(0, 1.0)
    rate.add(5, 1.0)
    assert rate.per_second() == 0.0
