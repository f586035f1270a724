"""The app's end of the model's process: starts it when first asked, and again when it died. Imports no torch."""

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from core.errors import UnavailableError, error_named
from core.files import storage_error
from core.inference.frames import Frame, read_frame, write_frame
from core.inference.records import ClassProbability, Drawing, Prediction
from core.workspace import CHECKOUT, Workspace

__all__ = ["InferenceClient"]

_IDLE_SECONDS = 600.0
_LONGEST_SECONDS = 300.0


class InferenceClient:
    """Predictions and drawings from one process beside the app; safe to share between threads, one question a time."""

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
        """The process that answers; None while there is none."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def predict(self, run: str, sources: Sequence[Path | bytes], *, epoch: int | None = None) -> list[Prediction]:
        """As `core.inference.predict.predict`; raises UnavailableError when the process died over it."""
        # The process works in another folder than ours.
        paths = [str(source.absolute()) if isinstance(source, Path) else None for source in sources]
        head: dict[str, object] = {"call": "predict", "run": run, "epoch": epoch, "paths": paths}
        answer = self._ask(head, [source for source in sources if isinstance(source, bytes)])
        return [
            Prediction(
                str(source) if isinstance(source, Path) else row["name"],
                tuple(ClassProbability(*each) for each in row["predictions"]),
                row["error"],
            )
            for source, row in zip(sources, answer.head["rows"], strict=True)
        ]

    def generate(self, run: str, seeds: Sequence[int], *, epoch: int | None = None) -> list[Drawing]:
        """As `core.inference.generate.generate`; raises UnavailableError when the process died over it."""
        answer = self._ask({"call": "generate", "run": run, "epoch": epoch, "seeds": list(seeds)}, [])
        return [Drawing(seed, png) for seed, png in zip(answer.head["seeds"], answer.blobs, strict=True)]

    def close(self) -> None:
        """End the process, if there is one, also in the middle of a question; the next question starts another."""
        process = self._process
        if process is not None:
            process.kill()  # whoever waits for its answer is told, and gives up the turn
        with self._turn:
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, head: dict[str, object], blobs: Sequence[bytes]) -> Frame:
        head = head | {"home": str(self._workspace.home)}
        with self._turn:
            answer = self._exchange(head, blobs)
            if answer is None and self._process is not None and self._process.wait() == 0:
                # It had just ended for idleness when the question came.
                answer = self._exchange(head, blobs)
            if answer is None:
                raise UnavailableError(self._obituary())
        if answer.head["error"] is not None:
            raise error_named(answer.head["error"]["kind"], answer.head["error"]["message"])
        return answer

    def _exchange(self, head: dict[str, object], blobs: Sequence[bytes]) -> Frame | None:
        """The answer; None when the process ended over it."""
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        with _limited(process, self._longest_seconds), contextlib.suppress(BrokenPipeError):
            write_frame(process.stdin.fileno(), head, blobs)
            return read_frame(process.stdout.fileno())
        return None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        command = [sys.executable, "-m", "core.inference.worker", str(self._idle_seconds)]
        try:
            self._log.parent.mkdir(parents=True, exist_ok=True)
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, cwd=CHECKOUT
                )
        except OSError as exc:
            raise storage_error(exc, self._log) from exc
        return self._process

    def _obituary(self) -> str:
        code = self._process.wait() if self._process is not None else 0
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return f"The process that holds the model ended ({how}); try again, or read {self._log}."

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

    @property
    def _log(self) -> Path:
        return self._workspace.cache / "inference.log"


@contextlib.contextmanager
def _limited(process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    """Kill the process when the block takes longer: a stuck model must not hold a page for ever."""
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
