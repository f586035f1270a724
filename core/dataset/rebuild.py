"""A damaged catalogue built anew from what else is on disk: the pictures, and annotations.csv."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.catalog.classes import restore_class
from core.catalog.decisions import decide
from core.catalog.images import image_table
from core.catalog.records import Operation
from core.catalog.store import get_meta, open_catalog, set_aside, set_meta
from core.database import Database
from core.dataset.annotations import write_annotations
from core.dataset.hand_edit import take_edit
from core.dataset.reading import ReadRow, read_annotations
from core.errors import DamagedError, InputError, StoppedError, StorageError
from core.images.scan import scan
from core.jobs.reporter import SILENT, Reporter
from core.workspace import Workspace

__all__ = ["Rebuilt", "open_or_rebuild"]

_KEY = "rebuild"
"""Holds the name of the file set aside until the new catalogue is whole, so that a rebuild that was killed goes on."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    aside: str
    """What the damaged file in data/ is called now; it is kept."""
    images: int
    rejected: int
    """Pictures without a line in annotations.csv."""
    problem: str | None
    """Why annotations.csv could not be heard, where it could not."""

    @property
    def sentence(self) -> str:
        """What a person should know of it."""
        told = f"it was damaged and is kept as data/{self.aside}; {self.images} pictures found"
        absent = f"{self.rejected} without a line in annotations.csv rejected, which undo takes back"
        heard = self.problem or (absent if self.rejected else "")
        return f"{told}; {heard}" if heard else told


def open_or_rebuild(workspace: Workspace, *, who: str, reporter: Reporter = SILENT) -> tuple[Database, Rebuilt | None]:
    """The workspace's catalogue; one that is damaged is set aside and built anew first.

    Classes keep their numbers, names and folders, and pictures their class and part of the split, as annotations.csv
    tells them. Pictures that it has no line of were rejected, or came within the last seconds before the damage: they
    are rejected, by `who`. What only the catalogue knew is gone: the history, reasons, addresses, and which pictures
    were looked at. Raises what opening raises, and StoppedError; the next call then goes on.
    """
    try:
        database = open_catalog(workspace)
    except DamagedError:
        aside = set_aside(workspace).name
        database = open_catalog(workspace)
        set_meta(database, _KEY, aside)
    try:
        unfinished = get_meta(database, _KEY)
        rebuilt = _fill(workspace, database, unfinished, who=who, reporter=reporter) if unfinished else None
    except BaseException:
        database.close()
        raise
    return database, rebuilt


def _fill(workspace: Workspace, database: Database, aside: str, *, who: str, reporter: Reporter) -> Rebuilt:
    lines, problem = _lines(workspace)
    _make_classes(database, lines)
    images = scan(workspace, database, reporter=reporter).images
    if reporter.stopped():
        raise StoppedError("The catalogue is not whole yet; `scan` goes on with it.")
    rejected = _reject_absent(database, {row.img_name for row in lines}, who=who)
    if lines:
        take_edit(workspace, database, who=who)
        write_annotations(workspace, database)
    set_meta(database, _KEY, "")
    return Rebuilt(aside, images, rejected, problem)


def _lines(workspace: Workspace) -> tuple[tuple[ReadRow, ...], str | None]:
    try:
        return read_annotations(workspace.annotations).rows, None
    except (InputError, StorageError) as exc:
        return (), f"their classes are those of their folders, for {exc}".removesuffix(".")


def _make_classes(database: Database, lines: Sequence[ReadRow]) -> None:
    """The classes of the lines, each with the folder that most of its pictures lie in."""
    names = {row.class_id: row.class_name for row in lines if row.class_id is not None and row.class_name}
    for class_id, name in sorted(names.items()):
        folders = Counter(row.img_name.partition("/")[0] for row in lines if row.class_id == class_id)
        restore_class(database, class_id, name, folder=folders.most_common(1)[0][0])


def _reject_absent(database: Database, named: set[str], *, who: str) -> int:
    """Reject what has no line; nothing where all lines are of other pictures, for the file is then of another set."""
    table = image_table(database, ["id", "path"])
    pictures = [
        (number, path) for number, path in zip(table["id"], table["path"], strict=True) if isinstance(number, int)
    ]
    absent = [number for number, path in pictures if path not in named]
    if len(absent) == len(pictures):
        return 0
    reason = "no line in annotations.csv when the catalogue was rebuilt"
    operations = [Operation(number, "reject", reason=reason) for number in absent]
    return decide(database, operations, who=who, label="rebuilt from annotations.csv").changed
