"""Where a picture came from, in the few words that fit under it."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from core.catalog.sources import Origin

__all__ = ["origin_words"]


def origin_words(origins: Sequence[Origin]) -> str:
    """The site, the maker and the licence, as far as any of the origins tells; empty where none does."""
    address = next((origin.address for origin in origins if origin.address), None)
    site = urlsplit(address).hostname if address else None
    author = next((origin.author for origin in origins if origin.author), None)
    licence = next((origin.licence for origin in origins if origin.licence), None)
    words = [f"from {site}" if site else "", f"by {author}" if author else "", licence or ""]
    return ", ".join(word for word in words if word)
