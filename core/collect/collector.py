"""From a search to pictures of a class: addresses from an engine, fetched side by side, taken in as they arrive."""

import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from core.catalog.class_names import clean_class_name
from core.catalog.classes import ensure_class
from core.catalog.hashes import hash_mode
from core.catalog.records import NewSource
from core.catalog.sources import find_outcomes, record_source
from core.collect.addresses import AddressPolicy
from core.collect.download import Downloader, FetchError, Limits
from core.collect.engines import allowed_hosts, find_engine, search
from core.collect.found import EngineError, Found
from core.collect.intake import Candidate, Intake, Taken, open_intake
from core.database import Database
from core.errors import InputError, StoppedError, StorageError
from core.images.decoder import Decoder
from core.jobs.reporter import SILENT, Reporter
from core.workspace import Workspace, read_settings

__all__ = ["Collected", "Failed", "collect"]

_HANDS = 6
_IN_FLIGHT = 12
_MOST_PICTURES = 10_000
_ASKED_BEFORE = {"rejected": "asked before: no picture", "gone": "asked before: gone"}
_KNOWN_BEFORE = frozenset(("added", "known"))


@dataclass(frozen=True, slots=True)
class Failed:
    """An address that gave no picture, and why."""

    url: str
    reason: str


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection brought."""

    added: int
    known: int
    """Addresses that were fetched before, and bytes that the catalogue held."""
    failed: list[Failed]
    engine: str
    message: str = ""
    """Why it ended before the limit, when the engine said so."""


def collect(
    workspace: Workspace,
    database: Database,
    *,
    engine: str,
    class_name: str,
    query: str | None = None,
    limit: int = 100,
    reporter: Reporter = SILENT,
    environ: Mapping[str, str] | None = None,
    pause_seconds: float = 1.0,
    limits: Limits | None = None,
) -> Collected:
    """Search for `query` (the class's name when empty) until the class has gained `limit` pictures.

    May be repeated: what was fetched before is not asked again. `environ` (the process's when None) may point the
    engine at another server; `pause_seconds` between two pages of results. Raises EngineError when the engine gives
    no results, InputError for values that cannot be, StorageError when our disk refuses (what was added stays).
    """
    chosen = find_engine(engine)
    name = clean_class_name(class_name)
    words = " ".join((query or name).split()) or name
    if not 1 <= limit <= _MOST_PICTURES:
        raise InputError(f"A collection brings 1 to {_MOST_PICTURES:,} pictures, not {limit}.")
    surroundings = os.environ if environ is None else environ
    hosts = allowed_hosts(chosen, environ=surroundings, settings=read_settings(workspace).allowed_hosts)
    with (
        Decoder(hash_mode=hash_mode(database)) as decoder,
        open_intake(workspace, database, decoder, second_copy="known") as intake,
    ):
        task = _Collection(database, intake, reporter, engine=chosen.name, class_name=name, query=words, limit=limit)
        downloader = Downloader(AddressPolicy.of(hosts), limits or Limits(), task.is_over)
        found = search(chosen, words, downloader=downloader, environ=surroundings, pause_seconds=pause_seconds)
        return task.run(found, downloader)


@dataclass(slots=True)
class _Asked:
    """An address on its way."""

    rank: int
    """Place in the engine's results, from 1."""
    found: Found


@dataclass(slots=True, kw_only=True)
class _Tally:
    added: int = 0
    known: int = 0
    failed: list[Failed] = field(default_factory=list)
    rank: int = 0
    message: str = ""


class _Collection:
    """One collection under way."""

    def __init__(
        self,
        database: Database,
        intake: Intake,
        reporter: Reporter,
        *,
        engine: str,
        class_name: str,
        query: str,
        limit: int,
    ) -> None:
        self._database = database
        self._intake = intake
        self._reporter = reporter
        self._engine = engine
        self._class_name = class_name
        self._class_id: int | None = None
        self._query = query
        self._limit = limit
        self._halted = False
        self._tally = _Tally()

    def is_over(self) -> bool:
        """Whether downloads under way should end: a stop was asked for, or the work has failed."""
        return self._halted or self._reporter.stopped()

    def run(self, found: Iterator[Found], downloader: Downloader) -> Collected:
        """Fetch and take in until the limit, the end of the results, or a stop."""
        tally = self._tally
        with ThreadPoolExecutor(_HANDS, thread_name_prefix="download") as pool:
            try:
                self._fetch_all(found, downloader, pool)
            except StorageError as exc:
                raise StorageError(f"{exc} {tally.added} pictures of this collection were stored before.") from exc
            finally:
                self._halted = True
        return Collected(tally.added, tally.known, tally.failed, self._engine, tally.message)

    def _fetch_all(self, found: Iterator[Found], downloader: Downloader, pool: ThreadPoolExecutor) -> None:
        pending: dict[Future[bytes], _Asked] = {}
        exhausted = False
        while True:
            # One address at a time: the next one may take another page of results, and pictures arrive meanwhile.
            if not exhausted and self._has_room(len(pending)):
                asked = self._next(found)
                exhausted = asked is None
                if asked is not None:
                    pending[pool.submit(downloader.get_file, asked.found.file_url)] = asked
            may_go_on = not exhausted and self._has_room(len(pending))
            if not pending and not may_go_on:
                return
            waiting = 0.0 if may_go_on else 0.5
            done, _ = wait(pending, timeout=waiting, return_when=FIRST_COMPLETED)
            self._take([(pending.pop(future), future) for future in done])

    def _has_room(self, in_flight: int) -> bool:
        return in_flight < _IN_FLIGHT and self._tally.added + in_flight < self._limit and not self.is_over()

    def _next(self, found: Iterator[Found]) -> _Asked | None:
        """The next address that was not asked before; None at the end of the results."""
        tally = self._tally
        try:
            for item in found:
                tally.rank += 1
                outcomes = self._earlier_outcomes(item.file_url)
                if outcomes & _KNOWN_BEFORE:
                    tally.known += 1
                elif final := outcomes & _ASKED_BEFORE.keys():
                    tally.failed.append(Failed(item.file_url, _ASKED_BEFORE[min(final)]))
                else:
                    return _Asked(tally.rank, item)
        except StoppedError:
            return None
        except EngineError as exc:
            if tally.rank == 0:
                raise
            tally.message = str(exc)
        return None

    def _earlier_outcomes(self, address: str) -> set[str]:
        if self._class_id is None:
            self._class_id = ensure_class(self._database, self._class_name).class_id
        return find_outcomes(self._database, [address]).get(address, set())

    def _take(self, arrived: Iterable[tuple[_Asked, Future[bytes]]]) -> None:
        asked: list[_Asked] = []
        candidates: list[Candidate] = []
        for item, future in arrived:
            try:
                content = future.result()
            except StoppedError:
                continue
            except FetchError as exc:
                self._fail(item, outcome=exc.outcome, reason=str(exc))
            else:
                asked.append(item)
                candidates.append(Candidate(content, item.found.file_url, self._class_name))
        tally, results = self._tally, self._intake.take(candidates)
        # Counted before any is recorded: a full disk may refuse the record of what is stored.
        tally.added += sum(taken.outcome == "added" for taken in results)
        tally.known += sum(taken.outcome == "known" for taken in results)
        for item, taken in zip(asked, results, strict=True):
            self._keep(item, taken)
        told = f"{tally.added} added, {tally.known} known, {len(tally.failed)} failed"
        self._reporter.progress(tally.added, self._limit, told)

    def _keep(self, item: _Asked, taken: Taken) -> None:
        if taken.outcome == "rejected":
            self._fail(item, outcome="rejected", reason=taken.reason or "no picture", sha256=taken.sha256)
            return
        self._record(item, outcome=taken.outcome, sha256=taken.sha256, image=taken.image)

    def _fail(self, item: _Asked, *, outcome: str, reason: str, sha256: str | None = None) -> None:
        self._tally.failed.append(Failed(item.found.file_url, reason))
        self._record(item, outcome=outcome, reason=reason, sha256=sha256)

    def _record(
        self,
        item: _Asked,
        *,
        outcome: str,
        reason: str | None = None,
        sha256: str | None = None,
        image: int | None = None,
    ) -> None:
        source = NewSource(
            file_url=item.found.file_url,
            engine=self._engine,
            query=self._query,
            rank=item.rank,
            class_id=self._class_id,
            page_url=item.found.page_url,
            title=item.found.title,
            author=item.found.author,
            licence=licence.name if (licence := item.found.licence) else None,
            licence_url=licence.url if licence else None,
        )
        record_source(self._database, source, outcome=outcome, reason=reason, sha256=sha256, image=image)
