"""Searches against a local server that speaks the engines' formats."""

from collections.abc import Iterator
from itertools import islice

import pytest

from core.collect.addresses import AddressPolicy
from core.collect.download import Answer, Downloader, Limits
from core.collect.engines import ENGINES, allowed_hosts, find_engine, list_engines, search
from core.collect.found import EngineError, Found
from core.collect.google import GoogleResults
from core.errors import InputError, StoppedError
from tests.support.engines import EngineServer, Mode, engine_server


@pytest.fixture
def server() -> Iterator[EngineServer]:
    with engine_server() as running:
        yield running


def find(server: EngineServer, engine: str, query: str = "red fox") -> Iterator[Found]:
    chosen = find_engine(engine)
    hosts = allowed_hosts(chosen, environ=server.environ)
    downloader = Downloader(AddressPolicy.of(hosts), Limits(seconds=10))
    return search(chosen, query, downloader=downloader, environ=server.environ, pause_seconds=0)


@pytest.mark.parametrize("engine", list(ENGINES))
def test_all_pages_are_read_once(server: EngineServer, engine: str) -> None:
    found = list(find(server, engine))
    wanted = [address for page in range(3) for address in server.results("red fox", page)]
    assert [item.file_url for item in found] == wanted
    assert found[0].page_url == f"{wanted[0]}.html"
    assert len(server.asked) == 4  # three pages and the repeat that ends the search


def test_pages_are_asked_for_only_when_needed(server: EngineServer) -> None:
    assert len(list(islice(find(server, "bing"), 3))) == 3
    assert len(server.asked) == 1


def test_bing_is_asked_in_its_own_words(server: EngineServer) -> None:
    list(find(server, "bing", "Füchse & Co"))
    assert server.asked[1] == "/images/async?q=F%C3%BCchse+%26+Co&async=1&first=36&count=35&qft="


def test_google_falls_back_on_its_html_form(server: EngineServer) -> None:
    server.mode = "html"
    found = list(find(server, "google"))
    assert found[0] == Found(
        f"{server.address}/picture/red%20fox-0.jpg?a=1", f"{server.address}/picture/red%20fox-0.jpg.html", "A page"
    )
    assert len(found) == 24
    assert len(server.asked_for("_fmt:json")) + len(server.asked_for("fmt%3Ajson")) == 1


def test_google_names_the_author(server: EngineServer) -> None:
    assert next(find(server, "google")).author == "Ada"


@pytest.mark.parametrize("engine", list(ENGINES))
@pytest.mark.parametrize(
    ("mode", "part"),
    [
        ("captcha", "asks for a captcha; try "),
        ("consent", "asks for consent"),
        ("busy", "asks to slow down (429)"),
        ("forbidden", "refuses to answer (403)"),
        ("scripts", "wants a browser that runs scripts"),
        ("empty", "returned nothing for 'red fox' (maybe blocked)"),
    ],
)
def test_refusals_are_named(server: EngineServer, engine: str, mode: Mode, part: str) -> None:
    server.mode = mode
    with pytest.raises(EngineError) as caught:
        list(find(server, engine))
    assert str(caught.value).startswith(f"{engine} {part}")
    assert server.asked_for("/sorry/") == []


@pytest.mark.parametrize("engine", list(ENGINES))
def test_a_captcha_on_a_later_page_keeps_what_was_found(server: EngineServer, engine: str) -> None:
    server.mode = "captcha_later"
    found = find(server, engine)
    assert len(list(islice(found, 8))) == 8
    with pytest.raises(EngineError, match="captcha"):
        next(found)


def test_a_stop_ends_a_search(server: EngineServer) -> None:
    downloader = Downloader(AddressPolicy.of([server.host]), stopped=lambda: True)
    with pytest.raises(StoppedError):
        next(search(find_engine("bing"), "fox", downloader=downloader, environ=server.environ))
    assert server.asked == []


def test_every_engine_says_whether_it_answers(server: EngineServer) -> None:
    assert [(state.name, state.ok) for state in list_engines(server.environ)] == [("bing", True), ("google", True)]
    server.mode = "captcha"
    states = list_engines(server.environ | {"SPECIMEN_ENGINE_URL_BING": "http://127.0.0.1:9"})
    assert [(state.name, state.ok) for state in states] == [("bing", False), ("google", False)]
    assert "cannot be reached" in states[0].message
    assert "captcha" in states[1].message


@pytest.mark.parametrize(
    ("name", "environ"), [("altavista", {}), ("bing", {"SPECIMEN_ENGINE_URL_BING": "localhost:80"})]
)
def test_what_cannot_be_an_engine_is_said(name: str, environ: dict[str, str]) -> None:
    with pytest.raises(InputError, match=r"altavista|SPECIMEN_ENGINE_URL_BING"):
        allowed_hosts(find_engine(name), environ=environ)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", []),
        (b"<html>nothing</html>", []),
        (b'{"ischj":{"metadata":null}}', []),
        (b'{"ischj":{"metadata":[{"original_image":{}}, 5]}}', []),
        (b'{"ischj":{"metadata":[', []),
        (b'x {"ischj":{"metadata":[{"original_image":{"url":"http://a/1.jpg"}}]}}', ["http://a/1.jpg"]),
        (b'<script>f("[[\\"https://a/2.jpg\\",10,20]]")</script>', ["https://a/2.jpg"]),
        (b'["https://a/3.jpg?x\\u003d1\\u0026y",1,2]["https://www.gstatic.com/i.png",1,2]', ["https://a/3.jpg?x=1&y"]),
        (b'<a href="/imgres?imgurl=https://a/4.jpg&amp;imgrefurl=https://a/">', ["https://a/4.jpg"]),
        (b'["https://a/5.jpg",1,2]["https://a/5.jpg",3,4]', ["https://a/5.jpg"]),
    ],
)
def test_google_pages_of_every_shape_give_a_list(body: bytes, expected: list[str]) -> None:
    found = GoogleResults(1, None, None).parse(Answer("http://x", 200, {}, body))
    assert [item.file_url for item in found] == expected
