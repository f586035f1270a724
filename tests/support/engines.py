"""A local server that speaks the formats of all engines, and is a host of good and odd pictures besides.

Run it by hand to try Collect without the internet: `python -m tests.support.engines`.
"""

import contextlib
import gzip
import html
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Literal
from urllib.parse import parse_qs, quote, urlsplit

from core.collect.creatures import SPECIES, draw_creature
from core.collect.engines import ENGINES

__all__ = ["ODD_PICTURES", "EngineServer", "Mode", "draw_picture", "engine_server"]

Mode = Literal["results", "html", "captcha", "captcha_later", "consent", "empty", "busy", "scripts", "forbidden"]
"""How the engines answer; html: Google gives its JSON form to nobody; captcha_later: from the second page on."""


@dataclass
class EngineServer:
    """What the server answers with; may be changed while it runs."""

    address: str = ""
    """`http://127.0.0.1:PORT`."""
    mode: Mode = "results"
    pages: int = 3
    per_page: int = 8
    agents: set[str] = field(default_factory=set)
    """What those who searched called themselves."""
    pictures: list[str] | None = None
    """The addresses on the first page, in place of drawn ones."""
    asked: list[str] = field(default_factory=list)
    """Path and query of every request, in order."""
    dripping: threading.Event = field(default_factory=threading.Event)
    """Set once a slow answer has begun."""

    @property
    def environ(self) -> dict[str, str]:
        """Points all engines here."""
        return {f"SPECIMEN_ENGINE_URL_{name.upper()}": self.address for name in ENGINES}

    @property
    def host(self) -> str:
        """HOST:PORT."""
        return urlsplit(self.address).netloc

    def asked_for(self, part: str) -> list[str]:
        """The requests that hold `part`."""
        return [request for request in self.asked if part in request]

    def results(self, query: str, page: int) -> list[str]:
        """Addresses of pictures on a page; after the last one the first is repeated, as Bing does."""
        page = page if page < self.pages else 0
        if page == 0 and self.pictures is not None:
            return self.pictures
        first = page * self.per_page
        return [f"{self.address}/picture/{quote(query)}-{first + index}.jpg" for index in range(self.per_page)]


