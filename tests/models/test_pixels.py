"""One square for training and for Try, whatever the shape of the picture."""

from PIL import Image

from core.models.pixels import square


def test_every_shape_gives_a_square() -> None:
    for width in range(1, 120):
        for height in (1, 49, 63, 100):
            assert square(Image.new("RGB", (width, height), "teal"), 64).shape == (3, 64, 64)


def test_the_middle_is_kept() -> None:
    picture = Image.new("RGB", (300, 100), "red")
    picture.paste("blue", (100, 0, 200, 100))
    assert square(picture, 32)[2].min() > 200
