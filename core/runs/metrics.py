"""The figures of a run over time: `metrics.jsonl`, one JSON object a line, append only."""

import itertools
import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from core.errors import StorageError
from core.files import plain_numbers, storage_error

__all__ = ["MetricsWriter", "Record", "read_metrics", "without_replayed"]

Record = dict[str, object]
"""`t` (unix time), `kind` ("step", "epoch" or "eval"), `step`, `epoch`, and figures by name: numbers or None."""


class MetricsWriter:
    """Appends records to a run's metrics.jsonl, each in one write; begins on a fresh line after a crash."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.path = folder / "metrics.jsonl"
        self._clock = clock
        try:
            self._torn = _ends_torn(self.path)
            self._handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        except OSError as exc:
            raise storage_error(exc, self.path) from exc

    def write(self, kind: str, step: int, epoch: int, **values: float | None) -> None:
        """Append one record; NaN and infinities become null.

        Raises StorageError when the disk refuses; the records before are whole, and a later call may succeed.
        """
        record = {"t": self._clock(), "kind": kind, "step": step, "epoch": epoch} | values
        line = json.dumps(plain_numbers(record), ensure_ascii=False, allow_nan=False).encode() + b"\n"
        content = b"\n" + line if self._torn else line
        self._torn = True
        try:
            written = os.write(self._handle, content)
        except OSError as exc:
            raise storage_error(exc, self.path) from exc
        if written < len(content):
            raise StorageError(f"The disk is full, so {self.path} could not be written; free some space and try again.")
        self._torn = False

    def close(self) -> None:
        """Close the file; what was written stays."""
        os.close(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_metrics(folder: Path, *, since: int = 0) -> tuple[list[Record], int]:
    """The records that begin at byte `since` or later, and the byte to go on from.

    A torn last line is left for the next call; a damaged line between is left out. When the file has become shorter
    than `since` it is read from its start.
    """
    path = folder / "metrics.jsonl"
    try:
        with path.open("rb") as handle:
            size = os.fstat(handle.fileno()).st_size
            begin = since if 0 <= since <= size else 0
            handle.seek(begin)
            content = handle.read(size - begin)
    except FileNotFoundError:
        return [], 0
    except OSError as exc:
        raise storage_error(exc, path) from exc
    whole = content[: content.rfind(b"\n") + 1]
    return [record for line in whole.splitlines() if (record := _record(line)) is not None], begin + len(whole)


def without_replayed(records: Iterable[Record]) -> list[Record]:
    """The records without those that a resumed run has done again: where the step falls back, the later ones count."""
    kept: list[Record] = []
    for record in records:
        if _is_replay(kept, record):
            while kept and _place(kept[-1]) >= _place(record):
                kept.pop()
        kept.append(record)
    return kept


def _is_replay(kept: list[Record], record: Record) -> bool:
    """Whether this step was recorded before: a later one was, or this one by a record of the same kind."""
    step, kind = _place(record), record.get("kind")
    if not kept or _place(kept[-1]) < step:
        return False
    same = itertools.takewhile(lambda other: _place(other) == step, reversed(kept))
    return _place(kept[-1]) > step or any(other.get("kind") == kind for other in same)


def _place(record: Record) -> int:
    step = record.get("step")
    return step if isinstance(step, int) else 0


def _record(line: bytes) -> Record | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _ends_torn(path: Path) -> bool:
    if not path.exists() or not path.stat().st_size:
        return False
    with path.open("rb") as handle:
        handle.seek(-1, os.SEEK_END)
        return handle.read(1) != b"\n"
