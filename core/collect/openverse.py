"""Openverse: openly licensed pictures of many archives by a public API, each with its licence and author."""

from collections.abc import Mapping
from urllib.parse import urlencode

from icrawler.feeder import Feeder
from icrawler.parser import Parser

from core.catalog.licences import plain_address, plain_text, state_licence
from core.collect.download import Answer
from core.collect.found import Found, json_mapping, mappings

__all__ = ["OPENVERSE_PAGES", "OPENVERSE_PAGE_SIZE", "OpenversePages", "OpenverseResults"]

OPENVERSE_PAGE_SIZE = 20
"""The most that it gives without a key; so the number of pages."""
OPENVERSE_PAGES = 20


class OpenversePages(Feeder):  # type: ignore[misc]  # icrawler has no types
    """The addresses of its pages, counted from 1."""

    def feed(self, keyword: str, offset: int, max_num: int) -> None:
        for first in range(offset, offset + max_num, OPENVERSE_PAGE_SIZE):
            page = first // OPENVERSE_PAGE_SIZE + 1
            asked = {"q": keyword, "page": page, "page_size": OPENVERSE_PAGE_SIZE, "mature": "false"}
            self.out_queue.put(f"https://api.openverse.org/v1/images/?{urlencode(asked)}")


class OpenverseResults(Parser):  # type: ignore[misc]
    def parse(self, response: Answer) -> list[Found]:
        return [found for item in mappings(json_mapping(response).get("results")) if (found := _found(item))]


def _found(item: Mapping[str, object]) -> Found | None:
    address = plain_address(item.get("url"))
    if address is None:
        return None
    terms = " ".join(part for part in (_text(item, "license"), _text(item, "license_version")) if part)
    licence = state_licence(f"CC {terms}" if terms else None, _text(item, "license_url"))
    return Found(
        file_url=address,
        page_url=plain_address(item.get("foreign_landing_url")),
        title=_text(item, "title"),
        author=_text(item, "creator"),
        licence=licence,
    )


def _text(item: Mapping[str, object], name: str) -> str | None:
    return plain_text(item.get(name))
