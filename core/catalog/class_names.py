"""Names of classes: what one may be, and a pasted list of them read line by line."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.errors import InputError

__all__ = ["LeftOut", "ReadNames", "clean_class_name", "read_names", "split_lines"]

_LONGEST_NAME = 80
_LINE_END = re.compile(r"\r\n|\n|\r")
"""Not `splitlines`, which takes control characters inside of a name for line ends."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A line that makes no class."""

    line: int
    """From 1."""
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReadNames:
    names: tuple[str, ...]
    """As they will be kept, in the order of the lines."""
    left_out: tuple[LeftOut, ...]


def clean_class_name(name: str) -> str:
    """The name as it is kept: NFC, without space around it.

    Raises InputError when it is empty, too long, or holds control characters.
    """
    cleaned = unicodedata.normalize("NFC", name).strip()
    if not cleaned:
        raise InputError("A class needs a name; type at least one character.")
    if len(cleaned) > _LONGEST_NAME:
        raise InputError(
            f"The class name {cleaned[:30]!r}… has {len(cleaned)} characters; use {_LONGEST_NAME} or fewer."
        )
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in cleaned):
        raise InputError(f"The class name {cleaned!r} holds a control character or a line break; leave it out.")
    return cleaned


def split_lines(text: str) -> list[str]:
    """The lines of a pasted text, without a byte order mark."""
    return _LINE_END.split(text.removeprefix("\ufeff"))


def read_names(lines: Sequence[str], *, present: Iterable[str], twins: bool = False, again: bool = False) -> ReadNames:
    """The new names, one a line; what is there already, twice in it, or cannot be is told with its line.

    `present` are the names in use; `again` lets those in. `twins` lets names in that differ from another one only in
    upper and lower case.
    """
    in_use = tuple(present)
    known = {} if again else dict.fromkeys(in_use, "a class that there is")
    folded = {name.casefold(): f"the class {name!r}" for name in in_use}
    alike = frozenset(in_use) if again else frozenset()
    names: list[str] = []
    left_out: list[LeftOut] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            name = clean_class_name(line)
            _refuse_twin(name, line.strip(), known, {} if twins or name in alike else folded)
        except InputError as exc:
            left_out.append(LeftOut(number, line.strip(), str(exc)))
            continue
        names.append(name)
        known[name] = f"line {number}"
        folded.setdefault(name.casefold(), f"line {number} ({name!r})")
    return ReadNames(tuple(names), tuple(left_out))


def _refuse_twin(name: str, written: str, known: dict[str, str], folded: dict[str, str]) -> None:
    if name in known:
        how = "" if name == written else ", with its accents written in another way"
        raise InputError(f"The same name as {known[name]}{how}.")
    if name.casefold() in folded:
        raise InputError(f"Differs from {folded[name.casefold()]} only in upper and lower case.")
