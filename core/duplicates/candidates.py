"""What the catalogue knows that matters for duplicates, with all pairs of hashes up to a radius.

A `Candidates` is a value that the caller owns: hand the last one back as `previous`, and only what has changed is
read and searched again. So a slider over distances costs one search at the largest radius.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalog.images import image_table
from core.catalog.records import Split, Verdict
from core.catalog.store import revision
from core.database import Database
from core.duplicates.pairs import Pairs, find_pairs

__all__ = ["Candidates", "Picture", "prepare"]

_COLUMNS = (
    "id", "path", "sha256", "phash", "phash_mirror", "width", "height", "bytes", "brightness", "contrast", "sharpness",
    "class_id", "class", "verdict", "split", "cluster", "added",
)  # fmt: skip
_HASH = _COLUMNS.index("phash")
_MEASURES = ("brightness", "contrast", "sharpness")


@dataclass(frozen=True, slots=True)
class Picture:
    """One readable image, as far as duplicates go."""

    image: int
    path: str
    sha256: str
    phash: int
    phash_mirror: int
    width: int
    height: int
    bytes: int
    brightness: float
    """Mean grey, 0 … 1."""
    contrast: float
    """Standard deviation of grey, 0 … 0.5."""
    sharpness: float
    class_id: int
    class_name: str
    verdict: Verdict
    split: Split | None
    cluster: int | None
    added: float
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class Candidates:
    revision: int
    """Of the catalogue when it was read."""
    radius: int
    pictures: tuple[Picture, ...]
    """All readable, present images by id, rejected ones included."""
    values: NDArray[np.uint64]
    """All hashes and mirrored hashes, each once, ascending."""
    pairs: Pairs
    """Pairs of positions into `values` within `radius`."""


def prepare(database: Database, *, radius: int, previous: Candidates | None = None) -> Candidates:
    """The candidates of the catalogue as it is now, good for any distance up to `radius`.

    Raises InputError for a radius out of range, RefusedError when there are too many pairs.
    """
    now = revision(database)
    if previous is not None and previous.revision == now and previous.radius >= radius:
        return previous
    pictures = _read(database)
    hashes = [picture.phash for picture in pictures] + [picture.phash_mirror for picture in pictures]
    values = np.unique(np.array(hashes, np.uint64))
    if previous is not None and previous.radius >= radius and np.array_equal(values, previous.values):
        return Candidates(now, previous.radius, pictures, previous.values, previous.pairs)
    return Candidates(now, radius, pictures, values, find_pairs(values, radius))


def _read(database: Database) -> tuple[Picture, ...]:
    table = image_table(database, _COLUMNS, "")
    rows = zip(*(table[name] for name in _COLUMNS), strict=True)
    return tuple(_picture(row) for row in rows if row[_HASH] is not None)


def _picture(row: tuple[object, ...]) -> Picture:
    cells = [0.0 if cell is None and name in _MEASURES else cell for name, cell in zip(_COLUMNS, row, strict=True)]
    return Picture(*cells)  # type: ignore[arg-type]
