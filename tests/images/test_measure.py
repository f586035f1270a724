import imagehash
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from core.images.measure import (
    border_white,
    brightness,
    cells_of,
    contrast,
    entropy,
    hash_cells,
    phash,
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
    cells = hash_cells(picture)
    assert phash(cells) == _reference(picture)
    assert phash(cells[:, ::-1]) == _reference(ImageOps.mirror(picture))


@pytest.mark.parametrize("kind", ["plain", "circle", "square", "diagonal"])
def test_hash_equals_imagehash_where_frequencies_tie(kind: str) -> None:
    """The median then lies between equal values, and rounding decides."""
    assert phash(hash_cells(_symmetric(kind))) == _reference(_symmetric(kind))


def test_sharpness_falls_with_blur_and_compares_across_sizes() -> None:
    large = draw(1, size=(512, 384))
    blurred = large.resize((32, 24)).resize((512, 384))
    assert quality(large.resize((256, 192))).sharpness > 2 * quality(blurred.resize((256, 192))).sharpness
    assert sharpness(np.full((9, 9), 7, np.uint8)) == 0.0
    assert sharpness(np.zeros((2, 40), np.uint8)) == 0.0


def test_sharpness_is_the_variance_of_the_laplacian() -> None:
    dot = np.zeros((5, 5), np.uint8)
    dot[2, 2] = 10
    inside = np.array([[0, 10, 0], [10, -40, 10], [0, 10, 0]], float)
    assert sharpness(dot) == pytest.approx(inside.var())


def test_brightness_and_contrast() -> None:
    halves = np.array([[0, 255]], np.uint8)
    assert (brightness(halves), contrast(halves)) == (0.5, 0.5)
    assert (brightness(np.full((3, 3), 255, np.uint8)), contrast(np.full((3, 3), 255, np.uint8))) == (1.0, 0.0)


def test_entropy_in_bits() -> None:
    assert entropy(np.zeros((4, 4), np.uint8)) == 0.0
    assert entropy(np.arange(256, dtype=np.uint8).reshape(16, 16)) == pytest.approx(8.0)
    assert entropy(np.array([[0, 9]], np.uint8)) == pytest.approx(1.0)


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
