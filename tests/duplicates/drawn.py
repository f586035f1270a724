"""Catalogue rows with hashes that a test chooses, without files."""

from dataclasses import dataclass
from hashlib import sha256

from core.catalog.classes import ensure_class
from core.catalog.images import add_images
from core.catalog.records import Measured, NewImage
from core.database import Database

__all__ = ["Drawn", "add_drawn", "mirror_of"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture that is not there; `content` names its bytes, by default its path."""

    path: str
    phash: int
    class_name: str = "abra"
    content: str = ""
    mirror: int | None = None
    width: int = 64
    height: int = 64
    sharpness: float = 10.0
    brightness: float = 0.5
    contrast: float = 0.2
    pixels: str = ""
    cells: bytes = b""
    bytes: int = 1000
    author: str = ""
    licence: str = ""


def mirror_of(phash: int) -> int:
    """Some other hash, far from the first, and back again."""
    return phash ^ 0x5555555555555555


def add_drawn(database: Database, *pictures: Drawn) -> list[int]:
    """Their ids, in order."""
    return add_images(
        database,
        [
            NewImage(
                path=picture.path,
                original=f"/from/{picture.path}",
                class_id=ensure_class(database, picture.class_name).class_id,
                measured=_measured(picture),
            )
            for picture in pictures
        ],
    )


def _measured(picture: Drawn) -> Measured:
    return Measured(
        sha256=sha256((picture.content or picture.path).encode()).hexdigest(),
        bytes=picture.bytes, mtime_ns=1, inode=1, width=picture.width, height=picture.height, format="JPEG", mode="RGB",
        orientation=1, phash=picture.phash,
        phash_mirror=mirror_of(picture.phash) if picture.mirror is None else picture.mirror,
        sharpness=picture.sharpness, brightness=picture.brightness, contrast=picture.contrast, entropy=6.0,
        border_white=0.0, transparent=0.0, pixel_digest=picture.pixels, cells=picture.cells,
        author=picture.author, licence=picture.licence,
    )  # fmt: skip
