"""A folder inside the workspace where files wait between arriving and being examined.

What is examined is our own copy: a source that changes meanwhile cannot put other bytes into the catalogue than those
that were measured. The folder lies on the disk of the pictures, so that a file moves into its place without a copy.
"""

import contextlib
import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.catalog.images import get_by_path
from core.collect.reading import open_source
from core.database import Database
from core.errors import InputError, NotFoundError
from core.files import is_running, storage_error
from core.workspace import Workspace

__all__ = ["Staging", "open_staging"]

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
_CANNOT_CLONE = (errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF, errno.ETXTBSY)
_CHUNK_BYTES = 1 << 20


_NOTES = "placed"


class Staging:
    """Numbered files in one folder; use `open_staging`.

    Between a file's arrival among the pictures and its row in the catalogue a note tells where it went: when we are
    killed in between, the next one to come takes it back.
    """

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

    def note(self, file: Path, path: str) -> None:
        """Remember that `file` is about to be linked to `path` under data/images; raises OSError."""
        with (self.folder / _NOTES).open("a", encoding="utf-8") as notes:
            notes.write(f"{file.name} {path}\n")

    def forget(self, files: Iterable[Path]) -> None:
        """These files, and all that were noted, have their rows: nothing of them is needed here any more."""
        with contextlib.suppress(OSError):  # what stays is cleared with the folder
            (self.folder / _NOTES).unlink(missing_ok=True)
            for file in files:
                file.unlink(missing_ok=True)


@contextlib.contextmanager
def open_staging(workspace: Workspace, database: Database) -> Iterator[Staging]:
    """A fresh staging folder that vanishes with the block; those that dead processes left are cleared first."""
    parent = workspace.cache / "intake"
    folder = parent / f"{os.getpid()}-{os.urandom(4).hex()}"
    try:
        _sweep(parent, workspace, database)
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


def _sweep(parent: Path, workspace: Workspace, database: Database) -> None:
    for folder in parent.iterdir() if parent.is_dir() else []:
        pid = folder.name.partition("-")[0]
        if pid.isdigit() and not is_running(int(pid)):
            _take_back(folder, workspace, database)
            shutil.rmtree(folder, ignore_errors=True)


def _take_back(folder: Path, workspace: Workspace, database: Database) -> None:
    """Remove the pictures that a dead process placed but never entered; only files that are still the very ones."""
    try:
        lines = (folder / _NOTES).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    for name, _, path in (line.partition(" ") for line in lines):
        staged, placed = folder / name, workspace.images / path
        if staged.is_file() and placed.is_file() and placed.samefile(staged) and not _is_entered(database, path):
            placed.unlink()


def _is_entered(database: Database, path: str) -> bool:
    try:
        get_by_path(database, path)
    except NotFoundError:
        return False
    return True
