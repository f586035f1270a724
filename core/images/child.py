"""The parent's end of one decoder process: requests go out, replies come in, and it can be ended at any moment."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import IO, Final

from core.images.frames import READY, Reply, Request, read_reply, write_request
from core.workspace import CHECKOUT, HashMode

__all__ = ["Child", "Heard"]

_ENVIRONMENT: Final = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "4",
    # By default glibc maps and unmaps each buffer of a small picture anew: 12 % of the time on 128 px photographs.
    "MALLOC_MMAP_THRESHOLD_": str(4 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
}
_LAST_WORDS_SECONDS: Final = 5.0
_START_SECONDS: Final = 60.0
_QUEUED_SECONDS: Final = 0.25
"""Work that a child may have before it: enough to keep it busy while its caller writes a batch to the disk."""
_QUEUED: Final = 64
_WEIGHT: Final = 0.2

Heard = queue.SimpleQueue[tuple["Child", Reply | None, float]]
"""Who said what, and when (monotonic seconds); None: its process has ended."""


class Child:
    """One running decoder process, which takes one picture after the other.

    Two threads of ours keep its pipes moving, so that neither side waits for ever; what it says goes to `heard`.
    """

    def __init__(self, module: str, heard: Heard, *, memory_bytes: int, hash_mode: HashMode, log: Path | None) -> None:
        command = [sys.executable, "-m", module, str(memory_bytes), hash_mode]
        with contextlib.ExitStack() as stack:
            errors: IO[bytes] | int = subprocess.DEVNULL
            if log is not None:
                errors = stack.enter_context(log.open("ab"))
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=CHECKOUT,
                env={**os.environ, **_ENVIRONMENT},
            )
        self.ready = False
        """Whether it has started up."""
        self.sent: deque[int] = deque()
        """The numbers of the pictures that it owes an answer for; with the first it is at work, if it is ready."""
        self._since = time.monotonic()
        self._pace_seconds = _QUEUED_SECONDS
        self._heard = heard
        self._requests: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._send, self._receive)]
        for thread in self._threads:
            thread.start()

    def submit(self, request: Request) -> None:
        """Queue a request; never blocks."""
        if not self.sent:
            self._since = time.monotonic()
        self.sent.append(request.number)
        self._requests.put(request)

    def take(self, reply: Reply, when: float) -> None:
        """Note that it said this then."""
        if reply.number == READY:
            self.ready = True
        else:
            self.sent.popleft()
            self._pace_seconds += _WEIGHT * (when - self._since - self._pace_seconds)
        self._since = when

    def has_room(self) -> bool:
        """Whether it should be given another picture, going by how long the last ones took."""
        return len(self.sent) <= min(_QUEUED, _QUEUED_SECONDS / max(self._pace_seconds, 1e-6))

    def time_left(self, seconds: float) -> float:
        """Seconds until the picture that it is at work with has had its `seconds`, or its start was too slow."""
        return self._since + (seconds if self.ready else max(_START_SECONDS, seconds)) - time.monotonic()

    def last_words(self) -> str:
        """How the process ended: `SIGSEGV`, `exit code 1`."""
        try:
            code = self._process.wait(_LAST_WORDS_SECONDS)
        except subprocess.TimeoutExpired:
            return "it closed its output"
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"

    def end(self) -> None:
        """End the process now, whatever it does, and wait until it and its pipes are gone."""
        self._process.kill()
        self._process.wait()
        self._requests.put(None)
        for thread in self._threads:
            thread.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _send(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            while (request := self._requests.get()) is not None:
                write_request(self._process.stdin, request)

    def _receive(self) -> None:
        assert self._process.stdout is not None
        while (reply := read_reply(self._process.stdout)) is not None:
            self._heard.put((self, reply, time.monotonic()))
        self._heard.put((self, None, time.monotonic()))
