"""The difference picture: black where two pictures are alike."""

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from core.errors import InputError
from core.images.decode import load_rgb
from core.images.difference import GAIN, Part, amplified_difference, difference_picture
from tests.support.catalogue import draw_picture


def png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def shown(
    first: Image.Image, second: Image.Image, *, turned: Image.Transpose | None = None, part: Part = (0, 1, 0, 1)
) -> Image.Image:
    return load_rgb(difference_picture(png(first), png(second), turned=turned, parts=(part, (0, 1, 0, 1))))


def test_the_same_picture_is_black() -> None:
    picture = draw_picture(1, 96)
    assert shown(picture, picture).getextrema() == ((0, 0),) * 3


def test_a_mirrored_copy_is_flipped_first() -> None:
    picture = draw_picture(1, 96)
    flip = Image.Transpose.FLIP_LEFT_RIGHT
    assert shown(picture, ImageOps.mirror(picture), turned=flip).getextrema() == ((0, 0),) * 3
    assert shown(picture, ImageOps.mirror(picture)).getextrema() != ((0, 0),) * 3


def test_a_part_is_laid_over_the_picture_that_shows_no_more() -> None:
    picture = draw_picture(1, 100)
    assert picture.size == (100, 75)
    part = picture.crop((10, 15, 90, 60))
    laid = shown(picture, part, part=(0.2, 0.8, 0.1, 0.9))
    assert (laid.size, laid.getbbox()) == ((80, 45), None)
    assert shown(picture, part).getbbox() is not None


def test_only_the_edit_shows() -> None:
    picture = draw_picture(1, 96)
    edited = picture.copy()
    edited.paste((0, 0, 0), (10, 20, 30, 40))
    assert shown(picture, edited).getbbox() == (10, 20, 30, 40)


def test_a_smaller_copy_is_shown_in_the_size_of_the_first() -> None:
    picture = draw_picture(1, 96)
    assert shown(picture, picture.resize((20, 40))).size == picture.size


def test_differences_are_amplified_in_either_direction_and_end_at_white() -> None:
    first = np.array([[[10, 20, 200]]], np.uint8)
    second = np.array([[[20, 10, 0]]], np.uint8)
    assert amplified_difference(first, second).tolist() == [[[10 * GAIN, 10 * GAIN, 255]]]


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(InputError):
        difference_picture(b"text", png(draw_picture(1, 16)))
