"""What the catalogue knows that matters for duplicates, with all pairs of hashes up to a radius.

A `Candidates` is a value that the caller owns: hand the last one back as `previous`, and only what has changed is
read and searched again. So a slider over distances costs one search at the largest radius.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.catalog.images import image_table
from core.catalog.looks import looks_stamp, read_looks
from core.catalog.records import Split, Verdict
from core.catalog.store import revision
from core.database import Database
from core.duplicates.pairs import Pairs, find_pairs
from core.duplicates.pieces import Join, join_here
from core.duplicates.second_look import CELL_BYTES

__all__ = ["Candidates", "KnownLooks", "Picture", "prepare"]

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
    look: int = -1
    """Its row in the cells of `KnownLooks`; -1 when it has none, or no other picture is near."""
    pixel_digest: str = ""
    """Empty when it has none."""


@dataclass(frozen=True, slots=True)
class KnownLooks:
    """The small looks of those pictures that have another one near."""

    stamp: str
    asked: frozenset[int]
    """The images that have another one near; some may have no look."""
    rows: dict[int, tuple[int, str]]
    """By image: the row of its look in `cells`, and its pixel digest."""
    cells: NDArray[np.uint8]
    """[look, CELL_BYTES]."""


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
    looks: KnownLooks


def prepare(
    database: Database, *, radius: int, previous: Candidates | None = None, join: Join = join_here
) -> Candidates:
    """The candidates of the catalogue as it is now, good for any distance up to `radius`.

    `join` does the search: on this machine, or spread over several (`core.duplicates.spread`).
    Raises InputError for a radius out of range, RefusedError when there are too many pairs.
    """
    now = revision(database)
    if previous is not None and previous.revision == now and previous.radius >= radius:
        return previous
    pictures = _read(database)
    hashes = [picture.phash for picture in pictures] + [picture.phash_mirror for picture in pictures]
    values, places = np.unique(np.array(hashes, np.uint64), return_inverse=True)
    if previous is not None and previous.radius >= radius and np.array_equal(values, previous.values):
        radius, pairs = previous.radius, previous.pairs
    else:
        pairs = find_pairs(values, radius, join=join)
    crowded = [pictures[place].image for place in np.flatnonzero(_have_near(places.reshape(2, -1), pairs))]
    looks = _known_looks(database, crowded, None if previous is None else previous.looks)
    return Candidates(now, radius, _with_looks(pictures, looks), values, pairs, looks)


def _have_near(places: NDArray[np.int64], pairs: Pairs) -> NDArray[np.bool_]:
    """Which pictures may be near another one; `places`, [2, picture], are those of their two hashes among all."""
    crowd = np.bincount(places.ravel()) > 1
    crowd[pairs.i] = crowd[pairs.j] = True
    near: NDArray[np.bool_] = np.logical_or(crowd[places[0]], crowd[places[1]])
    return near


def _known_looks(database: Database, images: Sequence[int], kept: KnownLooks | None) -> KnownLooks:
    """The looks of these images; those that are known already are not read again while none has changed."""
    if kept is not None and kept.asked.issuperset(images) and kept.stamp == looks_stamp(database):
        return kept
    looks = read_looks(database, images)
    cells = np.frombuffer(looks.cells, np.uint8).reshape(-1, CELL_BYTES)
    rows = {image: (row, looks.pixel_digests[row]) for row, image in enumerate(looks.images)}
    return KnownLooks(looks.stamp, frozenset(images), rows, cells)


def _with_looks(pictures: tuple[Picture, ...], looks: KnownLooks) -> tuple[Picture, ...]:
    if not looks.rows:
        return pictures
    return tuple(
        replace(picture, look=found[0], pixel_digest=found[1]) if (found := looks.rows.get(picture.image)) else picture
        for picture in pictures
    )


def _read(database: Database) -> tuple[Picture, ...]:
    table = image_table(database, _COLUMNS, "")
    rows = zip(*(table[name] for name in _COLUMNS), strict=True)
    return tuple(_picture(row) for row in rows if row[_HASH] is not None)


def _picture(row: tuple[object, ...]) -> Picture:
    cells = [0.0 if cell is None and name in _MEASURES else cell for name, cell in zip(_COLUMNS, row, strict=True)]
    return Picture(*cells)  # type: ignore[arg-type]
