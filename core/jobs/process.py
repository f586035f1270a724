"""Starting, stopping and awaiting the process of a job: it is detached, so it outlives whoever started it."""

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import BusyError, SpecimenError, UnavailableError
from core.jobs.identity import JOB_VARIABLE, boot_id, child_identity, host, kill_session, life_of, send
from core.jobs.memory import oom_kills
from core.jobs.record import Status, folder_lock, process_of, read_note, read_status, write_note, write_status
from core.jobs.status import observe
from core.workspace import CHECKOUT

__all__ = ["LOCAL", "Launcher", "clear_notes", "detach", "force", "spawn", "stop", "wait"]

_NICENESS = 10
_GRACE_SECONDS = 30.0
_NOTES = ("stop.json", "process.json", "exit.json", "result.json", "read")


@dataclass(frozen=True, slots=True)
class Launcher:
    """How processes of our own are started."""

    command: tuple[str, ...] = (sys.executable, "-m", "core")
    """What stands before `--home HOME run-job FOLDER` and `--home HOME run-queue`."""
    environ: Mapping[str, str] | None = None
    """Their environment; None is that of this process."""


LOCAL: Final = Launcher()


def spawn(folder: Path, command: Sequence[str], *, niced: bool, environ: Mapping[str, str] | None = None) -> int:
    """The pid of `command`, started as the job in `folder`, in a session of its own, writing to its log.txt.

    It finds its folder in SPECIMEN_JOB, and in SPECIMEN_THREADS how many threads it should use: all, or one less
    when `niced`. Raises BusyError when a process of this job runs already; UnavailableError, and the job is `failed`,
    when the system cannot start it.
    """
    base = os.environ if environ is None else environ
    place = folder.resolve()
    own = {JOB_VARIABLE: str(place), "SPECIMEN_THREADS": str(_threads(niced=niced)), "PYTHONUNBUFFERED": "1"}
    with folder_lock(folder):
        _refuse_second(folder)
        _write_starting(folder)
        try:
            process = _popen(command, {**base, **own, "PYTHONFAULTHANDLER": "1"}, log=folder / "log.txt")
        except OSError as exc:
            _write_unstartable(folder, exc)
            raise UnavailableError(
                f"The job could not be started ({exc.strerror or exc}); close other programs and try again."
            ) from exc
        if niced:
            _make_nice(process.pid)
        _note_process(folder, process.pid)
    threading.Thread(target=_reap, args=(process, place), name=f"reaper {process.pid}", daemon=True).start()
    return process.pid


def stop(folder: Path, *, grace_seconds: float = _GRACE_SECONDS) -> Status:
    """Ask the job to stop; it is killed, with all its processes, when it still runs after `grace_seconds`.

    Returns at once with the status as it is then. A job on another host finds the note that is left in its folder; a
    queued one will not start. Nothing is ever sent to a process that is not the job's own.
    """
    status = observe(folder)
    if status.ended:
        return status
    before = read_note(folder, "stop")
    if _is_overdue(before):
        return force(folder)
    if not before:
        until = time.monotonic() + grace_seconds
        write_note(folder, "stop", {"asked": time.time(), "until": until, "boot_id": boot_id(), "forced": False})
    identity = process_of(folder, status)
    if identity is not None and send(identity, signal.SIGTERM) and not before:
        detach((sys.executable, "-m", "core.jobs.watcher", str(folder.resolve())), log=None)
    return observe(folder)


def force(folder: Path) -> Status:
    """Kill what still runs of a job that was asked to stop."""
    status = observe(folder)
    identity = process_of(folder, status)
    if status.ended or identity is None:
        return status
    write_note(folder, "stop", read_note(folder, "stop") | {"forced": True})
    if life_of(identity) == "alive":
        kill_session(identity, folder.resolve())
    return observe(folder)


