"""The hashes of all pictures as arrays: small enough to be held for a million of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalog.compared import HashRow, changed_images, count_rows, read_hashes
from core.database import Database

__all__ = ["Hashed", "read_hashed", "still_hold"]

_MOST_CHANGED = 20_000
"""Beyond, one walk over all images is quicker than looking each of them up."""


@dataclass(frozen=True, slots=True)
class Hashed:
    """All readable, present images, rejected ones and those deleted with the bin included."""

    rows: int
    """How many images the catalogue knew, these and others."""
    images: NDArray[np.int64]
    """Ascending."""
    values: NDArray[np.uint64]
    """All hashes and mirrored hashes, each once, ascending."""
    places: NDArray[np.int64]
    """[2, image]: the positions of its hash and of its mirrored hash in `values`."""


def read_hashed(database: Database, previous: Hashed | None, since: int) -> tuple[Hashed, frozenset[int] | None]:
    """The hashes as they are now, and the images that changed after the revision `since`, of which `previous` is.

    `previous` itself while no hash has changed; None for the changed ones when nothing known before can be relied on.
    """
    rows = count_rows(database)
    changed = None if previous is None else changed_images(database, since, limit=_MOST_CHANGED)
    if previous is None or changed is None:
        return _read_all(database, rows), None
    if rows == previous.rows and _hold(previous, changed):
        return previous, frozenset(changed)
    return _read_all(database, rows), frozenset(changed)


def still_hold(database: Database, hashed: Hashed, since: int) -> bool:
    """Whether these hashes, of the revision `since`, are those of the catalogue as it is now."""
    changed = changed_images(database, since, limit=_MOST_CHANGED)
    return changed is not None and count_rows(database) == hashed.rows and _hold(hashed, changed)


def _read_all(database: Database, rows: int) -> Hashed:
    columns = _columns(read_hashes(database))
    values, places = np.unique(columns[1:].view(np.uint64).ravel(), return_inverse=True)
    return Hashed(rows, columns[0], values, places.reshape(2, -1))


def _hold(hashed: Hashed, changed: Mapping[int, HashRow | None]) -> bool:
    """Whether none of the changed images has come, gone or got other hashes."""
    compared = [row for row in changed.values() if row is not None]
    others = np.array([image for image, row in changed.items() if row is None], np.int64)
    if np.isin(others, hashed.images, assume_unique=True).any():
        return False
    columns = _columns(compared)
    at = np.searchsorted(hashed.images, columns[0])
    if (at >= len(hashed.images)).any() or not np.array_equal(hashed.images[at], columns[0]):
        return False
    return np.array_equal(hashed.values[hashed.places[:, at]], columns[1:].view(np.uint64))


def _columns(rows: Sequence[HashRow]) -> NDArray[np.int64]:
    """[3, image]: id, hash and mirrored hash."""
    return np.ascontiguousarray(np.array(rows, np.int64).reshape(-1, 3).T)
