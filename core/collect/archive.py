"""What a zip holds, without ever unpacking under its names: entries are read one by one, counted while they are read.

A zip's own words about sizes and names are claims. Refused with a reason: names that lead outside, links and other
special entries, a second entry of the same name (also in other letter case), encrypted ones, and those that unpack to
far more than they weigh.
"""

import contextlib
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from core.collect.listing import (
    HEAD_BYTES,
    NOTE_BYTES,
    TABLE_BYTES,
    Item,
    Listing,
    Rejected,
    is_hidden,
    is_note,
    is_picture,
    is_table,
)
from core.errors import InputError
from core.files import storage_error
from core.images.reading import MAX_BYTES, special_kind

__all__ = ["MAX_ENTRIES", "open_archive"]

MAX_ENTRIES: Final = 200_000

_MAX_INDEX_BYTES: Final = 64 << 20
_MAX_RATIO: Final = 200
_RATIO_COUNTS_FROM_BYTES: Final = 1 << 20
_TOTAL_ALLOWANCE_BYTES: Final = 1 << 30
_PIECE_BYTES: Final = 256 << 10
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
"""Without LZMA: its header alone decides how much memory unpacking takes."""

_END: Final = b"PK\5\6"
_END_BYTES: Final = 22
_ENTRY: Final = b"PK\1\2"
_READ_ERRORS: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
"""What `zipfile` was seen to raise on damaged and unsupported entries."""


@contextlib.contextmanager
def open_archive(path: Path, *, stopped: Callable[[], bool]) -> Iterator[Listing]:
    """The listing of a zip, whose items can be loaded while the block lasts.

    Raises InputError when it is no zip, holds too many entries or an index that makes no sense.
    """
    try:
        with path.open("rb") as handle:
            _check_index(handle.read, handle.seek, path)
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, UnicodeError) as exc:
        raise InputError(f"{path} is not a zip that can be read ({exc}); pack it again.") from exc
    except OSError as exc:
        raise storage_error(exc, path) from exc
    with archive:
        yield _Reader(archive, path.stat().st_size).listing(path.stem, stopped)


def _check_index(read: Callable[[int], bytes], seek: Callable[[int, int], int], path: Path) -> None:
    """Count the index's entries in its bytes, before `zipfile` makes an object of each."""
    size = seek(0, 2)
    seek(max(0, size - _END_BYTES - 65_535 - 20 - 56), 0)
    tail = read(_END_BYTES + 65_535 + 20 + 56)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        raise InputError(f"{path} is not a zip that can be read (its end is missing); pack it again.")
    index_bytes = struct.unpack_from("<L", tail, at + 12)[0]
    if index_bytes == 0xFFFFFFFF:
        large = tail.rfind(b"PK\6\6", 0, at)
        index_bytes = struct.unpack_from("<Q", tail, large + 40)[0] if large >= 0 else size
    if index_bytes > _MAX_INDEX_BYTES:
        raise InputError(f"{path} lists more than {MAX_ENTRIES:,} files; pack fewer into one zip.")
    seek(max(0, size - len(tail) + at - index_bytes - 100), 0)
    if read(index_bytes + 100).count(_ENTRY) > MAX_ENTRIES:
        raise InputError(f"{path} lists more than {MAX_ENTRIES:,} files; pack fewer into one zip.")


@dataclass(slots=True)
class _Reader:
    archive: zipfile.ZipFile
    packed_bytes: int
    unpacked_bytes: int = 0
    """Counted over all entries: overlapping ones let a small file unpack to a huge total."""

    def listing(self, root: str, stopped: Callable[[], bool]) -> Listing:
        listing = Listing(root)
        entries = [entry for entry in self.archive.infolist() if not entry.is_dir()]
        wrapper = _wrapper(entries, root)
        seen: set[str] = set()
        for entry in entries:
            if stopped():
                break
            name = _text(entry.filename)
            if is_hidden(name) and not _leads_elsewhere(entry):
                continue
            reason = (
                _leads_elsewhere(entry)
                or _refusal(entry)
                or ("a second entry of this name" if _folded(name) in seen else None)
            )
            if reason:
                listing.rejected.append(Rejected(name, reason))
                continue
            seen.add(_folded(name))
            self._enter(listing, entry, name.removeprefix(wrapper))
        listing.items.sort(key=lambda item: item.name)
        return listing

    def _enter(self, listing: Listing, entry: zipfile.ZipInfo, name: str) -> None:
        if is_table(name):
            with contextlib.suppress(InputError):
                listing.tables[name] = self._read(entry, TABLE_BYTES)
        elif is_note(name):
            listing.notes[name] = lambda: self._read(entry, NOTE_BYTES)
        elif is_picture(name, lambda: self._head(entry)):
            listing.items.append(Item(name, lambda: self._read(entry, MAX_BYTES)))

    def _head(self, entry: zipfile.ZipInfo) -> bytes:
        try:
            with self.archive.open(entry) as handle:
                return handle.read(HEAD_BYTES)
        except _READ_ERRORS:
            return b""

    def _read(self, entry: zipfile.ZipInfo, limit: int) -> bytes:
        pieces: list[bytes] = []
        count = 0
        try:
            with self.archive.open(entry) as handle:
                while piece := handle.read(_PIECE_BYTES):
                    count += len(piece)
                    self.unpacked_bytes += len(piece)
                    self._check(count, entry.compress_size, limit)
                    pieces.append(piece)
        except _READ_ERRORS as exc:
            raise InputError(f"damaged within the zip ({exc})") from exc
        if not pieces:
            raise InputError("empty file")
        return b"".join(pieces)

    def _check(self, count: int, packed: int, limit: int) -> None:
        if count > limit:
            raise InputError(f"too large (more than {limit:,} bytes)")
        if count > _RATIO_COUNTS_FROM_BYTES and count > _MAX_RATIO * max(packed, 1):
            raise InputError(f"unpacks to more than {_MAX_RATIO} times its size")
        if self.unpacked_bytes > _TOTAL_ALLOWANCE_BYTES + _MAX_RATIO * self.packed_bytes:
            raise InputError("the zip unpacks to far more than it weighs; the rest of it is left out")


def _leads_elsewhere(entry: zipfile.ZipInfo) -> str | None:
    name = entry.filename.replace("\\", "/")
    if name.startswith("/") or name[1:2] == ":":
        return "an absolute path"
    if ".." in PurePosixPath(name).parts:
        return "a path that leads outside of the zip"
    return None


def _refusal(entry: zipfile.ZipInfo) -> str | None:
    kind = special_kind(entry.external_attr >> 16) if entry.external_attr >> 28 else None
    if kind:
        return f"{kind}, not a file"
    if entry.flag_bits & 1:
        return "encrypted"
    if entry.compress_type not in _METHODS:
        return "packed by a method that is not supported"
    return None


def _wrapper(entries: list[zipfile.ZipInfo], root: str) -> str:
    """The folder that packing a folder wraps around everything (`flowers.zip`: `flowers/…`), with its slash; or ""."""
    tops = {name.partition("/")[0] for entry in entries if not is_hidden(name := _text(entry.filename))}
    nested = all("/" in name for entry in entries if not is_hidden(name := _text(entry.filename)))
    return f"{root}/" if nested and tops == {root} else ""


def _text(name: str) -> str:
    return name.replace("\\", "/").encode("utf-8", "backslashreplace").decode() or "?"


def _folded(name: str) -> str:
    """The name as a disk that ignores letter case and Unicode forms sees it."""
    return unicodedata.normalize("NFC", name).casefold()
