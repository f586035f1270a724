"""The small filter language over the catalogue's columns, parsed into SQL with parameters, never evaluated as Python.

    expression = term { "or" term }
    term       = factor { "and" factor }
    factor     = "not" factor | "(" expression ")" | column comparison
    comparison = ("=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "~") value | ["not"] "in" "(" value {"," value} ")"
    value      = number | word | "quoted text" | 'quoted text' | none

`~` means "contains". `none` is an absent value: `split = none`.
"""

import re
from dataclasses import dataclass

from core.errors import InputError

__all__ = ["COLUMNS", "Filter", "order_by", "parse_filter"]

_NUMBERS = (
    "id", "bytes", "width", "height", "orientation", "sharpness", "brightness", "contrast", "entropy", "border_white",
    "transparent", "class_id", "cluster", "added", "missing",
)  # fmt: skip
_TEXTS = ("path", "original", "sha256", "format", "mode", "verdict", "split", "reason", "error")
COLUMNS: dict[str, str] = {
    **{name: f"image.{name}" for name in (*_NUMBERS, *_TEXTS)},
    "class": "class.name",
    "aspect": "(CAST(image.width AS REAL) / MAX(image.height, 1))",
    "pixels": "(image.width * image.height)",
}
"""What may be asked for, and its SQL."""

_ARE_NUMBERS = frozenset((*_NUMBERS, "aspect", "pixels"))
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.-]))
    |(?P<operator>==|!=|<=|>=|[=<>~(),])
    |(?P<word>[^\s=!<>~(),"']+))""",
    re.VERBOSE,
)
_COMPARISONS = {"=": "=", "==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "~": "LIKE"}
_DEEPEST = 50
_MOST_CONDITIONS = 500  # SQLite takes chains of up to 1,000
_LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition over `image JOIN class`."""

    sql: str
    parameters: tuple[str | float | None, ...]
    columns: frozenset[str]
    """The columns it speaks of."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


def parse_filter(text: str) -> Filter:
    """The filter that `text` says; an empty text lets everything through.

    Raises InputError that names the place and what was expected there.
    """
    if not text.strip():
        return Filter("1", (), frozenset())
    if len(text) > _LONGEST:
        raise InputError(f"The filter has {len(text):,} characters; use {_LONGEST:,} or fewer.")
    parser = _Parser(_tokens(text), len(text))
    sql = parser.expression(0)
    parser.end()
    return Filter(sql, tuple(parser.parameters), frozenset(parser.columns))


def order_by(order: str) -> str:
    """The SQL of an order such as `id`, `-sharpness` (largest first) or `class,-added`; ties by id.

    Raises InputError for a column that there is not.
    """
    parts = []
    for name in (part.strip() for part in order.split(",") if part.strip()):
        column = COLUMNS.get(name.removeprefix("-"))
        if column is None:
            raise InputError(f"There is no column {name.removeprefix('-')!r} to order by; use {', '.join(COLUMNS)}.")
        parts.append(f"{column} DESC" if name.startswith("-") else column)
    return ", ".join([*parts, "image.id"])


class _Parser:
    """Recursive descent over the tokens; collects parameters and the columns asked for."""

    def __init__(self, tokens: list[_Token], length: int) -> None:
        self._tokens = tokens
        self._next = 0
        self._length = length
        self._conditions = 0
        self.parameters: list[str | float | None] = []
        self.columns: set[str] = set()

    def expression(self, depth: int) -> str:
        terms = [self._term(depth)]
        while self._accept("or"):
            terms.append(self._term(depth))
        return f"({' OR '.join(terms)})"

    def end(self) -> None:
        if self._next < len(self._tokens):
            self._fail("'and', 'or' or the end")

    def _term(self, depth: int) -> str:
        factors = [self._factor(depth)]
        while self._accept("and"):
            factors.append(self._factor(depth))
        return " AND ".join(factors)

    def _factor(self, depth: int) -> str:
        if depth > _DEEPEST:
            raise InputError(f"The filter nests more than {_DEEPEST} brackets or nots; write it flatter.")
        if self._accept("not"):
            return f"NOT {self._factor(depth + 1)}"
        if self._accept("("):
            inner = self.expression(depth + 1)
            self._expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> str:
        token = self._take("a column")
        name = token.text
        if token.kind != "word" or name not in COLUMNS:
            raise InputError(
                f"The filter, character {token.position + 1}: no column {name!r}; use {', '.join(COLUMNS)}."
            )
        self.columns.add(name)
        self._conditions += 1
        if self._conditions > _MOST_CONDITIONS:
            raise InputError(f"The filter has more than {_MOST_CONDITIONS} conditions; use in (…) for long lists.")
        if self._accept("not"):
            self._expect("in")
            return self._membership(name, "NOT IN")
        if self._accept("in"):
            return self._membership(name, "IN")
        operator = self._take("a comparison such as = or >")
        if operator.text not in _COMPARISONS:
            self._fail("a comparison such as =, !=, <, >=, ~ or in", operator)
        return self._compare(name, operator.text)

    def _compare(self, name: str, operator: str) -> str:
        value = self._value(name)
        if value is None:
            if operator not in ("=", "==", "!="):
                raise InputError(f"The filter compares {name} with none by {operator}; use = or !=.")
            return f"{COLUMNS[name]} IS {'NOT ' if operator == '!=' else ''}NULL"
        if operator == "~":
            escaped = re.sub(r"([%_\\])", r"\\\1", str(value))
            self.parameters.append(f"%{escaped}%")
            return f"{COLUMNS[name]} LIKE ? ESCAPE '\\'"
        self.parameters.append(value)
        if operator == "!=":
            return f"{COLUMNS[name]} IS NOT ?"
        return f"{COLUMNS[name]} {_COMPARISONS[operator]} ?"

    def _membership(self, name: str, operator: str) -> str:
        self._expect("(")
        values = [self._value(name)]
        while self._accept(","):
            values.append(self._value(name))
        self._expect(")")
        self.parameters.extend(values)
        return f"{COLUMNS[name]} {operator} ({', '.join('?' * len(values))})"

    def _value(self, column: str) -> str | float | None:
        token = self._take("a value")
        if token.kind == "operator":
            self._fail("a value", token)
        if token.kind == "word" and token.text == "none":
            return None
        if column not in _ARE_NUMBERS:
            return token.text
        try:
            return float(token.text)
        except ValueError:
            raise InputError(
                f"The filter, character {token.position + 1}: {column} is a number, and {token.text!r} is none."
            ) from None

    def _accept(self, text: str) -> bool:
        if self._next < len(self._tokens):
            token = self._tokens[self._next]
            if token.kind != "text" and token.text.lower() == text:
                self._next += 1
                return True
        return False

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            self._fail(repr(text))

    def _take(self, wanted: str) -> _Token:
        if self._next >= len(self._tokens):
            self._fail(wanted)
        self._next += 1
        return self._tokens[self._next - 1]

    def _fail(self, wanted: str, token: _Token | None = None) -> None:
        if token is None and self._next < len(self._tokens):
            token = self._tokens[self._next]
        place = (
            f"character {token.position + 1} ({token.text!r})" if token else f"the end (character {self._length + 1})"
        )
        raise InputError(f"The filter, {place}: {wanted} was expected here.")


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise InputError(
                f"The filter, character {position + 1}: {text[position : position + 10]!r} is not understood."
            )
        kind = str(match.lastgroup)
        raw = match.group(kind)
        plain = re.sub(r"\\(.)", r"\1", raw[1:-1]) if kind == "text" else raw
        tokens.append(_Token(kind, plain, match.start(kind)))
        position = match.end()
    return tokens
