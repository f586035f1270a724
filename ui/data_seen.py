"""What a training run would see: the usable pictures of each class by part of the split, counted once a revision."""

from collections import Counter
from dataclasses import dataclass

import streamlit as st

from core.api.desk import Opened
from core.catalog.classes import list_classes
from core.catalog.images import image_table
from core.catalog.store import revision
from core.database import Database
from core.runs.predictions import settle_filter

__all__ = ["ClassSeen", "DataSeen", "data_seen"]


@dataclass(frozen=True, slots=True)
class ClassSeen:
    """Usable pictures of one class; `unsplit` are in no part yet."""

    name: str
    train: int
    val: int
    test: int
    unsplit: int

    @property
    def total(self) -> int:
        return self.train + self.val + self.test + self.unsplit


@dataclass(frozen=True, slots=True)
class DataSeen:
    classes: tuple[ClassSeen, ...]
    """Those with at least one picture."""

    @property
    def total(self) -> int:
        return sum(row.total for row in self.classes)

    @property
    def split(self) -> bool:
        """Whether any picture is in a part."""
        return any(row.total > row.unsplit for row in self.classes)

    def thin(self, minimum: int) -> list[ClassSeen]:
        """Classes with fewer than `minimum` pictures."""
        return [row for row in self.classes if row.total < minimum]


def data_seen(here: Opened, where: str) -> DataSeen:
    """The usable pictures that the filter `where` lets through.

    Raises InputError, naming the position, when the filter cannot be read.
    """
    answers = settle_filter(here.workspace, here.db, where)
    return _counted(here.token, revision(here.db), where, answers, here.db)


@st.cache_resource(max_entries=64, show_spinner=False)
def _counted(token: str, revision_now: int, where: str, answers: str, _db: Database) -> DataSeen:
    table = image_table(_db, ["class_id", "split", "verdict"], where)
    seen = zip(table["class_id"], table["split"], table["verdict"], strict=True)
    counts = Counter((class_id, part) for class_id, part, verdict in seen if verdict != "reject")
    rows = [
        ClassSeen(
            entry.name,
            *(counts[entry.class_id, part] for part in ("train", "val", "test", None)),
        )
        for entry in list_classes(_db)
    ]
    return DataSeen(tuple(row for row in rows if row.total))
