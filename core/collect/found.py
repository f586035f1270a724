"""What a search engine's page tells about pictures, and the ways in which it refuses to tell."""

from dataclasses import dataclass

from core.errors import UnavailableError

__all__ = ["EngineError", "Found"]


@dataclass(frozen=True, slots=True)
class Found:
    """One picture in a page of results."""

    file_url: str
    page_url: str | None = None
    """The page that shows it."""
    title: str | None = None
    author: str | None = None


class EngineError(UnavailableError):
    """An engine gave no results and the message says what it gave instead."""

    def __init__(self, message: str, *, final: bool = True) -> None:
        super().__init__(message)
        self.final = final
        """False when another form of the same question may be answered."""
