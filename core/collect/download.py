"""Fetching from the web, safely: http and https, public addresses, few redirects, bounded bytes and time.

Nothing is believed that a host says about its answer: bytes are counted after unpacking, and what they are is for the
decoder to say.
"""

import ssl
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Literal

import httpcore
import httpx

from core.collect.addresses import AddressPolicy
from core.collect.connection import CheckedBackend, Patience
from core.errors import RefusedError, UnavailableError

__all__ = ["AGENT", "Answer", "Downloader", "FetchError", "Limits", "Outcome"]

AGENT = "Mozilla/5.0 (compatible; Specimen/0.1; image datasets)"
"""Who we say we are where pictures lie."""

Outcome = Literal["refused", "gone", "failed"]
"""refused: by our rules or the host's; gone: 404 or 410; failed: by chance, worth another try."""

_REDIRECTS = (301, 302, 303, 307, 308)
_BUSY = (429, 500, 502, 503, 504)


class FetchError(UnavailableError):
    """An address gave nothing that could be used; the message is the reason, in a few words."""

    def __init__(self, reason: str, *, outcome: Outcome = "failed") -> None:
        super().__init__(reason)
        self.outcome: Outcome = outcome


@dataclass(frozen=True, slots=True)
class Limits:
    """What one address may cost."""

    body_bytes: int = 25_000_000
    """After unpacking."""
    seconds: float = 30.0
    """From the first packet to the last byte, redirects included."""
    redirects: int = 5
    retry_seconds: float = 5.0
    """A host that asks to wait for longer is not asked again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host answered."""

    url: str
    """After redirects."""
    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Downloader:
    """Fetches addresses, one connection each; safe to use from several threads."""

    policy: AddressPolicy = field(default_factory=AddressPolicy)
    limits: Limits = field(default_factory=Limits)
    stopped: Callable[[], bool] = _never

    def get_file(self, url: str) -> bytes:
        """The bytes at an address, asked for once more when the host was busy.

        Raises FetchError with the reason, StoppedError when the work was stopped.
        """
        answer = self.get(url)
        if answer.status in _BUSY and self._wait_for_retry(answer):
            answer = self.get(url)
        if answer.status in (404, 410):
            raise FetchError(f"gone ({answer.status})", outcome="gone")
        if answer.status != 200:
            raise FetchError(f"the host answered {answer.status}")
        if {"noai", "noimageai"} & set(_words(answer.headers.get("x-robots-tag", ""))):
            raise FetchError("the host asks not to use it for training (X-Robots-Tag)", outcome="refused")
        return answer.body

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        on_redirect: Callable[[str], None] | None = None,
    ) -> Answer:
        """The answer at the end of the redirects, whatever its status; `on_redirect` sees each next address first.

        Raises FetchError when there is none, StoppedError when the work was stopped.
        """
        patience = Patience(time.monotonic() + self.limits.seconds, self.stopped)
        for _ in range(self.limits.redirects + 1):
            answer = self._get_once(url, headers or {}, patience)
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not target:
                return answer
            url = str(_join(url, target))
            if on_redirect is not None:
                on_redirect(url)
        raise FetchError(f"more than {self.limits.redirects} redirects")

    def _get_once(self, url: str, headers: Mapping[str, str], patience: Patience) -> Answer:
        parsed = _checked_url(url)
        port = parsed.port or (443 if parsed.scheme == "https" else 80)
        place = httpcore.URL(scheme=parsed.raw_scheme, host=parsed.raw_host, port=port, target=parsed.raw_path)
        connection = httpcore.HTTPConnection(
            place.origin,
            ssl_context=_tls() if parsed.scheme == "https" else None,
            network_backend=CheckedBackend(self.policy, patience),
        )
        # No gzip is asked for: a bomb is then the host's own doing, and unpacked under the cap below.
        sent = {
            "Host": parsed.netloc.decode("ascii"),
            "User-Agent": AGENT,
            "Accept": "image/*,*/*;q=0.8",
            "Accept-Encoding": "identity",
            "Connection": "close",
        } | dict(headers)
        try:
            with connection.stream("GET", place, headers=list(sent.items())) as response:
                answered = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
                return Answer(str(parsed), response.status, answered, self._read(response, answered))
        except RefusedError as exc:
            raise FetchError(f"refused: {exc}", outcome="refused") from exc
        except UnavailableError as exc:
            raise exc if isinstance(exc, FetchError) else FetchError(str(exc)) from exc
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError, zlib.error) as exc:
            raise FetchError(_network_reason(exc)) from exc
        finally:
            connection.close()

    def _read(self, response: httpcore.Response, headers: Mapping[str, str]) -> bytes:
        cap = self.limits.body_bytes
        declared = headers.get("content-length", "")
        if declared.isdigit() and int(declared) > cap:
            raise FetchError(f"larger than {cap // 1_000_000} MB", outcome="refused")
        pieces: list[bytes] = []
        count = 0
        for piece in _unpacked(response.iter_stream(), headers.get("content-encoding", "identity"), cap + 1):
            count += len(piece)
            if count > cap:
                raise FetchError(f"larger than {cap // 1_000_000} MB", outcome="refused")
            pieces.append(piece)
        return b"".join(pieces)

    def _wait_for_retry(self, answer: Answer) -> bool:
        """Wait as long as a busy host asks; False when it asks for too long."""
        seconds = _retry_after(answer.headers.get("retry-after", ""))
        if seconds > self.limits.retry_seconds:
            raise FetchError(f"the host answered {answer.status} and asks to wait {seconds:.0f} s")
        patience = Patience(time.monotonic() + self.limits.retry_seconds + 1, self.stopped)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(min(patience.left(), max(end - time.monotonic(), 0)))
        return True


