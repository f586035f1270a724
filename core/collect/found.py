"""What a search engine's page tells about pictures, and the ways in which it refuses to tell."""

import json
from dataclasses import dataclass
from typing import Any

from core.catalog.licences import Licence
from core.collect.download import Answer
from core.errors import UnavailableError

__all__ = ["EngineError", "Found", "json_mapping", "mappings"]


@dataclass(frozen=True, slots=True)
class Found:
    """One picture in a page of results."""

    file_url: str
    page_url: str | None = None
    """The page that shows it."""
    title: str | None = None
    author: str | None = None
    licence: Licence | None = None


class EngineError(UnavailableError):
    """An engine gave no results and the message says what it gave instead."""

    def __init__(self, message: str, *, final: bool = True) -> None:
        super().__init__(message)
        self.final = final
        """False when another form of the same question may be answered."""


def json_mapping(answer: Answer) -> dict[str, Any]:
    """The object that an answer holds as JSON; empty for anything else."""
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[dict[str, Any]]:
    """The objects in a list; empty for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
