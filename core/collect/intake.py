"""The one way in: every picture, from a folder, a zip or the web, is copied, examined, named and catalogued here."""

import contextlib
import os
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.catalog.bin import emptied_digests
from core.catalog.classes import ensure_class, list_classes
from core.catalog.images import add_images, known_digests, reserve_paths
from core.catalog.records import ClassRow, Measured, NewImage
from core.collect.reading import digest_source
from core.collect.staging import Staging, open_staging
from core.database import Database
from core.errors import BusyError, InputError, StorageError
from core.files import digest, storage_error
from core.images.decoder import Decoder, Examined, restamped
from core.images.thumbnails import Thumbnails, open_thumbnails
from core.workspace import Workspace

__all__ = ["Candidate", "Intake", "SecondCopy", "Taken", "open_intake"]

SecondCopy = Literal["add", "known"]
"""add: bytes that the class held before are `known` (folders, zips); known: so are all bytes seen before (the web)."""

_BATCH = 100
_SYNC_HANDS = 8
_BATCH_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """A picture that asks to be let in."""

    source: Path | bytes
    original: str
    """Where it comes from, a path or an address, as text."""
    class_name: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one candidate."""

    original: str
    outcome: Literal["added", "known", "rejected"]
    reason: str | None = None
    """Of a rejected one."""
    sha256: str | None = None
    image: int | None = None
    """Of an added one; so path."""
    path: str | None = None


@dataclass(frozen=True, slots=True)
class _Staged:
    """A candidate whose bytes lie in the staging folder, and after examination what they are."""

    position: int
    candidate: Candidate
    file: Path


@dataclass(frozen=True, slots=True)
class _Accepted:
    staged: _Staged
    owner: ClassRow
    measured: Measured
    thumbnail: bytes | None
    extension: str


class Intake:
    """Takes pictures in for one import; use `open_intake`. One thread at a time."""

    def __init__(
        self,
        workspace: Workspace,
        database: Database,
        *,
        decoder: Decoder,
        staging: Staging,
        thumbnails: Thumbnails,
        second_copy: SecondCopy,
    ) -> None:
        self._workspace = workspace
        self._database = database
        self._decoder = decoder
        self._staging = staging
        self._thumbnails = thumbnails
        self._second_copy = second_copy
        self._digests = known_digests(database)
        self._deleted = emptied_digests(database)
        self._classes = {row.name: row for row in list_classes(database)}

    def take(self, candidates: Sequence[Candidate]) -> list[Taken]:
        """What became of each candidate, in the order given; added ones are on disk and in the catalogue.

        Raises StorageError when the disk refuses: what was added before stays, the batch under way leaves nothing.
        """
        taken: list[Taken] = []
        for batch in _batches(candidates):
            taken += self._take_batch(batch)
        return taken

    def _take_batch(self, candidates: Sequence[Candidate]) -> list[Taken]:
        results: dict[int, Taken] = {}
        staged: list[_Staged] = []
        accepted: list[_Accepted] = []
        # The decoder asks for the next file while it works on those before, so that copying costs no time of its own.
        for index, verdict in enumerate(self._decoder.examine(self._staged(candidates, staged, results))):
            item = staged[index]
            judged = self._judge(item, verdict)
            if isinstance(judged, Taken):
                results[item.position] = judged
                item.file.unlink(missing_ok=True)
            else:
                accepted.append(judged)
        results.update(self._store(accepted))
        return [results[position] for position in range(len(candidates))]

    def _staged(
        self, candidates: Sequence[Candidate], staged: list[_Staged], results: dict[int, Taken]
    ) -> Iterator[Path]:
        """The files to examine, one after the other; what needs no look goes into `results` at once."""
        for position, candidate in enumerate(candidates):
            entered = self._stage(position, candidate)
            if isinstance(entered, Taken):
                results[position] = entered
            else:
                staged.append(entered)
                yield entered.file

    def _stage(self, position: int, candidate: Candidate) -> _Staged | Taken:
        try:
            known = self._known_before(candidate)
            if known is not None:
                return Taken(candidate.original, "known", sha256=known)
            return _Staged(position, candidate, self._staging.put(candidate.source))
        except InputError as exc:
            return Taken(candidate.original, "rejected", reason=str(exc))

    def _known_before(self, candidate: Candidate) -> str | None:
        """The digest, when a look at the bytes alone tells that they are known: spares copying and decoding them."""
        if not self._digests:
            return None
        source = candidate.source
        sha256 = digest(source) if isinstance(source, bytes) else digest_source(source)
        owner = self._classes.get(candidate.class_name)
        return sha256 if self._is_known(sha256, owner) else None

    def _is_known(self, sha256: str, owner: ClassRow | None) -> bool:
        if sha256 in self._deleted:
            return True
        held_by = self._digests.get(sha256, set())
        return bool(held_by) if self._second_copy == "known" else owner is not None and owner.class_id in held_by

    def _judge(self, item: _Staged, examined: Examined) -> _Accepted | Taken:
        original, measured = item.candidate.original, examined.measured
        if measured is None or examined.extension is None:
            sha256 = examined.stamp.sha256 if examined.stamp else None
            return Taken(original, "rejected", reason=examined.error or "cannot be decoded", sha256=sha256)
        if self._second_copy == "known" and self._is_known(measured.sha256, None):
            return Taken(original, "known", sha256=measured.sha256)
        try:
            owner = self._owner(item.candidate.class_name)
        except InputError as exc:
            return Taken(original, "rejected", reason=str(exc), sha256=measured.sha256)
        if self._is_known(measured.sha256, owner):
            return Taken(original, "known", sha256=measured.sha256)
        if self._second_copy == "known":
            self._digests.setdefault(measured.sha256, set()).add(owner.class_id)
        return _Accepted(item, owner, measured, examined.thumbnail, examined.extension)

    def _owner(self, class_name: str) -> ClassRow:
        if class_name not in self._classes:
            self._classes[class_name] = ensure_class(self._database, class_name)
        return self._classes[class_name]

    def _store(self, accepted: Sequence[_Accepted]) -> dict[int, Taken]:
        """Files first, then rows: after a crash in between, the next intake takes the files back."""
        placed: list[tuple[_Accepted, str]] = []
        try:
            _sync_all([item.staged.file for item in accepted])
            for item, path in zip(accepted, self._reserve(accepted), strict=True):
                placed.append((item, self._place(item, path)))
            for folder in {Path(path).parent for _, path in placed}:
                _sync(self._workspace.images / folder)
            rows = [self._row(item, path) for item, path in placed]
            ids = add_images(self._database, rows) if rows else []
        except BaseException:
            for _, path in placed:
                (self._workspace.images / path).unlink(missing_ok=True)
            raise
        self._staging.forget(item.staged.file for item in accepted)
        # A thumbnail that cannot be kept now is made again when somebody looks.
        with contextlib.suppress(StorageError, BusyError):
            self._thumbnails.put_many([(item.measured.sha256, item.thumbnail) for item in accepted if item.thumbnail])
        return {
            item.staged.position: Taken(
                item.staged.candidate.original, "added", sha256=item.measured.sha256, image=image, path=path
            )
            for (item, path), image in zip(placed, ids, strict=True)
        }

    def _reserve(self, accepted: Sequence[_Accepted]) -> list[str]:
        """A new path for each, in the order given."""
        extensions: dict[int, list[str]] = defaultdict(list)
        for item in accepted:
            extensions[item.owner.class_id].append(item.extension)
        paths = {
            class_id: iter(reserve_paths(self._database, class_id, wished)) for class_id, wished in extensions.items()
        }
        return [next(paths[item.owner.class_id]) for item in accepted]

    def _place(self, item: _Accepted, path: str) -> str:
        """Put the staged file at `path`, or to another new one where a hand-dropped file lies; the path it got."""
        while True:
            target = self._workspace.images / path
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                self._staging.note(item.staged.file, path)
                _place_new(item.staged.file, target)
            except FileExistsError:
                path = reserve_paths(self._database, item.owner.class_id, [item.extension])[0]
            except OSError as exc:
                raise storage_error(exc, target) from exc
            else:
                return path

    def _row(self, item: _Accepted, path: str) -> NewImage:
        measured = restamped(item.measured, self._workspace.images / path)
        return NewImage(path, item.staged.candidate.original, item.owner.class_id, measured)


@contextlib.contextmanager
def open_intake(
    workspace: Workspace, database: Database, decoder: Decoder, *, second_copy: SecondCopy = "add"
) -> Iterator[Intake]:
    """An intake that knows what the catalogue holds now, and whose unfinished files vanish with the block."""
    with open_staging(workspace, database) as staging, contextlib.closing(open_thumbnails(workspace)) as thumbnails:
        yield Intake(
            workspace,
            database,
            decoder=decoder,
            staging=staging,
            thumbnails=thumbnails,
            second_copy=second_copy,
        )


def _batches(candidates: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    """Pieces bounded in number and in bytes held in memory."""
    batch: list[Candidate] = []
    held = 0
    for candidate in candidates:
        batch.append(candidate)
        held += len(candidate.source) if isinstance(candidate.source, bytes) else 0
        if len(batch) == _BATCH or held > _BATCH_BYTES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _place_new(source: Path, target: Path) -> None:
    """Make `source` appear at `target` too; raises FileExistsError where a file lies, which a rename would replace."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        # A disk without hard links (exFAT), or pictures mounted apart from the cache.
        _copy_new(source, target)
        source.unlink()


def _copy_new(source: Path, target: Path) -> None:
    with target.open("xb") as handle, source.open("rb") as content:
        try:
            shutil.copyfileobj(content, handle)
            handle.flush()
            os.fsync(handle.fileno())
        except OSError:
            target.unlink(missing_ok=True)
            raise


def _sync_all(paths: Sequence[Path]) -> None:
    """Bring the files to disk, side by side: one commit of the file system's journal then serves several."""
    with ThreadPoolExecutor(_SYNC_HANDS) as pool:
        for _ in pool.map(_sync, paths):
            pass


def _sync(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as exc:
        raise storage_error(exc, path) from exc
