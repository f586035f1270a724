"""Wikimedia Commons: free pictures by the public API of MediaWiki, each with its licence and author."""

from collections.abc import Mapping
from urllib.parse import urlencode

from bs4 import BeautifulSoup
from icrawler.feeder import Feeder
from icrawler.parser import Parser

from core.catalog.licences import plain_address, plain_text, state_licence
from core.collect.download import Answer
from core.collect.found import EngineError, Found, json_mapping, mappings

__all__ = ["COMMONS_PAGE_SIZE", "CommonsPages", "CommonsResults"]

COMMONS_PAGE_SIZE = 50
_WIDTH_PX = 1024
"""Originals may weigh 100 MB; larger ones are taken at this width, which it makes itself."""


class CommonsPages(Feeder):  # type: ignore[misc]  # icrawler has no types
    """The addresses of its pages; it answers with an error while its servers lag behind by more than 5 seconds."""

    def feed(self, keyword: str, offset: int, max_num: int) -> None:
        for first in range(offset, offset + max_num, COMMONS_PAGE_SIZE):
            asked = {
                "action": "query",
                "format": "json",
                "formatversion": 2,
                "maxlag": 5,
                "generator": "search",
                "gsrnamespace": 6,
                "gsrsearch": f"filetype:bitmap {keyword}",
                "gsrlimit": COMMONS_PAGE_SIZE,
                "gsroffset": first,
                "prop": "imageinfo",
                "iiprop": "url|size|mime|extmetadata",
                "iiurlwidth": _WIDTH_PX,
            }
            self.out_queue.put(f"https://commons.wikimedia.org/w/api.php?{urlencode(asked)}")


class CommonsResults(Parser):  # type: ignore[misc]
    def parse(self, response: Answer) -> list[Found]:
        """Raises EngineError with the API's own words, which come with the status 200."""
        answer = json_mapping(response)
        error = answer.get("error")
        if isinstance(error, dict):
            words = plain_text(error.get("info")) or plain_text(error.get("code")) or "an error"
            raise EngineError(f"commons does not work now ({words}); try again later or try openverse.")
        query = answer.get("query")
        pages = mappings(query.get("pages")) if isinstance(query, dict) else []
        # `index` is the place among the results: the pages themselves come in the order of their numbers.
        pages.sort(key=lambda page: place if isinstance(place := page.get("index"), int) else 0)
        return [found for page in pages if (found := _found(page))]


def _found(page: Mapping[str, object]) -> Found | None:
    infos = mappings(page.get("imageinfo"))
    info = infos[0] if infos else {}
    width = info.get("width")
    large = isinstance(width, int) and width > _WIDTH_PX
    address = plain_address(info.get("thumburl") if large else info.get("url"))
    if address is None:
        return None
    told = info.get("extmetadata")
    notes = told if isinstance(told, dict) else {}
    return Found(
        file_url=address,
        page_url=plain_address(info.get("descriptionurl")),
        title=plain_text(str(page.get("title") or "").removeprefix("File:")),
        author=_note(notes, "Artist") or _note(notes, "Credit"),
        licence=state_licence(
            _note(notes, "LicenseShortName") or _note(notes, "UsageTerms"), _note(notes, "LicenseUrl")
        ),
    )


def _note(notes: Mapping[str, object], name: str) -> str | None:
    """The text of one note, which may be written in HTML."""
    note = notes.get(name)
    value = note.get("value") if isinstance(note, dict) else None
    if not isinstance(value, str):
        return None
    return plain_text(BeautifulSoup(value, "lxml").get_text(" ") if "<" in value or "&" in value else value)
