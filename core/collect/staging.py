"""A folder inside the workspace where files wait between arriving and being examined.

What is examined is our own copy: a source that changes meanwhile cannot put other bytes into the catalogue than those
that were measured. The folder lies on the disk of the pictures, so that a file moves into its place without a copy.
"""

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from core.collect.reading import open_source
from core.errors import InputError
from core.files import storage_error
from core.workspace import Workspace

__all__ = ["Staging", "open_staging"]

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
_CANNOT_CLONE = (errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF, errno.ETXTBSY)
_CHUNK_BYTES = 1 << 20


class Staging:
    """Numbered files in one folder; use `open_staging`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0

    def put(self, source: Path | bytes) -> Path:
        """A copy of a file (sharing its blocks where the disk can) or of bytes.

        Raises InputError with a reason when the source cannot be read, StorageError when our disk refuses.
        """
        target = self.folder / str(self._count)
        self._count += 1
        if isinstance(source, bytes):
            try:
                target.write_bytes(source)
            except OSError as exc:
                raise storage_error(exc, target) from exc
            return target
        with open_source(source) as (descriptor, _):
            _copy(descriptor, target)
        return target


@contextlib.contextmanager
def open_staging(workspace: Workspace) -> Iterator[Staging]:
    """A fresh staging folder that vanishes with the block; those that dead processes left are removed first."""
    parent = workspace.cache / "intake"
    folder = parent / f"{os.getpid()}-{os.urandom(4).hex()}"
    try:
        _sweep(parent)
        folder.mkdir(parents=True)
    except OSError as exc:
        raise storage_error(exc, folder) from exc
    try:
        yield Staging(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy(descriptor: int, target: Path) -> None:
    out = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    try:
        while os.copy_file_range(descriptor, out, 1 << 30):
            pass
    except OSError as exc:
        if exc.errno not in _CANNOT_CLONE:
            raise _blame(exc, target) from exc
        _copy_plainly(descriptor, out, target)
    finally:
        os.close(out)


def _copy_plainly(descriptor: int, out: int, target: Path) -> None:
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.ftruncate(out, 0)
        os.lseek(out, 0, os.SEEK_SET)
        while chunk := os.read(descriptor, _CHUNK_BYTES):
            view = memoryview(chunk)
            while view:
                view = view[os.write(out, view) :]
    except OSError as exc:
        raise _blame(exc, target) from exc


def _blame(exc: OSError, target: Path) -> Exception:
    """Whose fault a failed copy is: our disk's when it is full, else the source's."""
    if exc.errno in _DISK_FULL:
        return storage_error(exc, target)
    return InputError(f"cannot be read ({exc.strerror})")


def _sweep(parent: Path) -> None:
    for folder in parent.iterdir() if parent.is_dir() else []:
        pid = folder.name.partition("-")[0]
        if pid.isdigit() and not _is_running(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
