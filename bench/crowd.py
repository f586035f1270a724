"""A seeded crowd of small pictures in classes, a known share of them copies, drawn fast enough for 100,000."""

import io
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageOps

__all__ = ["COPIES", "Planted", "draw_crowd"]

_CLASSES: Final = (
    *("anemone", "bellflower", "cornflower", "daisy", "edelweiss"),
    *("foxglove", "gentian", "heather", "iris", "jasmine"),
)
_PIECE: Final = 1000
_SPREAD: Final = 7919
"""How far on a copy's original lies, in numbers: a prime, so that copies lie in all classes and pieces."""

COPIES: Final = ("same bytes", "encoded again", "scaled", "mirrored")
_COPY_EVERY: Final = 33
"""One picture in so many is a copy."""
_ASTRAY_EVERY: Final = 7
"""One copy in so many lies in another class than its original."""


@dataclass(frozen=True, slots=True)
class Planted:
    """What was drawn."""

    pictures: int
    copies: int


def draw_crowd(folder: Path, count: int, *, processes: int = 2) -> Planted:
    """`count` JPEGs of 64 … 128 px a side in ten folders below `folder`, the same for the same count.

    About 3 % are copies of others, in turn of the kinds of COPIES, one in seven of them in another class.
    """
    for name in _CLASSES:
        (folder / name).mkdir(parents=True, exist_ok=True)
    pieces = [(folder, start, min(start + _PIECE, count), count) for start in range(0, count, _PIECE)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        copies = sum(pool.map(_draw_piece, pieces))
    return Planted(count, copies)


def _draw_piece(piece: tuple[Path, int, int, int]) -> int:
    """Write the pictures of some numbers; how many are copies."""
    folder, start, stop, count = piece
    copies = 0
    for number in range(start, stop):
        original = _original_of(number, count)
        copies += original is not None
        content = _encode(_draw(number), 88) if original is None else _copy(original, number)
        home = _class_of(number if original is None or number // _COPY_EVERY % _ASTRAY_EVERY == 0 else original)
        (folder / home / f"{home}{number:06}.jpg").write_bytes(content)
    return copies


def _original_of(number: int, count: int) -> int | None:
    """The number of the picture that this one is a copy of; None for an original."""
    if number % _COPY_EVERY:
        return None
    candidate = (number + _SPREAD) % count
    return candidate if candidate % _COPY_EVERY else None


def _class_of(number: int) -> str:
    return _CLASSES[number % len(_CLASSES)]


def _copy(original: int, number: int) -> bytes:
    kind = COPIES[number // _COPY_EVERY % len(COPIES)]
    content = _encode(_draw(original), 88)
    if kind == "same bytes":
        return content
    picture: Image.Image = Image.open(io.BytesIO(content))
    if kind == "scaled":
        picture = picture.resize((picture.width * 5 // 4, picture.height * 5 // 4), Image.Resampling.BICUBIC)
    return _encode(ImageOps.mirror(picture) if kind == "mirrored" else picture, 75)


def _draw(number: int) -> Image.Image:
    """Soft blots between two colours, a few petals in the colour of its class, a grain: no two have near hashes."""
    rng = np.random.default_rng(number)
    width, height = (int(side) for side in rng.integers(64, 129, 2))
    dark, light = rng.integers(0, 96, 3), rng.integers(128, 232, 3)
    blots = (dark + (light - dark) * rng.random((9, 9, 1))).astype(np.uint8)
    picture = Image.fromarray(blots).resize((width, height), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    for left, top, wide, high, hue in _petals(rng, number):
        box = (left * width, top * height, (left + wide) * width, (top + high) * height)
        pen.ellipse(box, fill=f"hsl({hue:.0f}, 70%, 55%)")
    grain = rng.integers(0, 16, (height, width, 1), dtype=np.uint8)
    levels = np.asarray(picture)
    return Image.fromarray(levels - levels // 16 + grain)


def _petals(rng: np.random.Generator, number: int) -> Iterator[tuple[float, float, float, float, float]]:
    """Left, top, width and height as shares of the picture's, and the hue in degrees."""
    hue = 36.0 * (number % len(_CLASSES))
    for left, top, wide, high, off in rng.random((4, 5)):
        yield 0.8 * left, 0.8 * top, 0.1 + 0.3 * wide, 0.1 + 0.3 * high, (hue + 30 * off) % 360


def _encode(picture: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
