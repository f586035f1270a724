"""Collecting a class from a local engine into a workspace."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest

from core.catalog.classes import count_classes, list_classes
from core.catalog.decisions import decide
from core.catalog.images import list_images
from core.catalog.records import Operation
from core.catalog.sources import find_licensed, find_origins
from core.collect.collector import Collected, Failed, collect
from core.collect.download import Limits
from core.collect.engines import ENGINES
from core.collect.found import EngineError
from core.database import Database
from core.errors import InputError
from core.workspace import Workspace, read_settings, write_settings
from tests.support.engines import EngineServer, engine_server
from tests.support.waiting import until

LIMITS = Limits(body_bytes=1_000_000, seconds=2.0, retry_seconds=1.0)


class Stopper:
    """A reporter that asks to stop once a condition holds."""

    def __init__(self, after: int) -> None:
        self.after = after
        self.told: list[tuple[int, int | None, str]] = []

    def progress(self, done: int, total: int | None, message: str = "") -> None:
        self.told.append((done, total, message))

    def stopped(self) -> bool:
        return bool(self.told) and self.told[-1][0] >= self.after

    def update(self, **extra: object) -> None:
        """Nothing."""


@pytest.fixture
def server() -> Iterator[EngineServer]:
    with engine_server() as running:
        yield running


def gather(workspace: Workspace, db: Database, server: EngineServer, **options: object) -> Collected:
    """A collection of foxes from bing unless told otherwise."""
    chosen: dict[str, object] = {"engine": "bing", "class_name": "Fox", "limit": 50, **options}
    start = partial(collect, workspace, db, environ=server.environ, pause_seconds=0, limits=LIMITS)
    return start(**chosen)  # type: ignore[arg-type]


def sources(db: Database) -> dict[str, tuple[str, str, int, str | None]]:
    """Outcome, query, rank and page by address."""
    with db.read() as connection:
        rows = connection.execute("SELECT file_url, outcome, query, rank, page_url FROM source")
        return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}


@pytest.mark.parametrize("engine", list(ENGINES))
def test_a_class_is_filled_from_a_search(workspace: Workspace, db: Database, server: EngineServer, engine: str) -> None:
    collected = gather(workspace, db, server, engine=engine)
    assert collected == Collected(24, 0, [], engine)
    total, images = list_images(db)
    assert total == 24
    assert {image.class_name for image in images} == {"Fox"}
    assert {image.path for image in images} == {f"fox/fox{number:03d}.jpg" for number in range(1, 25)}
    address = f"{server.address}/picture/Fox-0.jpg"
    assert address in {image.original for image in images}
    assert sources(db)[address] == ("added", "Fox", 1, f"{address}.html")
    assert all((workspace.images / image.path).stat().st_size == image.bytes for image in images)


@pytest.mark.parametrize("engine", ["openverse", "commons"])
def test_licence_and_author_are_kept(workspace: Workspace, db: Database, server: EngineServer, engine: str) -> None:
    assert gather(workspace, db, server, engine=engine, limit=3).added == 3
    ids = [image.id for image in list_images(db)[1]]
    assert find_licensed(db) == set(ids)
    (origin,) = find_origins(db, ids[:1])[ids[0]]
    assert (origin.engine, origin.author, origin.licence) == (engine, "Ada Lovelace", "CC BY-SA 4.0")
    assert (origin.licence_url or "").startswith("https://creativecommons.org/licenses/by-sa/4.0")
    assert origin.page_url == f"{origin.file_url}.html"


def test_the_limit_is_kept_and_the_rest_comes_later(workspace: Workspace, db: Database, server: EngineServer) -> None:
    assert gather(workspace, db, server, limit=5, query="red fox").added == 5
    assert list_images(db)[0] == 5
    again = gather(workspace, db, server, limit=10, query="red fox")
    assert (again.added, again.known) == (10, 5)
    asked = server.asked_for("/picture/")
    assert len(asked) == len(set(asked)) == 15


def test_a_repeated_collection_asks_no_address_twice(workspace: Workspace, db: Database, server: EngineServer) -> None:
    gather(workspace, db, server)
    assert gather(workspace, db, server) == Collected(0, 24, [], "bing")
    assert len(server.asked_for("/picture/")) == 24


def test_the_second_copy_of_the_same_bytes_is_known(workspace: Workspace, db: Database, server: EngineServer) -> None:
    server.pages, server.pictures = 1, [f"{server.address}/odd/same/{number}" for number in range(4)]
    collected = gather(workspace, db, server)
    assert (collected.added, collected.known) == (1, 3)
    other = gather(workspace, db, server, class_name="Wolf")
    assert (other.added, other.known) == (0, 4)


def test_another_class_asks_no_address_again(workspace: Workspace, db: Database, server: EngineServer) -> None:
    server.pages, server.pictures = 1, [f"{server.address}/odd/gone", f"{server.address}/picture/good.jpg"]
    gather(workspace, db, server)
    other = gather(workspace, db, server, class_name="Wolf")
    assert other == Collected(0, 1, [Failed(f"{server.address}/odd/gone", "asked before: gone")], "bing")
    assert (len(server.asked_for("/odd/")), len(server.asked_for("/picture/"))) == (1, 1)


def test_bad_addresses_are_rows_and_stop_nothing(workspace: Workspace, db: Database, server: EngineServer) -> None:
    odd = ("html", "empty", "gone", "slow", "endless", "short", "to_private", "busy_long")
    server.pages = 1
    server.pictures = [*(f"{server.address}/odd/{name}" for name in odd), f"{server.address}/picture/good.jpg"]
    collected = gather(workspace, db, server)
    assert collected.added == 1
    reasons = {failed.url.rpartition("/")[2]: failed.reason for failed in collected.failed}
    assert reasons == {
        "html": "not a picture (HTML page)",
        "empty": "empty file",
        "gone": "gone (404)",
        "slow": "took too long",
        "endless": "larger than 1 MB",
        "short": "the answer broke off",
        "to_private": "refused: 127.0.0.1 is a private address",
        "busy_long": "the host answered 429 and asks to wait 3600 s",
    }
    outcomes = {address.rpartition("/")[2]: row[0] for address, row in sources(db).items()}
    assert outcomes == {
        "html": "rejected",
        "empty": "rejected",
        "gone": "gone",
        "slow": "failed",
        "endless": "refused",
        "short": "failed",
        "to_private": "refused",
        "busy_long": "failed",
        "good.jpg": "added",
    }


def test_only_what_may_succeed_is_tried_again(workspace: Workspace, db: Database, server: EngineServer) -> None:
    odd = [f"{server.address}/odd/{name}" for name in ("html", "gone", "error")]
    server.pages, server.pictures = 1, odd
    gather(workspace, db, server)
    server.asked.clear()
    again = gather(workspace, db, server)
    assert set(again.failed) == {
        Failed(odd[0], "asked before: no picture"),
        Failed(odd[1], "asked before: gone"),
        Failed(odd[2], "the host answered 500"),
    }
    assert server.asked_for("/odd/html") == server.asked_for("/odd/gone") == []


def test_what_a_person_rejected_does_not_come_back(workspace: Workspace, db: Database, server: EngineServer) -> None:
    gather(workspace, db, server, limit=3)
    images = list_images(db)[1]
    decide(db, [Operation(image.id, "reject") for image in images], who="ada")
    assert gather(workspace, db, server, limit=3).known == 3
    assert count_classes(db)[0].rejected == 3


def test_an_engine_without_results_is_named_and_makes_no_class(
    workspace: Workspace, db: Database, server: EngineServer
) -> None:
    server.mode = "empty"
    with pytest.raises(EngineError, match="bing returned nothing for 'Fox' \\(maybe blocked\\)"):
        gather(workspace, db, server)
    assert list_classes(db) == []


def test_a_captcha_on_the_way_keeps_what_came_before(workspace: Workspace, db: Database, server: EngineServer) -> None:
    server.mode = "captcha_later"
    collected = gather(workspace, db, server)
    assert collected.added == 8
    assert collected.message == "bing asks for a captcha; try google or import a folder."


def test_a_stop_keeps_what_was_added(workspace: Workspace, db: Database, server: EngineServer) -> None:
    server.pages = 10
    stopper = Stopper(after=4)
    collected = gather(workspace, db, server, reporter=stopper)
    assert 4 <= collected.added < 24
    assert list_images(db)[0] == collected.added
    assert stopper.told[-1][1] == 50


def test_a_stop_does_not_wait_for_slow_hosts(workspace: Workspace, db: Database, server: EngineServer) -> None:
    server.pages, server.pictures = 1, [f"{server.address}/odd/slow/{number}" for number in range(6)]
    results: list[Collected] = []

    class WhenDripping(Stopper):
        def stopped(self) -> bool:
            return server.dripping.is_set()

    def work() -> None:
        patient = replace(LIMITS, seconds=600)
        results.append(
            collect(
                workspace,
                db,
                engine="bing",
                class_name="Fox",
                reporter=WhenDripping(0),
                environ=server.environ,
                pause_seconds=0,
                limits=patient,
            )
        )

    threading.Thread(target=work, daemon=True).start()
    until(lambda: results, seconds=30, what="the end of the collection")
    assert results[0] == Collected(0, 0, [], "bing")


def test_a_private_host_needs_to_be_allowed(workspace: Workspace, db: Database, server: EngineServer) -> None:
    with engine_server() as pictures:
        server.pages, server.pictures = 1, [f"{pictures.address}/picture/a.jpg"]
        refused = gather(workspace, db, server)
        assert refused.failed[0].reason == "refused: 127.0.0.1 is a private address"
        assert pictures.asked == []
        write_settings(workspace, read_settings(workspace).model_copy(update={"allowed_hosts": [pictures.host]}))
        assert gather(workspace, db, server).added == 1


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"engine": "altavista"}, "no search engine 'altavista'; use one of bing, google, openverse, commons."),
        ({"class_name": " "}, "A class needs a name"),
        ({"limit": 0}, "1 to 10,000 pictures, not 0"),
    ],
)
def test_what_cannot_be_is_refused(
    workspace: Workspace, db: Database, server: EngineServer, options: dict[str, object], part: str
) -> None:
    with pytest.raises(InputError) as caught:
        gather(workspace, db, server, **options)
    assert part in str(caught.value)
    assert server.asked == []