def _checked_url(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url.strip())
        host = parsed.host  # decodes it, which may fail in its turn
    except (httpx.InvalidURL, ValueError, TypeError) as exc:
        raise FetchError("not an address", outcome="refused") from exc
    if parsed.scheme not in ("http", "https"):
        raise FetchError(f"refused: {parsed.scheme or 'no'} address, only http and https", outcome="refused")
    if parsed.userinfo:
        raise FetchError("refused: the address carries a user name", outcome="refused")
    if not host:
        raise FetchError("not an address", outcome="refused")
    return parsed


def _join(url: str, target: str) -> httpx.URL:
    try:
        return httpx.URL(url).join(target)
    except (httpx.InvalidURL, ValueError) as exc:
        raise FetchError("redirected to what is not an address") from exc


def _unpacked(pieces: Iterator[bytes], encoding: str, cap: int) -> Iterator[bytes]:
    """The body without its content encoding; at most about `cap` bytes come out of one packed piece."""
    if encoding.strip().lower() in ("", "identity"):
        yield from pieces
        return
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        raise FetchError(f"packed as {encoding[:20]}, which was not asked for")
    unpacker = zlib.decompressobj(wbits=47)
    for piece in pieces:
        yield unpacker.decompress(piece, cap)
    yield unpacker.flush()
    if not unpacker.eof:
        raise FetchError("the answer broke off")


def _retry_after(text: str) -> float:
    """Seconds a host asks to wait: 1 when it does not say."""
    if text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError):
        return 1.0


def _words(text: str) -> list[str]:
    return text.lower().replace(",", " ").replace(":", " ").split()


def _network_reason(exc: Exception) -> str:
    if isinstance(exc, httpcore.TimeoutException):
        return "took too long"
    if isinstance(exc, httpcore.ConnectError):
        return "the secure connection failed" if "SSL" in str(exc) else "the host cannot be reached"
    if isinstance(exc, httpcore.RemoteProtocolError | httpcore.ReadError | zlib.error):
        return "the answer broke off" if "closed" in str(exc) or not str(exc) else f"the answer is damaged ({exc})"
    return f"the connection failed ({exc})"


@cache
def _tls() -> ssl.SSLContext:
    """Made once: loading the certificates is slow."""
    return httpx.create_ssl_context()
