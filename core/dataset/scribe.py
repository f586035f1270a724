"""The app's end of the process that writes annotations.csv: starts it when it is needed, and again when it died."""

import contextlib
import json
import signal
import subprocess
import sys
import threading
from typing import Any

from core.dataset.annotations import Written
from core.errors import StorageError, UnavailableError, error_named
from core.files import storage_error
from core.workspace import CHECKOUT, Workspace

__all__ = ["Scribe"]

_IDLE_SECONDS = 60.0
_LONGEST_SECONDS = 120.0


class Scribe:
    """Writes annotations.csv from a process beside the app, one write a time, so that no answer waits for it.

    In a thread of the app the rows of 100,000 pictures hold the interpreter's lock for so long that clicks would feel
    it.
    """

    def __init__(
        self, workspace: Workspace, *, idle_seconds: float = _IDLE_SECONDS, longest_seconds: float = _LONGEST_SECONDS
    ) -> None:
        self._workspace = workspace
        self._idle_seconds = idle_seconds
        self._longest_seconds = longest_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The process that writes; None while there is none."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def prepare(self) -> None:
        """Start the process, unless it runs: a write that comes soon need not wait for that; returns at once."""
        with self._turn, contextlib.suppress(StorageError):
            self._running()

    def write(self) -> Written:
        """As `core.dataset.annotations.write_annotations`.

        Raises UnavailableError when the process died over it; the file is then the old one or the new one.
        """
        with self._turn:
            answer = self._ask()
            if answer is None and self._process is not None and self._process.wait() == 0:
                answer = self._ask()  # it had just ended for idleness
            if answer is None:
                raise UnavailableError(self._obituary())
        if "error" in answer:
            raise error_named(*answer["error"])
        return Written(self._workspace.annotations, answer["rows"])

    def close(self) -> None:
        """End the process, if there is one, also amid a write; the next write starts another."""
        process = self._process
        if process is not None:
            process.kill()
        with self._turn:
            self._end()

    def _ask(self) -> dict[str, Any] | None:
        """The answer; None when the process ended over it."""
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        limit = threading.Timer(self._longest_seconds, process.kill)
        limit.start()
        try:
            process.stdin.write(b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            return None
        finally:
            limit.cancel()
        answer: dict[str, Any] | None = json.loads(line) if line.endswith(b"\n") else None
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        command = [sys.executable, "-m", "core.dataset.worker", str(self._workspace.home), str(self._idle_seconds)]
        try:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=CHECKOUT)
        except OSError as exc:
            raise storage_error(exc, self._workspace.annotations) from exc
        return self._process

    def _obituary(self) -> str:
        code = self._process.wait() if self._process is not None else 0
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return f"The process that writes {self._workspace.annotations} ended ({how}); it is tried again."

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
