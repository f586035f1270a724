"""Independent pieces of work done by a Ray cluster; the one place that loads Ray, which most machines do not have."""

import contextlib
import importlib
import os
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from types import ModuleType
from typing import Any, Final, Protocol, TypeVar

from core.errors import SpecimenError, UnavailableError
from core.workspace import CHECKOUT

__all__ = ["ADDRESS", "Cluster", "Hands", "open_cluster"]

ADDRESS: Final = "SPECIMEN_RAY_ADDRESS"
_ANSWER_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.5
_GREETING: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
"""How a client of HTTP/2, and so of gRPC and Ray, begins; a server answers with a frame of settings (RFC 9113, 3.4)."""
_SETTINGS: Final = 4
_FRAME_HEAD_BYTES: Final = 9
_RETRIES: Final = 8
"""How often a piece begins anew because its machine died; errors of its own are never tried again."""
_PIECES_A_CORE: Final = 2
"""Handed out together: one under way and one waiting, so that no core idles."""

Result = TypeVar("Result")


def _never() -> bool:
    return False


class Hands(Protocol):
    """Who does independent pieces of work."""

    def share(self, value: object) -> Any:  # noqa: ANN401 - what stands for a value is the implementation's own
        """What to hand to several pieces in place of a large `value`, which then travels once a machine."""

    def in_order(
        self,
        work: Callable[..., Result],
        pieces: Iterable[tuple[object, ...]],
        *,
        stopped: Callable[[], bool] = _never,
    ) -> Iterator[Result]:
        """`work(*piece)` of each piece, in the order given; ends early when `stopped` says so.

        `pieces` is read only as far ahead as there are hands. Raises what `work` raised, and UnavailableError when
        the machines that could do it are lost.
        """


class Cluster:
    """The hands of a Ray cluster; use `open_cluster`."""

    def __init__(self, ray: ModuleType) -> None:
        self._ray = ray

    def share(self, value: object) -> Any:  # noqa: ANN401 - a reference of Ray's, which has no types for us
        """A reference that pieces take in place of `value`; its memory is given back when nobody holds it."""
        return self._ray.put(value)

    def in_order(
        self,
        work: Callable[..., Result],
        pieces: Iterable[tuple[object, ...]],
        *,
        stopped: Callable[[], bool] = _never,
    ) -> Iterator[Result]:
        """As `Hands` says; a piece whose machine dies is done again by another one."""
        task = self._ray.remote(num_cpus=1, max_retries=_RETRIES, scheduling_strategy="SPREAD")(work)
        remaining = iter(pieces)
        pending: deque[Any] = deque()
        try:
            while not stopped():
                free = max(self._places() - len(pending), 0)
                pending.extend(task.remote(*piece) for piece in islice(remaining, free))
                if not pending:
                    return
                if self._ray.wait([pending[0]], timeout=_POLL_SECONDS)[0]:
                    yield self._result(pending.popleft())
        finally:
            for reference in pending:
                self._ray.cancel(reference, force=True)

    def _places(self) -> int:
        return max(int(self._ray.cluster_resources().get("CPU", 0)), 1) * _PIECES_A_CORE

    def _result(self, reference: object) -> Any:  # noqa: ANN401 - as `work` returns it
        try:
            return self._ray.get(reference)
        except self._ray.exceptions.RayError as exc:
            cause = getattr(exc, "cause", None)
            if isinstance(cause, SpecimenError):
                raise cause from exc
            if isinstance(exc, self._ray.exceptions.RayTaskError):
                raise
            reason = str(exc).strip().partition("\n")[0]
            raise UnavailableError(f"The Ray cluster could not do its part ({reason}); see its log.") from exc


@contextlib.contextmanager
def open_cluster(environ: Mapping[str, str]) -> Iterator[Cluster]:
    """The cluster at $SPECIMEN_RAY_ADDRESS, or one made of this machine's cores for as long as the block lasts.

    Our code travels along; what it imports must be installed on every machine of the cluster. Raises UnavailableError
    where Ray is not installed or nobody answers.
    """
    address = environ.get(ADDRESS, "").strip() or "local"
    ray = _load()
    _check_answer(address, encrypted=environ.get("RAY_USE_TLS", "0") == "1")
    try:
        ray.init(
            address=address,
            log_to_driver=False,
            logging_level="CRITICAL",  # a dead machine would fill the screen with its raylet's last words
            runtime_env={"py_modules": [str(CHECKOUT / "core")], "excludes": ["**/__pycache__"]},
            **({"include_dashboard": False} if address == "local" else {}),
        )
    except (OSError, RuntimeError, ValueError) as exc:
        reason = str(exc).strip().partition("\n")[0]
        raise UnavailableError(f"Ray does not start at {address} ({reason}); see docs/cluster.md.") from exc
    try:
        yield Cluster(ray)
    finally:
        ray.shutdown()


def _load() -> ModuleType:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray would report to its makers, and reads it from here only
    try:
        return importlib.import_module("ray")
    except ImportError as exc:
        raise UnavailableError("Ray is not installed; run `pip install -r requirements-cluster.txt`.") from exc


def _check_answer(address: str, *, encrypted: bool) -> None:
    """Raise UnavailableError where no Ray listens: Ray itself tries for minutes, then ends the whole process."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon:
        return
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER_SECONDS) as connection:
            answers = encrypted or _greets(connection)
    except (OSError, ValueError) as exc:
        raise UnavailableError(
            f"No Ray cluster answers at {address}; start one with `ray start --head`, or correct ${ADDRESS}."
        ) from exc
    if not answers:
        raise UnavailableError(f"What answers at {address} is no Ray cluster; correct ${ADDRESS}.")


def _greets(connection: socket.socket) -> bool:
    """Whether the other end answers the greeting as a Ray node would; raises TimeoutError when it says nothing."""
    connection.sendall(_GREETING)
    with connection.makefile("rb") as stream:
        head = stream.read(_FRAME_HEAD_BYTES)
    return len(head) == _FRAME_HEAD_BYTES and head[3] == _SETTINGS
