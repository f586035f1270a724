"""A catalogue with drawn pictures, made without scanning: quick, and known to the last digit."""

import colorsys
import io
from pathlib import Path

from PIL import Image, ImageDraw

from core.catalog.classes import ensure_class
from core.catalog.images import add_images, reserve_paths
from core.catalog.records import Measured, NewImage
from core.database import Database
from core.files import digest
from core.images.thumbnails import open_thumbnails
from core.workspace import Workspace

__all__ = ["draw_picture", "fill_catalogue", "thumbnail_of"]


def fill_catalogue(
    workspace: Workspace,
    db: Database,
    *,
    images: int,
    classes: tuple[str, ...] = ("Abra", "Mew", "Onix"),
    side: int = 96,
) -> list[int]:
    """Add `images` drawn pictures, spread over `classes` in turn, with files and thumbnails; their ids."""
    rows: list[NewImage] = []
    thumbnails: list[tuple[str, bytes]] = []
    known = [ensure_class(db, name) for name in classes]
    counts = [len(range(start, images, len(known))) for start in range(len(known))]
    paths = [reserve_paths(db, row.class_id, ["png"] * count) for row, count in zip(known, counts, strict=True)]
    for number in range(images):
        row = known[number % len(known)]
        path = paths[number % len(known)][number // len(known)]
        picture = draw_picture(number, side)
        content = _encoded(picture, "PNG")
        place = workspace.images / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        rows.append(NewImage(path, f"drawn {number}", row.class_id, _measured(place, content, picture)))
        thumbnails.append((digest(content), thumbnail_of(picture)))
    store = open_thumbnails(workspace)
    store.put_many(thumbnails)
    store.close()
    return add_images(db, rows)


def draw_picture(number: int, side: int) -> Image.Image:
    """A creature of its own colour, place and size on a soft ground; wider than high or the other way round."""
    width, height = (side, side * 3 // 4) if number % 3 else (side * 3 // 4, side)
    hue = (number * 0.381966) % 1.0
    picture = Image.new("RGB", (width, height), _colour(hue + 0.5, 0.15, 0.92))
    pen = ImageDraw.Draw(picture)
    left, top = (number * 7) % (width // 3), (number * 11) % (height // 3)
    pen.ellipse((left, top, left + width // 2, top + height // 2), fill=_colour(hue, 0.7, 0.8))
    pen.text((4, height - 14), str(number), fill=(40, 40, 40))
    return picture


def thumbnail_of(picture: Image.Image) -> bytes:
    """The picture as a small WebP."""
    return _encoded(picture, "WEBP")


def _colour(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _encoded(picture: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()


def _measured(place: Path, content: bytes, picture: Image.Image) -> Measured:
    status = place.stat()
    return Measured(
        sha256=digest(content),
        bytes=len(content),
        mtime_ns=status.st_mtime_ns,
        inode=status.st_ino,
        width=picture.width,
        height=picture.height,
        format="PNG",
        mode="RGB",
        orientation=1,
        phash=int(digest(content)[:16], 16),
        phash_mirror=int(digest(content)[16:32], 16),
        sharpness=100.0,
        brightness=0.5,
        contrast=0.2,
        entropy=4.0,
        border_white=0.0,
        transparent=0.0,
    )
