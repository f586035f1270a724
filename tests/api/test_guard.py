"""Who gets in: the machine itself, nobody else without the password, and no foreign page at all."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.api.guard import Guard, is_loopback_name
from tests.support.client import TestClient

LOCAL = ("127.0.0.1", 50000)
FAR = ("192.168.1.7", 50000)
HOME = "http://127.0.0.1:8501"
PASSWORD = "a long pass phrase é"


def _app(password: str | None = None) -> ASGIApp:
    def page(request: Request) -> PlainTextResponse:
        return PlainTextResponse("inside")

    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("inside")
        await socket.close()

    routes = [Route("/", page, methods=["GET", "POST"]), WebSocketRoute("/stream", stream)]
    return Guard(Starlette(routes=routes), password=password)


@contextmanager
def _client(
    password: str | None = None, *, client: tuple[str, int] = LOCAL, base_url: str = HOME
) -> Iterator[TestClient]:
    with TestClient(_app(password), client=client, base_url=base_url, follow_redirects=False) as opened:
        yield opened


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8501", "localhost:8501", "localhost", "LOCALHOST.", "[::1]:8501", "127.8.9.1"]
)
def test_loopback_names_are_let_in(host: str) -> None:
    with _client() as client:
        assert client.get("/", headers={"host": host}).text == "inside"


@pytest.mark.parametrize(
    "host",
    [
        "",
        "0.0.0.0:8501",
        "[::ffff:10.0.0.1]",
        "localhost:8501/x",
        "evil.example",
        "evil.example:8501",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "192.168.1.7",
        "a@localhost",
    ],
)
def test_other_names_are_refused(host: str) -> None:
    assert not is_loopback_name(host)
    with _client() as client:
        assert client.get("/", headers={"host": host}).status_code == 403


@pytest.mark.parametrize(
    "origin", ["null", "http://evil.example", "http://127.0.0.1:3000", "http://localhost:8501", "file://", "http://["]
)
def test_foreign_origins_are_refused(origin: str) -> None:
    with _client() as client:
        assert client.get("/", headers={"origin": origin}).status_code == 403
        assert client.post("/", headers={"origin": origin}, json={}).status_code == 403
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect("/stream", headers={"origin": origin, "host": "127.0.0.1:8501"}),
        ):
            pass


def test_own_origin_and_no_origin_are_let_in() -> None:
    with _client() as client:
        assert client.post("/", json={}).status_code == 200
        assert client.post("/", headers={"origin": HOME}).status_code == 200
        own = {"origin": HOME, "host": "127.0.0.1:8501"}
        with client.websocket_connect("/stream", headers=own) as socket:
            assert socket.receive_text() == "inside"


def test_a_rebound_name_opens_no_websocket() -> None:
    """DNS rebinding: Host and Origin agree, but name another site."""
    evil = {"origin": "http://evil.example:8501", "host": "evil.example:8501"}
    with (
        _client() as client,
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/stream", headers=evil),
    ):
        pass


def test_pictures_and_scripts_of_foreign_pages_are_refused() -> None:
    for site in ("cross-site", "same-site"):
        with _client() as client:
            fetched = client.get("/", headers={"sec-fetch-site": site, "sec-fetch-mode": "no-cors"})
            followed = client.get("/", headers={"sec-fetch-site": site, "sec-fetch-mode": "navigate"})
            assert (fetched.status_code, followed.status_code) == (403, 200)


def test_another_machine_gets_nothing_without_a_password() -> None:
    with _client(client=FAR) as client:
        refused = client.get("/")
        assert refused.status_code == 403
        assert "SPECIMEN_PASSWORD" in refused.json()["error"]


def test_a_proxy_on_this_machine_does_not_make_strangers_local() -> None:
    with _client() as client:
        assert client.get("/", headers={"x-forwarded-for": "203.0.113.9"}).status_code == 403


def test_with_a_password_this_machine_is_still_free() -> None:
    with _client(PASSWORD) as client:
        assert client.get("/").text == "inside"


def test_another_machine_is_asked_for_the_password() -> None:
    with _client(PASSWORD, client=FAR, base_url="http://studio.lan:8501") as client:
        assert client.get("/").status_code == 401
        assert "error" in client.get("/").json()
        form = client.get("/", headers={"accept": "text/html"})
        assert form.status_code == 401
        assert 'type="password"' in form.text
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect("/stream", headers={"host": "studio.lan:8501"}),
        ):
            pass


def test_the_password_opens_and_the_session_lasts() -> None:
    with _client(PASSWORD, client=FAR, base_url="http://testserver") as client:
        wrong = client.post("/", data={"password": "guess"})
        assert wrong.status_code == 401
        assert "set-cookie" not in wrong.headers
        right = client.post("/", data={"password": PASSWORD})
        assert right.status_code == 303
        assert right.headers["location"] == "/"
        assert "HttpOnly" in right.headers["set-cookie"]
        assert "SameSite=Strict" in right.headers["set-cookie"]
        assert client.get("/").text == "inside"
        with client.websocket_connect("/stream", headers={"host": "testserver"}) as socket:
            assert socket.receive_text() == "inside"


def test_programs_send_the_password_as_a_token() -> None:
    with _client(PASSWORD, client=FAR) as client:
        good, bad = f"Bearer {PASSWORD}".encode(), b"Bearer guess"
        assert client.get("/", headers={"authorization": good}).text == "inside"
        assert client.get("/", headers={"authorization": bad}).status_code == 401


def test_a_wrong_token_costs_as_much_time_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def note(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("core.api.guard.asyncio.sleep", note)
    with _client(PASSWORD, client=FAR) as client:
        client.get("/", headers={"authorization": b"Bearer guess"})
        client.get("/")
        assert waits == [1.0]


@pytest.mark.parametrize("value", ["", "x", "99999999999", "99999999999.", "99999999999.00", "１２.00", "1.00"])
def test_made_up_sessions_are_refused(value: str) -> None:
    with _client(PASSWORD, client=FAR) as client:
        answer = client.get("/", headers={"cookie": f"specimen_session={value}".encode()})
        assert answer.status_code == 401


def test_every_answer_says_that_types_are_meant() -> None:
    with _client() as client:
        for answer in (client.get("/"), client.get("/", headers={"origin": "null"})):
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["x-frame-options"] == "SAMEORIGIN"
