"""The small filter language, read into conditions.

    expression = term { "or" term }
    term       = factor { "and" factor }
    factor     = "not" factor | "(" expression ")" | column test | flag
    test       = ("=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "contains") value
               | ["not"] "in" "(" value {"," value} ")" | "is" ["not"] "empty"
    value      = number | word | "quoted text" | 'quoted text' | none

`~` and `contains` look for a part of a text, letters A-Z in either case. `none` is an empty cell: `split = none` says
`split is empty`. A flag (`missing`, `wrong`) may stand alone. Dates are days (`added >= 2026-11-21`), minutes in quotes
(`added < "2026-11-21 18:30"`), `today`, `yesterday`, or how long ago (`added > 7d`; min, h, d, w). Within quotes a
backslash takes the next character as it is. Keywords, column names and fixed values may be written in capitals.
"""

import math
from difflib import get_close_matches
from typing import Final, cast

from core.catalog.columns import COLUMNS, RUN, Column
from core.catalog.conditions import (
    All,
    Comparison,
    Condition,
    Empty,
    Expected,
    Membership,
    Not,
    Operator,
    Some,
    Value,
)
from core.catalog.moments import read_moment
from core.catalog.tokens import FilterError, Token, tokens_of

__all__ = ["KEYWORDS", "LONGEST", "Parser"]

LONGEST: Final = 10_000
"""Characters of a filter."""
KEYWORDS: Final = ("and", "or", "not", "in", "is", "empty", "contains", "none")
_OPERATORS: Final = ("=", "!=", "<", "<=", ">", ">=", "~")
_YES: Final = {"yes": 1.0, "true": 1.0, "1": 1.0, "no": 0.0, "false": 0.0, "0": 0.0}
_DEEPEST: Final = 50
_MOST_CONDITIONS: Final = 500  # SQLite takes chains of up to 1,000
_MOST_VALUES: Final = 5_000


