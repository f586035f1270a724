"""Files as we write them: whole or not at all, under names that we make.

A published file is old or new, never half: temporary file in the same folder, fsync, `os.replace`, fsync of the folder.
"""

import contextlib
import errno
import hashlib
import json
import math
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from core.errors import InputError, SpecimenError, StorageError

__all__ = [
    "atomic_file",
    "digest",
    "file_digest",
    "is_running",
    "plain_numbers",
    "plain_path",
    "read_json",
    "slugify",
    "storage_error",
    "sweep_temporary",
    "sync_folder",
    "write_atomic",
    "write_json",
]

_TEMPORARY = re.compile(r"^\..+\.(\d+)\.[0-9a-f]{8}\.tmp$")
_CHUNK_BYTES = 1 << 20


@contextlib.contextmanager
def atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """A binary file that becomes `path` when the block ends well, and vanishes when it does not.

    Raises StorageError when the disk refuses; `path` then still holds what it held before.
    """
    temporary = path.with_name(f".{path.name[:100]}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as exc:
        raise storage_error(exc, path) from exc
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_atomic(path: Path, content: bytes) -> None:
    """Replace `path` by `content`, durably."""
    with atomic_file(path) as handle:
        handle.write(content)


def write_json(path: Path, value: object) -> None:
    """Replace `path` by `value` as JSON; NaN and infinities become null."""
    text = json.dumps(plain_numbers(value), ensure_ascii=False, indent=1, allow_nan=False)
    write_atomic(path, text.encode() + b"\n")


def read_json(path: Path) -> dict[str, object]:
    """The JSON object in `path`.

    Raises StorageError, naming the file, when it is absent, unreadable, torn, or not an object.
    """
    try:
        value = json.loads(path.read_bytes())
    except OSError as exc:
        raise storage_error(exc, path) from exc
    except ValueError as exc:
        raise StorageError(f"{path} is not readable as JSON ({exc}); restore it from a copy or delete it.") from exc
    if not isinstance(value, dict):
        raise StorageError(f"{path} should hold a JSON object; restore it from a copy or delete it.")
    return value


def plain_numbers(value: object) -> object:
    """`value` with NaN and infinities replaced by None, through dicts, lists and tuples."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: plain_numbers(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_numbers(item) for item in value]
    return value


def digest(content: bytes) -> str:
    """The sha256 of `content`, 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def file_digest(path: Path) -> str:
    """The sha256 of the file's bytes, read in pieces."""
    total = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK_BYTES):
            total.update(chunk)
    return total.hexdigest()


def slugify(name: str) -> str:
    """The ASCII form of a name for use in a path (`Über Blume` → `uber-blume`), or "" when nothing is left.

    Only a-z, 0-9 and inner `-` or `_` remain, at most 40 characters; names that Windows reserves give "".
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[:40].strip("-_")
    reserved = re.fullmatch(r"con|prn|aux|nul|com\d|lpt\d", slug)
    return "" if reserved else slug


def sweep_temporary(folder: Path) -> int:
    """Delete the temporary files that processes now dead left directly in `folder`; how many there were."""
    entries = list(folder.iterdir()) if folder.is_dir() else []
    found = [(entry, match) for entry in entries if (match := _TEMPORARY.match(entry.name))]
    leftovers = [entry for entry, match in found if not is_running(int(match[1]))]
    for entry in leftovers:
        entry.unlink(missing_ok=True)
    return len(leftovers)


def is_running(pid: int) -> bool:
    """Whether a process has this number now, ours or another's; for leftovers that bear the number of their maker."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def plain_path(text: str | Path) -> Path:
    """The absolute path that a person wrote, `~` and links followed.

    Raises InputError for a text that no disk takes for a path.
    """
    try:
        path = Path(text).expanduser().resolve()
        path.exists()  # a name that is too long shows only here
    except (OSError, RuntimeError, ValueError) as exc:
        raise InputError(f"{str(text)[:80]!r} cannot be a path ({exc.args[-1]}); check it.") from exc
    return path


def storage_error(exc: OSError, path: Path) -> SpecimenError:
    """`exc` as the sentence a person reads: which file, what happened, what to do."""
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(f"The disk is full, so {path} could not be written; free some space and try again.")
    if exc.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StorageError(f"{path} may not be accessed; give your user the rights to its folder.")
    if exc.errno == errno.ENOENT:
        return StorageError(f"{path} is not there; check the path.")
    return StorageError(f"{path}: {exc.strerror or exc}.")


def sync_folder(folder: Path) -> None:
    """Bring to disk which files the folder holds."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
