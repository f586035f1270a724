"""What comes along with pictures about their origin: columns of a table, or a file of notes beside each picture.

Understood are CSV files with a column of file names, `picture.jpg.json` or `picture.json` as downloaders leave them,
and `picture.xmp`. What they say is believed as far as it is one line of text, or an address of the web.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from core.catalog.licences import Licence, plain_address, plain_text, state_licence
from core.collect.labels import column_name, match_rows, table_rows
from core.collect.listing import Listing
from core.errors import InputError
from core.images.credit import read_xmp

__all__ = ["Told", "ToldOrigins"]

_FILE_COLUMNS: Final = ("img_name", "image_name", "file_name", "filename", "file", "image", "path", "name")
_PAGE: Final = (
    "page_url", "page", "source_url", "source", "foreign_landing_url", "landing_url", "originallandingurl",
    "original_landing_url", "descriptionurl", "webpage_url", "referrer", "link",
)  # fmt: skip
_ADDRESS: Final = ("image_url", "file_url", "originalurl", "original_url", "download_url", "url", "src")
_AUTHOR: Final = ("author", "creator", "artist", "photographer", "author_name", "attribution_name", "byline", "credit")
_LICENCE: Final = ("licence", "license", "licence_name", "license_name", "licenseshortname", "usage_terms", "rights")
_LICENCE_URL: Final = ("licence_url", "license_url", "licenseurl")
_TITLE: Final = ("title", "caption", "description")
_NAMED: Final = ("name", "realname", "full_name", "title", "username", "url")
"""Where an object in place of a text holds the text."""


@dataclass(frozen=True, slots=True)
class Told:
    """The origin of one picture; each part None where nothing says it."""

    file_url: str | None = None
    page_url: str | None = None
    title: str | None = None
    author: str | None = None
    licence: Licence | None = None


class ToldOrigins:
    """What the tables and notes of a source tell of its pictures."""

    def __init__(self, listing: Listing) -> None:
        self._notes = listing.notes
        self._rows: dict[str, Told] = {}
        names = [item.name for item in listing.items]
        for table, content in listing.tables.items():
            self._rows |= _of_table(content, names, folder=str(PurePosixPath(table).parent))

    def of(self, name: str) -> Told | None:
        """The origin of the picture of that name: by the notes beside it, else by a table; None where none is told."""
        beside = (f"{name}.json", f"{PurePosixPath(name).with_suffix('.json')}", f"{name}.xmp")
        for note in (*beside, f"{PurePosixPath(name).with_suffix('.xmp')}"):
            if note in self._notes and (told := self._of_note(note)):
                return told
        return self._rows.get(name)

    def _of_note(self, name: str) -> Told | None:
        try:
            content = self._notes[name]()
        except InputError:
            return None
        if name.endswith(".xmp"):
            credit = read_xmp(content)
            return Told(author=credit.author, licence=credit.licence) if credit.author or credit.licence else None
        try:
            value = json.loads(content)
        except (ValueError, RecursionError):
            return None
        return _told(value) if isinstance(value, dict) else None


def _of_table(content: bytes, names: Sequence[str], *, folder: str) -> dict[str, Told]:
    rows = table_rows(content)
    header = [column_name(cell) for cell in rows[0]] if rows else []
    file_at = next((header.index(name) for name in _FILE_COLUMNS if name in header), None)
    if file_at is None or not {*_PAGE, *_ADDRESS, *_AUTHOR, *_LICENCE, *_LICENCE_URL} & set(header):
        return {}
    found: dict[str, Told] = {}
    for row in rows[1:]:
        if len(row) > file_at and (file := row[file_at].strip().replace("\\", "/")):
            told = _told(dict(zip(header, row, strict=False)))
            if told is not None:
                found.setdefault(file, told)
    return {item: found[file] for file, item in match_rows(found, names, folder=folder).items()}


def _told(values: Mapping[str, object]) -> Told | None:
    """What named values tell; None when that is nothing but a title."""
    given = {column_name(name): value for name, value in values.items()}
    told = Told(
        file_url=_address(given, _ADDRESS),
        page_url=_address(given, _PAGE),
        title=_text(given, _TITLE),
        author=_text(given, _AUTHOR),
        licence=_licence(given),
    )
    return told if told.file_url or told.page_url or told.author or told.licence else None


def _licence(given: Mapping[str, object]) -> Licence | None:
    within = next((value for name in _LICENCE if isinstance(value := given.get(name), dict)), {})
    return state_licence(_text(given, _LICENCE), _address(given, _LICENCE_URL) or plain_address(within.get("url")))


def _text(given: Mapping[str, object], names: Sequence[str]) -> str | None:
    return next((text for name in names if (text := _line(given.get(name)))), None)


def _line(value: object) -> str | None:
    if isinstance(value, dict):
        return next((text for name in _NAMED if (text := plain_text(value.get(name)))), None)
    if isinstance(value, list):
        return plain_text(", ".join(filter(None, map(plain_text, value[:20]))))
    return plain_text(value)


def _address(given: Mapping[str, object], names: Sequence[str]) -> str | None:
    return next((address for name in names if (address := plain_address(given.get(name)))), None)
