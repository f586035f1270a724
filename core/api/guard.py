"""Who may speak to this server: the machine itself freely, anybody else by password.

Streamlit's own checks cover its websocket alone, so this sits before everything, http and websocket alike.
"""

import asyncio
import hashlib
import hmac
import ipaddress
import json
import re
import time
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.login import login_page

__all__ = ["Guard", "is_loopback_name"]

_COOKIE = "specimen_session"
_SESSION_SECONDS = 30 * 24 * 3600
_FORM_BYTES = 4096
_WRONG_PASSWORD_SECONDS = 1.0
_HOST = re.compile(r"^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$")
_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_SAFE_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Guard:
    """Pure ASGI middleware; answers 403 to foreign pages and strangers, 401 to who lacks the password."""

    def __init__(self, app: ASGIApp, *, password: str | None) -> None:
        self.app = app
        self._password = password or None
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through or answer it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        foreign = _foreign(headers)
        if foreign:
            await _refuse(scope, send, status=403, sentence=foreign)
        elif _is_local(scope, headers) or self._knows_password(headers):
            await self.app(scope, receive, _with_safe_headers(send))
        elif self._password is None:
            sentence = "Specimen answers only this machine; to open it to others, set SPECIMEN_PASSWORD and restart."
            await _refuse(scope, send, status=403, sentence=sentence)
        elif _is_login(scope, headers):
            await self._log_in(scope, receive, send)
        else:
            if "authorization" in headers:
                await self._slow_down()
            await _ask_for_password(scope, headers, send)

    async def _slow_down(self) -> None:
        """One guess a second, however many connections."""
        async with self._turn:
            await asyncio.sleep(_WRONG_PASSWORD_SECONDS)

    def _knows_password(self, headers: Headers) -> bool:
        if self._password is None:
            return False
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and _same(given.strip().encode("latin-1"), self._password):
            return True
        return _is_valid_session(_cookie(headers), self._password)

    async def _log_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._password is not None
        form = parse_qs((await _read_body(receive)).decode("utf-8", errors="replace"))
        if _same(form.get("password", [""])[0].encode(), self._password):
            expires = int(time.time()) + _SESSION_SECONDS
            secure = "; Secure" if scope.get("scheme") == "https" else ""
            cookie = (
                f"{_COOKIE}={_session(expires, self._password)}; Path=/; Max-Age={_SESSION_SECONDS}; "
                f"HttpOnly; SameSite=Strict{secure}"
            )
            place = scope.get("raw_path", b"/") or b"/"
            location = b"/" + place.lstrip(b"/")
            await _respond(send, 303, b"", headers=[(b"location", location), (b"set-cookie", cookie.encode())])
            return
        await self._slow_down()
        page = login_page("That is not the password.")
        await _respond(send, 401, page, headers=[(b"content-type", b"text/html; charset=utf-8")])


def is_loopback_name(host: str) -> bool:
    """Whether a Host header, port included, names this machine."""
    match = _HOST.match(host)
    if match is None:
        return False
    name = match[1].strip("[]").rstrip(".").lower()
    return name == "localhost" or _is_loopback_address(name)


def _is_local(scope: Scope, headers: Headers) -> bool:
    """Whether the request was made on this machine; a proxy's word for somebody else is not."""
    client = scope.get("client")
    if client is None or not _is_loopback_address(str(client[0])):
        return False
    if any(name in headers for name in _PROXY_HEADERS):
        return False
    hosts = headers.getlist("host")
    return len(hosts) == 1 and is_loopback_name(hosts[0])


def _is_loopback_address(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _foreign(headers: Headers) -> str | None:
    """Why the request comes from a page of another site, or None."""
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    if len(hosts) != 1 or not _HOST.match(hosts[0]):
        return "The request does not say which host it is for."
    if len(origins) > 1:
        return "The request names several origins."
    if origins and not _is_same_origin(origins[0], hosts[0]):
        return "The request comes from another web page."
    site, mode = headers.get("sec-fetch-site", "none"), headers.get("sec-fetch-mode", "navigate")
    if site in ("cross-site", "same-site") and mode != "navigate":
        return "The request comes from another web page."
    return None


def _is_same_origin(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


def _same(given: bytes, wanted: str) -> bool:
    return hmac.compare_digest(given, wanted.encode())


def _session(expires: int, password: str) -> str:
    signature = hmac.new(b"specimen session " + password.encode(), str(expires).encode(), hashlib.sha256).hexdigest()
    return f"{expires}.{signature}"


def _is_valid_session(value: str, password: str) -> bool:
    text = value.partition(".")[0]
    if not re.fullmatch(r"[0-9]{1,12}", text) or not _same(value.encode(), _session(int(text), password)):
        return False
    return int(text) > time.time()


def _cookie(headers: Headers) -> str:
    try:
        jar = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return ""
    return jar[_COOKIE].value if _COOKIE in jar else ""


def _is_login(scope: Scope, headers: Headers) -> bool:
    kind = headers.get("content-type", "").partition(";")[0]
    return scope["type"] == "http" and scope["method"] == "POST" and kind == "application/x-www-form-urlencoded"


async def _read_body(receive: Receive) -> bytes:
    body = b""
    while len(body) <= _FORM_BYTES:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return body[:_FORM_BYTES]


async def _ask_for_password(scope: Scope, headers: Headers, send: Send) -> None:
    wants_page = scope["type"] == "http" and "text/html" in headers.get("accept", "")
    if wants_page and scope["method"] in ("GET", "HEAD"):
        await _respond(send, 401, login_page(), headers=[(b"content-type", b"text/html; charset=utf-8")])
    else:
        await _refuse(scope, send, status=401, sentence="Specimen asks for its password here.")


async def _refuse(scope: Scope, send: Send, *, status: int, sentence: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": sentence[:120]})
        return
    body = json.dumps({"error": sentence}).encode()
    extra = [(b"www-authenticate", b"Bearer")] if status == 401 else []
    await _respond(send, status, body, headers=[(b"content-type", b"application/json"), *extra])


async def _respond(send: Send, status: int, body: bytes, *, headers: list[tuple[bytes, bytes]]) -> None:
    length = (b"content-length", str(len(body)).encode())
    fixed = [*_SAFE_HEADERS, (b"cache-control", b"no-store"), length]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *fixed]})
    await send({"type": "http.response.body", "body": body})


def _with_safe_headers(send: Send) -> Send:
    async def forward(message: Message) -> None:
        if message["type"] == "http.response.start":
            present: list[Any] = list(message.get("headers", []))
            names = {name.lower() for name, _ in present}
            added = [(name, value) for name, value in _SAFE_HEADERS if name not in names]
            message = {**message, "headers": [*present, *added]}
        await send(message)

    return forward
