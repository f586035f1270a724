"""What the first bytes of a file say it is: content decides, never the name."""

from typing import Final

__all__ = ["FORMATS", "describe_content", "extension_of", "format_of", "is_cut_short"]

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF", "TIFF")
"""Pillow's names of what we decode; an MPO (several JPEGs in one file) counts as JPEG."""

_EXTENSIONS: Final = {
    "JPEG": "jpg",
    "PNG": "png",
    "WEBP": "webp",
    "GIF": "gif",
    "BMP": "bmp",
    "AVIF": "avif",
    "TIFF": "tif",
}

_OURS: Final = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"BM", "BMP"),
)
_OTHER_PICTURES: Final = (
    (b"\0\0\1\0", "ICO"),
    (b"\0\0\2\0", "CUR"),
    (b"8BPS", "PSD"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"DDS ", "DDS"),
    (b"qoif", "QOI"),
    (b"icns", "ICNS"),
    (b"%!PS", "EPS"),
    (b"\xc5\xd0\xd3\xc6", "EPS"),
    (b"\xd7\xcd\xc6\x9a", "WMF"),
    (b"gimp xcf", "XCF"),
    (b"\x59\xa6\x6a\x95", "SUN"),
    (b"\x01\xda", "SGI"),
)
_NO_PICTURES: Final = (
    (b"%PDF", "PDF document"),
    (b"PK\3\4", "zip archive"),
    (b"PK\5\6", "zip archive"),
    (b"\x1f\x8b", "gzip archive"),
    (b"Rar!", "RAR archive"),
    (b"7z\xbc\xaf", "7z archive"),
    (b"\x1aE\xdf\xa3", "video"),
    (b"OggS", "audio or video"),
    (b"ID3", "audio"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"SQLite format 3\0", "database"),
)
_HEIF_BRANDS: Final = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_HEAD_BYTES: Final = 1024


def extension_of(format: str) -> str:
    """The file extension, without a dot, of one of FORMATS (`jpg` for MPO too)."""
    return _EXTENSIONS["JPEG" if format == "MPO" else format]


def format_of(content: bytes) -> str | None:
    """Which of FORMATS the first bytes claim to be, or None."""
    for magic, name in _OURS:
        if content.startswith(magic):
            return name
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    brands = _brands(content)
    return "AVIF" if b"avif" in brands or b"avis" in brands else None


def is_cut_short(content: bytes, format: str) -> bool:
    """Whether a JPEG lacks its end mark or a WEBP is shorter than it says; False for the other formats."""
    if format == "WEBP":
        return len(content) < 8 + int.from_bytes(content[4:8], "little")
    return format == "JPEG" and b"\xff\xd9" not in content


def describe_content(content: bytes) -> str:
    """Why these bytes, which are none of FORMATS, are refused: `format ICO is not supported`, `not a picture (…)`."""
    if not content:
        return "empty file"
    for magic, name in _OTHER_PICTURES:
        if content.startswith(magic):
            return f"format {name} is not supported"
    for magic, name in _NO_PICTURES:
        if content.startswith(magic):
            return f"not a picture ({name})"
    if content[:1] == b"P" and content[1:2] in b"123456" and content[2:3] in b" \t\r\n#0123456789":
        return "format PPM is not supported"
    return _describe_container(content) or _describe_text(content) or "not a picture (unknown kind of file)"


def _describe_container(content: bytes) -> str:
    brands = _brands(content)
    if any(brand in _HEIF_BRANDS for brand in brands):
        return "format HEIC is not supported"
    if brands:
        return "not a picture (video)"
    if content[:4] == b"RIFF":
        return "not a picture (audio or video)"
    return ""


def _describe_text(content: bytes) -> str:
    head = content[:_HEAD_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not head:
        return "not a picture (text)"
    if b"<svg" in head:
        return "format SVG is not supported"
    if head.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script")) or b"<html" in head:
        return "not a picture (HTML page)"
    if head.startswith(b"<?xml"):
        return "not a picture (XML)"
    if not any(byte < 9 or 13 < byte < 32 for byte in head):
        return "not a picture (text)"
    if not any(content[:_HEAD_BYTES]):
        return "not a picture (only zero bytes)"
    return ""


def _brands(content: bytes) -> tuple[bytes, ...]:
    """The brands of an ISO media file's `ftyp` box, major one first; empty for other files."""
    if content[4:8] != b"ftyp":
        return ()
    end = min(int.from_bytes(content[:4], "big"), 256, len(content))
    return (content[8:12], *(content[at : at + 4] for at in range(16, end - 3, 4)))
