"""The state of one round of pictures: every one is waiting, with a child, suspected, or has a result."""

import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from core.catalog.records import FileStamp, Measured
from core.errors import InputError, UnavailableError
from core.images.examine import stamp_of
from core.images.frames import READY, Reply, Request
from core.images.reading import read_file

__all__ = ["Examined", "Round"]

_HELD_BYTES: Final = 64 << 20
_USELESS_STARTS: Final = 3


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of one picture: `measured`, `thumbnail` and `extension`, or `error`."""

    path: Path | None
    """As given; None for bytes."""
    measured: Measured | None = None
    thumbnail: bytes | None = None
    """WebP, long side at most 256 px."""
    extension: str | None = None
    """Of the true format, without a dot."""
    error: str | None = None
    """The reason, such as `truncated JPEG`."""
    stamp: FileStamp | None = None
    """Size, time and digest of the bytes that were read, for unreadable pictures too; None where nothing was read."""


@dataclass(slots=True)
class Round:
    """Pictures by number, from 0 in the order given."""

    results: dict[int, Examined] = field(default_factory=dict)
    waiting: deque[int] = field(default_factory=deque)
    suspects: deque[int] = field(default_factory=deque)
    """Each was under way in a child that died while others were at work: tried again alone, so that guilt shows."""
    alone: bool = False
    """Whether a suspect is being tried."""
    count: int = 0
    _items: dict[int, Path | bytes] = field(default_factory=dict)
    """Until there is a result."""
    _held_bytes: int = 0
    _useless_starts: int = 0

    def has_room(self, most: int) -> bool:
        """Whether another picture may be taken in, `most` being held already or waiting for an earlier one."""
        return len(self._items) + len(self.results) < most and self._held_bytes < _HELD_BYTES

    def add(self, item: Path | bytes) -> None:
        """Take in the next picture."""
        self._items[self.count] = item
        self._held_bytes += len(item) if isinstance(item, bytes) else 0
        self.waiting.append(self.count)
        self.count += 1

    def request(self, number: int) -> Request:
        """What to ask a child about this picture."""
        item = self._items[number]
        if isinstance(item, bytes):
            return Request(number, named=False, body=item)
        return Request(number, named=True, body=os.fsencode(item.absolute()))

    def take(self, reply: Reply) -> None:
        """Keep what a child found."""
        self._useless_starts = 0
        if reply.number == READY:
            return
        item = self._drop(reply.number)
        self.results[reply.number] = Examined(
            path=item if isinstance(item, Path) else None,
            measured=reply.measured,
            thumbnail=reply.thumbnail or None,
            extension=reply.extension,
            error=reply.error,
            stamp=reply.stamp,
        )

    def take_back(self, numbers: Sequence[int]) -> None:
        """Let these wait again, before all others."""
        self.waiting.extendleft(reversed(numbers))

    def blame(self, number: int, reason: str) -> None:
        """Make `reason` what came of this picture."""
        item = self._drop(number)
        if isinstance(item, bytes):
            self.results[number] = Examined(None, error=reason, stamp=stamp_of(item, None))
        else:
            self.results[number] = Examined(item, error=reason, stamp=_stamp_where_readable(item))

    def count_useless_start(self, manner: str) -> None:
        """A child ended before it began; raises UnavailableError when several did so in a row."""
        self._useless_starts += 1
        if self._useless_starts >= _USELESS_STARTS:
            raise UnavailableError(f"The picture decoder does not start ({manner}); see its log, then try again.")

    def _drop(self, number: int) -> Path | bytes:
        """Hold this picture no longer; what it was."""
        item = self._items.pop(number)
        self._held_bytes -= len(item) if isinstance(item, bytes) else 0
        return item


def _stamp_where_readable(path: Path) -> FileStamp | None:
    try:
        return stamp_of(*read_file(path, follow_links=False))
    except InputError:
        return None
