"""Numbers and times as a person says them, and names that stand for themselves in markdown."""

import pytest

from ui.words import count, plain, plural, size, span


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-1, "0 s"), (0, "0 s"), (59.4, "59 s"), (60, "1 min"), (3599, "1 h"), (3600, "1 h"), (7500, "2 h 5 min"),
        (86_400, "1 d"), (93_600, "1 d 2 h"),
    ],
)  # fmt: skip
def test_a_span_is_said_in_its_largest_units(seconds: float, said: str) -> None:
    assert span(seconds) == said


@pytest.mark.parametrize(("number", "said"), [(0, "0 B"), (12_400, "12 kB"), (3_400_000, "3.4 MB"), (2e9, "2.0 GB")])
def test_bytes_get_a_unit(number: int, said: str) -> None:
    assert size(number) == said


def test_numbers_get_thousands_and_nouns_their_plural() -> None:
    assert count(4120) == "4,120"
    assert [plural(number, "picture") for number in (0, 1, 4120)] == ["0 pictures", "1 picture", "4,120 pictures"]
    assert plural(2, "class", "classes") == "2 classes"


def test_markdown_in_a_name_is_text() -> None:
    assert plain("**bold** [link](x) :red[x] $y$ <b>\n# head") == (
        r"\*\*bold\*\* \[link\]\(x\) \:red\[x\] \$y\$ \<b\> \# head"
    )


@pytest.mark.parametrize(
    "text",
    [
        "www.bing.com", "https://evil.example/x", "HTTP://evil.example", "me@evil.example", ":material/home:",
        "a :smile:", "a -> b", "a <-> b", "-- b", "a >=", "a <= b", "~=",
    ],
)  # fmt: skip
def test_what_becomes_more_than_text_by_itself_does_not(text: str) -> None:
    assert "\u2060" in plain(text)
    assert plain(text).replace("\u2060", "").replace("\\", "") == text
