"""Pictures examined in child processes that a hostile file may kill: the file is named, the others go on."""

import contextlib
import os
import queue
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from core.catalog.records import Measured
from core.errors import UnavailableError
from core.images.child import Child, Heard
from core.images.round import Examined, Round
from core.workspace import HashMode

__all__ = ["Decoder", "Examined", "restamped"]

_MEMORY_BYTES: Final = 3 << 30
_AHEAD: Final = 64
"""Pictures a process that may be known before the first of them is done."""
_LOG_BYTES: Final = 1 << 20
"""A longer log of an earlier child is thrown away: libtiff alone writes a line for each odd tag."""


def restamped(measured: Measured, path: Path) -> Measured:
    """`measured` with the time and inode of the file that the same bytes now lie in."""
    status = path.stat()
    return replace(measured, mtime_ns=status.st_mtime_ns, inode=status.st_ino)


class Decoder:
    """Examines pictures; a context manager that holds child processes, each started when there is work for it.

    One caller at a time: a second thread that asks waits for the first to finish.
    """

    def __init__(
        self,
        *,
        processes: int | None = None,
        seconds: float = 20.0,
        memory_bytes: int = _MEMORY_BYTES,
        hash_mode: HashMode = "exact",
        log: Path | None = None,
        module: str = "core.images.worker",
    ) -> None:
        """`processes` at most, one for each core when left out, each with `memory_bytes`; `seconds` for one file.

        `log` gets what native libraries print. `hash_mode` is the catalogue's (`core.catalog.hashes`): it takes no hash
        of another. `module` is what a child runs: tests put one there that crashes and hangs when told to.
        """
        self._processes = processes or os.cpu_count() or 1
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self.hash_mode = hash_mode
        self._log = log
        self._module = module
        self._children: list[Child] = []
        self._heard: Heard = queue.SimpleQueue()
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the children; the next use starts others."""
        while self._children:
            self._children.pop().end()

    def examine(self, items: Iterable[Path | bytes]) -> Iterator[Examined]:
        """What came of each picture, in the order given; `items` is read some way ahead, to keep every child busy.

        Links are not followed. Raises UnavailableError when no child process can be started.
        """
        with self._turn:
            self._bury_the_dead()
            work = Round()
            try:
                yield from self._in_order(items, work)
            finally:
                for child in [child for child in self._children if child.sent]:
                    self._end(child)

    def _in_order(self, items: Iterable[Path | bytes], work: Round) -> Iterator[Examined]:
        remaining = iter(items)
        finished = 0
        exhausted = False
        while True:
            while not exhausted and work.has_room(self._processes * _AHEAD):
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

    def _advance(self, work: Round) -> None:
        """Hand out what may be handed out, then take one step: a reply, a death or the end of somebody's time."""
        self._hand_out(work)
        busy = [child for child in self._children if child.sent]
        try:
            child, reply, when = self._heard.get(timeout=max(0.0, min(one.time_left(self._seconds) for one in busy)))
        except queue.Empty:
            self._time_is_up(work)
            return
        if child not in self._children:
            return
        if reply is None:
            self._child_died(child, work)
        else:
            child.take(reply, when)
            work.take(reply)

    def _hand_out(self, work: Round) -> None:
        """Suspects first, each while nobody else is at work; else whoever has least to do gets the next picture."""
        if any(child.sent for child in self._children):
            if work.suspects or work.alone:
                return
        else:
            work.alone = bool(work.suspects)
            if work.alone:
                self._hand_to_someone(work.suspects.popleft(), work)
                return
        while work.waiting and self._hand_to_someone(work.waiting[0], work):
            work.waiting.popleft()

    def _hand_to_someone(self, number: int, work: Round) -> bool:
        """Give the picture to a child; False when all have enough to do.

        The others are started when the first one has, and is given more than it can do at once: for a few pictures
        it is done before they would begin.
        """
        roomy = [child for child in self._children if child.has_room()]
        if not roomy and len(self._children) < self._processes:
            begun = not self._children or any(child.ready for child in self._children)
            roomy = [self._start()] if begun else []
        if roomy:
            min(roomy, key=lambda one: len(one.sent)).submit(work.request(number))
        return bool(roomy)

    def _start(self) -> Child:
        if self._log is not None and self._log.exists() and self._log.stat().st_size > _LOG_BYTES:
            self._log.unlink()
        try:
            child = Child(
                self._module, self._heard, memory_bytes=self._memory_bytes, hash_mode=self.hash_mode, log=self._log
            )
        except OSError as exc:
            raise UnavailableError(
                f"The picture decoder does not start ({exc.strerror}); end other programs, then try again."
            ) from exc
        self._children.append(child)
        return child

    def _end(self, child: Child) -> list[int]:
        """End the child; the pictures that it owes an answer for."""
        self._children.remove(child)
        child.end()
        return list(child.sent)

    def _time_is_up(self, work: Round) -> None:
        """Name the pictures that took too long; what their children had before them goes to others."""
        for child in [one for one in self._children if one.sent and one.time_left(self._seconds) <= 0]:
            owed = self._end(child)
            if child.ready:
                work.blame(owed.pop(0), f"took longer than {self._seconds:g} s to decode")
            else:
                work.count_useless_start("it did not answer")
            work.take_back(owed)

    def _child_died(self, child: Child, work: Round) -> None:
        """Name the picture that was the only one under way; where others were too, try it again alone.

        For what ends a process may be what all of them together ask of the machine's memory.
        """
        manner = child.last_words()
        owed = self._end(child)
        if not child.ready:
            work.count_useless_start(manner)
        elif owed and any(other.sent for other in self._children):
            work.suspects.append(owed.pop(0))
        elif owed:
            work.blame(owed.pop(0), f"crashed the decoder ({manner})")
        work.take_back(owed)

    def _bury_the_dead(self) -> None:
        """Forget the children that ended while there was nothing to do."""
        with contextlib.suppress(queue.Empty):
            while True:
                child, _, _ = self._heard.get_nowait()
                if child in self._children:
                    self._end(child)
