"""The downloader against a host that misbehaves in every way we know."""

import threading
import time
from collections.abc import Iterator

import pytest

from core.collect.addresses import AddressPolicy
from core.collect.download import Downloader, FetchError, Limits
from core.errors import StoppedError
from tests.support.engines import EngineServer, draw_picture, engine_server

LIMITS = Limits(body_bytes=1_000_000, seconds=3.0, retry_seconds=1.0)


@pytest.fixture
def server() -> Iterator[EngineServer]:
    with engine_server() as running:
        yield running


@pytest.fixture
def downloader(server: EngineServer) -> Downloader:
    return Downloader(AddressPolicy.of([server.host]), LIMITS)


def reason(downloader: Downloader, url: str) -> tuple[str, str]:
    """Why an address gave nothing, and whether it is worth another try."""
    with pytest.raises(FetchError) as caught:
        downloader.get_file(url)
    return str(caught.value), caught.value.outcome


def test_a_picture_arrives_whole(server: EngineServer, downloader: Downloader) -> None:
    assert downloader.get_file(f"{server.address}/picture/a.jpg") == draw_picture("/picture/a.jpg")


def test_a_packed_answer_is_unpacked(server: EngineServer, downloader: Downloader) -> None:
    assert downloader.get_file(f"{server.address}/odd/gzip") == draw_picture("packed")


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("gone", ("gone (404)", "gone")),
        ("error", ("the host answered 500", "failed")),
        ("busy_long", ("the host answered 429 and asks to wait 3600 s", "failed")),
        ("short", ("the answer broke off", "failed")),
        ("endless", ("larger than 1 MB", "refused")),
        ("bomb", ("larger than 1 MB", "refused")),
        ("brotli", ("packed as br, which was not asked for", "failed")),
        ("noai", ("the host asks not to use it for training (X-Robots-Tag)", "refused")),
        ("loop", ("more than 5 redirects", "failed")),
        ("redirects/6", ("more than 5 redirects", "failed")),
        ("to_private", ("refused: 127.0.0.1 is a private address", "refused")),
        ("to_file", ("refused: file address, only http and https", "refused")),
        ("slow", ("took too long", "failed")),
        ("slow_headers", ("took too long", "failed")),
    ],
)
def test_bad_answers_have_a_reason(
    server: EngineServer, downloader: Downloader, place: str, expected: tuple[str, str]
) -> None:
    assert reason(downloader, f"{server.address}/odd/{place}") == expected


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("ftp://example.org/a.jpg", "only http and https"),
        ("file:///etc/passwd", "only http and https"),
        ("gopher://example.org/", "only http and https"),
        ("//example.org/a.jpg", "only http and https"),
        ("", "only http and https"),
        ("http://user:secret@example.org/a.jpg", "carries a user name"),
        ("http:///a.jpg", "not an address"),
        ("http://example.org:port/", "not an address"),
        ("http://[::1/a.jpg", "not an address"),
        ("http://169.254.169.254/latest/meta-data/", "private address"),
        ("http://[::ffff:127.0.0.1]/", "private address"),
        ("http://0x7f000001/", "private address"),
    ],
)
def test_bad_addresses_are_refused(url: str, part: str) -> None:
    told, outcome = reason(Downloader(), url)
    assert part in told
    assert outcome == "refused"


def test_five_redirects_are_followed(server: EngineServer, downloader: Downloader) -> None:
    assert downloader.get_file(f"{server.address}/odd/redirects/4") == draw_picture("/picture/far.jpg")


def test_a_busy_host_is_asked_once_more(server: EngineServer, downloader: Downloader) -> None:
    assert downloader.get_file(f"{server.address}/odd/busy_once") == draw_picture("busy")
    assert len(server.asked_for("busy_once")) == 2


def test_a_host_that_resolves_to_a_private_address_is_never_asked(server: EngineServer) -> None:
    port = server.host.rpartition(":")[2]
    policy = AddressPolicy.of([], resolve=lambda host, port: ["127.0.0.1"])
    told, _ = reason(Downloader(policy, LIMITS), f"http://pictures.example:{port}/picture/a.jpg")
    assert told == "refused: pictures.example is a private address"
    assert server.asked == []


def test_the_connection_goes_to_the_address_that_was_checked(server: EngineServer) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])  # a rebinding name: one answer to check, another to connect
    port = server.host.rpartition(":")[2]
    policy = AddressPolicy.of([f"pictures.example:{port}"], resolve=lambda host, port: next(answers))
    assert Downloader(policy, LIMITS).get_file(f"http://pictures.example:{port}/picture/a.jpg")
    assert next(answers) == ["10.0.0.1"]


def test_a_stop_ends_a_slow_download(server: EngineServer) -> None:
    policy = AddressPolicy.of([server.host])
    downloader = Downloader(policy, Limits(seconds=600), stopped=server.dripping.is_set)
    ended: list[BaseException] = []

    def fetch() -> None:
        try:
            downloader.get_file(f"{server.address}/odd/slow")
        except StoppedError as exc:
            ended.append(exc)

    thread = threading.Thread(target=fetch)
    thread.start()
    thread.join(20)
    assert len(ended) == 1


def test_a_host_that_does_not_listen_is_named(server: EngineServer) -> None:
    downloader = Downloader(AddressPolicy.of(["127.0.0.1:9"]), LIMITS)
    begun = time.monotonic()
    assert reason(downloader, "http://127.0.0.1:9/a.jpg") == ("the host cannot be reached", "failed")
    assert time.monotonic() - begun < 60
