import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from core.files import digest
from core.images.thumbnails import Thumbnails, open_thumbnails
from core.workspace import Workspace
from tests.support.pictures import draw, encode, jpeg


@pytest.fixture
def thumbnails(workspace: Workspace) -> Iterator[Thumbnails]:
    opened = open_thumbnails(workspace)
    yield opened
    opened.close()


def test_what_was_put_is_found_after_a_restart(workspace: Workspace, thumbnails: Thumbnails) -> None:
    thumbnails.put_many([("a" * 64, b"one"), ("b" * 64, b"two")])
    thumbnails.close()
    again = open_thumbnails(workspace)
    assert [again.get("a" * 64), again.get("b" * 64), again.get("c" * 64)] == [b"one", b"two", None]
    again.close()


@pytest.mark.parametrize(
    ("size", "expected"),
    [((1000, 500), (256, 128)), ((30, 20), (30, 20)), ((4000, 2), (256, 1)), ((256, 300), (218, 256))],
)
def test_made_on_demand_at_256_pixels(
    thumbnails: Thumbnails, tmp_path: Path, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(encode(draw(size=size), "PNG"))
    sha256 = digest(path.read_bytes())
    made = thumbnails.get_or_make(sha256, path)
    assert made is not None
    with Image.open(io.BytesIO(made)) as picture:
        assert (picture.format, picture.size) == ("WEBP", expected)
    path.unlink()
    assert thumbnails.get_or_make(sha256, path) == made


def test_nothing_for_other_content_or_no_picture(thumbnails: Thumbnails, tmp_path: Path) -> None:
    path = tmp_path / "picture.jpg"
    path.write_bytes(jpeg(1))
    assert thumbnails.get_or_make(digest(jpeg(2)), path) is None
    path.write_bytes(b"no picture")
    assert thumbnails.get_or_make(digest(b"no picture"), path) is None


def test_a_store_damaged_while_open_is_made_anew(workspace: Workspace, tmp_path: Path) -> None:
    filled = open_thumbnails(workspace)
    filled.put_many([(f"{number:064x}", bytes(3000)) for number in range(100)])
    filled.close()
    content = bytearray(workspace.thumbnails.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    workspace.thumbnails.write_bytes(content)
    path = tmp_path / "picture.jpg"
    path.write_bytes(jpeg(1))
    opened = open_thumbnails(workspace)
    made = opened.get_or_make(digest(jpeg(1)), path)
    assert made is not None
    assert opened.get(digest(jpeg(1))) == made
    opened.close()


def test_a_damaged_store_is_made_anew(workspace: Workspace) -> None:
    workspace.thumbnails.write_bytes(b"not a database" * 1000)
    opened = open_thumbnails(workspace)
    opened.put_many([("a" * 64, b"one")])
    assert opened.get("a" * 64) == b"one"
    opened.close()
