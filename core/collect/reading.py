"""Opening what a person points at, without following links and without ever waiting on a pipe."""

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from core.errors import InputError
from core.images.reading import open_plain

__all__ = ["digest_source", "open_source", "read_head", "text_of"]

_CHUNK_BYTES = 1 << 20


@contextlib.contextmanager
def open_source(path: Path) -> Iterator[tuple[int, os.stat_result]]:
    """A descriptor of a plain file of at most MAX_BYTES that is not empty, and its stat.

    Raises InputError with the reason otherwise.
    """
    with open_plain(path, follow_links=False) as (descriptor, status):
        if status.st_size == 0:
            raise InputError("empty file")
        yield descriptor, status


def digest_source(path: Path) -> str:
    """The sha256 of a file's bytes; raises InputError with a reason."""
    total = hashlib.sha256()
    with open_source(path) as (descriptor, _):
        try:
            while chunk := os.read(descriptor, _CHUNK_BYTES):
                total.update(chunk)
        except OSError as exc:
            raise InputError(f"cannot be read ({exc.strerror})") from exc
    return total.hexdigest()


def read_head(path: Path, count: int) -> bytes:
    """The first bytes of a plain file; none when it cannot be read."""
    try:
        with open_source(path) as (descriptor, _):
            return os.read(descriptor, count)
    except (InputError, OSError):
        return b""


def text_of(name: str) -> str:
    """A file name as text that can be stored: bytes that are no UTF-8 appear as `\\xff`."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
