"""What runs beside the requests: annotations.csv follows, the queue goes on, and copies are searched in advance."""

import contextlib
import logging
import threading
import time
from collections.abc import AsyncIterator

from core.api.desk import Desk
from core.api.promptly import answer_promptly
from core.catalog.store import revision
from core.errors import SpecimenError
from core.jobs.queue import wake
from core.workspace import read_settings

__all__ = ["AnnotationsWriter", "lifespan"]

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.25
_QUIET_SECONDS = 0.5
_LONGEST_SECONDS = 5.0


@contextlib.asynccontextmanager
async def lifespan(desk: Desk) -> AsyncIterator[None]:
    """Start what belongs to the server, and end it with the server."""
    answer_promptly()
    with contextlib.suppress(SpecimenError):
        here = desk.opened
        wake(here.workspace)
        here.copies.ask(read_settings(here.workspace).duplicate_distance)
    writer = AnnotationsWriter(desk)
    writer.start()
    try:
        yield
    finally:
        writer.stop()
        desk.close()


class AnnotationsWriter:
    """A thread that writes annotations.csv a moment after the last decision, whoever took it.

    During a stream of decisions it waits for a pause, but not for longer than five seconds, or with very many images
    than ten times as long as writing takes; at the start it makes up for what a crash has left undone. The rows are
    written by a process of their own (`Scribe`).
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="annotations", daemon=True)
        self._seen: tuple[str, int] | None = None
        self._behind_since: float | None = None
        self._changed = 0.0
        self._patience_seconds = _LONGEST_SECONDS

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End; closing the desk writes what is not written yet."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            try:
                self._look(time.monotonic())
            except SpecimenError as exc:
                _log.warning("annotations.csv was not written: %s", exc)
                self._ended.wait(_LONGEST_SECONDS)

    def _look(self, now: float) -> None:
        here = self._desk.opened
        seen = (here.token, revision(here.db))
        if seen != self._seen:
            self._seen, self._changed = seen, now
            self._behind_since = self._behind_since or now
            here.scribe.prepare()
        if self._behind_since is None:
            return
        if now - self._changed >= _QUIET_SECONDS or now - self._behind_since >= self._patience_seconds:
            here.catch_up()
            self._behind_since = None  # only now: what a full disk refused is tried again
            self._patience_seconds = max(_LONGEST_SECONDS, 10 * (time.monotonic() - now))
