"""Pictures from this machine: a folder of class folders, a flat folder, one with a table of labels, a zip, a file."""

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.catalog.class_names import clean_class_name
from core.catalog.hashes import hash_mode
from core.catalog.records import NewSource
from core.catalog.sources import record_source
from core.collect.archive import open_archive
from core.collect.intake import Candidate, Intake, Taken, open_intake
from core.collect.labels import label_items
from core.collect.listing import Item, Listing, Rejected, list_file, list_folder
from core.collect.told import Told, ToldOrigins
from core.database import Database
from core.errors import InputError, NotFoundError, StorageError
from core.files import plain_path
from core.images.decoder import Decoder
from core.jobs.reporter import SILENT, Reporter
from core.workspace import Workspace

__all__ = ["Imported", "Rejected", "import_source"]

_BATCH = 100
_BATCH_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a source's pictures."""

    added: int
    known: int
    """Bytes that their class held before this import."""
    rejected: list[Rejected]


def import_source(
    workspace: Workspace,
    database: Database,
    source: str,
    *,
    class_name: str | None = None,
    reporter: Reporter = SILENT,
) -> Imported:
    """Copy the pictures of a folder, a zip or a file into the workspace; the source is never changed.

    `class_name`: for all of them; else a table that comes along, the folder next above, or the file names tell.
    Raises InputError for a source that cannot be read as one or a class that cannot be, StorageError when our disk
    refuses (what was added before stays). When the reporter says stop, what was added so far is returned.
    """
    path = _checked_source(workspace, source)
    if class_name is not None:
        clean_class_name(class_name)
    with _listed(path, reporter.stopped) as listing, Decoder(hash_mode=hash_mode(database)) as decoder:
        labels = label_items(listing, class_name=class_name)
        rejected = [*listing.rejected, *labels.absent]
        if not listing.items and not rejected:
            raise InputError(f"{path} holds no picture; give a folder, a zip or a picture file.")
        with open_intake(workspace, database, decoder) as intake:
            return _Round(database, intake, listing, labels.classes, ToldOrigins(listing), reporter, rejected).run()


@dataclass(slots=True)
class _Round:
    """One import under way."""

    database: Database
    intake: Intake
    listing: Listing
    classes: Mapping[str, str]
    told: ToldOrigins
    reporter: Reporter
    rejected: list[Rejected]
    added: int = 0
    known: int = 0

    def run(self) -> Imported:
        done, total = 0, len(self.listing.items)
        self.reporter.progress(0, total, "Importing")
        for batch in self._batches():
            try:
                for name, taken in zip(batch, self.intake.take(list(batch.values())), strict=True):
                    self._count(name, taken)
            except StorageError as exc:
                raise StorageError(f"{exc} {self.added} pictures of this import were stored before.") from exc
            done += len(batch)
            self.reporter.progress(done, total, f"{self.added} added, {self.known} known")
        return Imported(self.added, self.known, self.rejected)

    def _batches(self) -> Iterator[dict[str, Candidate]]:
        """Candidates by item name, a bounded number and weight at a time; those that cannot be loaded are rejected."""
        batch: dict[str, Candidate] = {}
        held = 0
        for item in self.listing.items:
            if self.reporter.stopped():
                return
            candidate = self._load(item)
            if candidate is None:
                continue
            batch[item.name] = candidate
            held += len(candidate.source) if isinstance(candidate.source, bytes) else 0
            if len(batch) == _BATCH or held > _BATCH_BYTES:
                yield batch
                batch, held = {}, 0
        if batch:
            yield batch

    def _load(self, item: Item) -> Candidate | None:
        try:
            source = item.load()
        except InputError as exc:
            self.rejected.append(Rejected(item.name, str(exc)))
            return None
        return Candidate(source, f"{self.listing.root}/{item.name}", self.classes[item.name])

    def _count(self, name: str, taken: Taken) -> None:
        self.added += taken.outcome == "added"
        self.known += taken.outcome == "known"
        if taken.outcome == "rejected":
            self.rejected.append(Rejected(name, taken.reason or "cannot be taken in"))
        if taken.image is not None and (told := self.told.of(name)) is not None:
            self._record(taken, taken.image, told)

    def _record(self, taken: Taken, image: int, told: Told) -> None:
        source = NewSource(
            file_url=told.file_url or taken.original,
            engine="",
            query="",
            rank=0,
            class_id=None,  # an address may be told of many pictures, and each of them keeps it
            page_url=told.page_url,
            title=told.title,
            author=told.author,
            licence=told.licence.name if told.licence else None,
            licence_url=told.licence.url if told.licence else None,
        )
        record_source(self.database, source, outcome="added", sha256=taken.sha256, image=image)


@contextlib.contextmanager
def _listed(path: Path, stopped: Callable[[], bool]) -> Iterator[Listing]:
    if path.is_dir():
        yield list_folder(path, stopped=stopped)
    elif path.suffix.lower() == ".zip" or _is_zip(path):
        with open_archive(path, stopped=stopped) as listing:
            yield listing
    else:
        yield list_file(path)


def _is_zip(path: Path) -> bool:
    try:
        with path.open("rb") as handle:
            return handle.read(4) == b"PK\3\4"
    except OSError as exc:
        raise InputError(f"{path} may not be read ({exc.strerror}); check its rights.") from exc


def _checked_source(workspace: Workspace, source: str) -> Path:
    """The source as an absolute path to a folder or a plain file; raises InputError or NotFoundError."""
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]+://", source):
        raise InputError(f"{source} is an address; import a folder, a zip or a picture file, or use collect.")
    if not source.strip():
        raise InputError("No source was given; name a folder, a zip or a picture file.")
    path = plain_path(source)
    if not path.exists():
        raise NotFoundError(f"{path} is not there; check the path.")
    if path.is_dir():
        images = workspace.images.resolve()
        if path == images or images in path.parents or path in images.parents:
            raise InputError(f"{path} holds this workspace's own pictures; use scan to find files dropped in there.")
        return path
    if not path.is_file():
        raise InputError(f"{path} is neither a folder nor a plain file; give a folder, a zip or a picture file.")
    _refuse_later_kinds(path)
    return path


def _refuse_later_kinds(path: Path) -> None:
    kind = path.suffix.lower()
    if kind in (".html", ".htm", ".mhtml", ".mht"):
        raise InputError(f"{path} is a saved page, which cannot be imported yet; import the folder saved beside it.")
    if kind == ".csv":
        raise InputError(f"{path} is a table; import the folder that holds it and its pictures.")
    if kind in (".txt", ".tsv", ".json", ".jsonl", ".md"):
        raise InputError(f"{path} is a text, and lists of addresses cannot be imported yet; give a folder or a zip.")
    if kind in (".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst"):
        raise InputError(f"{path} is an archive that cannot be read; unpack it and import the folder, or make a zip.")