class Parser:
    """Recursive descent over the tokens of one text.

    After `parse`: `columns` that were spoken of, the first `place` of each, and the `run` named, if any.
    """

    def __init__(self, text: str, *, now: float) -> None:
        if len(text) > LONGEST:
            raise FilterError(f"The filter has {len(text):,} characters; use {LONGEST:,} or fewer.", LONGEST, len(text))
        self._text = text
        self._tokens = tokens_of(text)
        self._now = now
        self._next = 0
        self._open = 0
        self._conditions = 0
        self.places: dict[str, Token] = {}
        self.run: str | None = None

    def parse(self) -> Condition:
        """The whole text as one condition; raises FilterError."""
        if not self._tokens:
            return All(())
        found = self._expression(0)
        if self._next < len(self._tokens):
            raise self._surplus(self._tokens[self._next])
        return found

    def _expression(self, depth: int) -> Condition:
        terms = [self._term(depth)]
        while self._accept("or"):
            terms.append(self._term(depth))
        return terms[0] if len(terms) == 1 else Some(tuple(terms))

    def _term(self, depth: int) -> Condition:
        factors = [self._factor(depth)]
        while self._accept("and"):
            factors.append(self._factor(depth))
        return factors[0] if len(factors) == 1 else All(tuple(factors))

    def _factor(self, depth: int) -> Condition:
        if depth > _DEEPEST:
            raise self._error(f"the filter nests more than {_DEEPEST} brackets or nots; write it flatter")
        if self._accept("not"):
            return Not(self._factor(depth + 1))
        if self._accept("("):
            self._open += 1
            inner = self._expression(depth + 1)
            self._expect(")", Expected("joint", words=("and", "or", ")")))
            self._open -= 1
            return inner
        return self._test()

    def _test(self) -> Condition:
        column = self._column()
        self._conditions += 1
        if self._conditions > _MOST_CONDITIONS:
            raise self._error(f"these are more than {_MOST_CONDITIONS} conditions; use in (…) for long lists")
        if column.kind == "flag" and self._ends_here():
            return Comparison(column.name, "=", 1.0)
        if self._accept("not"):
            self._expect("in", Expected("word", words=("in",)))
            return Not(self._membership(column))
        if self._accept("in"):
            return self._membership(column)
        if self._accept("is"):
            return self._emptiness(column)
        return self._comparison(column)

    def _comparison(self, column: Column) -> Condition:
        operator = self._operator(column)
        value = self._value(column, check=operator in ("=", "!="))
        if value is None:
            if operator not in ("=", "!="):
                raise self._error(f"{column.name} is compared with none by {operator}; use = or !=", back=True)
            return Empty(column.name) if operator == "=" else Not(Empty(column.name))
        return Comparison(column.name, operator, value)

    def _operator(self, column: Column) -> Operator:
        expected = Expected("operator", column.name)
        token = self._take("a comparison such as = or >", expected)
        word = {"==": "=", "contains": "~"}.get(token.text.lower(), token.text)
        if token.sort == "text" or word not in _OPERATORS:
            raise self._wrong("a comparison such as =, !=, <, >=, ~, in or is empty", token, expected)
        if word == "~" and column.kind != "text":
            raise self._error(f"~ looks for a part of a text, and {column.name} is a {column.kind}", back=True)
        if column.name == RUN and word not in ("=", "!="):
            raise self._error("a run can only be named by = or !=", back=True)
        return cast("Operator", word)

    def _membership(self, column: Column) -> Condition:
        if column.name == RUN:
            raise self._error("a run can only be named by = or !=", back=True)
        self._expect("(", Expected("word", words=("(",)))
        values = [self._value(column)]
        while self._accept(","):
            values.append(self._value(column))
        if len(values) > _MOST_VALUES:
            raise self._error(f"these are more than {_MOST_VALUES:,} values", back=True)
        self._expect(")", Expected("word", words=(",", ")")))
        return Membership(column.name, tuple(values))

    def _emptiness(self, column: Column) -> Condition:
        if column.name == RUN:
            raise self._error("a run can only be named by = or !=", back=True)
        negated = self._accept("not")
        if not self._accept("none"):
            self._expect("empty", Expected("word", words=("empty",) if negated else ("empty", "not")))
        return Not(Empty(column.name)) if negated else Empty(column.name)

    def _column(self) -> Column:
        expected = Expected("condition", words=("not", "("))
        token = self._take("a column", expected)
        column = COLUMNS.get(token.text.lower()) if token.sort == "word" else None
        if column is None or token.text.lower() in KEYWORDS:
            near = _nearest(token.text, COLUMNS)
            raise self._blame(f"no column {token.text!r}; {near}", token, expected)
        self.places.setdefault(column.name, token)
        return column

    def _value(self, column: Column, *, check: bool = True) -> Value | None:
        expected = Expected("value", column.name)
        token = self._take("a value", expected)
        word = token.text.lower()
        if token.sort == "operator" or (token.sort == "word" and word in KEYWORDS and word != "none"):
            raise self._wrong("a value (in quotes where it is a word of this language)", token, expected)
        if token.sort == "word" and word == "none" and column.name != RUN:
            return None
        if column.kind == "text":
            return self._text_value(column, token, check=check)
        return self._figure(column, token)

    def _text_value(self, column: Column, token: Token, *, check: bool) -> str:
        if column.name == RUN:
            if self.run not in (None, token.text):
                raise self._blame(f"a filter can speak of one run, and this one speaks of {self.run} before", token)
            self.run = token.text
        if column.values and check:
            if token.text.lower() not in column.values:
                raise self._blame(
                    f"{column.name} cannot be {token.text!r}; {_nearest(token.text, column.values)}",
                    token,
                    Expected("value", column.name),
                )
            return token.text.lower()
        return token.text

    def _figure(self, column: Column, token: Token) -> Value:
        if column.kind == "flag" and token.text.lower() in _YES:
            return _YES[token.text.lower()]
        try:
            number = float(token.text)
        except ValueError:
            number = math.nan
        if math.isfinite(number):
            return number
        if column.kind == "date" and (moment := read_moment(token.text, now=self._now)):
            return moment
        wanted = {
            "flag": "yes or no",
            "date": "a date such as 2026-11-21, today or 7d for so long ago",
        }.get(column.kind, "a number")
        raise self._blame(
            f"{column.name} is {wanted}, and {token.text!r} is none", token, Expected("value", column.name)
        )

    def _ends_here(self) -> bool:
        token = self._tokens[self._next] if self._next < len(self._tokens) else None
        return token is None or (token.sort != "text" and token.text.lower() in ("and", "or", ")"))

    def _accept(self, word: str) -> bool:
        if self._next < len(self._tokens):
            token = self._tokens[self._next]
            if token.sort != "text" and token.text.lower() == word:
                self._next += 1
                return True
        return False

    def _expect(self, word: str, expected: Expected) -> None:
        if self._accept(word):
            return
        if self._next < len(self._tokens):
            raise self._wrong(repr(word), self._tokens[self._next], expected)
        raise self._end(repr(word), expected)

    def _take(self, wanted: str, expected: Expected) -> Token:
        if self._next >= len(self._tokens):
            raise self._end(wanted, expected)
        self._next += 1
        return self._tokens[self._next - 1]

    def _surplus(self, token: Token) -> FilterError:
        """Something behind a whole filter: a joint is missing, or quotes around a value of several words."""
        before = self._tokens[self._next - 1]
        said = "'and', 'or' or the end was expected here"
        if token.text == ")":
            said = "this bracket was never opened"
        elif before.sort == "word" and token.sort in ("word", "number") and token.text.lower() not in COLUMNS:
            said += f'; write "{before.text} {token.text}" in quotes if that is one value'
        return self._blame(said, token, Expected("joint", words=("and", "or")))

    def _wrong(self, wanted: str, token: Token, expected: Expected) -> FilterError:
        return self._blame(f"{wanted} was expected here, not {token.text!r}", token, expected)

    def _end(self, wanted: str, expected: Expected) -> FilterError:
        place = len(self._text)
        return FilterError(
            f"The filter, the end (character {place + 1}): {wanted} was expected here.", place, place, expected
        )

    def _error(self, said: str, *, back: bool = False) -> FilterError:
        """At the next token, or at the one before."""
        place = min(max(self._next - int(back), 0), len(self._tokens) - 1)
        return self._blame(said, self._tokens[place])

    def _blame(self, said: str, token: Token, expected: Expected | None = None) -> FilterError:
        sentence = said if said.endswith("?") else f"{said}."
        return FilterError(f"The filter, character {token.start + 1}: {sentence}", token.start, token.end, expected)


def _nearest(word: str, known: "dict[str, Column] | tuple[str, ...]") -> str:
    """The known word that looks most like it, else all of them."""
    near = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"use {', '.join(known)}"
