"""What the second look joins and parts, on drawn pictures and on seeded edits of one."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from core.duplicates.second_look import CELL_BYTES, show_the_same
from core.images.measure import cells_of

Edit = Callable[[Image.Image], Image.Image]


def scene(*, leaves: str = "green", seed: int = 0) -> Image.Image:
    """Coloured blots on a soft ground, always in the same places for the same seed."""
    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", (200, 160), (225, 215, 190))
    pen = ImageDraw.Draw(picture)
    for number in range(24):
        x, y = rng.integers(0, (200, 160))
        size = int(rng.integers(8, 45))
        colour = leaves if number % 3 == 0 else tuple(int(level) for level in rng.integers(20, 200, 3))
        pen.ellipse((x - size, y - size, x + size, y + size // 2), fill=colour)
    return picture


def look(picture: Image.Image) -> NDArray[np.uint8]:
    return np.frombuffer(cells_of(picture), np.uint8)[None]


def same(first: Image.Image, second: Image.Image, *, mirrored: bool = False) -> bool:
    return bool(show_the_same(look(first), look(second), mirrored=np.array([mirrored]))[0])


def saved(picture: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


EDITS: dict[str, Edit] = {
    "smaller": lambda picture: picture.resize((70, 56)),
    "squeezed": lambda picture: picture.resize((128, 128)),
    "JPEG 20": lambda picture: saved(picture, 20),
    "darker": lambda picture: ImageEnhance.Brightness(picture).enhance(0.7),
    "lighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.3),
    "paler": lambda picture: ImageEnhance.Color(picture).enhance(0.5),
    "grey": lambda picture: picture.convert("L").convert("RGB"),
    "blurred": lambda picture: picture.filter(ImageFilter.GaussianBlur(2)),
    "cropped in the middle": lambda picture: picture.crop((8, 6, 192, 154)),
    "cropped at a corner": lambda picture: picture.crop((0, 0, 190, 152)),
    "framed": lambda picture: ImageOps.expand(picture, 6, "black"),
}


@pytest.mark.parametrize("name", EDITS)
def test_edits_are_copies_from_both_sides(name: str) -> None:
    edited = EDITS[name](scene())
    assert same(scene(), edited)
    assert same(edited, scene())
    assert same(scene(), ImageOps.mirror(edited), mirrored=True)
    assert not same(scene(), ImageOps.mirror(edited))


@pytest.mark.parametrize("leaves", ["orange", "purple", "red", "blue"])
def test_other_colours_are_another_picture(leaves: str) -> None:
    assert not same(scene(), scene(leaves=leaves))


def test_other_shapes_are_another_picture() -> None:
    assert not any(same(scene(), scene(seed=seed)) for seed in range(1, 20))


def test_plain_surfaces_agree_with_their_own_colour_alone() -> None:
    colours = ("red", "green", "blue", "yellow")
    plain = [Image.new("RGB", (40, 40), colour) for colour in colours]
    agree = [[same(first, second) for second in plain] for first in plain]
    assert agree == np.eye(4, dtype=bool).tolist()


def test_many_pairs_are_answered_as_one_by_one() -> None:
    others = [edit(scene(seed=number % 3)) for number, edit in enumerate([*EDITS.values()] * 3)]
    first = np.concatenate([look(scene())] * len(others))
    second = np.concatenate([look(other) for other in others])
    answers = show_the_same(first, second, mirrored=np.zeros(len(others), np.bool_))
    assert answers.tolist() == [same(scene(), other) for other in others]
    assert show_the_same(first[:0], second[:0], mirrored=np.zeros(0, np.bool_)).shape == (0,)
    assert CELL_BYTES == first.shape[1]
