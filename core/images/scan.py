"""The catalogue brought up to date with the files under `data/images`."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePosixPath
from typing import Final, TypeVar

from core.catalog.bin import step_aside
from core.catalog.classes import count_classes, ensure_class, list_classes
from core.catalog.hashes import adopt_hash_mode, paths_without_hash
from core.catalog.images import (
    add_images,
    get_by_path,
    known_files,
    list_images,
    mark_missing,
    move_path,
    record_measured,
)
from core.catalog.looks import paths_without_look
from core.catalog.records import FileStamp, Measured, NewImage
from core.database import Database
from core.errors import InputError, NotFoundError
from core.images.bin import finish_emptying, turn_of_bin
from core.images.decoder import Examined
from core.images.examiner import Examiner, open_examiner
from core.images.naming import class_of_flat, class_of_path
from core.images.thumbnails import Thumbnails, open_thumbnails
from core.images.walk import Listing, list_files
from core.jobs.cluster import Hands
from core.jobs.reporter import SILENT, Reporter
from core.workspace import Workspace, read_settings

__all__ = ["ScanResult", "Unreadable", "scan"]

_BATCH: Final = 200

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Unreadable:
    path: str
    """Relative to `data/images`, made printable."""
    reason: str


@dataclass(frozen=True, slots=True)
class ScanResult:
    images: int
    """Readable and present, in the whole catalogue."""
    new: int
    changed: int
    """Files whose content is another one since the last scan."""
    missing: int
    """Files that the catalogue knows and the disk no longer holds, now or since earlier scans."""
    moved: int
    """Files found under another name, recognised by their content."""
    unreadable: list[Unreadable]
    """Every file that is no picture we can read, known before or not, and what is no file."""
    classes: dict[str, int]
    """Readable and present images by class, rejected ones included; what is left of a deleted class is in none."""


@dataclass(slots=True)
class _Tally:
    new: int = 0
    changed: int = 0
    moved: int = 0
    unreadable: dict[str, str] = field(default_factory=dict)


def scan(
    workspace: Workspace, db: Database, *, cluster: Hands | None = None, reporter: Reporter = SILENT
) -> ScanResult:
    """Register new files, measure changed ones again, mark vanished ones and follow moved ones.

    A file whose size, time and inode are those of the last scan is not opened, unless an older version measured less
    of it than we do now, or the settings name another way to hash: then all are hashed anew, and until they are, no
    hash of the other way is compared. When the reporter says stop, what was examined so far is kept, nothing is marked
    as missing, and the next scan goes on from there. With a `cluster`, its machines look at the files; only this
    process writes. What was deleted with the bin and is back comes as rejected, into the bin.
    """
    mode = read_settings(workspace).hash_mode
    adopt_hash_mode(db, mode)
    with turn_of_bin(workspace):
        finish_emptying(workspace, db)
        work = _Scan(workspace, db, list_files(workspace.images), known_files(db))
        thumbnails = open_thumbnails(workspace)
        try:
            log = workspace.cache / "decoder.log"
            with open_examiner(log=log, hash_mode=mode, cluster=cluster, reporter=reporter) as examiner:
                complete = work.examine(examiner, thumbnails, reporter)
        finally:
            thumbnails.close()
        work.mark_presence(complete)
    return work.result()


class _Scan:
    """One scan: what the disk holds, what the catalogue knows, and what came of the difference."""

    def __init__(self, workspace: Workspace, db: Database, listing: Listing, known: dict[str, FileStamp]) -> None:
        self._images = workspace.images
        self._db = db
        self._listing = listing
        self._known = known
        self._tally = _Tally()
        self._flat = class_of_flat(path for path in listing.files if "/" not in path)
        classes = list_classes(db)
        self._class_ids = {row.name: row.class_id for row in classes} | {row.slug: row.class_id for row in classes}
        self._vanished = _by_digest(known, listing)
        self._deferred: dict[str, Examined] = {}

    def examine(self, examiner: Examiner, thumbnails: Thumbnails, reporter: Reporter) -> bool:
        """Look at every file that is not as the catalogue knows it, in batches; False when stopped before the end."""
        poor = paths_without_look(self._db) | paths_without_hash(self._db)
        paths = [
            path
            for path, status in self._listing.files.items()
            if path in poor or not _is_same(self._known.get(path), status)
        ]
        done = 0
        reporter.progress(0, len(paths))
        found = examiner.examine(self._images / path for path in paths)
        for batch in _batches(_until_stopped(found, reporter), _BATCH):
            thumbnails.put_many(
                (look.measured.sha256, look.thumbnail) for look in batch if look.measured and look.thumbnail
            )
            self._record(dict(zip(paths[done : done + len(batch)], batch, strict=True)))
            done += len(batch)
            reporter.progress(done, len(paths))
        self._register_deferred()
        return done == len(paths)

    def mark_presence(self, complete: bool) -> None:
        """Mark what is back, and, after a complete scan, what is gone."""
        files = self._listing.files
        mark_missing(self._db, [path for path, stamp in self._known.items() if stamp.missing and path in files], False)
        if complete:
            gone = [path for paths in self._vanished.values() for path in paths if not self._known[path].missing]
            mark_missing(self._db, gone, True)

    def result(self) -> ScanResult:
        """The counts as they are now."""
        counts = {row.name: row.kept + row.unreviewed + row.rejected for row in count_classes(self._db)}
        now = known_files(self._db)
        reasons = {path: stamp.error for path, stamp in now.items() if stamp.error and not stamp.missing}
        reasons |= self._listing.skipped | self._tally.unreadable
        return ScanResult(
            images=list_images(self._db, limit=0)[0],
            new=self._tally.new,
            changed=self._tally.changed,
            missing=sum(stamp.missing and not stamp.emptied for stamp in now.values()),
            moved=self._tally.moved,
            unreadable=[Unreadable(path, reason) for path, reason in sorted(reasons.items())],
            classes=counts,
        )

    def _record(self, looks: dict[str, Examined]) -> None:
        """Write what came of some files, in one transaction."""
        self._make_way(looks)
        with self._db.write():
            fresh = {
                path: look for path, look in looks.items() if path not in self._known and not self._is_registered(path)
            }
            seen_before = {path: look for path, look in looks.items() if path in self._known}
            record_measured(self._db, [_measured_row(path, look) for path, look in seen_before.items()])
            self._tally.changed += sum(_digest(look) != self._known[path].sha256 for path, look in seen_before.items())
            self._follow(fresh)
            self._register(fresh)

    def _make_way(self, looks: dict[str, Examined]) -> None:
        """A file at the path of an emptied image is a new one, unless it holds the same as that did."""
        for path, look in looks.items():
            stamp = self._known.get(path)
            if stamp is not None and stamp.emptied and _digest(look) != stamp.sha256:
                step_aside(self._db, path)
                del self._known[path]

    def _follow(self, fresh: dict[str, Examined]) -> None:
        """Take files that lay elsewhere before out of `fresh`: their rows follow them."""
        for path in list(fresh):
            old = self._take_vanished(_digest(fresh[path]), PurePosixPath(path).name)
            if old is not None:
                move_path(self._db, old, path)
                record_measured(self._db, [_measured_row(path, fresh.pop(path))])
                self._tally.moved += 1

    def _take_vanished(self, sha256: str | None, name: str) -> str | None:
        """A vanished path that held this content: rather not one deleted with the bin, then rather of the same name."""
        paths = self._vanished.get(sha256 or "", [])
        if not paths:
            return None
        best = min(paths, key=lambda path: (self._known[path].emptied, PurePosixPath(path).name != name))
        paths.remove(best)
        return best

    def _is_registered(self, path: str) -> bool:
        """Whether somebody else put it into the catalogue while we looked at it."""
        try:
            get_by_path(self._db, path)
        except NotFoundError:
            return False
        return True

    def _register(self, looks: dict[str, Examined]) -> None:
        rows: list[NewImage] = []
        for path, look in looks.items():
            if look.error and self._class_name(path) not in self._class_ids:
                self._deferred[path] = look
                continue
            try:
                class_id = self._class_id(path)
            except InputError as exc:
                self._tally.unreadable[path] = f"its folder's name cannot be a class: {exc}"
                continue
            measured = look.measured or _blank(look.stamp)
            rows.append(NewImage(path, path, class_id, measured, look.error))
        add_images(self._db, rows)
        self._tally.new += len(rows)

    def _register_deferred(self) -> None:
        """Unreadable files join a class that has pictures, but make none: a LICENSE.txt is only listed."""
        ripe = {path: look for path, look in self._deferred.items() if self._class_name(path) in self._class_ids}
        self._tally.unreadable |= {path: look.error or "" for path, look in self._deferred.items() if path not in ripe}
        if not ripe:
            return
        with self._db.write():
            self._register({path: look for path, look in ripe.items() if not self._is_registered(path)})

    def _class_name(self, path: str) -> str:
        return class_of_path(path, self._flat, folder=self._images.name)

    def _class_id(self, path: str) -> int:
        name = self._class_name(path)
        if name not in self._class_ids:
            self._class_ids[name] = ensure_class(self._db, name).class_id
        return self._class_ids[name]


def _by_digest(known: dict[str, FileStamp], listing: Listing) -> dict[str, list[str]]:
    """Known paths that are not on disk, by the content they had; those in folders that cannot be read do not count."""
    closed = tuple(f"{folder}/" if folder else "" for folder in listing.closed)
    vanished: dict[str, list[str]] = defaultdict(list)
    for path in sorted(known.keys() - listing.files.keys()):
        if not path.startswith(closed):
            vanished[known[path].sha256 or ""].append(path)
    return vanished


def _is_same(stamp: FileStamp | None, status: os.stat_result) -> bool:
    return (
        stamp is not None
        and not stamp.emptied
        and (stamp.bytes, stamp.mtime_ns, stamp.inode)
        == (
            status.st_size,
            status.st_mtime_ns,
            status.st_ino,
        )
    )


def _digest(look: Examined) -> str | None:
    return look.stamp.sha256 if look.stamp else None


def _measured_row(path: str, look: Examined) -> tuple[str, Measured | None, str | None]:
    return path, look.measured or _blank(look.stamp), look.error


def _blank(stamp: FileStamp | None) -> Measured | None:
    """An unreadable file's row: no figures, but what spares the next scan from opening it again."""
    if stamp is None:
        return None
    return Measured(
        sha256=stamp.sha256 or "", bytes=stamp.bytes, mtime_ns=stamp.mtime_ns, inode=stamp.inode, width=0, height=0,
        format="", mode="", orientation=1, phash=0, phash_mirror=0, sharpness=0.0, brightness=0.0, contrast=0.0,
        entropy=0.0, border_white=0.0, transparent=0.0,
    )  # fmt: skip


def _until_stopped(items: Iterable[Item], reporter: Reporter) -> Iterator[Item]:
    for item in items:
        yield item
        if reporter.stopped():
            return


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch
