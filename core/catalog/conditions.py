"""A parsed filter as a tree of conditions, and what the parser may still expect."""

from dataclasses import dataclass
from typing import Literal

from core.catalog.moments import Moment

__all__ = ["All", "Comparison", "Condition", "Empty", "Expected", "Membership", "Not", "Operator", "Some", "Value"]

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "~"]
Value = str | float | Moment


@dataclass(frozen=True, slots=True)
class Comparison:
    """An absent cell is unequal to every value, and neither less nor greater nor containing anything."""

    column: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Membership:
    column: str
    values: tuple[Value | None, ...]
    """None stands for an empty cell."""


@dataclass(frozen=True, slots=True)
class Empty:
    """The cell is absent, or a text without characters."""

    column: str


@dataclass(frozen=True, slots=True)
class Not:
    inner: "Condition"


@dataclass(frozen=True, slots=True)
class All:
    """True without parts."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Some:
    parts: tuple["Condition", ...]


Condition = Comparison | Membership | Empty | Not | All | Some


@dataclass(frozen=True, slots=True)
class Expected:
    """What could stand where a filter ends or goes wrong."""

    what: Literal["condition", "operator", "value", "joint", "word"]
    column: str = ""
    """Whose operator or value."""
    words: tuple[str, ...] = ()
    """Those that fit in any case."""
