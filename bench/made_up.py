"""Workspaces full of made-up pictures for the benches of the pages: rows, small looks and thumbnails, but no files.

Of a hundred pictures about eight have copies: most in twos and threes, some across classes, a few groups of hundreds;
five more have hashes near another's and show something else, as real collections have. One is a part of another or that
one turned, with a hash of its own.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.catalog.classes import ensure_class
from core.catalog.images import add_images, reserve_paths
from core.catalog.records import Measured, NewImage
from core.database import Database
from core.duplicates.laid_over import sample
from core.images.thumbnails import Thumbnails

__all__ = ["fill"]

_CLASSES = 12
_COPIES = 0.08
_LOOKALIKES = 0.05
_KIN = 0.01
_PART = np.array([[0.06, 0.96, 0.02, 0.92]], np.float32)
"""What such a picture shows of another one."""
_ACROSS = 30
"""One copy in so many stands in another class than its picture."""
_DRAWN = 512
"""Different thumbnails; pictures take them in turn, copies that of their picture."""
_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class _Plan:
    """Who is a copy of whom; all arrays are [picture]."""

    root: NDArray[np.int64]
    """The picture that it is a copy of; itself for all others."""
    bits: NDArray[np.int64]
    """How many bits its hash is off that of its root."""
    hashes: NDArray[np.uint64]
    mirrors: NDArray[np.uint64]
    looks: NDArray[np.int64]
    """The number of the picture whose small look it has."""
    kin: frozenset[int]
    """Those that show a part of the picture before them, or that one turned upside down."""


def fill(database: Database, thumbnails: Thumbnails, images: int) -> None:
    """Add `images` pictures in twelve classes, the same ones at every call on an empty catalogue."""
    plan = _plan(images)
    drawn = [_webp(_cells(_field(number))) for number in range(_DRAWN)]
    class_ids = [ensure_class(database, f"class {number}").class_id for number in range(_CLASSES)]
    random = np.random.default_rng(1)
    for rows in _pieces(images):
        measured = [_measured(plan, number, random) for number in rows]
        places = [_class_of(plan, number) for number in rows]
        paths = {place: iter(_paths(database, class_ids[place], places.count(place))) for place in set(places)}
        new = [
            NewImage(path := next(paths[place]), path, class_ids[place], seen)
            for place, seen in zip(places, measured, strict=True)
        ]
        add_images(database, new)
        thumbnails.put_many(
            (seen.sha256, drawn[plan.looks[number] % _DRAWN]) for number, seen in zip(rows, measured, strict=True)
        )


def _plan(images: int) -> _Plan:
    random = np.random.default_rng(0)
    root, bits, looks = np.arange(images), np.zeros(images, np.int64), np.arange(images)
    copies, others = int(images * _COPIES), int(images * _LOOKALIKES)
    late = random.permutation(np.arange(images // 2, images))[: copies + others]
    big = [size for size in (600, 200, 60, 30, 30) if size < copies // 4]
    sizes = [*big, *random.choice([1, 1, 1, 1, 2, 2, 3, 5], copies).tolist()]
    starts = random.permutation(images // 2)[: len(sizes) + others]
    chosen = np.repeat(starts[: len(sizes)], sizes)[:copies]
    root[late[:copies]] = looks[late[:copies]] = chosen
    root[late[copies:]] = starts[len(sizes) :][:others]
    bits[late] = random.choice([0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8], copies + others)
    hashes = random.integers(0, 1 << 63, images, dtype=np.int64).astype(np.uint64)
    mirrors = random.integers(0, 1 << 63, images, dtype=np.int64).astype(np.uint64)
    flips = np.array([_flip(random, int(count)) for count in bits], np.uint64)
    kin = frozenset(range(1, images // 2, int(1 / _KIN / 2)))
    return _Plan(root, bits, hashes[root] ^ flips, mirrors[root] ^ flips, looks, kin)


def _flip(random: np.random.Generator, bits: int) -> int:
    return sum(1 << int(place) for place in random.choice(64, bits, replace=False)) if bits else 0


def _class_of(plan: _Plan, number: int) -> int:
    root = int(plan.root[number])
    moved = root != number and number % _ACROSS == 0
    return (root + moved) % _CLASSES


def _measured(plan: _Plan, number: int, random: np.random.Generator) -> Measured:
    root, look = int(plan.root[number]), int(plan.looks[number])
    exact = look == root and plan.bits[number] == 0
    field = _kin_of(_field(look - 1), look) if look in plan.kin else _field(look)
    sharpness, entropy, white = (float(value) for value in random.random(3))
    side = 640 if exact or root == number else 640 - 8 * (number % 40)
    return Measured(
        sha256=f"{root if exact else number:064x}", bytes=side * 150, mtime_ns=number, inode=number, width=side,
        height=side * 3 // 4, format="JPEG", mode="RGB", orientation=1, phash=int(plan.hashes[number]),
        phash_mirror=int(plan.mirrors[number]), sharpness=sharpness * 900, brightness=0.5, contrast=0.2,
        entropy=entropy * 8, border_white=white, transparent=0.0,
        pixel_digest=f"{root if exact else number:032x}", cells=_cells(field).tobytes(),
        detail=field[0].round().astype(np.uint8).tobytes(),
    )  # fmt: skip


def _field(number: int) -> NDArray[np.float32]:
    """What picture `number` shows: luma and twice chroma, each 32 x 32, spread as in photographs."""
    random = np.random.default_rng(number)
    return np.stack([_soft(random.normal(size=(32, 32)), spread) for spread in (45, 20, 20)])


def _kin_of(field: NDArray[np.float32], number: int) -> NDArray[np.float32]:
    seen: NDArray[np.float32] = field[:, ::-1, ::-1] if number % 4 == 3 else sample(field[None], _PART)[0]
    return seen


def _cells(field: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The small look: 16 x 16 luma and twice 8 x 8 chroma."""
    luma = field[0].reshape(16, 2, 16, 2).mean((1, 3)).ravel()
    chroma = field[1:].reshape(2, 8, 4, 8, 4).mean((2, 4)).ravel()
    return np.concatenate([luma, chroma]).round().astype(np.uint8)


def _soft(noise: NDArray[np.float64], spread: float) -> NDArray[np.float32]:
    """Grey levels around 128, strong in low frequencies: amplitude falls as one over frequency."""
    side = len(noise)
    steps = np.fft.fftfreq(side, 1 / side)
    frequency = np.hypot(steps[:, None], steps[None, :])
    field = np.fft.ifft2(np.fft.fft2(noise) / np.maximum(frequency, 1)).real
    levels: NDArray[np.float32] = np.clip(128 + spread * (field - field.mean()) / field.std(), 0, 255).astype(
        np.float32
    )
    return levels


def _webp(cells: NDArray[np.uint8]) -> bytes:
    planes = (
        cells[:256].reshape(16, 16),
        *(part.reshape(8, 8).repeat(2, 0).repeat(2, 1) for part in (cells[256:320], cells[320:])),
    )
    buffer = io.BytesIO()
    picture = Image.merge("YCbCr", [Image.fromarray(plane) for plane in planes]).convert("RGB")
    picture.resize((128, 96), Image.Resampling.BICUBIC).save(buffer, "WEBP", quality=50)
    return buffer.getvalue()


def _paths(database: Database, class_id: int, count: int) -> list[str]:
    return reserve_paths(database, class_id, ["jpg"] * count)


def _pieces(images: int) -> Iterator[range]:
    for start in range(0, images, _AT_ONCE):
        yield range(start, min(start + _AT_ONCE, images))
