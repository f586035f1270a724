"""A command of the program, run and watched: how long it took, and the most memory that it and its children held."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil

from core.workspace import CHECKOUT

__all__ = ["Watched", "watch"]

_PAUSE_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Watched:
    """How it went."""

    answer: Any
    """What it printed, read as JSON; None when it was stopped."""
    seconds: float
    """From the start of its process to its end."""
    peak_mib: float
    """The most that all its processes together held at one moment; memory that they share counts for each."""


def watch(
    home: Path, arguments: Sequence[str], *, before: Sequence[str] = (), stop: Callable[[], bool] = lambda: False
) -> Watched:
    """Run `python -m core --home HOME ARGUMENTS --json`, behind the words `before`; interrupt it once `stop` is true.

    Raises RuntimeError with its last words when it fails and was not asked to stop.
    """
    command = [*before, sys.executable, "-m", "core", "--home", str(home), *arguments, "--json"]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        running = subprocess.Popen(command, cwd=CHECKOUT, stdout=output, stderr=errors, env={**os.environ})
        peak, stopped = 0, False
        while running.poll() is None:
            peak = max(peak, _held(running.pid))
            if not stopped and stop():
                running.send_signal(signal.SIGINT)
                stopped = True
            time.sleep(_PAUSE_SECONDS)
        seconds = time.perf_counter() - start
        output.seek(0)
        errors.seek(0)
        if running.returncode and not stopped:
            raise RuntimeError(f"{' '.join(command)} failed: {errors.read().decode(errors='replace')[-500:]}")
        answer = None if running.returncode else json.load(output)
    return Watched(answer, round(seconds, 1), round(peak / (1 << 20), 1))


def _held(pid: int) -> int:
    """Bytes of memory that the process and all below it hold."""
    try:
        first = psutil.Process(pid)
        family = [first, *first.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    total = 0
    for one in family:
        try:
            total += one.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total
