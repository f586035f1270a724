"""Made-up rows for tests that need a catalogue and no files."""

from collections.abc import Mapping

from core.catalog.classes import ensure_class
from core.catalog.images import add_images, reserve_paths
from core.catalog.records import Measured, NewImage
from core.database import Database

__all__ = ["fill", "measured"]


def measured(number: int, *, width: int = 64, phash: int | None = None) -> Measured:
    """A plausible look at the `number`-th picture; every content differs."""
    return Measured(
        sha256=f"{number:064x}", bytes=1000 + number, mtime_ns=number, inode=number, width=width, height=48,
        format="JPEG", mode="RGB", orientation=1, phash=number if phash is None else phash, phash_mirror=number,
        sharpness=10.0 + number, brightness=0.5, contrast=0.2, entropy=6.0, border_white=number / 100, transparent=0.0,
    )  # fmt: skip


def fill(database: Database, classes: Mapping[str, int]) -> list[int]:
    """So many images of each class; their ids, from 1 in an empty catalogue."""
    ids: list[int] = []
    for name, count in classes.items():
        class_id = ensure_class(database, name).class_id
        paths = reserve_paths(database, class_id, ["jpg"] * count)
        start = len(ids) + 1
        rows = [NewImage(path, f"/from/{path}", class_id, measured(start + at)) for at, path in enumerate(paths)]
        ids.extend(add_images(database, rows))
    return ids
