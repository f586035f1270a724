"""Connections of the downloader: to checked addresses only, each with a total time from name to last byte."""

import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import httpcore

from core.collect.addresses import AddressPolicy
from core.errors import StoppedError, UnavailableError

__all__ = ["CheckedBackend", "Patience"]

_SLICE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one request may still take, and whether anybody still wants it."""

    deadline: float
    """On the clock of `time.monotonic`."""
    stopped: Callable[[], bool]

    def left(self) -> float:
        """Seconds until the deadline, at most a slice, so that a stop is seen soon.

        Raises UnavailableError when none are left, StoppedError when the work was stopped.
        """
        if self.stopped():
            raise StoppedError("stopped")
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise UnavailableError("took too long")
        return min(seconds, _SLICE_SECONDS)


class _PatientStream(httpcore.NetworkStream):
    """A stream whose reads and writes together keep one deadline: httpcore's own time-outs start anew at each read,
    which a host that drips one byte a second outlives."""

    def __init__(self, inner: httpcore.NetworkStream, patience: Patience) -> None:
        self._inner = inner
        self._patience = patience

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        while True:
            try:
                return self._inner.read(max_bytes, self._patience.left())
            except httpcore.ReadTimeout:
                continue

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._patience.left()
        self._inner.write(buffer, max(self._patience.deadline - time.monotonic(), 0.01))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self._patience.left()
        seconds = max(self._patience.deadline - time.monotonic(), 0.01)
        return _PatientStream(self._inner.start_tls(ssl_context, server_hostname, seconds), self._patience)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  (the interface's own type)
        return self._inner.get_extra_info(info)


class CheckedBackend(httpcore.NetworkBackend):
    """Resolves, checks, and connects to what it checked; TLS still verifies the name."""

    def __init__(self, policy: AddressPolicy, patience: Patience) -> None:
        self._policy = policy
        self._patience = patience
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._policy.addresses(host, port)
        share = max(self._patience.deadline - time.monotonic(), 0.01) / len(addresses)
        failure: Exception = UnavailableError(f"{host} does not answer")
        for address in addresses:
            self._patience.left()
            try:
                stream = self._sockets.connect_tcp(address, port, timeout=share)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                failure = exc
            else:
                return _PatientStream(stream, self._patience)
        raise failure
