"""The app's end of the model's process. Imports no torch."""

import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from core.errors import error_named
from core.inference.frames import Frame, read_frame, write_frame
from core.inference.records import ClassProbability, Drawing, Prediction
from core.jobs.companion import Companion
from core.workspace import Workspace

__all__ = ["InferenceClient"]

_IDLE_SECONDS = 600.0
_LONGEST_SECONDS = 300.0


class InferenceClient:
    """Predictions and drawings from one process beside the app; safe to share between threads, one question a time."""

    def __init__(
        self, workspace: Workspace, *, idle_seconds: float = _IDLE_SECONDS, longest_seconds: float = _LONGEST_SECONDS
    ) -> None:
        self._workspace = workspace
        log = workspace.cache / "inference.log"
        self._process = Companion(
            (sys.executable, "-m", "core.inference.worker", str(idle_seconds)),
            does="holds the model",
            advice=f"try again, or read {log}",
            longest_seconds=longest_seconds,
            log=log,
        )

    @property
    def pid(self) -> int | None:
        """The process that answers; None while there is none."""
        return self._process.pid

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
        self._process.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, head: dict[str, object], blobs: Sequence[bytes]) -> Frame:
        head = head | {"home": str(self._workspace.home)}

        def exchange(questions: IO[bytes], answers: IO[bytes]) -> Frame | None:
            write_frame(questions.fileno(), head, blobs)
            return read_frame(answers.fileno())

        answer = self._process.ask(exchange)
        if answer.head["error"] is not None:
            raise error_named(answer.head["error"]["kind"], answer.head["error"]["message"])
        return answer
