"""The real malformed, odd and rotated files beside the checkout."""

from collections.abc import Iterator

import imagehash
import numpy as np
import pytest
from PIL import Image

from core.errors import InputError
from core.images.decode import load_rgb
from core.images.decoder import Decoder, Examined
from core.workspace import CHECKOUT

DATA = CHECKOUT.parent / "shared" / "data"

pytestmark = [
    pytest.mark.field,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real pictures are not beside this checkout"),
    pytest.mark.filterwarnings("ignore::UserWarning:PIL"),
]

REFUSED_THOUGH_VALID = {
    "black_and_white.ico": "format ICO is not supported",
    "hopper.ppm": "format PPM is not supported",
    "broken_data_stream.png": "damaged PNG (its pixels cannot be decoded)",
    "chunk_no_fctl.png": "damaged PNG (APNG contains frame sequence errors)",
}


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder() as shared:
        yield shared


def _examined(decoder: Decoder, folder: str) -> dict[str, Examined]:
    paths = sorted((DATA / folder).iterdir())
    return {path.name: found for path, found in zip(paths, decoder.examine(paths), strict=True)}


def test_every_broken_file_has_a_reason(decoder: Decoder) -> None:
    found = _examined(decoder, "malformed/broken")
    reasons = {name: examined.error or "" for name, examined in found.items()}
    assert len(reasons) == 44
    assert all(reasons.values())
    assert not [reason for reason in reasons.values() if "crashed" in reason or "cannot be examined" in reason]
    assert reasons["truncated_jpeg.jpg"] == "truncated JPEG"
    assert reasons["decompression_bomb.gif"] == "too many pixels (4,364,696,535; at most 64,000,000)"
    assert reasons["decompression_bomb.ico"] == "format ICO is not supported"
    assert reasons["hopper_webp.tif"] == "damaged TIFF, or its compression (webp) is not supported here"


def test_every_odd_file_has_a_thumbnail_or_a_true_reason(decoder: Decoder) -> None:
    found = _examined(decoder, "malformed/odd-but-valid")
    assert {name: examined.error for name, examined in found.items() if not examined.thumbnail} == REFUSED_THOUGH_VALID


@pytest.mark.parametrize("kind", ["Landscape", "Portrait"])
def test_all_orientations_look_the_same(kind: str) -> None:
    upright = np.asarray(load_rgb(DATA / f"malformed/exif-orientation/{kind}_1.jpg")).astype(float)
    for path in sorted((DATA / "malformed/exif-orientation").glob(f"{kind}_*.jpg")):
        other = np.asarray(load_rgb(path)).astype(float)
        assert other.shape == upright.shape, path.name
        assert np.abs(other - upright).mean() < 6, path.name


def test_pixel_modes_of_one_picture_look_alike() -> None:
    original = load_rgb(DATA / "neardup/modes-same/original.jpg").resize((64, 64)).convert("L")
    for path in sorted((DATA / "neardup/modes-same").glob("*.*")):
        if path.suffix == ".md":
            continue
        other = load_rgb(path).resize((64, 64)).convert("L")
        assert np.abs(np.asarray(other).astype(float) - np.asarray(original).astype(float)).mean() < 40, path.name


def test_hashes_equal_imagehash_on_photographs(decoder: Decoder) -> None:
    paths = sorted((DATA / "dirty-scrape").glob("*/*"))[::20]
    for path, examined in zip(paths, decoder.examine(paths), strict=True):
        try:
            picture: Image.Image = load_rgb(path)
        except InputError:
            continue
        assert examined.measured is not None
        assert examined.measured.phash == int(str(imagehash.phash(picture)), 16), path
