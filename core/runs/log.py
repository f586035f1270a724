"""What a run's process wrote: the end of `log.txt`, as a person reads it."""

import os
import re
from pathlib import Path

from core.files import storage_error

__all__ = ["read_log"]

_MOST_BYTES = 262_144
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


def read_log(folder: Path, *, most_bytes: int = _MOST_BYTES) -> list[str]:
    """The last lines, at most `most_bytes` of them, without colours; of a bar that rewrote its line the last state.

    Empty while there is no log. Raises StorageError when the disk refuses.
    """
    path = folder / "log.txt"
    try:
        with path.open("rb") as handle:
            size = os.fstat(handle.fileno()).st_size
            handle.seek(max(0, size - most_bytes))
            content = handle.read(most_bytes)
    except FileNotFoundError:
        return []
    except OSError as exc:
        raise storage_error(exc, path) from exc
    lines = content.decode(errors="replace").split("\n")
    whole = lines[1:] if size > most_bytes else lines
    shown = [_CONTROL.sub("", line.rstrip("\r").rpartition("\r")[2]) for line in whole]
    return shown[:-1] if shown and not shown[-1] else shown
