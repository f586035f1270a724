"""What the Dataset page says: the classes with their counts, and what is worth knowing before a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.catalog.classes import count_classes
from core.catalog.clusters import OpenClusters, count_open_clusters
from core.catalog.images import count_unseen
from core.catalog.records import ClassCounts
from core.database import Database
from core.dataset.annotations import annotations_state
from core.dataset.split import Leakage
from core.workspace import Workspace, read_settings

__all__ = ["Check", "ClassSummary", "Severity", "class_table", "dataset_checks"]

Severity = Literal["good", "note", "warning"]
_UNBALANCED = 10


@dataclass(frozen=True, slots=True)
class ClassSummary:
    counts: ClassCounts
    images: int
    """Not rejected."""
    below_minimum: bool


@dataclass(frozen=True, slots=True)
class Check:
    severity: Severity
    message: str
    """One sentence; for what is not good it says what to do."""


def class_table(database: Database, *, minimum: int) -> list[ClassSummary]:
    """All classes in their order, those without a picture too."""
    return [ClassSummary(counts, counts.usable, counts.usable < minimum) for counts in count_classes(database)]


def dataset_checks(workspace: Workspace, database: Database, *, leaks: Leakage) -> list[Check]:
    """What is worth knowing about the dataset before a run, the worst first; `leaks` as from `leakage`."""
    settings = read_settings(workspace)
    table = class_table(database, minimum=settings.minimum_per_class)
    if not any(row.images for row in table):
        return [Check("warning", "There is no picture yet; collect or import some.")]
    checks = [
        *_class_checks(table, settings.minimum_per_class),
        *_cluster_checks(count_open_clusters(database)),
        *_split_checks(table, leaks),
        *_file_checks(workspace, database),
    ]
    order: tuple[Severity, ...] = ("warning", "note", "good")
    return sorted(checks, key=lambda check: order.index(check.severity))


def _class_checks(table: list[ClassSummary], minimum: int) -> list[Check]:
    filled = [row for row in table if row.images]
    checks = []
    thin = [f"{row.counts.name} ({row.images})" for row in table if row.below_minimum]
    if thin:
        checks.append(
            Check("warning", f"{_some(thin)} {_be(thin)} below the minimum of {minimum} pictures; collect more.")
        )
    else:
        checks.append(Check("good", f"Each class has at least {minimum} pictures."))
    if len(filled) == 1:
        checks.append(Check("note", "There is one class only: enough for a generator, but a classifier needs two."))
    largest, smallest = max(row.images for row in filled), min(row.images for row in filled)
    if largest >= _UNBALANCED * smallest:
        checks.append(
            Check(
                "note",
                f"The largest class has {largest} pictures and the smallest {smallest}; even them out if you can.",
            )
        )
    unreviewed = sum(row.counts.unreviewed for row in table)
    if unreviewed:
        checks.append(
            Check(
                "note", f"{_counted(unreviewed, 'picture is', 'pictures are')} not looked at yet, which counts as kept."
            )
        )
    return checks


def _cluster_checks(waiting: OpenClusters) -> list[Check]:
    conflicts = waiting.across
    checks = []
    if conflicts:
        checks.append(
            Check(
                "warning",
                f"Copies stand in two classes in {_counted(conflicts, 'cluster', 'clusters')}; "
                "decide on the Duplicates page.",
            )
        )
    if waiting.all > conflicts:
        checks.append(
            Check(
                "note",
                f"Copies wait in {_counted(waiting.all - conflicts, 'cluster', 'clusters')}; "
                "resolve them on the Duplicates page.",
            )
        )
    return checks or [Check("good", "No copies wait for a decision.")]


def _split_checks(table: Sequence[ClassSummary], leaks: Leakage) -> list[Check]:
    parts = {part: sum(getattr(row.counts, part) for row in table) for part in ("train", "val", "test")}
    unplaced = sum(row.images for row in table) - sum(parts.values())
    if not sum(parts.values()):
        return [Check("note", "There is no split yet; make one here, or training makes it.")]
    checks = []
    if unplaced:
        checks.append(
            Check(
                "warning",
                f"{_counted(unplaced, 'picture is', 'pictures are')} in no part of the split; split again.",
            )
        )
    for part in parts:
        absent = [row.counts.name for row in table if row.images and not getattr(row.counts, part)]
        if absent and parts[part]:
            checks.append(Check("warning", f"{_some(absent)} {_be(absent)} without a picture in {part}; split again."))
    by_lot = f"a split by lot would have {leaks.random}"
    if leaks.present:
        checks.append(
            Check(
                "warning",
                f"{_counted(leaks.present, 'test picture has', 'test pictures have')} a near twin in train ({by_lot}); "
                "split again.",
            )
        )
    else:
        checks.append(Check("good", f"No test picture has a near twin in train; {by_lot}."))
    return checks


def _file_checks(workspace: Workspace, database: Database) -> list[Check]:
    unseen = count_unseen(database)
    broken, missing = unseen.unreadable, unseen.missing
    checks = []
    if annotations_state(workspace, database).hand_edited:
        checks.append(
            Check(
                "warning",
                "annotations.csv was edited by hand; take its differences or leave them before it is written.",
            )
        )
    if missing:
        checks.append(
            Check(
                "warning",
                f"{_counted(missing, 'file is', 'files are')} gone from data/images; put back what you still need.",
            )
        )
    if broken:
        checks.append(
            Check(
                "note",
                f"{_counted(broken, 'file is no readable picture and is', 'files are no readable pictures and are')} "
                "left out.",
            )
        )
    return checks


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown


def _be(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _counted(count: int, singular: str, plural: str) -> str:
    return f"{count:,} {singular if count == 1 else plural}"
