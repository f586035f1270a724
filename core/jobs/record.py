"""The files of a job: `status.json`, and the small notes beside it.

`status.json` is written by the job's own process alone while that lives (`core.jobs.reporter`); before and after, by
whoever holds the folder's lock. Beside it lie `process.json` (who was started), `stop.json` (who asked it to stop) and
`exit.json` (how it ended, when its parent saw it).
"""

import contextlib
import dataclasses
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from core.database import file_lock
from core.errors import NotFoundError, SpecimenError, StorageError
from core.files import plain_numbers, read_json, write_json
from core.jobs.identity import Identity

__all__ = [
    "ENDED",
    "Cause",
    "State",
    "Status",
    "folder_lock",
    "is_torn",
    "overwrite_status",
    "process_of",
    "read_note",
    "read_status",
    "write_note",
    "write_status",
]

State = Literal["queued", "starting", "running", "paused", "stopping", "finished", "stopped", "failed", "lost"]
Cause = Literal["error", "killed", "out_of_memory", "nan", "disk_full", "host_restarted"]

ENDED: tuple[State, ...] = ("finished", "stopped", "failed", "lost")
"""The states in which no process works on the job any more."""

_STATES = get_args(State)
_CAUSES = get_args(Cause)
_TORN = "status unreadable"


@dataclass(frozen=True, slots=True)
class Status:
    """A job at one moment; `status.json` holds these fields, with those of `extra` beside them."""

    state: State
    cause: Cause | None = None
    pid: int | None = None
    started: float | None = None
    """Start time of the process: seconds since its machine started (see `core.jobs.identity`)."""
    boot_id: str | None = None
    host: str | None = None
    heartbeat: float | None = None
    """Unix time of the last sign of life."""
    pulse: float | None = None
    """The same moment on the machine's monotonic clock, which nobody can set."""
    created: float = 0.0
    """Unix time of the request."""
    began: float | None = None
    """Unix time at which it first began to work."""
    seconds: float = 0.0
    """Time at work so far, resumptions added up."""
    finished: float | None = None
    """Unix time of the end."""
    title: str = ""
    done: int = 0
    total: int | None = None
    message: str = ""
    eta_seconds: float | None = None
    error: str | None = None
    """One sentence: why it failed."""
    hint: str | None = None
    """What to do about it."""
    extra: dict[str, object] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        """Whether no process works on it any more."""
        return self.state in ENDED

    @property
    def identity(self) -> Identity | None:
        """The process that last wrote this, when it is known whole."""
        if self.pid is None or self.started is None or self.boot_id is None or self.host is None:
            return None
        return Identity(self.pid, self.started, self.boot_id, self.host)


_FIELDS = tuple(item.name for item in dataclasses.fields(Status) if item.name != "extra")


def read_status(folder: Path) -> Status:
    """The status as it lies on disk; of a torn file what can still be read, with `error` saying so.

    Raises NotFoundError when there is no such job, StorageError when the disk refuses.
    """
    path = folder / "status.json"
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError as exc:
        if not folder.is_dir():
            raise NotFoundError(f"{folder.name} is not there; it may have been deleted.") from exc
        return Status("lost", error=f"{path} is missing; delete this job or restore the file.")
    except OSError as exc:
        raise StorageError(f"{path} cannot be read ({exc.strerror}); check the rights of its folder.") from exc
    try:
        return _parse(json.loads(text))
    except (ValueError, TypeError):
        return _salvage(text, path)


def write_status(folder: Path, status: Status) -> None:
    """Replace the job's status.json, whole."""
    write_json(folder / "status.json", _plain(status))


def overwrite_status(folder: Path, status: Status) -> None:
    """Write the status into the blocks that status.json has already: the last resort on a full disk.

    It leaves a torn file behind when the machine fails in the middle, and does nothing when the disk refuses this too.
    """
    content = json.dumps(plain_numbers(_plain(status)), ensure_ascii=False, indent=1).encode() + b"\n"
    with contextlib.suppress(OSError), (folder / "status.json").open("r+b") as handle:
        handle.write(content)
        handle.truncate()
        handle.flush()
        os.fsync(handle.fileno())


def process_of(folder: Path, status: Status) -> Identity | None:
    """The job's process: as it says itself, else as its parent noted when it started it."""
    return status.identity or _identity(read_note(folder, "process"))


def read_note(folder: Path, name: str) -> dict[str, object]:
    """The small file `<name>.json` in the job's folder; empty when it is absent or torn."""
    try:
        return read_json(folder / f"{name}.json")
    except SpecimenError:
        return {}


def write_note(folder: Path, name: str, value: Mapping[str, object]) -> None:
    """Replace the small file `<name>.json` in the job's folder, whole."""
    write_json(folder / f"{name}.json", dict(value))


@contextlib.contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold the job's folder against others that start, stop or settle it."""
    with file_lock(folder / ".lock"):
        yield


def is_torn(status: Status) -> bool:
    """Whether this could only be read in part."""
    return status.error is not None and status.error.startswith(_TORN)


def _plain(status: Status) -> dict[str, object]:
    own: dict[str, object] = {name: getattr(status, name) for name in _FIELDS}
    clash = own.keys() & status.extra.keys()
    if clash:
        raise ValueError(f"a status has its own {', '.join(sorted(clash))}; choose another name")
    return own | status.extra


def _identity(note: Mapping[str, object]) -> Identity | None:
    pid, started, boot, name = note.get("pid"), note.get("started"), note.get("boot_id"), note.get("host")
    if isinstance(pid, int) and isinstance(started, int | float) and isinstance(boot, str) and isinstance(name, str):
        return Identity(pid, float(started), boot, name)
    return None


def _parse(value: object) -> Status:
    if not isinstance(value, dict) or value.get("state") not in _STATES:
        raise ValueError("no state")
    known = {key: item for key, item in value.items() if key in _FIELDS}
    if known.get("cause") not in _CAUSES:
        known["cause"] = None
    extra = {key: item for key, item in value.items() if key not in _FIELDS}
    return Status(**known, extra=extra)


def _salvage(text: str, path: Path) -> Status:
    """The whole lines of a torn file: we write one field a line, the state first."""
    found: dict[str, object] = {}
    for match in re.finditer(r'^ "(\w+)": (.*),$', text, re.MULTILINE):
        with contextlib.suppress(ValueError):
            found[match[1]] = json.loads(match[2])
    sentence = f"{_TORN}: {path} is torn; the job writes it anew while it runs."
    try:
        return dataclasses.replace(_parse(found), error=sentence, hint=None)
    except (ValueError, TypeError):
        return Status("lost", error=sentence)
