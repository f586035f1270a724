"""What is true of a job whose status claims that it lives: pure judgement, nothing is written or signalled."""

import dataclasses
import signal
import time
from collections.abc import Mapping
from pathlib import Path

from core.jobs.identity import Identity, boot_id, host, life_of, returncode_of
from core.jobs.memory import oom_kills
from core.jobs.record import Cause, State, Status, is_torn, process_of, read_note

__all__ = ["judge"]

_START_SECONDS = 120.0
_FOREIGN_SECONDS = 60.0


def judge(folder: Path, status: Status, *, patience_seconds: float, cgroup: Path) -> Status:
    stop = read_note(folder, "stop")
    if status.state == "queued":
        return dataclasses.replace(status, state="stopped", finished=time.time()) if stop else status
    identity = process_of(folder, status)
    if identity is None and is_torn(status):
        return dataclasses.replace(status, state="lost")
    if identity is None:
        return _judge_unborn(status, stop)
    life = life_of(identity)
    if life == "elsewhere":
        return _judge_foreign(status)
    if life == "alive":
        live = dataclasses.replace(status, state="stopping") if stop else status
        # Before its first word a job imports its libraries, which may take a slow disk a while.
        return live if live.state == "starting" else _with_silence(live, patience_seconds)
    return _with_end(folder, status, identity, rebooted=life == "rebooted", cgroup=cgroup)


def _judge_unborn(status: Status, stop: Mapping[str, object]) -> Status:
    """A job that was about to be started by a process that may itself have died over it."""
    if status.boot_id == boot_id() and status.pulse is not None:
        age = time.monotonic() - status.pulse
    elif status.host in (None, host()):
        age = _START_SECONDS
    else:
        age = time.time() - (status.heartbeat or 0.0)
    if age < _START_SECONDS:
        return status
    if stop:
        return _ended(status, "stopped", None, error=None, hint=None)
    return _ended(status, "lost", None, error="It was never started.", hint="Start it again.")


def _judge_foreign(status: Status) -> Status:
    silence = time.time() - (status.heartbeat or 0.0)
    if silence < _FOREIGN_SECONDS:
        return status
    return _ended(
        status,
        "lost",
        None,
        error=f"It ran on {status.host}, which has not been heard of for {silence:.0f} s.",
        hint=f"Look on {status.host}; if it is gone for good, start the job again.",
    )


def _with_silence(status: Status, patience_seconds: float) -> Status:
    if status.pulse is None or time.monotonic() - status.pulse < patience_seconds:
        return status
    since = time.strftime("%H:%M:%S", time.localtime(status.heartbeat))
    return dataclasses.replace(status, message=f"Not responding since {since}", eta_seconds=None)


def _with_end(folder: Path, status: Status, identity: Identity, *, rebooted: bool, cgroup: Path) -> Status:
    stop = read_note(folder, "stop")
    if stop:
        message = "Stopped (forced)" if stop.get("forced") else "Stopped"
        return dataclasses.replace(_ended(status, "stopped", None, error=None, hint=None), message=message)
    if rebooted:
        error, hint = "The machine restarted while it ran.", "What it had saved is there: resume or start it again."
        return _ended(status, "lost", "host_restarted", error=error, hint=hint)
    before, now = read_note(folder, "process").get("oom_kills"), oom_kills(cgroup)
    if isinstance(before, int) and now is not None and now > before:
        error = "The system killed it because the memory ran out."
        return _ended(status, "lost", "out_of_memory", error=error, hint="Try a smaller batch or smaller pictures.")
    noted = read_note(folder, "exit").get("returncode")
    code = returncode_of(identity) if noted is None else noted
    if isinstance(code, int) and code > 0:
        error = f"Its process ended by itself (exit code {code}) without saying why."
        return _ended(status, "failed", "error", error=error, hint="Its log has the details.")
    return _ended(status, "lost", "killed", error=_death(code), hint=_death_hint(code))


def _death(code: object) -> str:
    if not isinstance(code, int) or code == 0:
        return "Its process is gone without a word: killed, or crashed."
    number = -code
    name = signal.Signals(number).name if number in set(signal.Signals) else "unknown"
    maybe = ", maybe because the memory ran out" if number == signal.SIGKILL else ""
    return f"It was killed (signal {number}, {name}){maybe}."


def _death_hint(code: object) -> str:
    if code in (None, -signal.SIGKILL):
        return "Try a smaller batch or close other programs; what it had saved is there to resume from."
    return "See its log; what it had saved is there to resume from."


def _ended(status: Status, state: State, cause: Cause | None, *, error: str | None, hint: str | None) -> Status:
    return dataclasses.replace(
        status,
        state=state,
        cause=cause,
        error=error,
        hint=hint,
        eta_seconds=None,
        finished=status.heartbeat or time.time(),
    )
