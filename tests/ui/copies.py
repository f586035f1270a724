"""Copies of pictures as rows of the catalogue, for the pages that show them."""

from dataclasses import fields, replace

from core.catalog.images import add_images, get_image, reserve_paths
from core.catalog.records import Measured, NewImage
from core.database import Database

__all__ = ["plant_copy"]


def plant_copy(db: Database, original: int, *, bits: int = 0, class_id: int | None = None) -> int:
    """A copy of the image: the same bytes, or, with `bits`, a smaller one whose hash differs in so many; its id."""
    row = get_image(db, original)
    shared = {field.name: getattr(row, field.name) for field in fields(Measured) if hasattr(row, field.name)}
    measured = Measured(**(shared | {"inode": 0}))
    if bits:
        digest = f"{int(row.sha256 or '0', 16) ^ 1:064x}"
        flipped = measured.phash ^ ((1 << bits) - 1)
        measured = replace(measured, sha256=digest, phash=flipped, width=row.width // 2, height=row.height // 2)
    place = row.class_id if class_id is None else class_id
    (path,) = reserve_paths(db, place, ["png"])
    return add_images(db, [NewImage(path, "planted", place, measured)])[0]
