"""Google's image results in two forms: a JSON answer given to some, and a page with the originals in script blocks.

icrawler's own parser returns None when its pattern fits nothing, and its worker then dies of a TypeError
(https://github.com/hellock/icrawler/issues/107); these return an empty list.
"""

import html
import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

from icrawler.feeder import Feeder
from icrawler.parser import Parser

from core.collect.download import Answer
from core.collect.found import Found

__all__ = ["GoogleHtmlPages", "GoogleJsonPages", "GoogleResults"]

PAGE_SIZE = 100

_JSON_START = '{"ischj":'
_ORIGINAL = re.compile(r'\["(https?:(?:[^"\\]|\\.)+)",\s*(\d+),\s*(\d+)\]')
_SHOWN_ON = re.compile(r'"2003":\[null,"[^"]*","(https?:(?:[^"\\]|\\.)+)","((?:[^"\\]|\\.)*)"')
_LINK = re.compile(r'href="([^"]*[?&;]imgurl=[^"]+)"')
_NOTE_REACH = 3000
_OWN_HOSTS = ("gstatic.com", "google.com", "googleusercontent.com", "ggpht.com")


class _GooglePages(Feeder):  # type: ignore[misc]  # icrawler has no types
    """The addresses of today; icrawler's own are no longer answered."""

    def feed(self, keyword: str, offset: int, max_num: int) -> None:
        for start in range(offset, offset + max_num, PAGE_SIZE):
            asked = {"q": keyword, **self.form(start // PAGE_SIZE)}
            self.out_queue.put(f"https://www.google.com/search?{urlencode(asked, safe=':,')}")

    def form(self, page: int) -> dict[str, str]:
        """The parameters that ask for one page, counted from 0."""
        raise NotImplementedError


class GoogleJsonPages(_GooglePages):
    def form(self, page: int) -> dict[str, str]:
        return {"tbm": "isch", "asearch": "isch", "hl": "en", "async": f"_fmt:json,p:1,ijn:{page}"}


class GoogleHtmlPages(_GooglePages):
    def form(self, page: int) -> dict[str, str]:
        return {"udm": "2", "hl": "en", "ijn": str(page), "start": str(page * PAGE_SIZE)}


class GoogleResults(Parser):  # type: ignore[misc]
    """Reads whichever form the answer has."""

    def parse(self, response: Answer) -> list[Found]:
        text = response.body.decode("utf-8", "replace")
        start = text.find(_JSON_START)
        found = _from_json(text[start:]) if start >= 0 else [*_from_scripts(text), *_from_links(text)]
        return list({item.file_url: item for item in reversed(found)}.values())[::-1]


def _from_json(text: str) -> list[Found]:
    try:
        value, _ = json.JSONDecoder().raw_decode(text)
        items = value["ischj"].get("metadata") or []
    except (ValueError, KeyError, AttributeError):
        return []
    return [found for item in items if isinstance(item, dict) and (found := _from_item(item))]


def _from_item(item: dict[str, object]) -> Found | None:
    original, result = _mapping(item.get("original_image")), _mapping(item.get("result"))
    address = _text(original.get("url"))
    if address is None:
        return None
    creators = _mapping(result.get("iptc")).get("creator")
    return Found(
        file_url=address,
        page_url=_text(result.get("referrer_url")),
        title=_text(result.get("page_title")),
        author=", ".join(str(name) for name in creators) if isinstance(creators, list) and creators else None,
    )


def _from_scripts(text: str) -> Iterator[Found]:
    # The blocks stand either plainly in a script or as a string within one, with every quote escaped.
    for form in (text, text.replace('\\"', '"')) if '[\\"http' in text else (text,):
        for match in _ORIGINAL.finditer(form):
            address = _unescaped(match[1])
            if not _is_own(address):
                note = _SHOWN_ON.search(form, match.end(), match.end() + _NOTE_REACH)
                yield Found(address, _unescaped(note[1]) if note else None, _unescaped(note[2]) if note else None)


def _from_links(text: str) -> Iterator[Found]:
    for match in _LINK.finditer(text):
        asked = parse_qs(urlsplit(html.unescape(match[1])).query)
        if asked.get("imgurl"):
            pages = asked.get("imgrefurl")
            yield Found(asked["imgurl"][0], pages[0] if pages else None)


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text


def _is_own(address: str) -> bool:
    """Whether an address lies on one of the engine's own hosts: thumbnails, icons."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return True
    return any(host == own or host.endswith(f".{own}") for own in _OWN_HOSTS)


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
