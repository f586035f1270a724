"""The parent's end: one library in a process of its own, on the cores it is given, asked for one task at a time."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from core.workspace import CHECKOUT

__all__ = ["VENV", "Answer", "Rival", "installed"]

VENV: Final = CHECKOUT / "build" / "bench-venv"
_REQUIREMENTS: Final = CHECKOUT / "bench" / "requirements.txt"
_MALLOC: Final = {"MALLOC_MMAP_THRESHOLD_": str(4 << 20), "MALLOC_TRIM_THRESHOLD_": str(64 << 20)}
"""As in the program's decoder process; given to everyone, so that no ratio comes from it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one task took and gave."""

    seconds: float
    result: Any
    peak_mib: float
    """Memory of the process at its peak, beyond what it held when the task began."""


class Rival:
    """A running child; a context manager. `cores` bind it and all that it starts."""

    def __init__(self, module: str, *, cores: set[int], python: Path | None = None) -> None:
        count = str(len(cores))
        threads = {name: count for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
        self._process = subprocess.Popen(
            [str(python or sys.executable), "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=CHECKOUT,
            env={**os.environ, **threads, **_MALLOC},
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ask(self, task: str, argument: object) -> Answer:
        """Run one task; raises RuntimeError when the child dies of it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"task": task, "argument": argument}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended with {self._process.wait()} at {task}")
        return Answer(**json.loads(line))

    def close(self) -> None:
        """End the child."""
        self._process.communicate()


def installed(*, install: bool) -> Path | None:
    """The Python of the rivals' environment; None when it is not there, or cannot be made, which is said on stderr.

    `install` makes it, which fetches some gigabytes: imagededup wants torch.
    """
    python = VENV / "bin" / "python"
    marker = VENV / "installed"
    if marker.exists() and marker.read_text(encoding="utf-8") == _REQUIREMENTS.read_text(encoding="utf-8"):
        return python
    if not install:
        print("imagededup, cleanvision and faiss are left out: run with --install first.", file=sys.stderr)
        return None
    commands = (
        [sys.executable, "-m", "venv", str(VENV)],
        [str(python), "-m", "pip", "install", "--quiet", "-r", str(_REQUIREMENTS)],
    )
    for command in commands:
        if subprocess.run(command, check=False).returncode != 0:
            print(f"The rivals cannot be installed: {' '.join(command)} failed.", file=sys.stderr)
            return None
    marker.write_text(_REQUIREMENTS.read_text(encoding="utf-8"), encoding="utf-8")
    return python
