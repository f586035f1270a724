"""A small command that understands `run-job` and `run-queue`, with jobs that do what tests need."""

import os
import subprocess
import sys
import time
from pathlib import Path

from core.errors import InputError, StoppedError
from core.jobs.entry import run_job
from core.jobs.process import Launcher
from core.jobs.reporter import Reporter
from core.jobs.runner import run_queue
from core.workspace import Workspace

LAUNCHER = Launcher((sys.executable, "-m", "tests.jobs.program"))


def count(arguments: dict[str, object], reporter: Reporter) -> dict[str, object]:
    """Count slowly to `items`, obeying."""
    items = int(str(arguments.get("items", 3)))
    for number in range(items):
        reporter.progress(number, items, f"item {number}")
        if reporter.stopped():
            raise StoppedError("asked to stop")
        time.sleep(float(str(arguments.get("pause", 0.01))))
    reporter.progress(items, items, "all")
    return {"counted": items, "place": Path("here")}


def work_on(arguments: dict[str, object], reporter: Reporter) -> None:
    """Work until asked to stop, leaving a trace that grows."""
    trace = Path(str(arguments["trace"]))
    while not reporter.stopped():
        with trace.open("a", encoding="utf-8") as handle:
            handle.write("x")
        time.sleep(0.02)


def work_alone(arguments: dict[str, object], reporter: Reporter) -> None:
    """Work on without ever asking, with a child process at work beside."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    reporter.update(child=child.pid)
    while True:
        time.sleep(0.05)


def fail(arguments: dict[str, object], reporter: Reporter) -> None:
    """Raise what is named."""
    name = arguments["name"]
    if name == "input":
        raise InputError("The value 7 of width is odd; give an even one.")
    if name == "memory":
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes")
    if name == "nan":
        raise FloatingPointError("loss is nan at step 10")
    if name == "full":
        with Path("/dev/full").open("w", encoding="utf-8") as handle:
            handle.write("x" * 100_000)
    raise KeyError(name)


def note(arguments: dict[str, object], reporter: Reporter) -> None:
    """Append a line to a file: who ran, in which order, how often."""
    with Path(str(arguments["trace"])).open("a", encoding="utf-8") as handle:
        handle.write(f"{arguments['name']} {os.environ['SPECIMEN_THREADS']} {os.getpriority(os.PRIO_PROCESS, 0)}\n")
    time.sleep(float(str(arguments.get("pause", 0.0))))


def main(arguments: list[str]) -> int:
    """`--home HOME run-job FOLDER` or `--home HOME run-queue`."""
    workspace = Workspace(Path(arguments[1]))
    if arguments[2] == "run-queue":
        run_queue(workspace, launcher=LAUNCHER, poll_seconds=0.05)
        return 0
    handlers = {"count": count, "work on": work_on, "work alone": work_alone, "fail": fail, "note": note}
    return run_job(Path(arguments[3]), handlers)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
