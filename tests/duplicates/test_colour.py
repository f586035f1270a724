"""How colours differ, told of real edits of one picture."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from core.collect.creatures import SPECIES, draw_creature
from core.database import Database
from core.duplicates.colour import colours_apart, colours_in_words
from core.images.measure import cells_of
from tests.duplicates.drawn import Drawn, add_drawn

PICTURE = draw_creature(sorted(SPECIES)[0], seed="colour", side_px=256).image.convert("RGB")


def cells(image: Image.Image) -> NDArray[np.uint8]:
    return np.frombuffer(cells_of(image), np.uint8)


def tinted(red: float, green: float, blue: float) -> Image.Image:
    scaled = np.asarray(PICTURE, np.float64) * (red, green, blue)
    return Image.fromarray(scaled.clip(0, 255).astype(np.uint8))


def told(image: Image.Image) -> str:
    return colours_in_words(cells(image), cells(PICTURE))


def test_grey_is_told_from_both_sides() -> None:
    grey = PICTURE.convert("L").convert("RGB")
    assert told(grey) == "without its colours"
    assert colours_in_words(cells(PICTURE), cells(grey)) == "in colour, not grey"
    assert colours_in_words(cells(grey), cells(grey)) == ""


def test_the_strength_of_colours_is_told_in_numbers() -> None:
    assert told(ImageEnhance.Color(PICTURE).enhance(0.5)) == "colours 50 % weaker"
    assert "stronger" in told(ImageEnhance.Color(PICTURE).enhance(1.4))


@pytest.mark.parametrize(
    ("factors", "words"),
    [((1, 1, 0.8), {"yellower"}), ((0.8, 1, 1), {"more cyan"}), ((1, 0.8, 1), {"more magenta"}),
     ((0.85, 1, 0.85), {"greener"}), ((1, 0.85, 0.7), {"yellower", "redder"}), ((0.8, 0.8, 1), {"bluer"})],
)  # fmt: skip
def test_the_tint_is_told_in_words_and_a_number(factors: tuple[float, float, float], words: set[str]) -> None:
    tint = told(tinted(*factors)).split(", ")[-1]
    assert tint.endswith(" of 255")
    assert tint.partition(" by ")[0] in words


@pytest.mark.parametrize(
    "edit",
    [
        lambda image: image,
        lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        lambda image: image.resize((64, 64)),
        lambda image: image.rotate(90),
    ],
)
def test_what_leaves_the_colours_alone_is_not_told(edit: object) -> None:
    assert callable(edit)
    assert told(edit(PICTURE)) == ""


def test_pairs_of_the_catalogue(db: Database) -> None:
    grey = PICTURE.convert("L").convert("RGB")
    one, two, three = add_drawn(
        db,
        Drawn("a.jpg", 5, cells=cells_of(PICTURE)),
        Drawn("b.jpg", 5, cells=cells_of(grey)),
        Drawn("c.jpg", 5),
    )
    assert colours_apart(db, [(two, one), (three, one), (one, one)]) == {two: "without its colours"}
    assert colours_apart(db, []) == {}
