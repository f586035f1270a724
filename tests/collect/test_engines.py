"""Searches against a local server that speaks the engines' formats."""

from collections.abc import Iterator, Mapping
from itertools import islice
from urllib.parse import parse_qs, urlsplit

import pytest

from core.catalog.licences import Licence
from core.collect.addresses import AddressPolicy
from core.collect.bing import BingResults
from core.collect.commons import CommonsResults
from core.collect.download import Answer, Downloader, Limits
from core.collect.engines import ENGINES, allowed_hosts, find_engine, list_engines, search
from core.collect.found import EngineError, Found
from core.collect.google import GoogleResults
from core.collect.openverse import OpenverseResults
from core.errors import InputError, StoppedError
from tests.support.engines import EngineServer, Mode, engine_server


@pytest.fixture
def server() -> Iterator[EngineServer]:
    with engine_server() as running:
        yield running


BY_SA = "https://creativecommons.org/licenses/by-sa/4.0/"
PDM = "https://creativecommons.org/publicdomain/mark/1.0/"


def find(
    server: EngineServer, engine: str, query: str = "red fox", *, environ: Mapping[str, str] | None = None
) -> Iterator[Found]:
    chosen = find_engine(engine)
    hosts = allowed_hosts(chosen, environ=server.environ)
    downloader = Downloader(AddressPolicy.of(hosts), Limits(seconds=10))
    surroundings = server.environ | dict(environ or {})
    return search(chosen, query, downloader=downloader, environ=surroundings, pause_seconds=0)


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


@pytest.mark.parametrize("engine", ["openverse", "commons"])
def test_public_apis_name_author_licence_and_page(server: EngineServer, engine: str) -> None:
    found = list(find(server, engine))
    address = f"{server.address}/picture/red%20fox-0.jpg"
    licence = Licence("CC BY-SA 4.0", BY_SA if engine == "openverse" else BY_SA.rstrip("/"))
    title = "Picture 0" if engine == "openverse" else "Picture 0.jpg"
    assert found[0] == Found(address, f"{address}.html", title, "Ada Lovelace", licence)
    assert all(item.licence == licence for item in found)


def test_public_apis_are_told_who_asks(server: EngineServer) -> None:
    contact = {"SPECIMEN_CONTACT": "ada@example.org\r\nX: y"}
    for engine in ("openverse", "commons"):
        next(find(server, engine, environ=contact))
    assert server.agents == {"Mozilla/5.0 (compatible; Specimen/0.1; image datasets) ada@example.org X: y"}
    server.agents.clear()
    next(find(server, "commons"))
    assert server.agents == {"Mozilla/5.0 (compatible; Specimen/0.1; image datasets)"}
    server.agents.clear()
    next(find(server, "bing", environ=contact))
    assert "Specimen" not in server.agents.pop()


def test_openverse_is_asked_for_twenty_pages_at_most(server: EngineServer) -> None:
    server.pages, server.per_page = 30, 1
    assert len(list(find(server, "openverse"))) == 20
    asked = parse_qs(urlsplit(server.asked[-1]).query)
    assert asked == {"q": ["red fox"], "page": ["20"], "page_size": ["20"], "mature": ["false"]}


def test_commons_is_asked_for_bitmaps_with_their_licences(server: EngineServer) -> None:
    list(find(server, "commons"))
    asked = parse_qs(urlsplit(server.asked[1]).query)
    assert (asked["gsrsearch"], asked["gsroffset"], asked["maxlag"]) == (["filetype:bitmap red fox"], ["50"], ["5"])
    assert asked["iiprop"] == ["url|size|mime|extmetadata"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", []),
        (b"[]", []),
        (b'{"results": null}', []),
        (b'{"results": [5, {}, {"url": "javascript:x"}, {"url": null}]}', []),
        (
            b'{"results": [{"url": "http://a/1.jpg", "license": "cc0", "license_version": "1.0", "creator": null}]}',
            [Found("http://a/1.jpg", licence=Licence("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"))],
        ),
        (
            b'{"results": [{"url": "http://a/1.jpg", "license": "pdm", "license_version": "1.0", "title": "A\\nB",'
            b' "license_url": "https://creativecommons.org/publicdomain/mark/1.0/"}]}',
            [Found("http://a/1.jpg", title="A B", licence=Licence("Public domain", PDM))],
        ),
    ],
)
def test_openverse_pages_of_every_shape_give_a_list(body: bytes, expected: list[Found]) -> None:
    assert OpenverseResults(1, None, None).parse(Answer("http://x", 200, {}, body)) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<html>", []),
        (b'{"batchcomplete": true}', []),
        (b'{"query": {"pages": {"5": {}}}}', []),
        (b'{"query": {"pages": [{"title": "File:A.jpg"}, {"imageinfo": [{}]}, 7]}}', []),
        (
            b'{"query": {"pages": [{"title": "File:Big.jpg", "imageinfo": [{"url": "https://u/big.jpg", "width": 9000,'
            b' "thumburl": "https://u/1024px-big.jpg", "extmetadata": {"Artist": {"value": "Ada &amp; <b>Bo</b>"},'
            b' "LicenseShortName": {"value": "GFDL"}, "LicenseUrl": {"value": "//gnu.org/fdl"}}}]}]}}',
            [Found("https://u/1024px-big.jpg", None, "Big.jpg", "Ada & Bo", Licence("GFDL", "https://gnu.org/fdl"))],
        ),
    ],
)
def test_commons_pages_of_every_shape_give_a_list(body: bytes, expected: list[Found]) -> None:
    assert CommonsResults(1, None, None).parse(Answer("http://x", 200, {}, body)) == expected


def test_an_error_that_commons_answers_with_200_is_named() -> None:
    body = b'{"error": {"code": "maxlag", "info": "Waiting for 10.64.48.35: 7.1 seconds lagged."}}'
    with pytest.raises(EngineError, match=r"^commons does not work now \(Waiting for .* lagged\.\); try again later"):
        CommonsResults(1, None, None).parse(Answer("http://x", 200, {}, body))


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
    names = ["bing", "google", "openverse", "commons"]
    assert [(state.name, state.ok) for state in list_engines(server.environ)] == [(name, True) for name in names]
    server.mode = "captcha"
    states = list_engines(server.environ | {"SPECIMEN_ENGINE_URL_BING": "http://127.0.0.1:9"})
    assert [(state.name, state.ok) for state in states] == [(name, False) for name in names]
    assert "cannot be reached" in states[0].message
    assert all("captcha" in state.message for state in states[1:])


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


def test_a_note_of_bing_that_is_too_deep_is_none() -> None:
    deep = "[" * 100_000
    page = f'<a class="iusc" m="{deep}"></a><a class="iusc" m=\'{{"murl": "https://a/1.jpg"}}\'></a>'.encode()
    found = BingResults(1, None, None).parse(Answer("http://x", 200, {}, page))
    assert [item.file_url for item in found] == ["https://a/1.jpg"]
