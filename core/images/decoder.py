"""Pictures examined in a child process that a hostile file may kill: the file is named, the others go on."""

import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from core.catalog.records import FileStamp, Measured
from core.errors import InputError, UnavailableError
from core.images.child import Child
from core.images.examine import stamp_of
from core.images.frames import Reply, Request
from core.images.reading import read_file
from core.workspace import HashMode

__all__ = ["Decoder", "Examined", "restamped"]

_MEMORY_BYTES: Final = 3 << 30
_MEMORY_PER_THREAD_BYTES: Final = 256 << 20
_AHEAD_PER_THREAD: Final = 8
_AHEAD_BYTES: Final = 64 << 20
_SILENCE_SECONDS: Final = 60.0
"""How long a child may say nothing though no file is begun: it starts, or it is stuck."""
_USELESS_STARTS: Final = 3
_LOG_BYTES: Final = 1 << 20
"""A longer log of an earlier child is thrown away: libtiff alone writes a line for each odd tag."""


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


def restamped(measured: Measured, path: Path) -> Measured:
    """`measured` with the time and inode of the file that the same bytes now lie in."""
    status = path.stat()
    return replace(measured, mtime_ns=status.st_mtime_ns, inode=status.st_ino)


class Decoder:
    """Examines pictures; a context manager that holds one child process, started on first use.

    One caller at a time: a second thread that asks waits for the first to finish.
    """

    def __init__(
        self,
        *,
        threads: int | None = None,
        seconds: float = 20.0,
        memory_bytes: int | None = None,
        hash_mode: HashMode = "exact",
        log: Path | None = None,
        module: str = "core.images.worker",
    ) -> None:
        """`seconds` for one file; `memory_bytes` for the child; `log` gets what native libraries print.

        `hash_mode` is the catalogue's (`core.catalog.hashes`): it takes no hash of another.

        `module` is what the child runs: tests put one there that crashes and hangs when told to.
        """
        self._threads = threads or os.cpu_count() or 1
        self._seconds = seconds
        self._memory_bytes = memory_bytes or _MEMORY_BYTES + self._threads * _MEMORY_PER_THREAD_BYTES
        self.hash_mode = hash_mode
        self._log = log
        self._module = module
        self._child: Child | None = None
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child; the next use starts another."""
        child, self._child = self._child, None
        if child is not None:
            child.end()

    def examine(self, items: Iterable[Path | bytes]) -> Iterator[Examined]:
        """What came of each picture, in the order given; `items` is read only as far ahead as there are hands.

        Links are not followed. Raises UnavailableError when the child process cannot be started.
        """
        with self._turn:
            work = _Round(self._threads, deque(), {}, {}, deque())
            try:
                yield from self._in_order(items, work)
            finally:
                if work.sent:
                    self.close()

    def _in_order(self, items: Iterable[Path | bytes], work: "_Round") -> Iterator[Examined]:
        remaining = iter(items)
        finished = 0
        exhausted = False
        while True:
            while not exhausted and work.has_room(finished):
                item = next(remaining, None)
                exhausted = item is None
                if item is not None:
                    work.add(item)
            if finished in work.results:
                yield work.results.pop(finished)
                finished += 1
            elif finished == work.count:
                return
            else:
                self._advance(work)

    def _start(self) -> Child:
        if self._log is not None and self._log.exists() and self._log.stat().st_size > _LOG_BYTES:
            self._log.unlink()
        return Child(
            self._module, self._threads, memory_bytes=self._memory_bytes, hash_mode=self.hash_mode, log=self._log
        )

    def _advance(self, work: "_Round") -> None:
        """Send what may be sent, then take one step: a reply, a death or the end of somebody's time."""
        child = self._child = self._child or self._start()
        for number in work.to_send():
            child.submit(work.request(number))
        try:
            reply = child.next_reply(work.patience(self._seconds))
        except TimeoutError:
            self.close()
            work.time_is_up(self._seconds)
            return
        if reply is None:
            manner = child.last_words()
            self.close()
            work.child_died(manner)
        else:
            work.take(reply)