@contextlib.contextmanager
def engine_server() -> Iterator[EngineServer]:
    """A running server on a free port."""
    state = EngineServer()
    handler = type("BoundHandler", (_Handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.block_on_close = False
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def draw_picture(name: str) -> bytes:
    """A small JPEG that depends on the name alone."""
    buffer = io.BytesIO()
    species = sorted(SPECIES)[len(name) % len(SPECIES)]
    draw_creature(species, seed=name, side_px=96).image.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


class _Handler(BaseHTTPRequestHandler):
    state: EngineServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.state.asked.append(self.path)
        path = urlsplit(self.path).path
        with contextlib.suppress(ConnectionError):
            if path in self._engines:
                self.state.agents.add(self.headers.get("User-Agent", ""))
                self._answer_search(self._engines[path].__get__(self))
            elif path.startswith("/picture/"):
                self.reply(draw_picture(path), kind="image/jpeg")
            elif path.startswith("/odd/"):
                ODD_PICTURES[path.removeprefix("/odd/").partition("/")[0]](self)
            else:
                self.reply(b"<html><body>Not found</body></html>", status=404)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""

    def reply(self, body: bytes, *, status: int = 200, kind: str = "text/html", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, target: str) -> None:
        self.reply(b"", status=302, Location=target)

    def _asked(self, name: str, default: str = "") -> str:
        return parse_qs(urlsplit(self.path).query).get(name, [default])[0]

    def _answer_search(self, give: Callable[[], None]) -> None:
        mode = self.state.mode
        if mode == "captcha_later":
            mode = "captcha" if self._page() else "results"
        refusals: dict[str, Callable[[], None]] = {
            "captcha": lambda: self.redirect(f"{self.state.address}/sorry/index?continue=x"),
            "consent": lambda: self.redirect("https://consent.google.com/ml?continue=x"),
            "busy": lambda: self.reply(b"Too many requests", status=429),
            "forbidden": lambda: self.reply(b"Forbidden", status=403),
            "scripts": lambda: self.reply(b"<html><noscript>Please enable JavaScript to go on</noscript></html>"),
            "empty": lambda: self.reply(b"<html><body>There are no results for this question.</body></html>"),
        }
        refusals.get(mode, give)()

    def _page(self) -> int:
        path = urlsplit(self.path).path
        if path == "/images/async":
            return (int(self._asked("first", "1")) - 1) // 35
        if path == "/v1/images/":
            return int(self._asked("page", "1")) - 1
        if path == "/w/api.php":
            return int(self._asked("gsroffset", "0")) // 50
        if "_fmt:json" in self._asked("async"):
            return int(self._asked("async").rpartition("ijn:")[2])
        return int(self._asked("ijn", "0"))

    def _bing(self) -> None:
        links = self.state.results(self._asked("q"), self._page())
        notes = [
            {"murl": link, "turl": link, "purl": f"{link}.html", "t": f"A {number} & more", "desc": "", "md5": ""}
            for number, link in enumerate(links)
        ]
        items = "".join(
            f'<li><div class="iuscp"><div class="imgpt"><a class="iusc" href="#" m="{html.escape(json.dumps(note))}">'
            "</a></div></div></li>"
            for note in notes
        )
        self.reply(f'<div class="dgControl"><ul class="dgControl_list">{items}</ul></div>'.encode())

    def _google(self) -> None:
        links = self.state.results(self._asked("q"), self._page())
        if self._asked("udm") == "2":
            self.reply(_google_html(links).encode())
        elif self.state.mode == "html":
            self.reply(b"<html><body>A page without pictures</body></html>")
        else:
            self.reply(_google_json(links).encode(), kind="application/json")

    def _openverse(self) -> None:
        """Past the last page it answers with 404."""
        page, pages = self._page(), self.state.pages
        if int(self._asked("page_size", "20")) > 20:
            self._reply_json({"detail": "Page size must be between 0 & 20 for unauthenticated requests."}, status=401)
        elif page >= pages:
            self._reply_json({"detail": "Invalid page."}, status=404)
        else:
            links = self.state.results(self._asked("q"), page)
            found = [_openverse_item(link, number) for number, link in enumerate(links)]
            count = {"result_count": pages * len(found), "page_count": pages, "page_size": 20, "page": page + 1}
            self._reply_json({**count, "results": found})

    def _commons(self) -> None:
        """Past the last page its answer has no `query`."""
        page = self._page()
        links = self.state.results(self._asked("gsrsearch").removeprefix("filetype:bitmap "), page)
        found = [_commons_page(link, number) for number, link in enumerate(links)]
        more = {"continue": {"gsroffset": 50 * (page + 1), "continue": "gsroffset||"}}
        query = {"query": {"pages": found[::-1]}} if page < self.state.pages else {}
        self._reply_json({"batchcomplete": True, **(more if page + 1 < self.state.pages else {}), **query})

    def _reply_json(self, value: object, *, status: int = 200) -> None:
        self.reply(json.dumps(value).encode(), status=status, kind="application/json")

    _engines: ClassVar[dict[str, Callable[["_Handler"], None]]] = {
        "/images/async": _bing,
        "/search": _google,
        "/v1/images/": _openverse,
        "/w/api.php": _commons,
    }


def _openverse_item(link: str, number: int) -> dict[str, object]:
    return {
        "id": f"00000000-0000-0000-0000-{number:012}",
        "title": f"Picture {number}",
        "foreign_landing_url": f"{link}.html",
        "url": link,
        "creator": "Ada Lovelace",
        "creator_url": "https://pictures.example/ada",
        "license": "by-sa",
        "license_version": "4.0",
        "license_url": "https://creativecommons.org/licenses/by-sa/4.0/",
        "provider": "flickr",
        "source": "flickr",
        "attribution": f'"Picture {number}" by Ada Lovelace is licensed under CC BY-SA 4.0.',
        "filesize": None,
        "filetype": "jpg",
        "width": 96,
        "height": 96,
        "mature": False,
        "thumbnail": f"{link}?thumb",
        "tags": [{"name": "fox", "accuracy": None}],
    }


def _commons_page(link: str, number: int) -> dict[str, object]:
    notes = {
        "LicenseShortName": "CC BY-SA 4.0",
        "LicenseUrl": "https://creativecommons.org/licenses/by-sa/4.0",
        "UsageTerms": "Creative Commons Attribution-Share Alike 4.0",
        "Artist": '<a href="//commons.wikimedia.org/wiki/User:Ada" title="User:Ada">Ada Lovelace</a>',
        "Credit": '<span class="int-own-work" lang="en">Own work</span>',
        "AttributionRequired": "true",
    }
    info = {
        "size": 4000,
        "width": 96,
        "height": 96,
        "url": link,
        "thumburl": f"{link}?1024px",
        "thumbwidth": 1024,
        "descriptionurl": f"{link}.html",
        "mime": "image/jpeg",
        "extmetadata": {name: {"value": value, "source": "commons-desc-page"} for name, value in notes.items()},
    }
    return {
        "pageid": 900 - number,
        "ns": 6,
        "title": f"File:Picture {number}.jpg",
        "index": number,
        "imageinfo": [info],
    }


def _google_json(links: list[str]) -> str:
    metadata = [
        {
            "original_image": {"url": link, "width": 96, "height": 96},
            "result": {"referrer_url": f"{link}.html", "page_title": "A page", "iptc": {"creator": ["Ada"]}},
            "thumbnail": {"url": "https://encrypted-tbn0.gstatic.com/images?q=tbn:x"},
        }
        for link in links
    ]
    return ")]}'\n22a;[null]" + json.dumps({"ischj": {"metadata": metadata}}) + ";trailing"


def _google_html(links: list[str]) -> str:
    blocks = ",".join(
        '[0,"id",["https://encrypted-tbn0.gstatic.com/images?q\\u003dtbn:x",183,275],'
        f'["{link}?a\\u003d1",96,96],null,{{"2003":[null,"id","{link}.html","A page","site"]}}]'
        for link in links
    )
    return f"<html><body><script>AF_initDataCallback({{key:'ds:1', data:[{blocks}]}});</script></body></html>"


def _drip(handler: _Handler) -> None:
    """One byte now and then, for ever."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while True:
        handler.wfile.write(b"x")
        handler.wfile.flush()
        handler.state.dripping.set()
        time.sleep(0.05)


def _drip_headers(handler: _Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.05)


def _endless(handler: _Handler) -> None:
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    while True:
        handler.wfile.write(bytes(1 << 16))


def _short(handler: _Handler) -> None:
    handler.reply(draw_picture("short")[:500], kind="image/jpeg", Content_Length="5000")
    handler.close_connection = True


def _busy_once(handler: _Handler) -> None:
    if len(handler.state.asked_for("/odd/busy_once")) == 1:
        handler.reply(b"", status=503, Retry_After="0")
    else:
        handler.reply(draw_picture("busy"), kind="image/jpeg")


def _redirects(handler: _Handler) -> None:
    """`/odd/redirects/N` goes through N redirects to a picture."""
    left = int(handler.path.rpartition("/")[2])
    handler.redirect(f"/odd/redirects/{left - 1}" if left else "/picture/far.jpg")


ODD_PICTURES: dict[str, Callable[[_Handler], None]] = {
    "slow": _drip,
    "slow_headers": _drip_headers,
    "endless": _endless,
    "short": _short,
    "html": lambda handler: handler.reply(b"<html><body>A shop</body></html>", kind="image/jpeg"),
    "empty": lambda handler: handler.reply(b"", kind="image/jpeg"),
    "same": lambda handler: handler.reply(draw_picture("same"), kind="image/jpeg"),
    "gone": lambda handler: handler.reply(b"", status=404),
    "error": lambda handler: handler.reply(b"", status=500, Retry_After="0"),
    "busy_once": _busy_once,
    "busy_long": lambda handler: handler.reply(b"", status=429, Retry_After="3600"),
    "noai": lambda handler: handler.reply(draw_picture("noai"), kind="image/jpeg", X_Robots_Tag="noai, noimageai"),
    "gzip": lambda handler: handler.reply(gzip.compress(draw_picture("packed")), Content_Encoding="gzip"),
    "bomb": lambda handler: handler.reply(gzip.compress(bytes(60_000_000)), Content_Encoding="gzip"),
    "brotli": lambda handler: handler.reply(b"packed", Content_Encoding="br"),
    "loop": lambda handler: handler.redirect("/odd/loop"),
    "redirects": _redirects,
    "to_private": lambda handler: handler.redirect("http://127.0.0.1:9/secret.jpg"),
    "to_file": lambda handler: handler.redirect("file:///etc/passwd"),
}


if __name__ == "__main__":
    with engine_server() as running:
        for variable, value in running.environ.items():
            print(f"export {variable}={value}")  # noqa: T201
        threading.Event().wait()
