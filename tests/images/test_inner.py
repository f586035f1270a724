"""Where a page's or framed picture's own edges are."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from core.images.inner import DETAIL_CELLS, detail_of, find_inner, inner_of
from tests.duplicates.test_kin import framed, large, on_a_page


def inner(picture: Image.Image) -> tuple[int, int, int, int] | None:
    return find_inner(np.asarray(picture.convert("L")))


def test_a_picture_without_a_border_is_whole() -> None:
    assert inner(large()) is None
    assert inner_of(large()) == b""


@pytest.mark.parametrize("colour", ["black", "white"])
def test_a_frame_ends_where_the_picture_begins(colour: str) -> None:
    picture = large()
    assert inner(ImageOps.expand(picture, 9, colour)) == (9, 9 + picture.height, 9, 9 + picture.width)


def test_bars_words_and_margins_are_taken_off_a_page() -> None:
    assert inner(on_a_page(large())) == (70, 70 + 320, 20, 20 + 400)


def test_nothing_is_taken_off_what_is_plain_or_nearly_so() -> None:
    assert inner(Image.new("RGB", (60, 60), "red")) is None
    assert inner(Image.new("L", (1, 1))) is None
    assert inner(Image.new("L", (300, 2), 9)) is None
    dot = Image.new("L", (100, 100), 255)
    dot.paste(0, (40, 40, 60, 60))
    assert inner(dot) is None


def test_what_is_kept_of_it_are_edges_cells_and_detail() -> None:
    picture = framed(large())
    kept = inner_of(picture)
    edges = np.frombuffer(kept[:8], "<u2") / 65535 * np.array([picture.height, picture.height, *[picture.width] * 2])
    assert edges.round().tolist() == [18, 338, 18, 418]
    own = picture.crop((18, 18, 418, 338))
    assert kept[8 + 384 :] == detail_of(own)
    assert len(detail_of(own)) == DETAIL_CELLS**2
