"""The rows of annotations.csv and of snapshots: read from the catalogue, and as bytes."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from core.catalog.filters import parse_filter
from core.catalog.images import image_table
from core.catalog.records import Split
from core.database import Database

__all__ = ["HEADER", "AnnotationRow", "annotation_rows", "to_csv"]

HEADER = ("img_name", "class_id", "class_name", "split", "cluster")
_COLUMNS = ("path", "class_id", "class", "split", "cluster")
_LISTED = "verdict != reject and error = none and missing = 0"
_NEEDS_QUOTES = re.compile(r'[",\r\n]')


@dataclass(frozen=True, slots=True)
class AnnotationRow:
    """One image that is not rejected."""

    img_name: str
    """Path relative to `data/images`, forward slashes."""
    class_id: int
    class_name: str
    split: Split | None
    cluster: int | None
    """Shared by near-duplicates that are in the same file; None for a picture without one."""


def annotation_rows(database: Database, where: str = "") -> list[AnnotationRow]:
    """The readable, present, not rejected images that the filter lets through, by name.

    Raises InputError for a filter that is not understood.
    """
    parse_filter(where)
    table = image_table(database, _COLUMNS, f"({where}) and {_LISTED}" if where.strip() else _LISTED)
    sharing = Counter(table["cluster"])
    return [
        AnnotationRow(
            img_name=str(name),
            class_id=cast("int", class_id),
            class_name=str(class_name),
            split=cast("Split | None", split),
            cluster=cast("int", cluster) if cluster is not None and sharing[cluster] > 1 else None,
        )
        for name, class_id, class_name, split, cluster in sorted(zip(*(table[name] for name in _COLUMNS), strict=True))
    ]


def to_csv(rows: Sequence[AnnotationRow]) -> bytes:
    """UTF-8, comma, LF, RFC 4180 quotes where needed, cells exact."""
    classes = {row.class_name: _quoted(row.class_name) for row in rows}
    lines = [
        f"{_quoted(row.img_name)},{row.class_id},{classes[row.class_name]},{row.split or ''},"
        f"{'' if row.cluster is None else row.cluster}"
        for row in rows
    ]
    return "\n".join([",".join(HEADER), *lines, ""]).encode()


def _quoted(text: str) -> str:
    # Not csv.writer: with "\n" as line end it leaves a lone "\r" bare, which readers take for the end of a line.
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text
