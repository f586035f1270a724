"""All pictures of a run as one byte tensor: decoded once, cut to a square, kept where the network is.

A cache under data/cache/pictures holds the result by the snapshot, the side, and each file's size and time, so that the
next run with the same pictures starts at once. It is disposable.
"""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.dataset.snapshot import SnapshotRow
from core.errors import InputError, StoppedError, StorageError
from core.files import atomic_file, sweep_temporary
from core.images.decode import load_rgb
from core.jobs.reporter import Reporter
from core.models.pixels import square
from core.workspace import Workspace

__all__ = ["MOST_UNREADABLE", "Pictures", "load_pictures"]

MOST_UNREADABLE = 0.05
"""The share of pictures that may be missing or broken before a run refuses to go on."""

_CACHED_SETS = 4
_WINDOW = 64
_RECIPE = "square-1"


@dataclass(frozen=True, slots=True)
class Pictures:
    """The readable pictures of a snapshot, in its order."""

    pixels: Tensor
    """(N, 3, H, H) bytes on the run's device."""
    rows: tuple[SnapshotRow, ...]
    unreadable: tuple[str, ...]
    """`path: reason` of each picture left out."""

    def indices(self, *splits: str) -> Tensor:
        """Places of the pictures of these splits ("" are those without one), on the pixels' device."""
        found = [place for place, row in enumerate(self.rows) if (row.split or "") in splits]
        return torch.tensor(found, dtype=torch.long, device=self.pixels.device)

    def labels(self, names: Sequence[str]) -> Tensor:
        """(N,) the place of each picture's class in `names`, on the pixels' device."""
        places = {name: place for place, name in enumerate(names)}
        return torch.tensor([places[row.class_name] for row in self.rows], device=self.pixels.device)


def load_pictures(
    workspace: Workspace, rows: Sequence[SnapshotRow], *, size: int, device: torch.device, reporter: Reporter
) -> Pictures:
    """The pictures of these rows at `size` pixels; broken and missing ones left out, named in `unreadable`.

    Raises InputError when more than 5 % are unreadable, StoppedError when asked to stop.
    """
    paths = [workspace.images / row.img_name for row in rows]
    cache = workspace.cache / "pictures" / f"{_fingerprint(paths, size)}.npy"
    known = _read_cache(cache, (len(rows), 3, size, size))
    if known is not None:
        return Pictures(torch.from_numpy(known).to(device), tuple(rows), ())
    pixels = np.empty((len(rows), 3, size, size), dtype=np.uint8)
    broken: dict[int, str] = {}
    for place, (cut, reason) in enumerate(_decoded(paths, size)):
        if reporter.stopped():
            raise StoppedError("Stopped while reading the pictures.")
        if cut is None:
            broken[place] = f"{rows[place].img_name}: {reason}"
        else:
            pixels[place] = cut
        reporter.progress(place + 1, len(rows), "Reading pictures")
    if not broken:
        _write_cache(cache, pixels)
        return Pictures(torch.from_numpy(pixels).to(device), tuple(rows), ())
    return _without(pixels, rows, broken=broken, device=device)


def _without(
    pixels: NDArray[np.uint8], rows: Sequence[SnapshotRow], *, broken: dict[int, str], device: torch.device
) -> Pictures:
    if len(broken) > MOST_UNREADABLE * len(rows):
        first = next(iter(broken.values()))
        raise InputError(
            f"{len(broken)} of {len(rows)} pictures cannot be read, more than {MOST_UNREADABLE:.0%} (first: {first}); "
            "scan the workspace and train again."
        )
    whole = [place for place in range(len(rows)) if place not in broken]
    kept = torch.from_numpy(pixels[whole]).to(device)
    return Pictures(kept, tuple(rows[place] for place in whole), tuple(broken.values()))


def _decoded(paths: Sequence[Path], size: int) -> Iterator[tuple[NDArray[np.uint8] | None, str]]:
    """Each picture's square, or None and the reason; in order, a bounded number in memory."""
    read = _reader(size)
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for start in range(0, len(paths), _WINDOW):
            yield from pool.map(read, paths[start : start + _WINDOW])


def _reader(size: int) -> Callable[[Path], tuple[NDArray[np.uint8] | None, str]]:
    def read(path: Path) -> tuple[NDArray[np.uint8] | None, str]:
        try:
            return square(load_rgb(path), size), ""
        except InputError as exc:
            return None, str(exc)
        except OSError as exc:
            return None, exc.strerror or str(exc)

    return read


def _fingerprint(paths: Sequence[Path], size: int) -> str:
    total = hashlib.sha256(f"{_RECIPE}/{size}".encode())
    for path in paths:
        try:
            stamp = path.stat()
            total.update(
                f"\n{path.parent.name}/{path.name}/{stamp.st_size}/{stamp.st_mtime_ns}/{stamp.st_ino}".encode()
            )
        except OSError:
            total.update(f"\n{path.parent.name}/{path.name}/absent".encode())
    return total.hexdigest()[:24]


def _read_cache(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8] | None:
    try:
        known: NDArray[np.uint8] = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    with contextlib.suppress(OSError):
        path.touch()
    return known if known.shape == shape and known.dtype == np.uint8 else None


def _write_cache(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Keep the pictures for the next run where the disk has room; without, this run goes on all the same."""
    sweep_temporary(path.parent)
    with contextlib.suppress(StorageError, OSError), atomic_file(path) as handle:
        np.save(handle, pixels, allow_pickle=False)
    with contextlib.suppress(OSError):  # other runs tidy too
        newest = sorted(path.parent.glob("*.npy"), key=lambda entry: entry.stat().st_mtime, reverse=True)
        for entry in newest[_CACHED_SETS:]:
            entry.unlink(missing_ok=True)
