"""Who made a picture and what may be done with it, as its own bytes tell: XMP, IPTC, EXIF and the texts of a PNG.

Of a mere notice of rights, only a licence that is well known counts as one. XMP is read without entities: a document
type is refused, so that nothing in it can grow or be fetched.
"""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as Xml

from PIL import Image, ImageFile, IptcImagePlugin

from core.catalog.licences import Licence, plain_address, plain_text, recognise_licence, state_licence
from core.images.reasons import DECODER_ERRORS

__all__ = ["Credit", "read_credit", "read_xmp"]

_XMP_BYTES: Final = 256 << 10
_MOST_TAGS: Final = 5000
_ARTIST: Final = 0x013B
_COPYRIGHT: Final = 0x8298
_BY_LINE: Final = (2, 80)
_COPYRIGHT_NOTICE: Final = (2, 116)
_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_CREATORS: Final = ("{http://purl.org/dc/elements/1.1/}creator", "{http://creativecommons.org/ns#}attributionName")
_LICENCE: Final = "{http://creativecommons.org/ns#}license"
_TERMS: Final = "{http://ns.adobe.com/xap/1.0/rights/}UsageTerms"
_STATEMENT: Final = "{http://ns.adobe.com/xap/1.0/rights/}WebStatement"
_RIGHTS: Final = "{http://purl.org/dc/elements/1.1/}rights"
_TELLING: Final = (b"\xff\xe1", b"\xff\xed")
"""The marks of a JPEG's segments of EXIF and XMP, and of IPTC: most small pictures of the web have neither."""
_NOBODY: Final = re.compile(r"(?:copyright|picasa|all rights reserved|\(c\)|[\W\d_])*$", re.IGNORECASE)
"""What names no person: a year, a sign, the program that wrote the note."""


@dataclass(frozen=True, slots=True)
class Credit:
    """What a picture tells of its rights."""

    author: str | None = None
    """Who made it, else who claims the rights, in its own words."""
    licence: Licence | None = None


def read_credit(content: bytes, format: str) -> Credit:
    """What these bytes of a picture tell; empty where they tell nothing, or are damaged there, which hurts no pixel."""
    if format == "JPEG" and not any(mark in content for mark in _TELLING):
        return Credit()
    try:
        picture = Image.open(io.BytesIO(content), formats=[format])
        xmp = read_xmp(_xmp_of(picture))
        makers, notices = _plain_notes(picture)
    except DECODER_ERRORS:
        return Credit()
    author = next((name for name in (xmp.author, *makers, *notices) if name and not _NOBODY.match(name)), None)
    return Credit(author, xmp.licence or recognise_licence(*notices))


def read_xmp(packet: bytes) -> Credit:
    """What an XMP packet, or a file beside a picture that holds one, tells; empty for anything else."""
    notes = _properties(packet)
    author = ", ".join(dict.fromkeys(name for key in _CREATORS for name in notes.get(key, ())))
    address, statement, terms, rights = (_first(notes, key) for key in (_LICENCE, _STATEMENT, _TERMS, _RIGHTS))
    stated = recognise_licence(address, statement, terms, rights)
    licence = stated or state_licence(terms, plain_address(statement)) or state_licence(address)
    return Credit(plain_text(author) or rights, licence)


def _xmp_of(picture: ImageFile.ImageFile) -> bytes:
    packet = picture.info.get("xmp", b"")
    return packet if isinstance(packet, bytes) else b""


def _properties(packet: bytes) -> dict[str, list[str]]:
    """The texts of each property, by its full name."""
    packet = packet.strip(b"\0 \t\r\n\xef\xbb\xbf")
    if not packet or len(packet) > _XMP_BYTES or b"<!" in packet.replace(b"<!--", b""):
        return {}
    try:
        text = packet.decode("utf-8")
        root = Xml.fromstring(text)
    except (UnicodeDecodeError, Xml.ParseError, ValueError, RecursionError):
        return {}
    notes: dict[str, list[str]] = {}
    for number, node in enumerate(root.iter(f"{_RDF}Description")):
        if number >= _MOST_TAGS:
            break
        for name, value in node.attrib.items():
            notes.setdefault(name, []).extend(filter(None, [plain_text(value)]))
        for child in node:
            notes.setdefault(child.tag, []).extend(_texts(child))
    return notes


def _texts(node: Xml.Element) -> Iterator[str]:
    """The value of a property: of its attribute, its own, or that of each item of the list in it."""
    items = list(node.iter(f"{_RDF}li"))[:_MOST_TAGS] or [node]
    for item in items:
        if text := plain_text(item.get(f"{_RDF}resource") or item.text):
            yield text


def _first(notes: dict[str, list[str]], key: str) -> str | None:
    return next(iter(notes.get(key, ())), None)


def _plain_notes(picture: ImageFile.ImageFile) -> tuple[Sequence[str], Sequence[str]]:
    """Names of makers, and notices of rights, the most telling first."""
    exif, iptc = picture.getexif(), IptcImagePlugin.getiptcinfo(picture) or {}
    makers = [iptc.get(_BY_LINE), exif.get(_ARTIST), picture.info.get("Author")]
    notices = [iptc.get(_COPYRIGHT_NOTICE), exif.get(_COPYRIGHT), picture.info.get("Copyright")]
    return [*filter(None, map(_text, makers))], [*filter(None, map(_text, notices))]


def _text(value: object) -> str | None:
    """A note as text: lists hold several names, and old tools wrote UTF-8 where Latin-1 is meant."""
    if isinstance(value, list | tuple):
        return plain_text(", ".join(filter(None, map(_text, value[:20]))))
    try:
        raw = value if isinstance(value, bytes) else str(value or "").encode("latin-1")
    except UnicodeEncodeError:
        return plain_text(value)
    try:
        return plain_text(raw[:_XMP_BYTES].decode("utf-8"))
    except UnicodeDecodeError:
        return plain_text(raw[:_XMP_BYTES].decode("latin-1"))
