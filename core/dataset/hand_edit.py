"""A hand edit of annotations.csv: what it says differently, and taking that into the catalogue or leaving it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from core.catalog.classes import ensure_class, list_classes
from core.catalog.decisions import decide
from core.catalog.images import image_table, set_splits
from core.catalog.records import Decided, Operation, Split
from core.database import Database
from core.dataset.annotations import accept_file, annotations_lock, base_path, last_written
from core.dataset.meant import meant_class, meant_path
from core.dataset.reading import Annotations, ReadRow, parse_annotations, read_annotations, refuse_twins
from core.errors import InputError, RefusedError
from core.files import digest, file_digest, storage_error
from core.workspace import Workspace

__all__ = [
    "KINDS",
    "ClassChange",
    "Difference",
    "Kind",
    "SplitChange",
    "Taken",
    "difference",
    "leave_edit",
    "take_edit",
]

Kind = Literal["classes", "new_classes", "splits", "removed", "restored"]
KINDS: tuple[Kind, ...] = ("classes", "new_classes", "splits", "removed", "restored")
"""What can be taken each by itself; `classes` are moves to a class that there is."""


@dataclass(frozen=True, slots=True)
class ClassChange:
    line: int
    image: int
    path: str
    before: str
    after: str
    """The class's name; a class that there is not yet is made when the edit is taken."""


