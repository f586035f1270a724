"""Reporters that do something at a chosen step of a run."""

import os
import signal
from collections.abc import Callable

__all__ = ["AtStep", "kill_myself", "terminate_myself"]


class AtStep:
    """Passes everything on to nobody; calls `action` when so many training steps are done; stops if it returns True."""

    def __init__(self, step: int, action: Callable[[], bool]) -> None:
        self._step, self._action, self._stopped = step, action, False
        self.extra: dict[str, object] = {}
        self.messages: list[str] = []

    def progress(self, done: int, total: int | None, message: str = "") -> None:
        self.messages.append(message)

    def stopped(self) -> bool:
        return self._stopped

    def update(self, **extra: object) -> None:
        before = self.extra.get("step")
        self.extra |= extra
        if self.extra.get("step") == self._step != before:
            self._stopped = self._action()


def kill_myself() -> bool:
    """SIGKILL, as the kernel does it when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)
    return True


def terminate_myself() -> bool:
    """SIGTERM, as `stop` does it."""
    os.kill(os.getpid(), signal.SIGTERM)
    return False
