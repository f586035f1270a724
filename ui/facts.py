"""Figures of the dataset that several pages show, counted once for each state of the catalogue."""

from dataclasses import dataclass

import streamlit as st

from core.api.desk import Opened
from core.catalog.classes import count_classes
from core.catalog.clusters import OpenClusters, count_open_clusters
from core.catalog.records import ClassCounts
from core.catalog.store import revision
from core.database import Database

__all__ = ["Facts", "facts"]


@dataclass(frozen=True, slots=True)
class Facts:
    """The dataset at one revision of the catalogue."""

    revision: int
    classes: tuple[ClassCounts, ...]
    copies: OpenClusters

    @property
    def images(self) -> int:
        """Readable pictures, rejected ones included."""
        return sum(row.usable + row.rejected for row in self.classes)

    @property
    def unreviewed(self) -> int:
        return sum(row.unreviewed for row in self.classes)

    @property
    def rejected(self) -> int:
        return sum(row.rejected for row in self.classes)

    @property
    def usable(self) -> int:
        return sum(row.usable for row in self.classes)

    @property
    def decided(self) -> int:
        """Kept or rejected by a person."""
        return self.images - self.unreviewed

    @property
    def split(self) -> tuple[int, int, int]:
        """Pictures in train, val and test."""
        return (
            sum(row.train for row in self.classes),
            sum(row.val for row in self.classes),
            sum(row.test for row in self.classes),
        )

    def thin(self, minimum: int) -> list[ClassCounts]:
        """Classes with fewer than `minimum` usable pictures."""
        return [row for row in self.classes if row.usable < minimum]


def facts(here: Opened) -> Facts:
    """The figures as of now."""
    return _counted(here.token, revision(here.db), here.db)


@st.cache_resource(max_entries=64, show_spinner=False)
def _counted(token: str, revision_now: int, _db: Database) -> Facts:
    return Facts(revision_now, tuple(count_classes(_db)), count_open_clusters(_db))