def wait(
    folder: Path,
    *,
    seconds: float | None = None,
    watch: Callable[[Status], None] | None = None,
    poll_seconds: float = 0.2,
) -> Status:
    """The status once the job has ended, or after `seconds`; `watch` is called with each new status on the way."""
    deadline = None if seconds is None else time.monotonic() + seconds
    last: Status | None = None
    while True:
        status = observe(folder)
        if watch is not None and status != last:
            watch(status)
        last = status
        if status.ended or (deadline is not None and time.monotonic() > deadline):
            return status
        time.sleep(poll_seconds)


def detach(command: Sequence[str], *, log: Path | None, environ: Mapping[str, str] | None = None) -> int:
    """The pid of a process that outlives this one and is no job; its output goes to `log`, or nowhere."""
    process = _popen(command, os.environ if environ is None else environ, log=log)
    threading.Thread(target=process.wait, name=f"reaper {process.pid}", daemon=True).start()
    return process.pid


def clear_notes(folder: Path) -> None:
    """Forget what is noted of an earlier process of this job, and that it was asked to stop."""
    for name in _NOTES:
        (folder / name).unlink(missing_ok=True)


def _popen(command: Sequence[str], environ: Mapping[str, str], *, log: Path | None) -> subprocess.Popen[bytes]:
    target = Path(os.devnull) if log is None else log
    with target.open("ab") as output:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=CHECKOUT,
            env=dict(environ),
            start_new_session=True,
            close_fds=True,
        )


def _reap(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Take a zombie from the table, and note how it ended for whoever wants to know why."""
    returncode = _ending(process)
    if returncode and folder.is_dir() and read_note(folder, "process").get("pid") == process.pid:
        with contextlib.suppress(SpecimenError):
            write_note(folder, "exit", {"pid": process.pid, "returncode": returncode})
    process.wait()


def _ending(process: subprocess.Popen[bytes]) -> int:
    """How the process ended, learnt while it is left a zombie: nobody finds it gone before the note is written."""
    if sys.platform == "darwin":
        return process.wait()
    ending = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    if ending is None:
        return process.wait()
    return ending.si_status if ending.si_code == os.CLD_EXITED else -ending.si_status


def _refuse_second(folder: Path) -> None:
    status = read_status(folder)
    identity = process_of(folder, status)
    if not status.ended and identity is not None and life_of(identity) == "alive":
        raise BusyError(f"{folder.name} is at work already (process {identity.pid}); stop it first.")


def _write_starting(folder: Path) -> None:
    (folder / "process.json").unlink(missing_ok=True)
    (folder / "exit.json").unlink(missing_ok=True)
    status = read_status(folder)
    clean = dataclasses.replace(
        status,
        state="starting",
        cause=None,
        pid=None,
        started=None,
        boot_id=boot_id(),
        host=host(),
        heartbeat=time.time(),
        pulse=time.monotonic(),
        finished=None,
        message="",
        eta_seconds=None,
        error=None,
        hint=None,
    )
    write_status(folder, clean)


def _write_unstartable(folder: Path, exc: OSError) -> None:
    error = f"The system could not start it ({exc.strerror or exc})."
    failed = dataclasses.replace(read_status(folder), state="failed", cause="error", finished=time.time())
    write_status(folder, dataclasses.replace(failed, error=error, hint="Close other programs and try again."))


def _note_process(folder: Path, pid: int) -> None:
    identity = child_identity(pid)
    if identity is not None:
        write_note(folder, "process", dataclasses.asdict(identity) | {"oom_kills": oom_kills()})


def _make_nice(pid: int) -> None:
    try:
        os.setpriority(os.PRIO_PROCESS, pid, _NICENESS)
    except OSError:
        return


def _threads(*, niced: bool) -> int:
    count = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, count - 1) if niced else count


def _is_overdue(note: Mapping[str, object]) -> bool:
    until = note.get("until")
    return isinstance(until, int | float) and note.get("boot_id") == boot_id() and time.monotonic() > until
