"""What a licence is called: one name for each, from the address or the words by which pages and files state it."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

__all__ = ["Licence", "plain_address", "plain_text", "recognise_licence", "state_licence"]

_MOST_LETTERS: Final = 200
_ADDRESS: Final = re.compile(r"creativecommons\.org/(?:licenses|publicdomain)/([a-z+-]+)(?:/(\d\.\d))?", re.IGNORECASE)
_SHORT: Final = re.compile(r"\bCC[ -]?(BY(?:[ -](?:NC|SA|ND))*|0|ZERO)(?![a-z])[ -]*v?(\d\.\d)?", re.IGNORECASE)
_LONG: Final = re.compile(
    r"\bcreative commons\W+(?:cc\W+)?(zero|attribution(?:\W+(?:non\W?commercial|share\W?alike|no\W?deriv\w*))*)"
    r"(?:\W+(?:(?:international|generic|unported|universal|licen[cs]e|v)\W*)*(\d\.\d))?",
    re.IGNORECASE,
)
_PUBLIC_DOMAIN: Final = re.compile(r"\b(?:public domain|gemeinfrei|no known copyright)\b", re.IGNORECASE)
_NONE: Final = re.compile(r"^\W*(?:none|unknown|n/?a|null|nan|no licen[cs]e)?\W*$|all rights reserved", re.IGNORECASE)
_ROOT: Final = "https://creativecommons.org"


@dataclass(frozen=True, slots=True)
class Licence:
    """What may be done with a picture, as its origin states it."""

    name: str
    """`CC BY-SA 4.0`, `CC0 1.0`, `Public domain`, or the origin's own words."""
    url: str | None = None


def recognise_licence(*texts: str | None) -> Licence | None:
    """The well-known licence that the first of these notices and addresses names; None where none does."""
    for text in texts:
        if text and (found := _by_address(text) or _by_words(text)):
            return found
    return None


def state_licence(words: str | None, address: str | None = None) -> Licence | None:
    """The licence of an origin that states it in a place of its own, well-known or not; None when it states none."""
    url = plain_address(address)
    known = recognise_licence(url, words)
    if known is not None:
        return Licence(known.name, url or known.url)
    name = plain_text(words)
    if name is None or _NONE.search(name):
        return None
    return Licence(name, plain_address(name) or url)


def plain_text(value: object) -> str | None:
    """One line of at most 200 letters without control characters; None for what is no text, or an empty one."""
    if not isinstance(value, str):
        return None
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in value).split())
    return (line if len(line) <= _MOST_LETTERS else f"{line[: _MOST_LETTERS - 1]}…") or None


def plain_address(value: object) -> str | None:
    """An http or https address of at most 2,000 letters; None for anything else."""
    if not isinstance(value, str) or len(value) > 2000:
        return None
    address = value.strip()
    address = f"https:{address}" if address.startswith("//") else address
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.netloc and address.isprintable() else None


def _by_address(text: str) -> Licence | None:
    found = _ADDRESS.search(text)
    if found is None:
        return None
    return _creative_commons(found[1].lower(), found[2])


def _by_words(text: str) -> Licence | None:
    if found := _SHORT.search(text):
        return _creative_commons(re.sub(r"[ -]+", "-", found[1].lower()), found[2])
    if found := _LONG.search(text):
        words = found[1].lower()
        signs = {"by": "attribution", "nc": "commercial", "nd": "deriv", "sa": "share"}
        kind = "zero" if words == "zero" else "-".join(sign for sign, part in signs.items() if part in words)
        return _creative_commons(kind, found[2])
    return Licence("Public domain") if _PUBLIC_DOMAIN.search(text) else None


def _creative_commons(kind: str, version: str | None) -> Licence | None:
    if kind in ("0", "zero"):
        return Licence("CC0 1.0", f"{_ROOT}/publicdomain/zero/1.0/")
    if kind in ("mark", "publicdomain", "pdm"):
        return Licence("Public domain", f"{_ROOT}/publicdomain/mark/1.0/")
    if kind.partition("-")[0] != "by":
        return None
    number = f" {version}" if version else ""
    return Licence(f"CC {kind.upper()}{number}", f"{_ROOT}/licenses/{kind}/{version}/" if version else None)
