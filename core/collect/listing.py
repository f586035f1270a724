"""What a folder holds: pictures by name, tables of labels, and what is refused with a reason. Reads no picture."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

from core.collect.reading import open_source, read_head, text_of
from core.errors import InputError
from core.images.formats import describe_content, format_of
from core.images.reading import special_kind

__all__ = [
    "HEAD_BYTES",
    "NOTE_BYTES",
    "Item",
    "Listing",
    "Rejected",
    "is_hidden",
    "is_note",
    "is_picture",
    "is_table",
    "list_file",
    "list_folder",
]

HEAD_BYTES: Final = 64
TABLE_BYTES: Final = 24_000_000
NOTE_BYTES: Final = 256_000

_PICTURE_EXTENSIONS: Final = frozenset(
    "jpg jpeg jpe jfif jif png apng webp gif bmp dib avif avifs tif tiff mpo heic heif svg ico cur psd eps ppm pgm pbm "
    "pnm pcx tga jp2 j2k jxl xcf dds icns qoi raw cr2 nef arw dng".split()
)
_SILENT_NAMES: Final = frozenset({"thumbs.db", "desktop.ini", "icon\r"})


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something that was not taken in, and why."""

    path: str
    """As the person knows it: within the source."""
    reason: str


@dataclass(frozen=True, slots=True)
class Item:
    """One file that looks like a picture."""

    name: str
    """Path within the source, forward slashes, as text."""
    load: Callable[[], Path | bytes]
    """Where its bytes are; raises InputError with a reason."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What one source holds."""

    root: str
    """The name of the folder or archive."""
    items: list[Item] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    tables: dict[str, bytes] = field(default_factory=dict)
    """The content of CSV files by their path within the source."""
    notes: dict[str, Callable[[], bytes]] = field(default_factory=dict)
    """What reads each file of notes, by its path within the source; raises InputError with a reason."""


def list_folder(folder: Path, *, stopped: Callable[[], bool]) -> Listing:
    """Everything below `folder`, in the order of names; links are not followed."""
    listing = Listing(text_of(folder.name) or "pictures")
    for entry in _walk(folder, listing, stopped):
        path = Path(entry.path)
        _enter(listing, path, text_of(str(path.relative_to(folder))))
    return listing


def list_file(path: Path) -> Listing:
    """A listing of one file, whose root is the folder it lies in."""
    listing = Listing(text_of(path.parent.name) or "pictures")
    listing.items.append(Item(text_of(path.name), lambda: path))
    return listing


def is_picture(name: str, head: Callable[[], bytes]) -> bool:
    """Whether a file looks like a picture, by its extension or else by its first bytes."""
    if PurePosixPath(name).suffix.lower().lstrip(".") in _PICTURE_EXTENSIONS:
        return True
    content = head()
    if content.startswith(b"BM"):
        return content[6:10] == bytes(4)  # two letters alone would make a picture of many a text
    return bool(content) and (format_of(content) is not None or describe_content(content).startswith("format "))


def is_table(name: str) -> bool:
    return name.lower().endswith(".csv")


def is_note(name: str) -> bool:
    """Whether a file may tell something about the picture that it lies beside."""
    return name.lower().endswith((".json", ".xmp"))


def is_hidden(name: str) -> bool:
    """Whether a path within a source belongs to a system rather than to a person."""
    parts = PurePosixPath(name).parts
    own = any((part.startswith(".") and part != "..") or part == "__MACOSX" for part in parts)
    return own or parts[-1].lower() in _SILENT_NAMES


def _walk(folder: Path, listing: Listing, stopped: Callable[[], bool]) -> Iterator["os.DirEntry[str]"]:
    """Every entry below `folder` that is no folder; hidden ones left out."""
    waiting = [folder]
    while waiting and not stopped():
        place = waiting.pop()
        try:
            with os.scandir(place) as entries:
                found = sorted((entry for entry in entries if not is_hidden(entry.name)), key=lambda entry: entry.name)
        except OSError as exc:
            name = text_of(str(place.relative_to(folder)))
            listing.rejected.append(Rejected(name, f"the folder cannot be read ({exc.strerror})"))
            continue
        folders = [Path(entry.path) for entry in found if entry.is_dir(follow_symlinks=False)]
        waiting += reversed(folders)
        yield from (entry for entry in found if not entry.is_dir(follow_symlinks=False))


def _enter(listing: Listing, path: Path, name: str) -> None:
    try:
        kind = special_kind(path.lstat().st_mode)
    except OSError as exc:
        kind = f"cannot be read ({exc.strerror})"
    if kind:
        listing.rejected.append(Rejected(name, f"{kind}, not a file" if kind.startswith("a ") else kind))
    elif is_table(name):
        _enter_table(listing, path, name)
    elif is_note(name):
        listing.notes[name] = partial(_read_note, path)
    elif is_picture(name, lambda: read_head(path, HEAD_BYTES)):
        listing.items.append(Item(name, lambda: path))


def _read_note(path: Path) -> bytes:
    try:
        with open_source(path) as (descriptor, status):
            if status.st_size > NOTE_BYTES:
                raise InputError(f"too large ({status.st_size:,} bytes)")
            return os.read(descriptor, NOTE_BYTES)
    except OSError as exc:
        raise InputError(f"cannot be read ({exc.strerror})") from exc


def _enter_table(listing: Listing, path: Path, name: str) -> None:
    try:
        with open_source(path) as (descriptor, status):
            if status.st_size <= TABLE_BYTES:
                listing.tables[name] = os.read(descriptor, status.st_size)
    except (InputError, OSError) as exc:
        listing.rejected.append(Rejected(name, str(exc)))
