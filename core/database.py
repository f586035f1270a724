"""SQLite as we need it: durable commits, one writer at a time across processes, consistent readers.

SQLite before 3.51.3 can corrupt a WAL that two connections reset at the same moment (https://sqlite.org/wal.html,
"WAL-reset bug"), and distributions still ship older ones. So every commit and every checkpoint happens under one
`flock` beside the file, and readers open read-only, which cannot checkpoint. Nothing else may call `sqlite3.connect`.
"""

import contextlib
import fcntl
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from core.errors import BusyError, DamagedError, RefusedError, SpecimenError, StorageError
from core.files import storage_error

__all__ = ["Database", "Schema", "file_lock", "lock_path", "open_database"]

_LOCK_SECONDS = 20.0
_CHECKPOINT_BYTES = 4 << 20
_NETWORK_DISKS = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph")


@dataclass(frozen=True, slots=True)
class Schema:
    """What a database file holds."""

    application_id: int
    """Written into the file's header; another one means that the file is not ours."""
    migrations: tuple[str, ...]
    """SQL scripts; the n-th brings `user_version` from n to n + 1."""
    mend: str = "move it away and start again"
    """What to do when the file is damaged; it ends a sentence."""


@contextlib.contextmanager
def file_lock(path: Path, *, seconds: float = _LOCK_SECONDS) -> Iterator[None]:
    """Hold the exclusive `flock` on `path` (created when absent); the kernel frees it when the holder dies.

    Raises BusyError when another holder keeps it for longer than `seconds`, StorageError when it cannot be opened.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as exc:
        raise storage_error(exc, path) from exc
    try:
        _wait_for_lock(descriptor, path, seconds)
        yield
    finally:
        os.close(descriptor)


def _wait_for_lock(descriptor: int, path: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise BusyError(
                    f"Another process has been writing {path.with_suffix('')} for long; try again."
                ) from None
            time.sleep(0.002)
        else:
            return


class _Connections:
    """The open connections of one Database: one writer, some idle readers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer: sqlite3.Connection | None = None
        self.idle: list[sqlite3.Connection] = []
        self.pid = os.getpid()

    def close(self) -> None:
        """Close everything; the last close of a WAL file checkpoints, so it happens under the lock."""
        if os.getpid() != self.pid:
            return
        with contextlib.suppress(IndexError):  # other threads take from it meanwhile
            while True:
                self.idle.pop().close()
        if self.writer is not None:
            writer, self.writer = self.writer, None
            with contextlib.suppress(SpecimenError), file_lock(lock_path(self.path)):
                writer.close()


