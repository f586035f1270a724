"""The image search engines: which there are, what they answer, and whether they answer.

icrawler's threads hide every error, so only its parts are used, one page after the other: a feeder makes the page's
address, our downloader fetches it, a parser of ours reads it.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from icrawler.feeder import Feeder
from icrawler.parser import Parser
from icrawler.utils import CachedQueue, Signal

from core.catalog.licences import plain_text
from core.collect.addresses import AddressPolicy
from core.collect.bing import BingPages, BingResults
from core.collect.commons import COMMONS_PAGE_SIZE, CommonsPages, CommonsResults
from core.collect.download import AGENT, Answer, Downloader, FetchError, Limits
from core.collect.found import EngineError, Found
from core.collect.google import GoogleHtmlPages, GoogleJsonPages, GoogleResults
from core.collect.openverse import OPENVERSE_PAGE_SIZE, OPENVERSE_PAGES, OpenversePages, OpenverseResults
from core.collect.refusals import name_refusal, refuse_redirect
from core.errors import InputError, StoppedError

__all__ = ["ENGINES", "Engine", "EngineState", "allowed_hosts", "find_engine", "list_engines", "search"]

CONTACT = "SPECIMEN_CONTACT"
"""The environment's name for a mail or web address, by which those who run a public API can reach the person."""

_BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
"""Engines answer programs that do not look like a browser with a page that holds no results."""

