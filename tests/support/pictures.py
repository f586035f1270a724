"""Tiny drawn pictures for everybody's tests: by seed, in every format and pixel mode that we take, and broken ones."""

import io
import struct
import zlib
from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageCms, ImageDraw, ImageOps, PngImagePlugin

__all__ = [
    "animated",
    "avif",
    "bmp",
    "broken_files",
    "display_p3",
    "draw",
    "encode",
    "gif",
    "html_page",
    "jpeg",
    "odd_pictures",
    "oriented",
    "png",
    "png_header",
    "tiff",
    "webp",
]

_ORIENTATION = 0x0112
_TURNED_BACK = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def draw(seed: int = 0, *, size: tuple[int, int] = (64, 48), ground: str | None = None) -> Image.Image:
    """An RGB picture of coloured shapes on a shaded ground (or a plain `ground`); other seeds look different."""
    random = np.random.default_rng(seed)
    width, height = size
    corners = random.integers(0, 256, (2, 2, 3)).astype(np.uint8)
    picture = Image.fromarray(corners).resize(size, Image.Resampling.BILINEAR)
    if ground is not None:
        picture = Image.new("RGB", size, ground)
    brush = ImageDraw.Draw(picture)
    for _ in range(5):
        x, y = int(random.integers(width)), int(random.integers(height))
        across, down = int(random.integers(width // 6, width // 2)), int(random.integers(height // 6, height // 2))
        colour = tuple(int(level) for level in random.integers(0, 256, 3))
        shape = brush.ellipse if random.random() < 0.5 else brush.rectangle
        shape((x - across // 2, y - down // 2, x + across // 2, y + down // 2), fill=colour)
    return picture


def encode(picture: Image.Image, format: str, **options: object) -> bytes:
    """The picture as a file of one of Pillow's formats."""
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


def jpeg(seed: int = 0, *, size: tuple[int, int] = (64, 48), quality: int = 90) -> bytes:
    return encode(draw(seed, size=size), "JPEG", quality=quality)


def png(seed: int = 0, *, size: tuple[int, int] = (64, 48)) -> bytes:
    return encode(draw(seed, size=size), "PNG")


def webp(seed: int = 0, *, size: tuple[int, int] = (64, 48)) -> bytes:
    return encode(draw(seed, size=size), "WEBP", quality=90)


def gif(seed: int = 0, *, size: tuple[int, int] = (64, 48)) -> bytes:
    return encode(draw(seed, size=size), "GIF")


def bmp(seed: int = 0, *, size: tuple[int, int] = (64, 48)) -> bytes:
    return encode(draw(seed, size=size), "BMP")


def tiff(seed: int = 0, *, size: tuple[int, int] = (64, 48)) -> bytes:
    return encode(draw(seed, size=size), "TIFF")


def avif(seed: int = 0, *, size: tuple[int, int] = (64, 48)) -> bytes:
    return encode(draw(seed, size=size), "AVIF", quality=90)


def oriented(orientation: int, seed: int = 0, *, size: tuple[int, int] = (64, 48), format: str = "JPEG") -> bytes:
    """The picture stored turned, with the EXIF orientation (1 … 8) that makes it upright again."""
    picture = draw(seed, size=size)
    turn = _TURNED_BACK[orientation]
    stored = picture if turn is None else picture.transpose(turn)
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    return encode(stored, format, exif=exif, **({"quality": 95} if format == "JPEG" else {}))


def animated(format: str, *, frames: int = 3, seed: int = 0) -> bytes:
    """A GIF, WEBP or PNG of that many frames; the first is `draw(seed)`."""
    rest = [draw(seed + number) for number in range(1, frames)]
    return encode(draw(seed), format, save_all=True, append_images=rest, duration=50)


def odd_pictures(seed: int = 0) -> Mapping[str, bytes]:
    """One file of each unusual but valid kind, by file name; all show `draw(seed)`, some in grey or part of it."""
    picture = draw(seed)
    grey = picture.convert("L")
    sixteen = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    real = Image.fromarray(np.asarray(grey).astype(np.float32) / 255)
    whole = Image.fromarray(np.asarray(grey).astype(np.int32) * 257)
    clear = picture.copy()
    clear.putalpha(_left_half_clear(picture.size))
    grey_clear = grey.copy()
    grey_clear.putalpha(_left_half_clear(picture.size))
    palette = picture.quantize(32)
    return {
        "palette.png": encode(palette, "PNG"),
        "palette-transparent.png": encode(palette, "PNG", transparency=palette.getpixel((0, 0))),
        "palette-alpha.png": encode(palette, "PNG", transparency=bytes([0] * 8 + [255] * 24)),
        "rgb-transparent.png": encode(picture, "PNG", transparency=picture.getpixel((0, 0))),
        "rgba.png": encode(clear, "PNG"),
        "rgba.webp": encode(clear, "WEBP", lossless=True),
        "rgba.tif": encode(clear, "TIFF"),
        "rgba.avif": encode(clear, "AVIF"),
        "grey.png": encode(grey, "PNG"),
        "grey.jpg": encode(grey, "JPEG"),
        "grey-alpha.png": encode(grey_clear, "PNG"),
        "one-bit.png": encode(picture.convert("1"), "PNG"),
        "one-bit.tif": encode(picture.convert("1"), "TIFF", compression="group4"),
        "sixteen-bit.png": encode(sixteen, "PNG"),
        "sixteen-bit.tif": encode(sixteen, "TIFF"),
        "thirty-two-bit.tif": encode(whole, "TIFF"),
        "floating.tif": encode(real, "TIFF"),
        "cmyk.jpg": encode(picture.convert("CMYK"), "JPEG", quality=95),
        "cmyk.tif": encode(picture.convert("CMYK"), "TIFF"),
        "ycbcr.tif": encode(picture.convert("YCbCr"), "TIFF"),
        "lab.tif": encode(Image.fromarray(_lab(grey), "LAB"), "TIFF"),
        "progressive.jpg": encode(picture, "JPEG", progressive=True, quality=95),
        "animated.gif": animated("GIF", seed=seed),
        "animated.webp": animated("WEBP", seed=seed),
        "animated.png": animated("PNG", seed=seed),
        "multi-page.tif": encode(picture, "TIFF", save_all=True, append_images=[draw(seed + 1)]),
        "several.mpo": encode(picture, "MPO", quality=95, save_all=True, append_images=[draw(seed + 1)]),
        "flipped.jpg": encode(ImageOps.mirror(picture), "JPEG"),
        "one-pixel.png": encode(picture.resize((1, 1)), "PNG"),
        "long.png": encode(picture.resize((3000, 2)), "PNG"),
        "named.gif.jpg": gif(seed),
    }


def broken_files(seed: int = 0) -> Mapping[str, tuple[bytes, str]]:
    """Files that are no readable picture, by file name, each with the reason that is true of it."""
    whole_jpeg, whole_png, whole_tiff = jpeg(seed), png(seed), tiff(seed)
    whole_webp, whole_gif, whole_bmp = webp(seed), gif(seed), bmp(seed)
    return {
        "empty.jpg": (b"", "empty file"),
        "page.jpg": (html_page(), "not a picture (HTML page)"),
        "drawing.jpg": (b'<svg xmlns="http://www.w3.org/2000/svg"></svg>', "format SVG is not supported"),
        "paper.jpg": (b"%PDF-1.7\n", "not a picture (PDF document)"),
        "script.jpg": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "format EPS is not supported"),
        "phone.jpg": (b"\0\0\0\x18ftypheic\0\0\0\0heicmif1", "format HEIC is not supported"),
        "film.jpg": (b"\0\0\0\x18ftypisom\0\0\2\0isomiso2", "not a picture (video)"),
        "icon.png": (encode(draw(seed, size=(32, 32)), "ICO"), "format ICO is not supported"),
        "map.png": (encode(draw(seed), "PPM"), "format PPM is not supported"),
        "notes.png": (b"just words\n", "not a picture (text)"),
        "zeros.png": (bytes(5000), "not a picture (only zero bytes)"),
        "archive.png": (b"PK\3\4" + bytes(40), "not a picture (zip archive)"),
        "half.jpg": (whole_jpeg[: len(whole_jpeg) // 2], "truncated JPEG"),
        "head.jpg": (whole_jpeg[:20], "truncated JPEG"),
        "half.png": (whole_png[: len(whole_png) // 2], "truncated PNG"),
        "half.gif": (whole_gif[: len(whole_gif) // 2], "truncated GIF"),
        "half.bmp": (whole_bmp[: len(whole_bmp) // 2], "truncated BMP"),
        "half.tif": (whole_tiff[: len(whole_tiff) // 2], "truncated TIFF"),
        "half.webp": (whole_webp[: len(whole_webp) // 2], "truncated WEBP"),
        "half.avif": (avif(seed)[:200], "truncated AVIF"),
        "bomb.png": (png_header(13_000, 13_000), "too many pixels (169,000,000; at most 64,000,000)"),
        "big-bomb.png": (png_header(20_000, 20_000), "too many pixels (400,000,000; at most 64,000,000)"),
        "text-bomb.png": (_text_bomb(), "refused PNG (its text unpacks to an unreasonable size)"),
    }


def html_page() -> bytes:
    """What a server sends instead of a picture."""
    return b"<!DOCTYPE html>\n<html><head><title>403</title></head><body>No hotlinking</body></html>\n"


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims that many pixels and holds none."""
    claims = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", claims), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    )


def display_p3() -> bytes:
    """An ICC profile with the primaries of Apple's phones and the tone curve of sRGB."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    primaries = {
        b"rXYZ": (0.51512, 0.24120, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.15710, 0.06657, 0.78407),
    }
    for number in range(int.from_bytes(profile[128:132], "big")):
        name, offset, _ = struct.unpack_from(">4sII", profile, 132 + 12 * number)
        if name in primaries:
            struct.pack_into(">3i", profile, offset + 8, *(round(value * 65536) for value in primaries[name]))
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "Disp".encode("utf-16-be"))


def _text_bomb() -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "a" * 70_000_000, zip=True)
    return encode(draw(size=(8, 8)), "PNG", pnginfo=text)


def _left_half_clear(size: tuple[int, int]) -> Image.Image:
    alpha = Image.new("L", size, 255)
    alpha.paste(0, (0, 0, size[0] // 2, size[1]))
    return alpha


def _lab(grey: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    levels = np.asarray(grey)
    return np.stack([levels, np.full_like(levels, 128), np.full_like(levels, 128)], axis=2)
