"""What a cell means that a spreadsheet or a hand has changed: the picture or the class that it was before."""

import math
import re
import unicodedata
from collections.abc import Collection, Iterator

from core.catalog.class_names import clean_class_name
from core.errors import InputError

__all__ = ["meant_class", "meant_path"]

_FORMULA = re.compile(r"^'(?=[=+\-@\t\r])")
"""The apostrophe that `export --spreadsheet` puts before what a spreadsheet would calculate."""
_ERROR = re.compile(r"#(NAME\?|REF!|VALUE!|DIV/0!|N/A|NULL!|NUM!|SPILL!|CALC!)")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?")
_DATE = re.compile(r"(\d{1,4}[-/. ]+)?(\d{1,2}|[a-z]{3,9})[-/. ]+\d{1,4}|\d{1,2}[-/. ]+[a-z]{3,9}", re.IGNORECASE)
_MADE_DATE = re.compile(r"[a-z]{3}|\d{4}", re.IGNORECASE)


def meant_path(cell: str, known: Collection[str]) -> str | None:
    """The known path that an img_name means: apostrophes, backslashes, space and Unicode forms do not count."""
    plain = _FORMULA.sub("", cell.strip())
    return next(
        (form for form in _forms(cell, plain, plain.replace("\\", "/").removeprefix("./")) if form in known), None
    )


def meant_class(cell: str, names: Collection[str], expected: Collection[str]) -> str:
    """The class that a class_name means: a known one, else the name of a new one, clean.

    `expected` are the names that stood there or that the line's number has: a number, a date or TRUE that a
    spreadsheet has made of one of these means that one.
    Raises InputError for a name that cannot be, also for the error that a spreadsheet shows for a formula.
    """
    cleaned = clean_class_name(cell)
    plain = cleaned if cleaned in names else clean_class_name(_FORMULA.sub("", cleaned))
    if plain in names:
        return plain
    before = next((name for name in expected if _made_of(plain, name)), None)
    if before is None and _ERROR.fullmatch(plain):
        raise InputError(f"a spreadsheet has put {plain} for the class; write its name, or leave the cell empty.")
    return before or plain


def _forms(*texts: str) -> Iterator[str]:
    for text in texts:
        yield text
        yield unicodedata.normalize("NFC", text)
        yield unicodedata.normalize("NFD", text)


def _made_of(cell: str, name: str) -> bool:
    """Whether a spreadsheet that reads `name` could write `cell`.

    007 → 7, 1E5 → 1.00E+05, true → TRUE, 1-2 → 2-Jan; of a formula a number or an error.
    """
    if name[:1] in "=+-@" and (_ERROR.fullmatch(cell) or (_NUMBER.fullmatch(cell) and not _NUMBER.fullmatch(name))):
        return True
    if cell in ("TRUE", "FALSE"):
        return cell == name.upper()
    if _NUMBER.fullmatch(cell) and _NUMBER.fullmatch(name):
        return math.isclose(_number(cell), _number(name), rel_tol=1e-2 if "E" in cell.upper() else 1e-12)
    is_date = _DATE.fullmatch(cell) is not None and _MADE_DATE.search(cell) is not None
    return is_date and _DATE.fullmatch(name) is not None


def _number(text: str) -> float:
    return float(text.replace(",", "."))