_MOST_PAGES = 40
_PAGE_LIMITS = Limits(body_bytes=10_000_000, seconds=20.0)
_PROBE_LIMITS = Limits(body_bytes=10_000_000, seconds=8.0)


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine."""

    name: str
    title: str
    forms: tuple[type[Feeder], ...]
    """Feeders of one page each, tried in this order until one brings results."""
    parser: type[Parser]
    page_size: int
    """What a feeder counts as one page."""
    most_pages: int = _MOST_PAGES
    api: bool = False
    """A public API, for programs that say who they are, whose results name their licence."""


@dataclass(frozen=True, slots=True)
class EngineState:
    """Whether an engine answers now; the message says with what."""

    name: str
    ok: bool
    message: str


ENGINES: dict[str, Engine] = {
    "bing": Engine("bing", "Bing", (BingPages,), BingResults, 35),
    "google": Engine("google", "Google", (GoogleJsonPages, GoogleHtmlPages), GoogleResults, 100),
    "openverse": Engine(
        "openverse", "Openverse", (OpenversePages,), OpenverseResults, OPENVERSE_PAGE_SIZE, OPENVERSE_PAGES, api=True
    ),
    "commons": Engine("commons", "Wikimedia Commons", (CommonsPages,), CommonsResults, COMMONS_PAGE_SIZE, api=True),
}


def find_engine(name: str) -> Engine:
    """The engine of that name; raises InputError listing the ones there are."""
    engine = ENGINES.get(name)
    if engine is None:
        raise InputError(f"There is no search engine {name!r}; use one of {', '.join(ENGINES)}.")
    return engine


def allowed_hosts(engine: Engine, *, environ: Mapping[str, str], settings: Collection[str] = ()) -> list[str]:
    """The private hosts that a collection may fetch from: those set by a person, and the engine's other server."""
    override = _override(engine, environ)
    if override is None:
        return list(settings)
    parts = urlsplit(override)
    return [*settings, f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"]


def search(
    engine: Engine,
    query: str,
    *,
    downloader: Downloader,
    environ: Mapping[str, str],
    pause_seconds: float = 1.0,
) -> Iterator[Found]:
    """The pictures an engine finds, each address once, page after page, until a page brings nothing new.

    Raises EngineError with what the engine gave instead of results (also after some), StoppedError when stopped.
    """
    seen: set[str] = set()
    fetch = _PageFetcher(engine, query, downloader=downloader, environ=environ)
    for page in range(engine.most_pages):
        if page:
            _pause(pause_seconds, downloader.stopped)
        found = [item for item in fetch.page(page) if item.file_url not in seen]
        if not found:
            return
        seen.update(item.file_url for item in found)
        yield from {item.file_url: item for item in found}.values()


def list_engines(environ: Mapping[str, str], *, settings: Collection[str] = ()) -> list[EngineState]:
    """Every engine, asked now for one page of results; takes some seconds at most."""
    with ThreadPoolExecutor(len(ENGINES)) as pool:
        return list(pool.map(lambda engine: _probe(engine, environ, settings), ENGINES.values()))


def _probe(engine: Engine, environ: Mapping[str, str], settings: Collection[str]) -> EngineState:
    hosts = allowed_hosts(engine, environ=environ, settings=settings)
    downloader = Downloader(AddressPolicy.of(hosts), _PROBE_LIMITS)
    try:
        found = _PageFetcher(engine, "flower", downloader=downloader, environ=environ).page(0)
    except EngineError as exc:
        return EngineState(engine.name, False, str(exc))
    return EngineState(engine.name, True, f"{engine.title} answers: {len(found)} results on one page.")


class _PageFetcher:
    """Fetches and reads the pages of one search, staying with the form that brought results."""

    def __init__(
        self,
        engine: Engine,
        query: str,
        *,
        downloader: Downloader,
        environ: Mapping[str, str],
    ) -> None:
        self._engine = engine
        self._query = query
        self._downloader = Downloader(downloader.policy, _shorter(downloader.limits), downloader.stopped)
        self._override = _override(engine, environ)
        self._agent = _agent(engine, environ)
        self._forms = engine.forms
        self._parser = engine.parser(1, Signal(), None)

    def page(self, number: int) -> list[Found]:
        """What page `number` (from 0) holds; empty after the last one.

        Raises EngineError when the engine refuses, and when the first page holds nothing.
        """
        refusal: EngineError | None = None
        for form in self._forms:
            try:
                answer = self._fetch(self._address(form, number))
                found: list[Found] = self._parser.parse(answer)
                if found:
                    self._forms = (form,)
                    return found
                if number and answer.status == 404:
                    return []
                name_refusal(self._engine.name, answer)
            except EngineError as exc:
                if exc.final:
                    raise
                refusal = refusal or exc
        if refusal is not None:
            raise refusal
        if number == 0:
            raise EngineError(
                f"{self._engine.name} returned nothing for {self._query!r} (maybe blocked); "
                "try other words, another engine, or import a folder."
            )
        return []

    def _address(self, form: type[Feeder], page: int) -> str:
        feeder = form(1, Signal(), None)
        feeder.out_queue = CachedQueue()
        size = self._engine.page_size
        feeder.feed(keyword=self._query, offset=page * size, max_num=size)
        address = str(feeder.out_queue.get_nowait())
        return address if self._override is None else _moved(address, self._override)

    def _fetch(self, address: str) -> Answer:
        name = self._engine.name
        try:
            return self._downloader.get(
                address,
                headers={"User-Agent": self._agent, "Accept": "text/html,*/*;q=0.8", "Accept-Language": "en"},
                on_redirect=lambda target: refuse_redirect(name, target),
            )
        except FetchError as exc:
            raise EngineError(f"{name} could not be asked: {exc}; try again later or use another engine.") from exc


def _shorter(limits: Limits) -> Limits:
    return Limits(_PAGE_LIMITS.body_bytes, min(limits.seconds, _PAGE_LIMITS.seconds), limits.redirects)


def _agent(engine: Engine, environ: Mapping[str, str]) -> str:
    """What we call ourselves."""
    if not engine.api:
        return _BROWSER
    contact = plain_text(environ.get(CONTACT))
    return f"{AGENT} {contact.encode('ascii', 'ignore').decode()}" if contact else AGENT


def _override(engine: Engine, environ: Mapping[str, str]) -> str | None:
    """The other server of an engine, from `$SPECIMEN_ENGINE_URL_<NAME>`."""
    name = f"SPECIMEN_ENGINE_URL_{engine.name.upper()}"
    address = environ.get(name, "").strip()
    if not address:
        return None
    if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).hostname:
        raise InputError(f"${name} is {address!r}; give it an address such as http://127.0.0.1:8000.")
    return address


def _moved(address: str, base: str) -> str:
    """`address` on another server."""
    parts, other = urlsplit(address), urlsplit(base)
    return urlunsplit((other.scheme, other.netloc, other.path.rstrip("/") + parts.path, parts.query, ""))


def _pause(seconds: float, stopped: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if stopped():
            raise StoppedError("stopped")
        time.sleep(min(left, 0.2))
