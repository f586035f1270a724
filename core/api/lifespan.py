"""What runs beside the requests as long as the server lives."""

import contextlib
from collections.abc import AsyncIterator

from core.api.desk import Desk

__all__ = ["lifespan"]


@contextlib.asynccontextmanager
async def lifespan(desk: Desk) -> AsyncIterator[None]:
    """Start what belongs to the server, and end it with the server."""
    try:
        yield
    finally:
        desk.close()
