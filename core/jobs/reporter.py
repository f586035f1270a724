"""What a long function tells while it works, and how a job's process writes that down.

Every long function takes a `Reporter`; `SILENT` is the one to default to. Inside a job's process `report` gives one
that keeps status.json true: a thread writes it when something changed, at most four times a second, and every two
seconds as a sign of life, so that a call of `progress` costs the work nothing.
"""

import contextlib
import dataclasses
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Final, Protocol

from core.errors import NotFoundError, SpecimenError, StoppedError
from core.files import plain_numbers
from core.jobs.failures import Failure, explain
from core.jobs.identity import identity_of
from core.jobs.rate import Rate
from core.jobs.record import State, Status, overwrite_status, read_status, write_status

__all__ = ["SILENT", "JobReporter", "Reporter", "SilentReporter", "report"]

_HEARTBEAT_SECONDS = 2.0
_PAUSE_SECONDS = 0.25
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Reporter(Protocol):
    """Where a long function tells how far it is and learns that it should stop."""

    def progress(self, done: int, total: int | None, message: str = "") -> None:
        """`done` of `total` items are done; cheap enough to be called for each."""

    def stopped(self) -> bool:
        """Whether somebody asked the work to stop; it then ends between two items, or raises StoppedError."""

    def update(self, **extra: object) -> None:
        """Set fields of the job's own (`epoch`, `best` …), plain JSON values, beside the common ones."""


class SilentReporter:
    """Tells nobody and never stops."""

    def progress(self, done: int, total: int | None, message: str = "") -> None:
        """Nothing."""

    def stopped(self) -> bool:
        """False."""
        return False

    def update(self, **extra: object) -> None:
        """Nothing."""


SILENT: Final = SilentReporter()


class JobReporter:
    """Keeps one job's status.json; use `report`."""

    def __init__(self, folder: Path, status: Status, *, heartbeat_seconds: float) -> None:
        self._folder = folder
        self._status = status
        self._heartbeat_seconds = heartbeat_seconds
        self._rate = Rate()
        self._birth = time.monotonic()
        self._seconds_before = status.seconds
        self._turn = threading.Lock()
        self._stop = False
        self._changed = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._progress: tuple[int, int | None, str] = (status.done, status.total, status.message)
        self._extra = dict(status.extra)

    def progress(self, done: int, total: int | None, message: str = "") -> None:
        self._progress = (done, total, message)
        if not self._changed.is_set():
            self._changed.set()

    def stopped(self) -> bool:
        return self._stop

    def update(self, **extra: object) -> None:
        clash = {item.name for item in dataclasses.fields(Status)} & extra.keys()
        if clash:
            raise ValueError(f"a status has its own {', '.join(sorted(clash))}; choose another name")
        json.dumps(plain_numbers(extra))  # a value that is not JSON fails here, where the caller can see it
        with self._turn:
            self._extra = self._extra | extra
        self._changed.set()

    def ask_to_stop(self) -> None:
        """Make `stopped()` true.

        It takes no lock: a signal handler runs in the middle of whatever holds one.
        """
        self._stop = True

    def open(self) -> None:
        """Write the first status of this process and begin to beat."""
        self._stop = self._stop or self._is_asked()
        self._write("stopping" if self._stop else "running")
        self._thread.start()

    def close(self, state: State, failure: Failure | None = None) -> None:
        """Write the last status; afterwards nothing is written any more."""
        self._closing.set()
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join()
        if not self._folder.is_dir():
            return
        status = self._now(state, failure)
        try:
            write_status(self._folder, status)
        except SpecimenError:
            overwrite_status(self._folder, status)

    def _beat(self) -> None:
        while not self._closing.is_set():
            self._changed.wait(self._heartbeat_seconds)
            self._changed.clear()
            self._stop = self._stop or self._is_asked()
            # A disk that refuses one heartbeat may take the next; the work itself will say so if it needs the disk.
            with contextlib.suppress(SpecimenError):
                if self._folder.is_dir():  # writing would make a folder anew that somebody has deleted
                    self._write("stopping" if self._stop else "running")
            self._closing.wait(_PAUSE_SECONDS)

    def _write(self, state: State) -> None:
        write_status(self._folder, self._now(state, None))

    def _is_asked(self) -> bool:
        """Whether the note is there that `stop` leaves, which reaches a job on another host too, or the folder gone."""
        return (self._folder / "stop.json").exists() or not self._folder.is_dir()

    def _now(self, state: State, failure: Failure | None) -> Status:
        done, total, message = self._progress
        at = time.monotonic()
        ended = state not in ("running", "stopping")
        self._rate.add(done, at)
        with self._turn:
            extra = self._extra
        return dataclasses.replace(
            self._status,
            state=state,
            cause=failure.cause if failure else None,
            error=failure.error if failure else None,
            hint=failure.hint if failure else None,
            heartbeat=time.time(),
            pulse=at,
            seconds=round(self._seconds_before + at - self._birth, 3),
            finished=time.time() if ended else None,
            done=done,
            total=total,
            message=message,
            eta_seconds=None if ended else self._rate.eta_seconds(total),
            extra=extra,
        )


@contextlib.contextmanager
def report(folder: Path, title: str = "", *, heartbeat_seconds: float = _HEARTBEAT_SECONDS) -> Iterator[JobReporter]:
    """The reporter of this process's job, whose end is written down however the block ends.

    An exception does not leave the block: it becomes the state `failed` with cause, sentence and hint, its traceback
    goes to log.txt; StoppedError, and an end after `stopped()`, become `stopped`. SIGTERM and SIGINT ask to stop.
    """
    reporter = JobReporter(folder, _first_status(folder, title), heartbeat_seconds=heartbeat_seconds)
    with _stopping_on_signals(reporter):
        try:
            reporter.open()
            yield reporter
        except (StoppedError, KeyboardInterrupt):
            reporter.close("stopped")
        except Exception as exc:  # noqa: BLE001 - the edge of a job: everything must leave a reason
            _log_traceback(folder)
            reporter.close("failed", explain(exc))
        except BaseException as exc:
            reporter.close("failed", explain(exc))
            raise
        else:
            reporter.close("stopped" if reporter.stopped() else "finished")


def _first_status(folder: Path, title: str) -> Status:
    try:
        before = read_status(folder)
    except NotFoundError:
        folder.mkdir(parents=True)
        before = Status("starting", created=time.time())
    me = identity_of(os.getpid())
    if me is None:
        raise NotFoundError("This process cannot see itself in /proc; mount it.")
    return dataclasses.replace(
        before,
        pid=me.pid,
        started=me.started,
        boot_id=me.boot_id,
        host=me.host,
        began=before.began or time.time(),
        created=before.created or time.time(),
        title=title or before.title,
        message="" if before.state == "starting" else before.message,
    )


@contextlib.contextmanager
def _stopping_on_signals(reporter: JobReporter) -> Iterator[None]:
    """SIGTERM and SIGINT ask to stop while the block runs; in a thread, where Python has no signals, they do not."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _handler(reporter)) for number in _STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _handler(reporter: JobReporter) -> Callable[[int, FrameType | None], None]:
    owner = os.getpid()

    def stop(number: int, frame: FrameType | None) -> None:
        if os.getpid() == owner:
            reporter.ask_to_stop()
            return
        # A forked worker inherits this handler, but has to die when its parent terminates it.
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    return stop


def _log_traceback(folder: Path) -> None:
    with contextlib.suppress(OSError), (folder / "log.txt").open("a", encoding="utf-8") as log:
        sys.stdout.flush()
        sys.stderr.flush()
        traceback.print_exc(file=log)
