"""A process beside this one that answers one question at a time: started when first asked, and again when it died."""

import contextlib
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TypeVar

from core.errors import UnavailableError
from core.files import storage_error
from core.workspace import CHECKOUT

__all__ = ["Companion"]

Answer = TypeVar("Answer")


class Companion:
    """Safe to share between threads. The process should end by itself, with exit code 0, when it is idle for long."""

    def __init__(
        self, command: Sequence[str], *, does: str, advice: str, longest_seconds: float, log: Path | None = None
    ) -> None:
        """`does` (writes a file …) and `advice` are for the sentence about its death; `log` gets its stderr.

        A process that takes longer than `longest_seconds` over an answer is killed.
        """
        self._command = tuple(command)
        self._does = does
        self._advice = advice
        self._longest_seconds = longest_seconds
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The process; None while there is none."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start the process, unless it runs; returns at once. Raises UnavailableError or StorageError."""
        with self._turn:
            self._running()

    def ask(self, exchange: Callable[[IO[bytes], IO[bytes]], Answer | None]) -> Answer:
        """What `exchange` makes of the process's stdin and stdout; None there says that it ended over the answer.

        Raises UnavailableError when it did, or cannot be started, StorageError when its log cannot be written.
        """
        with self._turn:
            answer = self._exchange(exchange)
            if answer is None and self._process is not None and self._process.wait() == 0:
                answer = self._exchange(exchange)  # it had just ended for idleness when the question came
            if answer is None:
                raise UnavailableError(f"The process that {self._does} ended ({self._manner()}); {self._advice}.")
            return answer

    def close(self) -> None:
        """End the process, if there is one, also in the middle of an answer; the next question starts another."""
        process = self._process
        if process is not None:
            process.kill()  # whoever waits for its answer is told, and gives up the turn
        with self._turn:
            self._end()

    def _exchange(self, exchange: Callable[[IO[bytes], IO[bytes]], Answer | None]) -> Answer | None:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        limit = threading.Timer(self._longest_seconds, process.kill)
        limit.start()
        try:
            return exchange(process.stdin, process.stdout)
        except BrokenPipeError:
            return None
        finally:
            limit.cancel()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        with contextlib.ExitStack() as stack:
            errors = None if self._log is None else stack.enter_context(_emptied(self._log))
            try:
                self._process = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, cwd=CHECKOUT
                )
            except OSError as exc:
                raise UnavailableError(
                    f"The process that {self._does} cannot be started ({exc.strerror}); {self._advice}."
                ) from exc
        return self._process

    def _manner(self) -> str:
        code = self._process.wait() if self._process is not None else 0
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _emptied(log: Path) -> IO[bytes]:
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        return log.open("wb")
    except OSError as exc:
        raise storage_error(exc, log) from exc
