"""Thumbnails by content: WebP, long side 256 px, in `data/cache/thumbnails.db`; disposable and made again on demand."""

import contextlib
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from core.database import Database, Schema, open_database
from core.errors import BusyError, DamagedError, StorageError
from core.images.decoder import Decoder
from core.workspace import Workspace

__all__ = ["Thumbnails", "open_thumbnails"]

_SCHEMA: Final = Schema(
    application_id=0x53505448,
    migrations=("CREATE TABLE thumbnail (sha256 TEXT PRIMARY KEY, webp BLOB NOT NULL);",),
)


class Thumbnails:
    """The store of one workspace; usable from any thread. Use `open_thumbnails`."""

    def __init__(self, database: Database, log: Path) -> None:
        self._database = database
        self._log = log
        self._decoder: Decoder | None = None
        self._turn = threading.Lock()
        self._mending = threading.Lock()

    def get(self, sha256: str) -> bytes | None:
        """The WebP for that content, or None when it was not made yet."""
        try:
            with self._database.read() as connection:
                row = connection.execute("SELECT webp FROM thumbnail WHERE sha256 = ?", (sha256,)).fetchone()
        except DamagedError:
            self._begin_anew()
            return None
        return None if row is None else bytes(row[0])

    def put_many(self, rows: Iterable[tuple[str, bytes]]) -> None:
        """Keep these (sha256, WebP) in one transaction."""
        rows = list(rows)
        if not rows:
            return
        try:
            self._insert(rows)
        except DamagedError:
            self._begin_anew()
            self._insert(rows)

    def drop_many(self, digests: Sequence[str]) -> None:
        """Forget the thumbnails of these contents (sha256), in one transaction."""
        if digests:
            with self._database.write() as connection:
                connection.executemany("DELETE FROM thumbnail WHERE sha256 = ?", [(digest,) for digest in digests])

    def get_or_make(self, sha256: str, path: Path) -> bytes | None:
        """The WebP for that content, made from the file at `path` where it is missing.

        None when the file cannot be read or holds other content by now. The first one made starts a decoder process,
        which lives until `close`.
        """
        found = self.get(sha256)
        if found is not None:
            return found
        with self._turn:
            self._decoder = self._decoder or Decoder(log=self._log)
            examined = next(iter(list(self._decoder.examine([path]))))
        if examined.measured is None or examined.thumbnail is None:
            return None
        with contextlib.suppress(StorageError, BusyError):  # on a full disk it is shown, and made again next time
            self.put_many([(examined.measured.sha256, examined.thumbnail)])
        return examined.thumbnail if examined.measured.sha256 == sha256 else None

    def close(self) -> None:
        """End the decoder process, if one was started, and close the file."""
        with self._turn:
            decoder, self._decoder = self._decoder, None
            if decoder is not None:
                decoder.close()
        self._database.close()

    def _insert(self, rows: Sequence[tuple[str, bytes]]) -> None:
        with self._database.write() as connection:
            connection.executemany("INSERT OR REPLACE INTO thumbnail VALUES (?, ?)", rows)

    def _begin_anew(self) -> None:
        with self._mending:
            self._database.close()
            self._database = _replaced(self._database.path)


def open_thumbnails(workspace: Workspace) -> Thumbnails:
    """The workspace's thumbnails; a damaged store is thrown away, for all in it can be made again."""
    workspace.cache.mkdir(parents=True, exist_ok=True)
    try:
        database = open_database(workspace.thumbnails, _SCHEMA)
    except StorageError:
        database = _replaced(workspace.thumbnails)
    return Thumbnails(database, workspace.cache / "decoder.log")


def _replaced(path: Path) -> Database:
    """An empty store in the place of a damaged one."""
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()
    return open_database(path, _SCHEMA)