class Database:
    """One SQLite file, usable from any thread of the process that opened it.

    Rows are `sqlite3.Row`. Use `open_database`.
    """

    def __init__(self, path: Path, *, mend: str) -> None:
        self.path = path
        self._mend = mend
        self._turn = threading.RLock()
        self._depth = 0
        self._connections = _Connections(path)
        self._finalizer = weakref.finalize(self, self._connections.close)

    @contextlib.contextmanager
    def read(self, seconds: float = 10.0) -> Iterator[sqlite3.Connection]:
        """A consistent read-only view that lasts as long as the block.

        Raises BusyError when one query runs longer than `seconds`, DamagedError when the file is damaged.
        """
        self._refuse_after_fork()
        connection = self._take_reader()
        deadline = time.monotonic() + seconds
        connection.set_progress_handler(lambda: int(time.monotonic() > deadline), 10_000)
        try:
            connection.execute("BEGIN")
            yield connection
        except sqlite3.Error as exc:
            raise _explain(exc, self.path, self._mend) from exc
        finally:
            if connection.in_transaction:
                connection.rollback()
            self._connections.idle.append(connection)

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction: on disk when the block ends, undone when it raises; an inner one is a savepoint.

        Raises BusyError when another process writes for too long, StorageError when the disk refuses.
        """
        self._refuse_after_fork()
        with self._turn:
            if self._depth:
                with self._savepoint() as connection:
                    yield connection
            else:
                with file_lock(lock_path(self.path)), self._transaction() as connection:
                    yield connection

    def close(self) -> None:
        """Close every connection; the next use opens new ones."""
        with self._turn:
            self._connections.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._writer()
        self._depth = 1
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
            _checkpoint_when_large(connection, self.path)
        except sqlite3.Error as exc:
            raise _explain(exc, self.path, self._mend) from exc
        finally:
            self._depth = 0
            if connection.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    connection.rollback()

    @contextlib.contextmanager
    def _savepoint(self) -> Iterator[sqlite3.Connection]:
        connection = self._writer()
        name = f"level{self._depth}"
        self._depth += 1
        connection.execute(f"SAVEPOINT {name}")
        try:
            yield connection
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.execute(f"ROLLBACK TO {name}")
            raise
        finally:
            with contextlib.suppress(sqlite3.Error):
                connection.execute(f"RELEASE {name}")
            self._depth -= 1

    def _writer(self) -> sqlite3.Connection:
        if self._connections.writer is None:
            self._connections.writer = _connect(self.path, self._mend, mode="rwc")
        return self._connections.writer

    def _take_reader(self) -> sqlite3.Connection:
        with contextlib.suppress(IndexError):
            return self._connections.idle.pop()
        return _connect(self.path, self._mend, mode="ro")

    def _refuse_after_fork(self) -> None:
        if os.getpid() != self._connections.pid:
            raise RefusedError(f"{self.path} was opened before a fork; open it again in this process.")


def open_database(path: Path, schema: Schema) -> Database:
    """The database at `path`, created or migrated to `schema`'s newest version.

    Raises RefusedError for a file of a newer version or of another program, and for network disks, where WAL is not
    safe; DamagedError for a damaged file, StorageError for a disk that refuses.
    """
    _refuse_network_disk(path)
    database = Database(path, mend=schema.mend)
    try:
        if path.exists() and path.stat().st_size and _version(database, schema) == len(schema.migrations):
            return database
        with file_lock(lock_path(path)):
            _migrate(database, schema)
    except OSError as exc:
        raise StorageError(f"{path} cannot be opened ({exc.strerror or exc}); check its folder's rights.") from exc
    except sqlite3.Error as exc:
        raise _explain(exc, path, schema.mend) from exc
    return database


def _migrate(database: Database, schema: Schema) -> None:
    with database._turn, database._transaction() as connection:
        version = _checked_version(connection, schema, database.path)
        if version == 0:
            connection.execute(f"PRAGMA application_id = {schema.application_id}")
        for script in schema.migrations[version:]:
            for statement in _statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(schema.migrations)}")


def _version(database: Database, schema: Schema) -> int:
    with database.read() as connection:
        return _checked_version(connection, schema, database.path)


def _checked_version(connection: sqlite3.Connection, schema: Schema, path: Path) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    if application not in (0, schema.application_id):
        raise RefusedError(f"{path} belongs to another program; move it away.")
    if version > len(schema.migrations):
        raise RefusedError(f"{path} was made by a newer version of Specimen; update Specimen to open it.")
    if version and not application:
        raise RefusedError(f"{path} belongs to another program; move it away.")
    return version


def _statements(script: str) -> Iterator[str]:
    """The single statements of `script`: `executescript` would commit behind our back."""
    piece = ""
    for line in script.splitlines(keepends=True):
        piece += line
        if sqlite3.complete_statement(piece):
            yield piece
            piece = ""


def _connect(path: Path, mend: str, *, mode: str) -> sqlite3.Connection:
    uri = f"file:{quote(str(path))}?mode={mode}"
    try:
        connection = sqlite3.connect(
            uri, uri=True, isolation_level=None, check_same_thread=False, timeout=_LOCK_SECONDS
        )
        connection.row_factory = sqlite3.Row
        if mode != "ro":
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA wal_autocheckpoint = 0")
            connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -16000")
    except sqlite3.Error as exc:
        raise _explain(exc, path, mend) from exc
    return connection


def _checkpoint_when_large(connection: sqlite3.Connection, path: Path) -> None:
    wal = path.with_name(path.name + "-wal")
    # On a full disk it fails, but what was committed is safe in the log: the caller must not hear that it is not.
    with contextlib.suppress(OSError, sqlite3.Error):
        if wal.stat().st_size > _CHECKPOINT_BYTES:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")


def lock_path(path: Path) -> Path:
    """The file whose `flock` all writers of the database at `path` take."""
    return path.with_name(path.name + ".lock")


def _explain(exc: sqlite3.Error, path: Path, mend: str) -> SpecimenError:
    text = str(exc)
    if isinstance(exc, sqlite3.IntegrityError | sqlite3.ProgrammingError):
        return StorageError(f"{path} refused a row ({text}); please report this.")
    if "locked" in text or "busy" in text:
        return BusyError(f"{path} is busy; try again.")
    if "interrupted" in text:
        return BusyError(f"A question to {path} took too long; narrow it down and try again.")
    if "full" in text:
        return StorageError(f"The disk is full, so {path} could not be written; free some space and try again.")
    if "malformed" in text or "not a database" in text:
        return DamagedError(f"{path} is damaged ({text}); {mend}.")
    if "readonly" in text or "unable to open" in text:
        return StorageError(f"{path} cannot be opened for this ({text}); check the rights of its folder.")
    return StorageError(f"{path}: {text}; check the disk.")


def _refuse_network_disk(path: Path) -> None:
    kind = _disk_kind(path.parent)
    if kind in _NETWORK_DISKS:
        raise RefusedError(f"{path} lies on a network disk ({kind}), where it would not be safe; use a local folder.")


def _disk_kind(folder: Path) -> str:
    """The file system's type by the longest mount point above `folder`; "" where /proc does not tell."""
    try:
        lines = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    place = str(folder.resolve())
    best, kind = "", ""
    for fields in (line.split() for line in lines):
        mount = fields[1].replace("\\040", " ")
        inside = place == mount or place.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= len(best):
            best, kind = mount, fields[2]
    return kind
