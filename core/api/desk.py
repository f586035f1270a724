"""What one server process works on: the workspace, and what is open in it; pages and API share it."""

import contextlib
import fcntl
import hashlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path

from core.catalog.store import open_catalog
from core.database import Database
from core.dataset.annotations import needs_writing
from core.dataset.scribe import Scribe
from core.duplicates.search import CopySearch
from core.errors import RefusedError, SpecimenError, StorageError
from core.images.thumbnails import Thumbnails, open_thumbnails
from core.inference.client import InferenceClient
from core.workspace import Workspace, open_workspace, read_settings

__all__ = ["Desk", "Opened", "close_desk", "desk"]


@dataclass(frozen=True, slots=True)
class Opened:
    """One workspace as this process has it open; take it once per request, since `switch` may come between."""

    workspace: Workspace
    db: Database
    """The catalogue."""
    thumbnails: Thumbnails
    scribe: Scribe
    """Writes annotations.csv."""
    copies: CopySearch
    """What was found of copies."""
    inference: InferenceClient
    """Asks the models in a process of their own, which starts with the first question."""
    token: str
    """Names the workspace in requests, so that a tab of another one is noticed; the same after a restart."""
    inode: int
    """Of the catalogue's file: tells when somebody moved it away."""

    @property
    def is_there(self) -> bool:
        """Whether the catalogue is still the file that was opened."""
        return _inode(self.workspace) == self.inode

    def catch_up(self) -> None:
        """Bring annotations.csv up to the catalogue, unless it was edited by hand; raises SpecimenError."""
        if self.is_there and needs_writing(self.workspace, self.db):
            self.scribe.write()


class Desk:
    """The open workspace of this process and the lock that keeps a second app out of it."""

    def __init__(self, workspace: Workspace) -> None:
        self._turn = threading.Lock()
        self._lock, self._opened = _open(workspace)

    @property
    def opened(self) -> Opened:
        """The open workspace.

        Raises StorageError when its catalogue is no longer where it was: nothing new is made in its place.
        """
        opened = self._opened
        if not opened.is_there:
            raise StorageError(
                f"{opened.workspace.catalog} was moved or deleted while Specimen had it open; "
                "put it back, or restart Specimen."
            )
        return opened

    @property
    def workspace(self) -> Workspace:
        return self._opened.workspace

    @property
    def db(self) -> Database:
        return self.opened.db

    @property
    def token(self) -> str:
        return self._opened.token

    def switch(self, home: Path) -> None:
        """Work in the workspace at `home` from now on; the present one stays open when that fails."""
        workspace = open_workspace(home, environ=os.environ)
        with self._turn:
            if workspace == self._opened.workspace:
                return
            lock, opened = _open(workspace)
            old_lock, old = self._lock, self._opened
            self._lock, self._opened = lock, opened
            _close(old)
            os.close(old_lock)

    def close(self) -> None:
        """Close the catalogue and let another app in; a second time does nothing."""
        with self._turn:
            if self._lock >= 0:
                _close(self._opened)
                os.close(self._lock)
                self._lock = -1


class _Holder:
    """The one desk of this process, made on first use."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.desk: Desk | None = None


_HOLDER = _Holder()


def desk() -> Desk:
    """The desk of this process, opened on `$SPECIMEN_HOME` or the checkout the first time.

    Raises RefusedError when another app process has that workspace, and what opening a workspace raises.
    """
    with _HOLDER.turn:
        if _HOLDER.desk is None:
            _HOLDER.desk = Desk(open_workspace(environ=os.environ))
        return _HOLDER.desk


def close_desk() -> None:
    """Close the desk of this process; the next `desk()` looks at the environment again (tests)."""
    with _HOLDER.turn:
        if _HOLDER.desk is not None:
            _HOLDER.desk.close()
            _HOLDER.desk = None


def _open(workspace: Workspace) -> tuple[int, Opened]:
    lock = _claim(workspace)
    try:
        db = open_catalog(workspace)
        identity = f"{workspace.home}\n{read_settings(workspace).catalog_id}"
        token = hashlib.sha256(identity.encode()).hexdigest()[:12]
        thumbnails = open_thumbnails(workspace)
        scribe, inference = Scribe(workspace), InferenceClient(workspace)
        copies = CopySearch(db)
        return lock, Opened(workspace, db, thumbnails, scribe, copies, inference, token, _inode(workspace))
    except BaseException:
        os.close(lock)
        raise


def _inode(workspace: Workspace) -> int:
    """Of the catalogue's file; 0 when there is none."""
    try:
        return workspace.catalog.stat().st_ino
    except OSError:
        return 0


def _close(opened: Opened) -> None:
    with contextlib.suppress(SpecimenError):
        opened.catch_up()
    opened.scribe.close()
    opened.copies.close()
    opened.inference.close()
    opened.thumbnails.close()
    opened.db.close()


def _claim(workspace: Workspace) -> int:
    """A descriptor that holds the app's lock; the kernel frees it when this process dies, however it dies."""
    path = workspace.data / "app.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as exc:
        raise StorageError(f"{path} cannot be written ({exc.strerror}); give your user the rights to it.") from exc
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
        os.close(descriptor)
        raise RefusedError(
            f"Another Specimen app (process {holder or 'unknown'}) is already open on {workspace.home}; "
            "use its page in the browser, or stop it first."
        ) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor
