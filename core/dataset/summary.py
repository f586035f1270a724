"""What the Dataset page says: the classes with their counts, and what is worth knowing before a run."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from core.catalog.classes import count_classes
from core.catalog.images import image_table, list_images
from core.catalog.records import ClassCounts
from core.database import Database
from core.dataset.annotations import annotations_state
from core.dataset.split import leakage
from core.duplicates.candidates import Candidates
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


@dataclass(frozen=True, slots=True)
class _Kept:
    class_id: int
    split: str | None
    cluster: int | None


def class_table(database: Database, *, minimum: int) -> list[ClassSummary]:
    """All classes by number."""
    return [
        ClassSummary(counts, counts.usable, counts.usable < minimum)
        for counts in count_classes(database)
        if counts.usable or counts.rejected
    ]


def dataset_checks(workspace: Workspace, database: Database, *, candidates: Candidates | None = None) -> list[Check]:
    """What is worth knowing about the dataset before a run, the worst first.

    Reads the whole catalogue: keep the answer by `core.catalog.store.revision`.
    """
    settings = read_settings(workspace)
    table = class_table(database, minimum=settings.minimum_per_class)
    kept = _kept(database)
    if not kept:
        return [Check("warning", "There is no picture yet; collect or import some.")]
    checks = [
        *_class_checks(table, settings.minimum_per_class),
        *_cluster_checks(kept),
        *_split_checks(database, kept, table, distance=settings.duplicate_distance, candidates=candidates),
        *_file_checks(workspace, database),
    ]
    order: tuple[Severity, ...] = ("warning", "note", "good")
    return sorted(checks, key=lambda check: order.index(check.severity))


def _kept(database: Database) -> list[_Kept]:
    table = image_table(database, ["class_id", "split", "cluster"], "verdict != reject")
    rows = zip(table["class_id"], table["split"], table["cluster"], strict=True)
    return [_Kept(*row) for row in rows]  # type: ignore[arg-type]


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


def _cluster_checks(kept: list[_Kept]) -> list[Check]:
    members = Counter(row.cluster for row in kept if row.cluster is not None)
    waiting = {cluster for cluster, count in members.items() if count > 1}
    classes: dict[int, set[int]] = {}
    for row in kept:
        if row.cluster in waiting and row.cluster is not None:
            classes.setdefault(row.cluster, set()).add(row.class_id)
    conflicts = sum(len(found) > 1 for found in classes.values())
    checks = []
    if conflicts:
        checks.append(
            Check(
                "warning",
                f"Copies stand in two classes in {_counted(conflicts, 'cluster', 'clusters')}; "
                "decide on the Duplicates page.",
            )
        )
    if len(waiting) > conflicts:
        checks.append(
            Check(
                "note",
                f"Copies wait in {_counted(len(waiting) - conflicts, 'cluster', 'clusters')}; "
                "resolve them on the Duplicates page.",
            )
        )
    return checks or [Check("good", "No copies wait for a decision.")]


def _split_checks(
    database: Database, kept: list[_Kept], table: list[ClassSummary], *, distance: int, candidates: Candidates | None
) -> list[Check]:
    parts = Counter(row.split for row in kept)
    if parts[None] == len(kept):
        return [Check("note", "There is no split yet; make one here, or training makes it.")]
    checks = []
    if parts[None]:
        checks.append(
            Check(
                "warning",
                f"{_counted(parts[None], 'picture is', 'pictures are')} in no part of the split; split again.",
            )
        )
    for part in ("train", "val", "test"):
        absent = [row.counts.name for row in table if row.images and not getattr(row.counts, part)]
        if absent and parts[part]:
            checks.append(Check("warning", f"{_some(absent)} {_be(absent)} without a picture in {part}; split again."))
    leaks = leakage(database, distance=distance, candidates=candidates)
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
    broken, _ = list_images(database, where="error != none and missing = 0", limit=0)
    missing, _ = list_images(database, where="missing = 1 and (error = none or error != none)", limit=0)
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
