import contextlib
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from core.errors import InputError
from core.images.decode import MAX_BYTES, decode, extension_of, load_rgb
from core.workspace import CHECKOUT
from tests.support.pictures import animated, broken_files, display_p3, draw, encode, jpeg, odd_pictures, oriented, png

# As in the processes that decode; the sentences of Pillow about odd metadata are no errors.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

ODD: Mapping[str, bytes] = odd_pictures()
BROKEN: Mapping[str, tuple[bytes, str]] = broken_files()


def _difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of the levels, 0 … 255."""
    assert one.size == other.size
    return float(np.abs(np.asarray(one).astype(float) - np.asarray(other.convert(one.mode)).astype(float)).mean())


def _left_half_white(picture: Image.Image) -> Image.Image:
    painted = picture.copy()
    painted.paste("white", (0, 0, picture.width // 2, picture.height))
    return painted


@pytest.mark.parametrize("name", ODD)
def test_every_odd_kind_becomes_rgb(name: str) -> None:
    picture = load_rgb(ODD[name])
    assert picture.mode == "RGB"
    assert min(picture.size) >= 1


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        ("rgb-transparent.png", 60.0),
        ("palette.png", 12.0),
        ("cmyk.jpg", 6.0),
        ("cmyk.tif", 0.1),
        ("ycbcr.tif", 2.0),
        ("progressive.jpg", 6.0),
        ("animated.gif", 12.0),
        ("animated.webp", 6.0),
        ("animated.png", 0.0),
        ("multi-page.tif", 0.0),
        ("several.mpo", 6.0),
        ("named.gif.jpg", 12.0),
    ],
)
def test_colours_survive(name: str, tolerance: float) -> None:
    assert _difference(load_rgb(ODD[name]), draw()) <= tolerance


@pytest.mark.parametrize(
    "name", ["grey.png", "grey.jpg", "sixteen-bit.png", "sixteen-bit.tif", "thirty-two-bit.tif", "floating.tif"]
)
def test_deep_pictures_are_scaled_not_clipped(name: str) -> None:
    tolerance = 4.0 if name.endswith("jpg") else 0.6
    assert _difference(load_rgb(ODD[name]), draw().convert("L").convert("RGB")) <= tolerance


@pytest.mark.parametrize("name", ["rgba.png", "rgba.webp", "rgba.tif"])
def test_see_through_parts_lie_over_white(name: str) -> None:
    decoded = decode(ODD[name])
    assert _difference(decoded.image, _left_half_white(draw())) == 0.0
    assert decoded.transparent == 0.5


def test_grey_with_alpha_lies_over_white() -> None:
    assert _difference(load_rgb(ODD["grey-alpha.png"]), _left_half_white(draw().convert("L").convert("RGB"))) == 0.0


def test_a_transparent_palette_entry_hides_its_colour() -> None:
    picture = Image.new("P", (4, 4), 1)
    picture.putpalette([0, 0, 0, 255, 0, 0])
    assert load_rgb(encode(picture, "PNG", transparency=1)).getpixel((1, 1)) == (255, 255, 255)


def test_a_transparent_sixteen_bit_level_lies_over_white() -> None:
    levels = np.full((4, 4), 300, np.uint16)
    levels[0, 0] = 40_000
    picture = load_rgb(encode(Image.fromarray(levels), "PNG", transparency=300))
    assert picture.getpixel((3, 3)) == (255, 255, 255)
    assert picture.getpixel((0, 0)) == (156, 156, 156)


def test_floating_point_without_numbers_is_black_there() -> None:
    levels = np.array([[0.0, 1.0], [np.nan, np.inf]], np.float32)
    assert np.asarray(load_rgb(encode(Image.fromarray(levels), "TIFF")))[..., 0].tolist() == [[0, 255], [0, 255]]


def test_a_wide_range_is_stretched_between_its_ends() -> None:
    levels = np.array([[-1000, 0], [500, 1000]], np.int32)
    assert np.asarray(load_rgb(encode(Image.fromarray(levels), "TIFF")))[..., 0].tolist() == [[0, 128], [191, 255]]


def test_lab_grey_stays_grey() -> None:
    assert _difference(load_rgb(ODD["lab.tif"]).convert("L"), draw().convert("L")) < 25


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_is_applied_once(orientation: int, format: str) -> None:
    decoded = decode(oriented(orientation, format=format))
    assert decoded.orientation == orientation
    assert _difference(decoded.image, draw()) <= (0.0 if format in ("PNG", "TIFF") else 10.0)


def test_srgb_is_left_alone() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert _difference(load_rgb(encode(draw(), "PNG", icc_profile=profile)), draw()) == 0.0


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_phone_s_colours_are_brought_to_srgb(mode: str) -> None:
    """Expected by the published matrix from linear Display P3 to linear sRGB."""
    levels = np.array([200, 100, 50]) / 255
    linear = ((levels + 0.055) / 1.055) ** 2.4
    matrix = np.array([[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]])
    expected = 255 * (1.055 * (matrix @ linear) ** (1 / 2.4) - 0.055)
    picture = Image.new("RGB", (4, 4), (200, 100, 50)).convert(mode)
    found = load_rgb(encode(picture, "PNG", icc_profile=display_p3())).getpixel((1, 1))
    assert found == pytest.approx(expected, abs=2.0)


def test_a_useless_colour_profile_is_ignored() -> None:
    assert _difference(load_rgb(encode(draw(), "PNG", icc_profile=b"no profile")), draw()) == 0.0


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_says_why(name: str) -> None:
    content, reason = BROKEN[name]
    with pytest.raises(InputError) as caught:
        load_rgb(content)
    assert str(caught.value) == reason


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF", "TIFF"])
def test_no_cut_and_no_flipped_byte_gets_past_the_reasons(format: str) -> None:
    """Whatever is done to a file, the outcome is a picture or an InputError, never another exception."""
    whole = encode(draw(3), format)
    random = np.random.default_rng(0)
    for _ in range(60):
        mutant = bytearray(whole[: int(random.integers(1, len(whole) + 1))])
        for at in random.integers(0, min(len(mutant), 200), 3):
            mutant[at] = random.integers(256)
        with contextlib.suppress(InputError):
            assert load_rgb(bytes(mutant)).mode == "RGB"


def test_the_content_decides_the_format(tmp_path: Path) -> None:
    path = tmp_path / "liar.jpg"
    path.write_bytes(png())
    assert decode(path.read_bytes()).format == "PNG"
    assert _difference(load_rgb(path), draw()) == 0.0
    assert [extension_of(format) for format in ("JPEG", "MPO", "PNG", "TIFF")] == ["jpg", "jpg", "png", "tif"]


def test_too_many_bytes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.jpg"
    with path.open("wb") as handle:
        handle.truncate(MAX_BYTES + 1)
    with pytest.raises(InputError, match="too large"):
        load_rgb(path)


def test_a_folder_and_an_absent_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a folder, not a file"):
        load_rgb(tmp_path)
    with pytest.raises(InputError, match="the file is gone"):
        load_rgb(tmp_path / "absent.jpg")


def test_a_thousand_frames_are_not_walked() -> None:
    """Each further frame would cost a decode; the picture is the first one."""
    assert _difference(load_rgb(animated("GIF", frames=300)), draw()) < 12


def test_ten_megabytes_of_exif_do_not_hurt() -> None:
    exif = Image.Exif()
    exif[0x010E] = "x" * 10_000_000
    assert _difference(load_rgb(encode(draw(), "PNG", exif=exif)), draw()) == 0.0


def test_damaged_exif_does_not_cost_the_picture() -> None:
    whole = oriented(6)
    assert load_rgb(whole.replace(b"Exif\0\0MM\0*\0\0\0\x08", b"Exif\0\0MM\0*\xff\xff\xff\x08")).mode == "RGB"


def test_a_bomb_takes_no_memory(tmp_path: Path) -> None:
    program = (
        "import resource, sys, pathlib\n"
        "from core.images.decode import load_rgb\n"
        "from core.errors import InputError\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: load_rgb(pathlib.Path(sys.argv[1]))\n"
        "except InputError: pass\n"
        "after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "sys.exit(after - before > 50_000)\n"
    )
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(BROKEN["bomb.png"][0])
    assert subprocess.run([sys.executable, "-c", program, bomb], cwd=CHECKOUT, check=False).returncode == 0


def test_the_same_picture_for_path_and_bytes(tmp_path: Path) -> None:
    path = tmp_path / "one.jpg"
    path.write_bytes(jpeg(5))
    assert load_rgb(path).tobytes() == load_rgb(jpeg(5)).tobytes()
