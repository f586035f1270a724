"""The files below a folder, without following links and without opening any."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.images.reading import special_kind

__all__ = ["Listing", "list_files"]


@dataclass(slots=True)
class Listing:
    """What lies below a folder; paths are relative to it, with forward slashes."""

    files: dict[str, os.stat_result] = field(default_factory=dict)
    """Plain files by path, in order."""
    skipped: dict[str, str] = field(default_factory=dict)
    """Why something that is no plain file, or has an impossible name, was left out; by path, made printable."""
    closed: list[str] = field(default_factory=list)
    """Folders that could not be looked into: what lies there is unknown, not gone."""


def list_files(folder: Path) -> Listing:
    """Everything below `folder` in order of path; what starts with a dot is ignored."""
    listing = Listing()
    waiting = [""]
    while waiting:
        inner = waiting.pop()
        below = [name for name, entry in _entries(folder, inner, listing) if _note(listing, name, entry)]
        waiting.extend(reversed(below))
    listing.files = dict(sorted(listing.files.items()))
    return listing


def _entries(folder: Path, inner: str, listing: Listing) -> Iterator[tuple[str, os.DirEntry[str]]]:
    try:
        with os.scandir(folder / inner) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as exc:
        listing.closed.append(inner)
        listing.skipped[_printable(inner)] = f"the folder cannot be looked into ({exc.strerror})"
        return
    for entry in entries:
        if not entry.name.startswith("."):
            yield (f"{inner}/{entry.name}" if inner else entry.name), entry


def _note(listing: Listing, path: str, entry: os.DirEntry[str]) -> bool:
    """Put the entry where it belongs; whether it is a folder to look into."""
    try:
        path.encode()
    except UnicodeEncodeError:
        listing.skipped[_printable(path)] = "its name is not valid UTF-8; rename it"
        return False
    if entry.is_dir(follow_symlinks=False):
        return True
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return False
    except OSError as exc:
        listing.skipped[path] = f"cannot be looked at ({exc.strerror})"
        return False
    kind = special_kind(status.st_mode)
    if kind:
        listing.skipped[path] = f"{kind}, not a file"
    else:
        listing.files[path] = status
    return False


def _printable(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")
