"""The parent's end of one decoder process: requests go out, replies come in, and it can be ended at any moment."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Final

from core.images.frames import Reply, Request, read_reply, write_request
from core.workspace import CHECKOUT, HashMode

__all__ = ["Child"]

_ENVIRONMENT: Final = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "4",
    # By default glibc maps and unmaps each buffer of a small picture anew: 12 % of the time on 128 px photographs.
    "MALLOC_MMAP_THRESHOLD_": str(4 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
}
_LAST_WORDS_SECONDS: Final = 5.0


class Child:
    """One running decoder process. Two threads of ours keep its pipes moving, so that neither side waits for ever."""

    def __init__(self, module: str, threads: int, *, memory_bytes: int, hash_mode: HashMode, log: Path | None) -> None:
        command = [sys.executable, "-m", module, str(threads), str(memory_bytes), hash_mode]
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
        self._requests: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._replies: queue.SimpleQueue[Reply | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._send, self._receive)]
        for thread in self._threads:
            thread.start()

    def submit(self, request: Request) -> None:
        """Queue a request; never blocks."""
        self._requests.put(request)

    def next_reply(self, seconds: float) -> Reply | None:
        """The next reply; None when the process has ended.

        Raises TimeoutError when there is none within `seconds`.
        """
        try:
            return self._replies.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            raise TimeoutError from None

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
            self._replies.put(reply)
        self._replies.put(None)
