"""Which process is meant: pid, start time, boot id and host, so that a recycled pid is never taken for a job."""

import contextlib
import functools
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

__all__ = [
    "JOB_VARIABLE",
    "Identity",
    "Life",
    "boot_id",
    "child_identity",
    "host",
    "identity_of",
    "kill_session",
    "life_of",
    "returncode_of",
    "send",
]

JOB_VARIABLE = "SPECIMEN_JOB"
"""Environment variable that every process of a job carries: the absolute path of the job's folder."""

Life = Literal["alive", "dead", "rebooted", "elsewhere"]

_DEAD = ("Z", "X", "x", "zombie", "dead")


@dataclass(frozen=True, slots=True)
class Identity:
    """One process, for ever: no later process equals it."""

    pid: int
    started: float
    """Seconds between the machine's start and the process's, as the kernel keeps it: no clock change moves it."""
    boot_id: str
    host: str


@dataclass(frozen=True, slots=True)
class _Entry:
    state: str
    started: float
    exit_code: int | None


@functools.cache
def boot_id() -> str:
    """A text that is new after each start of the machine."""
    if sys.platform == "linux":
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    else:
        answer = subprocess.run(["sysctl", "-n", "kern.bootsessionuuid"], capture_output=True, text=True, check=False)
        return answer.stdout.strip() or f"{psutil.boot_time():.0f}"


def host() -> str:
    """This machine's name."""
    return socket.gethostname()


def identity_of(pid: int) -> Identity | None:
    """The identity of the process that has `pid` now; None when there is none, or only a zombie."""
    entry = _entry(pid)
    if entry is None or entry.state in _DEAD:
        return None
    return Identity(pid, entry.started, boot_id(), host())


def child_identity(pid: int) -> Identity | None:
    """The identity of a child that nobody has waited for yet, even when it is a zombie already."""
    entry = _entry(pid)
    return None if entry is None else Identity(pid, entry.started, boot_id(), host())


def life_of(identity: Identity) -> Life:
    """Whether that very process runs; a zombie is dead, another host's process is `elsewhere`."""
    if identity.host != host():
        return "elsewhere"
    if identity.boot_id != boot_id():
        return "rebooted"
    return "alive" if identity_of(identity.pid) == identity else "dead"


def returncode_of(identity: Identity) -> int | None:
    """How a process that is still a zombie ended: its exit code, or a signal as a negative number; None when gone."""
    entry = _entry(identity.pid)
    if entry is None or entry.exit_code is None or entry.started != identity.started or entry.state not in _DEAD:
        return None
    return os.waitstatus_to_exitcode(entry.exit_code)


def send(identity: Identity, number: signal.Signals) -> bool:
    """Signal that very process; False, and nothing sent, when it no longer runs here."""
    try:
        return _send_by_descriptor(identity, number)
    except ProcessLookupError:
        return False


def kill_session(identity: Identity, folder: Path) -> None:
    """SIGKILL that process, its group, and what else is left of the session it led for the job in `folder`."""
    if identity.host != host() or identity.boot_id != boot_id():
        return
    entry = _entry(identity.pid)
    # While the leader lives or is a zombie the kernel gives its number to no other process or group.
    if entry is not None and entry.started == identity.started and _session(identity.pid) == identity.pid:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(identity.pid, signal.SIGKILL)
    for pid in psutil.pids():
        if _session(pid) == identity.pid and _job_of(pid) == str(folder):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def _send_by_descriptor(identity: Identity, number: signal.Signals) -> bool:
    if sys.platform != "linux":
        alive = life_of(identity) == "alive"
        if alive:
            os.kill(identity.pid, number)
        return alive
    # The descriptor is taken before the check: it stays with this process even when its pid is given away in between.
    descriptor = os.pidfd_open(identity.pid)
    try:
        alive = life_of(identity) == "alive"
        if alive:
            signal.pidfd_send_signal(descriptor, number)
        return alive
    finally:
        os.close(descriptor)


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _job_of(pid: int) -> str | None:
    try:
        return str(psutil.Process(pid).environ().get(JOB_VARIABLE))
    except (psutil.Error, OSError):
        return None


def _entry(pid: int) -> _Entry | None:
    if sys.platform != "linux":
        return _entry_of_psutil(pid)
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The command's name stands in brackets and may hold spaces and brackets itself; fields are counted after the last.
    fields = text.rpartition(")")[2].split()
    return _Entry(fields[0], int(fields[19]) / os.sysconf("SC_CLK_TCK"), int(fields[49]))


def _entry_of_psutil(pid: int) -> _Entry | None:
    try:
        process = psutil.Process(pid)
        return _Entry(str(process.status()), float(process.create_time()), None)
    except psutil.NoSuchProcess:
        return None
