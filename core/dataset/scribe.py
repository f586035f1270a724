"""The app's end of the process that writes annotations.csv."""

import contextlib
import json
import sys
from typing import IO, Any

from core.dataset.annotations import Written
from core.errors import UnavailableError, error_named
from core.jobs.companion import Companion
from core.workspace import Workspace

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
        self._process = Companion(
            (sys.executable, "-m", "core.dataset.worker", str(workspace.home), str(idle_seconds)),
            does=f"writes {workspace.annotations}",
            advice="it is tried again",
            longest_seconds=longest_seconds,
        )

    @property
    def pid(self) -> int | None:
        """The process that writes; None while there is none."""
        return self._process.pid

    def prepare(self) -> None:
        """Start the process, unless it runs: a write that comes soon need not wait for that; returns at once."""
        with contextlib.suppress(UnavailableError):
            self._process.start()

    def write(self) -> Written:
        """As `core.dataset.annotations.write_annotations`.

        Raises UnavailableError when the process died over it; the file is then the old one or the new one.
        """
        answer = self._process.ask(_exchange)
        if "error" in answer:
            raise error_named(*answer["error"])
        return Written(self._workspace.annotations, answer["rows"])

    def close(self) -> None:
        """End the process, if there is one, also amid a write; the next write starts another."""
        self._process.close()


def _exchange(questions: IO[bytes], answers: IO[bytes]) -> dict[str, Any] | None:
    questions.write(b"\n")
    questions.flush()
    line = answers.readline()
    answer: dict[str, Any] | None = json.loads(line) if line.endswith(b"\n") else None
    return answer
