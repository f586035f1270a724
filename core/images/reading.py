"""A file's bytes, without ever blocking on a pipe or a device."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.errors import InputError

__all__ = ["MAX_BYTES", "open_plain", "read_file", "special_kind"]

MAX_BYTES: Final = 25_000_000

_KINDS: Final = (
    (stat.S_ISLNK, "a link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def special_kind(mode: int) -> str | None:
    """What a file of this `st_mode` is (`a link`, `a pipe` …); None for a plain file."""
    if stat.S_ISREG(mode):
        return None
    return next((name for test, name in _KINDS if test(mode)), "not a file")


@contextlib.contextmanager
def open_plain(path: Path, *, follow_links: bool) -> Iterator[tuple[int, os.stat_result]]:
    """A descriptor of the file, and its stat.

    Raises InputError with a reason for what is no plain file, larger than MAX_BYTES, or out of reach.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow_links else os.O_NOFOLLOW)
    try:
        descriptor = os.open(path, flags)
    except OSError as exc:
        raise InputError(_refusal(path, exc)) from exc
    try:
        status = os.fstat(descriptor)
        kind = special_kind(status.st_mode)
        if kind:
            raise InputError(f"{kind}, not a file")
        if status.st_size > MAX_BYTES:
            raise InputError(f"too large ({status.st_size:,} bytes; at most {MAX_BYTES:,})")
        yield descriptor, status
    finally:
        os.close(descriptor)


def read_file(path: Path, *, follow_links: bool) -> tuple[bytes, os.stat_result]:
    """The file's bytes and the stat of just that file.

    Raises InputError with a reason for what is no plain file, larger than MAX_BYTES, or out of reach.
    """
    with open_plain(path, follow_links=follow_links) as (descriptor, status):
        try:
            return _read_whole(descriptor, status.st_size), status
        except OSError as exc:
            raise InputError(f"cannot be read ({exc.strerror})") from exc


def _read_whole(descriptor: int, expected_bytes: int) -> bytes:
    pieces: list[bytes] = []
    left = expected_bytes
    while left > 0 and (piece := os.read(descriptor, left)):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _refusal(path: Path, exc: OSError) -> str:
    if path.is_symlink():
        return "a link, not a file"
    if isinstance(exc, FileNotFoundError):
        return "the file is gone"
    if isinstance(exc, PermissionError):
        return "may not be read (no permission)"
    return f"cannot be opened ({exc.strerror})"
