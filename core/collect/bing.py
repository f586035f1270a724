"""Bing's image results: the addresses of its pages, and what stands in them."""

import json
from urllib.parse import quote_plus

from bs4 import BeautifulSoup
from icrawler.feeder import Feeder
from icrawler.parser import Parser

from core.collect.download import Answer
from core.collect.found import Found

__all__ = ["BingPages", "BingResults"]

PAGE_SIZE = 35


class BingPages(Feeder):  # type: ignore[misc]  # icrawler has no types
    """icrawler's own address lacks `async` and `count`, and does not quote the query."""

    def feed(self, keyword: str, offset: int, max_num: int) -> None:
        for first in range(offset, offset + max_num, PAGE_SIZE):
            self.out_queue.put(
                f"https://www.bing.com/images/async?q={quote_plus(keyword)}&async=1&first={first + 1}"
                f"&count={PAGE_SIZE}&qft="
            )


class BingResults(Parser):  # type: ignore[misc]
    """Reads the attribute `m` of each result: icrawler's own parser keeps only addresses that end in .jpg."""

    def parse(self, response: Answer) -> list[Found]:
        soup = BeautifulSoup(response.body.decode("utf-8", "replace"), "lxml")
        notes = [_note(str(link.get("m", ""))) for link in soup.select("a.iusc[m]")]
        return [
            Found(
                file_url=address,
                page_url=_text(note.get("purl")),
                title=_text(note.get("t")) or _text(note.get("desc")),
            )
            for note in notes
            if (address := _text(note.get("murl")))
        ]


def _note(text: str) -> dict[str, object]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