@dataclass(slots=True)
class _Round:
    """The state of one call of `examine`: every picture is waiting, sent, suspected or has a result."""

    threads: int
    waiting: deque[int]
    items: dict[int, Path | bytes]
    """By number, until there is a result."""
    results: dict[int, Examined]
    suspects: deque[int]
    """Under way when the child died: each is tried again alone, so that the guilty one shows."""
    sent: set[int] = field(default_factory=set)
    begun: dict[int, float] = field(default_factory=dict)
    """When (monotonic) the child began with a picture."""
    alone: bool = False
    count: int = 0
    useless_starts: int = 0
    heard: float = field(default_factory=time.monotonic)

    def has_room(self, finished: int) -> bool:
        held = sum(len(item) for item in self.items.values() if isinstance(item, bytes))
        return self.count - finished < self.threads * _AHEAD_PER_THREAD and held < _AHEAD_BYTES

    def add(self, item: Path | bytes) -> None:
        self.items[self.count] = item
        self.waiting.append(self.count)
        self.count += 1

    def to_send(self) -> list[int]:
        """The numbers to send now; suspects first and each by itself."""
        if self.suspects:
            numbers = [] if self.sent else [self.suspects.popleft()]
            self.alone = self.alone or bool(numbers)
        else:
            numbers = [] if self.alone and self.sent else list(self.waiting)
            if numbers:
                self.alone = False
                self.waiting.clear()
        if numbers and not self.sent:
            self.heard = time.monotonic()
        self.sent.update(numbers)
        return numbers

    def request(self, number: int) -> Request:
        item = self.items[number]
        if isinstance(item, bytes):
            return Request(number, named=False, body=item)
        return Request(number, named=True, body=os.fsencode(item.absolute()))

    def patience(self, seconds: float) -> float:
        """Seconds until somebody's time is up."""
        now = time.monotonic()
        if self.begun:
            return min(self.begun.values()) + seconds - now
        return self.heard + max(_SILENCE_SECONDS, seconds) - now

    def take(self, reply: Reply) -> None:
        self.heard = time.monotonic()
        self.useless_starts = 0
        if reply.begun:
            self.begun[reply.number] = self.heard
            return
        self.begun.pop(reply.number, None)
        self.sent.discard(reply.number)
        if reply.out_of_memory and not self.alone:
            self.suspects.append(reply.number)
            return
        item = self.items.pop(reply.number)
        self.results[reply.number] = Examined(
            path=item if isinstance(item, Path) else None,
            measured=reply.measured,
            thumbnail=reply.thumbnail or None,
            extension=reply.extension,
            error=reply.error,
            stamp=reply.stamp,
        )

    def time_is_up(self, seconds: float) -> None:
        """The child was ended: name the pictures that took too long; the others go on."""
        deadline = time.monotonic() - seconds
        late = [number for number, start in self.begun.items() if start <= deadline]
        for number in late:
            self._blame(number, f"took longer than {seconds:g} s to decode")
        if not late:
            self._count_useless_start("it did not answer")
        self._send_again()

    def child_died(self, manner: str) -> None:
        """Name the picture that was the only one under way; try several again one by one."""
        under_way = sorted(self.begun)
        if len(under_way) == 1:
            self._blame(under_way[0], f"crashed the decoder ({manner})")
        elif under_way:
            self.suspects.extend(under_way)
            self.sent.difference_update(under_way)
        else:
            self._count_useless_start(manner)
        self._send_again()

    def _send_again(self) -> None:
        self.waiting.extendleft(sorted(self.sent, reverse=True))
        self.sent.clear()
        self.begun.clear()
        self.alone = False

    def _blame(self, number: int, reason: str) -> None:
        self.sent.discard(number)
        item = self.items.pop(number)
        if isinstance(item, bytes):
            self.results[number] = Examined(None, error=reason, stamp=stamp_of(item, None))
            return
        self.results[number] = Examined(item, error=reason, stamp=_stamp_where_readable(item))

    def _count_useless_start(self, manner: str) -> None:
        self.useless_starts += 1
        if self.useless_starts >= _USELESS_STARTS:
            raise UnavailableError(f"The picture decoder does not start ({manner}); see its log, then try again.")


def _stamp_where_readable(path: Path) -> FileStamp | None:
    try:
        return stamp_of(*read_file(path, follow_links=False))
    except InputError:
        return None
