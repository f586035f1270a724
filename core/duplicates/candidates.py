"""What the catalogue knows that matters for duplicates, with all pairs of hashes up to a radius.

A `Candidates` is a value that the caller owns: hand the last one back as `previous`, and only what has changed is
read and searched again. So a slider over distances costs one search at the largest radius. Of pictures that are near
no other one only the hashes are held: most of a large collection.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.catalog.classes import list_classes
from core.catalog.compared import read_rows
from core.catalog.looks import looks_stamp, read_looks
from core.catalog.records import Split, Verdict
from core.catalog.store import revision
from core.database import Database
from core.duplicates.hashed import Hashed, read_hashed
from core.duplicates.kin import Kin, find_kin
from core.duplicates.pairs import Pairs, find_pairs
from core.duplicates.pieces import Join, join_here
from core.duplicates.second_look import CELL_BYTES

__all__ = ["Candidates", "KnownLooks", "Picture", "prepare"]

_COLUMNS = (
    "id", "path", "sha256", "phash", "phash_mirror", "width", "height", "bytes", "brightness", "contrast", "sharpness",
    "class_id", "class", "verdict", "split", "cluster", "added", "reason", "emptied",
)  # fmt: skip
_HASHES = ("phash", "phash_mirror")
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
    reason: str | None = None
    """Why it was rejected; None for one rejected by hand, too."""
    emptied: float | None = None
    """Unix seconds when its file was deleted with the bin; such a picture is compared with, and never shown."""
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
    hashed: Hashed
    """All readable, present images, rejected ones and those deleted with the bin included."""
    pictures: tuple[Picture, ...]
    """Those of them that may be near another one, by id."""
    places: NDArray[np.int64]
    """[2, picture]: the positions of each one's hash and mirrored hash in `values`."""
    pairs: Pairs
    """Pairs of positions into `values` within `radius`."""
    looks: KnownLooks
    kin: Kin
    """Pairs whose hashes need not be near: crops, frames, pages, turns."""

    @property
    def values(self) -> NDArray[np.uint64]:
        """All hashes and mirrored hashes, each once, ascending."""
        return self.hashed.values


def prepare(
    database: Database,
    *,
    radius: int,
    previous: Candidates | None = None,
    join: Join = join_here,
    kin: Kin | None = None,
) -> Candidates:
    """The candidates of the catalogue as it is now, good for any distance up to `radius`.

    `kin`: those to go by, where they are not to be searched for now.
    `join` does the search: on this machine, or spread over several (`core.duplicates.spread`).
    Raises InputError for a radius out of range, RefusedError when there are too many pairs.
    """
    now = revision(database)
    kin = find_kin(database, None if previous is None else previous.kin) if kin is None else kin
    known_kin = previous is not None and previous.kin.stamp == kin.stamp
    if previous is not None and known_kin and previous.revision == now and previous.radius >= radius:
        return previous
    hashed, changed = read_hashed(database, *((previous.hashed, previous.revision) if previous else (None, 0)))
    if previous is not None and previous.radius >= radius and np.array_equal(hashed.values, previous.values):
        radius, pairs = previous.radius, previous.pairs
    else:
        pairs = find_pairs(hashed.values, radius, join=join)
    crowded = np.flatnonzero(_have_near(hashed.places, pairs) | np.isin(hashed.images, kin.images))
    images = hashed.images[crowded].tolist()
    looks = _known_looks(database, images, None if previous is None else previous.looks)
    known = previous.pictures if previous is not None and changed is not None else ()
    pictures = _with_looks(_read(database, images, known=known, changed=changed or ()), looks)
    return Candidates(now, radius, hashed, pictures, hashed.places[:, crowded], pairs, looks, kin)


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


def _with_looks(pictures: Sequence[Picture], looks: KnownLooks) -> tuple[Picture, ...]:
    """The pictures, each with what is known of its look."""
    none = (-1, "")
    found = ((picture, looks.rows.get(picture.image, none)) for picture in pictures)
    return tuple(
        picture
        if (picture.look, picture.pixel_digest) == look
        else replace(picture, look=look[0], pixel_digest=look[1])
        for picture, look in found
    )


def _read(
    database: Database, images: Sequence[int], *, known: Sequence[Picture], changed: Collection[int]
) -> list[Picture]:
    """The pictures of these images, in their order, read only where none of `known` is still true."""
    names = {row.class_id: row.name for row in list_classes(database)}
    held = {
        picture.image: picture
        for picture in known
        if picture.image not in changed and names.get(picture.class_id) == picture.class_name
    }
    wanted = [image for image in images if image not in held]
    held.update((picture.image, picture) for picture in map(_picture, read_rows(database, _COLUMNS, wanted)))
    return [held[image] for image in images]


def _picture(row: tuple[object, ...]) -> Picture:
    cells = dict(zip(_COLUMNS, row, strict=True))
    values = [_cell(name, value) for name, value in cells.items()]
    return Picture(*values)  # type: ignore[arg-type]


def _cell(name: str, value: object) -> object:
    if name in _HASHES and isinstance(value, int):
        return value % (1 << 64)
    return 0.0 if value is None and name in _MEASURES else value
