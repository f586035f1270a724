from collections.abc import Sequence

import imagehash
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from core.images.measure import (
    Counts,
    border_white,
    brightness,
    cells_of,
    contrast,
    entropy,
    hash_cells,
    level_counts,
    phashes,
    pixel_digest,
    quality,
    sharpness,
)
from tests.support.pictures import draw


def _reference(picture: Image.Image) -> int:
    return int(str(imagehash.phash(picture)), 16)


def _symmetric(kind: str) -> Image.Image:
    picture = Image.new("RGB", (200, 200), "white")
    brush = ImageDraw.Draw(picture)
    if kind == "circle":
        brush.ellipse((40, 40, 159, 159), fill="red")
    elif kind == "square":
        brush.rectangle((51, 51, 148, 148), fill="black")
    elif kind == "diagonal":
        for at in range(0, 200, 20):
            brush.rectangle((at, at, at + 19, at + 19), fill="blue")
    return picture


@pytest.mark.parametrize("seed", range(40))
def test_hash_equals_imagehash(seed: int) -> None:
    picture = draw(seed, size=(40 + 13 * seed, 300 - 5 * seed))
    assert phashes(hash_cells(picture)) == (_reference(picture), _reference(ImageOps.mirror(picture)))


@pytest.mark.parametrize("kind", ["plain", "circle", "square", "diagonal"])
def test_hash_equals_imagehash_where_frequencies_tie(kind: str) -> None:
    """The median then lies between equal values, and rounding decides."""
    picture = _symmetric(kind)
    assert phashes(hash_cells(picture)) == (_reference(picture), _reference(ImageOps.mirror(picture)))


def test_sharpness_falls_with_blur_and_compares_across_sizes() -> None:
    large = draw(1, size=(512, 384))
    blurred = large.resize((32, 24)).resize((512, 384))
    assert quality(large.resize((256, 192))).sharpness > 2 * quality(blurred.resize((256, 192))).sharpness
    assert sharpness(np.full((9, 9), 7, np.uint8)) == 0.0
    assert sharpness(np.zeros((2, 40), np.uint8)) == 0.0


@pytest.mark.parametrize("size", [(256, 192), (3, 3), (3, 256), (190, 4), (101, 77)])
def test_sharpness_is_the_variance_of_the_laplacian(size: tuple[int, int]) -> None:
    grey = np.random.default_rng(0).integers(0, 256, size, np.uint8)
    grey[:, -1] = 255  # the ends of rows must not meet
    whole = grey.astype(float)
    inside = whole[:-2, 1:-1] + whole[2:, 1:-1] + whole[1:-1, :-2] + whole[1:-1, 2:] - 4 * whole[1:-1, 1:-1]
    assert sharpness(grey) == pytest.approx(inside.var(), rel=1e-5)


def _counts(levels: Sequence[int]) -> Counts:
    return level_counts(Image.fromarray(np.array([levels], np.uint8)))


def test_brightness_and_contrast() -> None:
    halves, white = _counts([0, 255]), _counts([255] * 9)
    assert (brightness(halves), contrast(halves)) == (0.5, 0.5)
    assert (brightness(white), contrast(white)) == (1.0, 0.0)
    levels = np.random.default_rng(1).integers(0, 256, 5000)
    drawn = _counts(levels.tolist())
    assert (brightness(drawn), contrast(drawn)) == pytest.approx((levels.mean() / 255, levels.std() / 255), rel=1e-12)


def test_entropy_in_bits() -> None:
    assert entropy(_counts([0] * 9)) == 0.0
    assert entropy(_counts(range(256))) == pytest.approx(8.0)
    assert entropy(_counts([0, 9])) == pytest.approx(1.0)


def test_border_white() -> None:
    framed = np.full((100, 100, 3), 255, np.uint8)
    framed[10:90, 10:90] = 0
    assert border_white(framed) == 1.0
    assert border_white(np.zeros((50, 80, 3), np.uint8)) == 0.0
    half = np.full((100, 100, 3), 255, np.uint8)
    half[:, 50:] = 0
    assert border_white(half) == pytest.approx(0.5)
    assert border_white(np.full((1, 1, 3), 255, np.uint8)) == 1.0


def test_the_small_look_is_luma_by_16_and_colour_by_8() -> None:
    halves = Image.new("RGB", (256, 128), "red")
    halves.paste("white", (128, 0, 256, 128))
    cells = np.frombuffer(cells_of(halves), np.uint8)
    luma, colour = cells[:256].reshape(16, 16), cells[256:].reshape(2, 8, 8)
    assert (luma[:, :8] == 76).all()
    assert (luma[:, 8:] == 255).all()
    assert (colour[1, :, :4] > 250).all()
    assert (colour[:, :, 4:] == 128).all()


def test_the_pixel_digest_knows_pixels_and_size_alone() -> None:
    picture = draw(1, size=(70, 200))
    assert pixel_digest(picture) == pixel_digest(picture.copy())
    assert len(pixel_digest(picture)) == 32
    assert pixel_digest(picture) != pixel_digest(ImageOps.mirror(picture))
    black = Image.new("RGB", (20, 30))
    assert pixel_digest(black) != pixel_digest(black.resize((30, 20)))
    changed = picture.copy()
    changed.putpixel((69, 199), (1, 2, 3))
    assert pixel_digest(changed) != pixel_digest(picture)
