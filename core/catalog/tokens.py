"""A filter's text cut into tokens, and the error that names a place in it."""

import re
from dataclasses import dataclass
from typing import Literal, cast

from core.catalog.conditions import Expected
from core.errors import InputError

__all__ = ["FilterError", "Token", "tokens_of"]

_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?=[\s=!<>~(),"']|\Z))
    |(?P<operator>==|!=|<=|>=|[=<>~(),])
    |(?P<word>[^\s=!<>~(),"']+)""",
    re.VERBOSE | re.DOTALL,
)
_SPACE = re.compile(r"\s*")
_IMPOSSIBLE = re.compile("[\0\ud800-\udfff]")

Sort = Literal["text", "number", "operator", "word"]


class FilterError(InputError):
    """A filter that is not understood, and the characters from `start` up to `end` that are to blame."""

    def __init__(self, message: str, start: int, end: int, expected: Expected | None = None) -> None:
        super().__init__(message)
        self.start = start
        self.end = end
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Token:
    sort: Sort
    text: str
    """Without quotes and escapes."""
    start: int
    end: int


def tokens_of(text: str) -> list[Token]:
    """The tokens of `text` in order; raises FilterError at a character that cannot be."""
    if bad := _IMPOSSIBLE.search(text):
        raise FilterError(
            f"The filter, character {bad.start() + 1}: no such character can be asked for.", bad.start(), bad.end()
        )
    tokens: list[Token] = []
    position = _skip(text, 0)
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _not_understood(text, position)
        sort = cast("Sort", match.lastgroup)
        raw = match.group()
        plain = re.sub(r"\\(.)", r"\1", raw[1:-1], flags=re.DOTALL) if sort == "text" else raw
        tokens.append(Token(sort, plain, match.start(), match.end()))
        position = _skip(text, match.end())
    return tokens


def _skip(text: str, position: int) -> int:
    space = _SPACE.match(text, position)
    return space.end() if space else position


def _not_understood(text: str, position: int) -> FilterError:
    mark = text[position]
    if mark in "\"'":
        said = f"the quote {mark} that opens here is never closed"
    elif mark == "!":
        said = "'!' stands alone; write != for “is not” or the word not"
    else:
        said = f"{text[position : position + 10]!r} is not understood"
    return FilterError(f"The filter, character {position + 1}: {said}.", position, len(text))
