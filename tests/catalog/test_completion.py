"""What is offered while a filter is typed, and that taking any offer leads on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalog.completion import complete
from core.catalog.filters import parse_filter
from core.catalog.tokens import FilterError

NAMES = ["Abra", "Mew", "Mr. Mime", "or", 'say "hi"', "Übel"]


def _offers(text: str, at: int | None = None) -> tuple[int, int, list[str]]:
    found = complete(text, len(text) if at is None else at, values=lambda column: NAMES)
    return found.start, found.end, [option.insert for option in found.options]


@pytest.mark.parametrize(
    ("text", "start", "first"),
    [
        ("", 0, ["class", "verdict", "split"]),
        ("bri", 0, ["brightness"]),
        ("class ", 6, ["=", "!=", "~", "in ("]),
        ("width ", 6, [">", ">=", "<"]),
        ("added ", 6, [">=", ">"]),
        ("class = ", 8, ["Abra", "Mew", '"Mr. Mime"', '"or"', '"say \\"hi\\""', "Übel"]),
        ("class = m", 8, ["Mew", '"Mr. Mime"']),
        ('class = "Mr', 8, ['"Mr. Mime"']),
        ("class in (Abra, me", 16, ["Mew"]),
        ("verdict = k", 10, ["keep"]),
        ("width > 3 ", 10, ["and", "or"]),
        ("(width > 3 ", 11, ["and", "or", ")"]),
        ("missing = ", 10, ["yes", "no"]),
        ("class is ", 9, ["empty", "not"]),
        ("wdith > 3 and ", 14, []),
    ],
)
def test_what_fits_at_the_end_is_offered(text: str, start: int, first: list[str]) -> None:
    found = _offers(text)

    assert (found[0], found[2][: len(first)] if first else found[2]) == (start, first)


def test_a_run_can_only_be_named() -> None:
    assert _offers("run ")[2] == ["=", "!="]


def test_in_the_middle_the_whole_word_is_replaced() -> None:
    assert _offers("wid > 3", 2)[:2] == (0, 3)
    assert _offers("class = Ab and width > 3", 10) == (8, 10, ["Abra"])


@given(picks=st.lists(st.integers(min_value=0, max_value=40), min_size=1, max_size=8))
def test_whoever_takes_offers_never_writes_what_is_wrong_before_the_end(picks: list[int]) -> None:
    text = ""
    for pick in picks:
        start, end, options = _offers(text)
        insert = options[pick % len(options)] if options else "7"
        text = f"{text[:start]}{insert}{text[end:]} "
        assert _is_right_so_far(text), text


def _is_right_so_far(text: str) -> bool:
    try:
        parse_filter(text, run="r")
    except FilterError as exc:
        return exc.start >= len(text.rstrip())
    return True
