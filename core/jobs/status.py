"""What a job says of itself, and what is true of it now."""

from pathlib import Path

from core.errors import SpecimenError
from core.jobs.identity import kill_session
from core.jobs.memory import CGROUP
from core.jobs.record import (
    ENDED,
    Cause,
    State,
    Status,
    folder_lock,
    is_torn,
    process_of,
    read_status,
    write_status,
)
from core.jobs.verdict import judge

__all__ = [
    "ENDED",
    "Cause",
    "State",
    "Status",
    "acknowledge",
    "is_acknowledged",
    "observe",
    "read_status",
    "write_status",
]

_PATIENCE_SECONDS = 15.0


def observe(folder: Path, *, patience_seconds: float = _PATIENCE_SECONDS, cgroup: Path = CGROUP) -> Status:
    """The truth now: what status.json says, checked against the processes that run.

    A job found dead is written down as such, and what is left of its processes is killed. A live one without a sign of
    life for `patience_seconds` says so in `message`. `cgroup` is where the kernel counts what it killed for memory.
    """
    status = read_status(folder)
    if status.ended:
        return status
    verdict = judge(folder, status, patience_seconds=patience_seconds, cgroup=cgroup)
    if not verdict.ended:
        return verdict
    return _settle(folder, verdict, patience_seconds=patience_seconds, cgroup=cgroup)


def acknowledge(folder: Path) -> None:
    """Note that a person has read how the job ended."""
    (folder / "read").touch()


def is_acknowledged(folder: Path) -> bool:
    """Whether a person has read how the job ended."""
    return (folder / "read").exists()


def _settle(folder: Path, verdict: Status, *, patience_seconds: float, cgroup: Path) -> Status:
    """Write the verdict down, unless the job has spoken in between; on a disk that refuses it is only returned."""
    try:
        with folder_lock(folder):
            status = read_status(folder)
            if status.ended or is_torn(status):
                return status if status.ended else verdict
            verdict = judge(folder, status, patience_seconds=patience_seconds, cgroup=cgroup)
            if verdict.ended:
                _sweep(folder, status)
                write_status(folder, verdict)
    except (SpecimenError, OSError):
        return verdict
    return verdict


def _sweep(folder: Path, status: Status) -> None:
    identity = process_of(folder, status)
    if identity is not None:
        kill_session(identity, folder.resolve())
