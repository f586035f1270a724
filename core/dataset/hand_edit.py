"""A hand edit of annotations.csv: what it says differently, and taking that into the catalogue or leaving it."""

from dataclasses import dataclass

from core.catalog.classes import clean_class_name, ensure_class, list_classes
from core.catalog.decisions import decide
from core.catalog.images import image_table, set_splits
from core.catalog.records import Decided, Operation, Split
from core.database import Database
from core.dataset.annotations import Written, annotations_lock, base_path, last_written, write_locked
from core.dataset.reading import Annotations, ReadRow, parse_annotations, read_annotations
from core.errors import InputError, RefusedError
from core.files import digest
from core.workspace import Workspace

__all__ = ["ClassChange", "Difference", "SplitChange", "Taken", "difference", "leave_edit", "take_edit"]


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

    @property
    def empty(self) -> bool:
        return not (self.classes or self.splits or self.removed or self.restored)


@dataclass(frozen=True, slots=True)
class Taken:
    decided: Decided
    splits: int
    """Images that changed their part of the split."""
    written: Written


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
    classes: list[ClassChange] = []
    splits: list[SplitChange] = []
    restored: list[str] = []
    for row in edited.rows:
        image = known.get(row.img_name)
        if image is None:
            continue
        before = base.get(row.img_name)
        wished = _wished_class(row, before, image, names)
        if wished != image.class_name:
            classes.append(ClassChange(row.line, image.image, row.img_name, image.class_name, wished))
        if "split" in edited.columns and row.split != image.split and (before is None or row.split != before.split):
            splits.append(SplitChange(row.line, image.image, row.img_name, image.split, row.split))
        if image.rejected and before is None:
            restored.append(row.img_name)
    present = {row.img_name for row in edited.rows}
    return Difference(
        sha256=edited.sha256,
        classes=tuple(classes),
        splits=tuple(splits),
        removed=tuple(name for name in base if name not in present and name in known and not known[name].rejected),
        restored=tuple(restored),
        new_classes=tuple(sorted({change.after for change in classes} - set(names.values()))),
        unknown=tuple((row.line, row.img_name) for row in edited.rows if row.img_name not in known),
    )


def take_edit(workspace: Workspace, database: Database, *, who: str, sha256: str | None = None) -> Taken:
    """Decide what the edited file says, in one batch that undo takes back, and write the file anew.

    Changed parts of the split are taken too, outside of the batch. `sha256` is that of the difference a person has
    seen: RefusedError when the file has changed since. InputError as for `difference`; nothing is decided then.
    """
    with annotations_lock(workspace):
        found = difference(workspace, database)
        if sha256 not in (None, found.sha256):
            raise RefusedError(f"{workspace.annotations} has changed again since; look at its differences once more.")
        known = _known_images(database)
        with database.write():
            numbers = {change.after: ensure_class(database, change.after).class_id for change in found.classes}
            operations = [
                *(Operation(known[path].image, "unreview") for path in found.restored),
                *(Operation(change.image, "class", numbers[change.after]) for change in found.classes),
                *(
                    Operation(known[path].image, "reject", reason="line deleted in annotations.csv")
                    for path in found.removed
                ),
            ]
            decided = decide(database, operations, who=who, label="edit of annotations.csv")
            set_splits(database, {change.image: change.after for change in found.splits})
        return Taken(decided, len(found.splits), write_locked(workspace, database))


def leave_edit(workspace: Workspace, database: Database) -> Written:
    """Write the file anew from the catalogue; what was edited by hand is dropped."""
    with annotations_lock(workspace):
        return write_locked(workspace, database)


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
    """All images by path, those included that are rejected, gone or broken."""
    columns = ("path", "id", "class", "split", "verdict")
    table = image_table(database, columns, "(error = none or error != none) and missing >= 0")
    rows = zip(*(table[name] for name in columns), strict=True)
    return {
        str(path): _Known(image, str(name), split, verdict == "reject") for path, image, name, split, verdict in rows
    }


def _wished_class(row: ReadRow, before: ReadRow | None, image: _Known, names: dict[int, str]) -> str:
    """The class that the line asks for: the cell that was changed counts, the name before the number."""
    named, numbered = row.class_name, row.class_id
    if before is not None:
        named = None if named == before.class_name else named
        numbered = None if numbered == before.class_id else numbered
    if named is not None:
        try:
            return clean_class_name(named)
        except InputError as exc:
            raise InputError(f"annotations.csv, line {row.line}: {exc}") from exc
    if numbered is None:
        return image.class_name
    if numbered not in names:
        raise InputError(
            f"annotations.csv, line {row.line}: there is no class number {numbered}; use one of 0 to "
            f"{len(names) - 1}, or write the name of a new class into class_name."
        )
    return names[numbered]
