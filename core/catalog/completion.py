"""What could be typed next at a place in a filter."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from core.catalog.columns import COLUMNS, RUN
from core.catalog.conditions import Expected
from core.catalog.filters import quoted
from core.catalog.parser import KEYWORDS, Parser
from core.catalog.tokens import FilterError, tokens_of

__all__ = ["Completion", "Completions", "complete"]

_MOST = 50
_BARE = re.compile(r"[^\W\d][\w-]*")
_OPERATORS = {
    "text": (
        ("=", "is"), ("!=", "is not"), ("~", "contains"), ("in (", "is one of"), ("not in (", "is none of"),
        ("is empty", "has no value"), ("is not empty", "has a value"),
    ),
    "number": (
        (">", "more than"), (">=", "at least"), ("<", "less than"), ("<=", "at most"), ("=", "is"), ("!=", "is not"),
        ("in (", "is one of"), ("is empty", "is not known"), ("is not empty", "is known"),
    ),
    "date": ((">=", "since"), (">", "after"), ("<", "before"), ("<=", "up to"), ("=", "on")),
    "flag": (("= yes", "holds"), ("= no", "does not hold")),
}  # fmt: skip
_NAMING = _OPERATORS["text"][:2]
"""All that can be said of a run."""
_DATES = (("today", "since midnight"), ("yesterday", ""), ("1h", "an hour ago"), ("7d", "seven days ago"))
_WORDS = {"and": "both hold", "or": "one of them holds", "not": "the opposite", ")": "closes the bracket"}

Values = Callable[[str], Sequence[str]]
"""The values that a text column has, as they stand in the catalogue."""


@dataclass(frozen=True, slots=True)
class Completion:
    insert: str
    """What takes the place of the characters from `start` up to `end`."""
    meaning: str


@dataclass(frozen=True, slots=True)
class Completions:
    start: int
    end: int
    options: tuple[Completion, ...]


def complete(text: str, at: int, *, values: Values) -> Completions:
    """What may stand at the place `at` of `text`, best first; the word that is being typed there is replaced whole."""
    at = min(max(at, 0), len(text))
    start, typed = _being_typed(text[:at])
    expected = _expected(text[:start])
    if expected is None:
        return Completions(at, at, ())
    rest = re.match(r"[^\s=!<>~(),\"']*", text[at:]) if typed else None
    end = at + (rest.end() if rest else 0)
    wanted = typed.casefold()
    found = [option for option in _options(expected, values) if wanted in option[0].casefold()]
    found.sort(key=lambda option: not option[0].casefold().startswith(wanted))
    kept = [Completion(insert, meaning) for _, insert, meaning in found[:_MOST] if insert != text[start:end]]
    return Completions(start, end, tuple(kept))


def _being_typed(before: str) -> tuple[int, str]:
    """Where the last, unfinished word of `before` begins, and the word without its quote."""
    try:
        tokens = tokens_of(before)
    except FilterError as exc:
        opening = before[exc.start : exc.start + 1]
        return exc.start, before[exc.start + 1 :] if opening in ("'", '"') else before[exc.start :]
    if tokens and tokens[-1].end == len(before) and tokens[-1].sort in ("word", "number"):
        return tokens[-1].start, tokens[-1].text
    return len(before), ""


def _expected(before: str) -> Expected | None:
    """What can follow `before`; None where it is wrong already."""
    if not before.strip():
        return Expected("condition", words=("not", "("))
    try:
        Parser(before, now=time.time()).parse()
    except FilterError as exc:
        return exc.expected if exc.start >= len(before.rstrip()) else None
    return Expected("joint", words=("and", "or"))


def _options(expected: Expected, values: Values) -> Iterator[tuple[str, str, str]]:
    """(what is compared with the typed word, what is inserted, its meaning)."""
    if expected.what == "condition":
        yield from ((column.name, column.name, column.meaning) for column in COLUMNS.values())
    elif expected.what == "operator":
        fitting = _NAMING if expected.column == RUN else _OPERATORS[COLUMNS[expected.column].kind]
        yield from ((sign, sign, meaning) for sign, meaning in fitting)
    elif expected.what == "value":
        yield from _values(expected.column, values)
    yield from ((word, word, _WORDS.get(word, "")) for word in expected.words)


def _values(name: str, values: Values) -> Iterator[tuple[str, str, str]]:
    column = COLUMNS[name]
    if column.kind == "flag":
        yield from ((word, word, "") for word in ("yes", "no"))
    elif column.kind == "date":
        yield from ((word, word, meaning) for word, meaning in _DATES)
    elif column.kind == "text":
        known = column.values or values(name)
        yield from ((value, _written(value), "") for value in known if value)


def _written(value: str) -> str:
    """Without quotes where none are needed."""
    return value if _BARE.fullmatch(value) and value.lower() not in KEYWORDS else quoted(value)
