"""One square for training and for Try."""

import numpy as np
import pytest
import torch
from PIL import Image

from core.models.pixels import square, to_bytes, to_signed, to_unit


@pytest.mark.parametrize("size", [(40, 40), (100, 30), (30, 100), (1, 500), (9, 7)])
def test_any_picture_becomes_a_square(size: tuple[int, int]) -> None:
    assert square(Image.new("RGB", size, (9, 8, 7)), 16).shape == (3, 16, 16)


def test_it_is_the_middle() -> None:
    image = Image.new("RGB", (90, 30), (255, 0, 0))
    image.paste((0, 255, 0), (30, 0, 60, 30))
    pixels = square(image, 30)
    assert pixels[1].min() == 255
    assert pixels[0].max() == 0


def test_bytes_survive_the_way_to_the_network_and_back() -> None:
    pixels = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(to_bytes(to_signed(pixels)), pixels)
    assert float(to_unit(pixels).max()) == 1
    assert np.asarray(to_signed(pixels)).min() == -1