@dataclass(frozen=True, slots=True)
class SplitChange:
    line: int
    image: int
    path: str
    before: Split | None
    after: Split | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What the edited file says otherwise than the catalogue."""

    sha256: str
    """Of the file that was compared."""
    classes: tuple[ClassChange, ...]
    splits: tuple[SplitChange, ...]
    removed: tuple[str, ...]
    """Images whose line was deleted: taken, they are rejected."""
    restored: tuple[str, ...]
    """Rejected images that have a line again: taken, they are no longer rejected."""
    new_classes: tuple[str, ...]
    unknown: tuple[tuple[int, str], ...]
    """(line, img_name) of files that the catalogue does not hold; nothing comes of them."""
    repaired: tuple[tuple[int, str, str], ...]
    """(line, cell, class) of class names that a spreadsheet has changed and that are read as what they were."""

    @property
    def empty(self) -> bool:
        return not (self.classes or self.splits or self.removed or self.restored)

    def only(self, kinds: Collection[Kind]) -> "Difference":
        """The part of it that is of these kinds."""
        wanted = {False: "classes" in kinds, True: "new_classes" in kinds}
        return replace(
            self,
            classes=tuple(change for change in self.classes if wanted[change.after in self.new_classes]),
            splits=self.splits if "splits" in kinds else (),
            removed=self.removed if "removed" in kinds else (),
            restored=self.restored if "restored" in kinds else (),
        )


@dataclass(frozen=True, slots=True)
class Taken:
    decided: Decided
    splits: int
    """Images that changed their part of the split."""


@dataclass(frozen=True, slots=True)
class _Known:
    image: int
    class_name: str
    split: Split | None
    rejected: bool


def difference(workspace: Workspace, database: Database) -> Difference:
    """What the file says otherwise than the catalogue; writes nothing.

    Compared with what was written last, where that is still known: a decision taken in the app since then is no
    difference unless the file changed the same cell, and then the file is heard. Without it, compared with the
    catalogue, and no line counts as deleted.
    Raises InputError with the line number for a file that cannot be read or names a class that cannot be.
    """
    edited = read_annotations(workspace.annotations)
    base = _base(workspace, database)
    known = _known_images(database)
    names = {row.class_id: row.name for row in list_classes(database)}
    spoken_of = frozenset(names.values())
    rows, unknown = _matched(edited, known)
    classes: list[ClassChange] = []
    splits: list[SplitChange] = []
    repaired: list[tuple[int, str, str]] = []
    for path, row in rows.items():
        image, before = known[path], base.get(path)
        named = _named(row, before, image, names, spoken_of)
        if row.class_name is not None and named is not None and named != row.class_name and named in spoken_of:
            repaired.append((row.line, row.class_name, named))
        wished = _wished_class(replace(row, class_name=named), before, image, names)
        if wished != image.class_name:
            classes.append(ClassChange(row.line, image.image, path, image.class_name, wished))
        if "split" in edited.columns and row.split != image.split and (before is None or row.split != before.split):
            splits.append(SplitChange(row.line, image.image, path, image.split, row.split))
    return Difference(
        sha256=edited.sha256,
        classes=tuple(classes),
        splits=tuple(splits),
        removed=tuple(path for path in base if path not in rows and path in known and not known[path].rejected),
        restored=tuple(path for path in rows if known[path].rejected and path not in base),
        new_classes=tuple(sorted({change.after for change in classes} - spoken_of)),
        unknown=unknown,
        repaired=tuple(repaired),
    )


def take_edit(
    workspace: Workspace,
    database: Database,
    *,
    who: str,
    sha256: str | None = None,
    kinds: Collection[Kind] = KINDS,
) -> Taken:
    """Decide what the edited file says, in one batch that undo takes back; the next write replaces the file.

    Differences of other kinds are left. Changed parts of the split are taken too, outside of the batch. `sha256` is
    that of the difference a person has seen: RefusedError when the file has changed since. InputError as for
    `difference`; nothing is decided then.
    """
    with annotations_lock(workspace):
        whole = difference(workspace, database)
        _refuse_another(workspace, whole.sha256, sha256)
        with database.write():
            found = whole.only(kinds)
            decided = decide(database, list(_operations(database, found)), who=who, label="edit of annotations.csv")
            set_splits(database, {change.image: change.after for change in found.splits})
            accept_file(database, whole.sha256)
        return Taken(decided, len(found.splits))


def leave_edit(workspace: Workspace, database: Database, *, sha256: str | None = None) -> None:
    """Drop what was edited by hand: the next write replaces the file; `sha256` and errors as for `take_edit`."""
    with annotations_lock(workspace):
        try:
            found = file_digest(workspace.annotations)
        except OSError as exc:
            raise storage_error(exc, workspace.annotations) from exc
        _refuse_another(workspace, found, sha256)
        accept_file(database, found)


def _refuse_another(workspace: Workspace, found: str, seen: str | None) -> None:
    if seen not in (None, found):
        raise RefusedError(f"{workspace.annotations} has changed again since; look at its differences once more.")


def _operations(database: Database, found: Difference) -> Iterator[Operation]:
    known = _known_images(database)
    numbers = {name: ensure_class(database, name).class_id for name in {change.after for change in found.classes}}
    for path in found.restored:
        yield Operation(known[path].image, "unreview")
    for change in found.classes:
        yield Operation(change.image, "class", numbers[change.after])
    for path in found.removed:
        yield Operation(known[path].image, "reject", reason="line deleted in annotations.csv")


def _base(workspace: Workspace, database: Database) -> dict[str, ReadRow]:
    """The lines that were written last; none when that is no longer known."""
    try:
        content = base_path(workspace).read_bytes()
    except OSError:
        return {}
    if digest(content) != last_written(database).sha256:
        return {}
    base: Annotations = parse_annotations(content, name=base_path(workspace).name)
    return {row.img_name: row for row in base.rows}


def _known_images(database: Database) -> dict[str, _Known]:
    """All images by path, those included that are rejected, gone or broken, but not those that the bin has deleted."""
    columns = ("path", "id", "class", "split", "verdict")
    table = image_table(database, columns, "(error = none or error != none) and missing >= 0")
    rows = zip(*(table[name] for name in columns), strict=True)
    return {
        str(path): _Known(image, str(name), split, verdict == "reject") for path, image, name, split, verdict in rows
    }


def _matched(
    edited: Annotations, known: Mapping[str, _Known]
) -> tuple[dict[str, ReadRow], tuple[tuple[int, str], ...]]:
    """The lines by the path of the image that they mean, and (line, img_name) of those that mean none."""
    rows: dict[str, ReadRow] = {}
    unknown: list[tuple[int, str]] = []
    for row in edited.rows:
        path = row.img_name if row.img_name in known else meant_path(row.img_name, known)
        if path is None:
            unknown.append((row.line, row.img_name))
        else:
            refuse_twins(rows.setdefault(path, row), row, name="annotations.csv")
    return rows, tuple(unknown)


def _named(
    row: ReadRow, before: ReadRow | None, image: _Known, names: Mapping[int, str], known: frozenset[str]
) -> str | None:
    """The class that the line's class_name means; None where the cell is empty."""
    if row.class_name is None or row.class_name in known:
        return row.class_name
    stood = before.class_name if before is not None else None
    numbered = names.get(row.class_id) if row.class_id is not None else None
    try:
        return meant_class(row.class_name, known, [name for name in (stood, image.class_name, numbered) if name])
    except InputError as exc:
        raise InputError(f"annotations.csv, line {row.line}: {exc}") from exc


def _wished_class(row: ReadRow, before: ReadRow | None, image: _Known, names: Mapping[int, str]) -> str:
    """The class that the line asks for: the cell that was changed counts, the name before the number."""
    named, numbered = row.class_name, row.class_id
    if before is not None:
        named = None if named == before.class_name else named
        numbered = None if numbered == before.class_id else numbered
    if named is not None:
        return named
    if numbered is None:
        return image.class_name
    if numbered not in names:
        raise InputError(
            f"annotations.csv, line {row.line}: there is no class number {numbered}; use the number of one "
            "that there is, or write the name of a new class into class_name."
        )
    return names[numbered]
