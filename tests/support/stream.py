"""A tab that decides without pause, and what should come of it: sends in order, and again what was not acknowledged."""

import http.client
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.support.app import RunningApp

__all__ = ["Expected", "Stream"]

_ACTIONS = ("keep", "reject", "unreview", "class", "undo", "redo")
_VERDICTS = {"keep": "keep", "reject": "reject", "unreview": "unreviewed"}


@dataclass
class Expected:
    """The catalogue's verdicts and classes after the same decisions, each taken once, in order, by one person."""

    classes: dict[int, int]
    """By image, as they are before the first decision; all are unreviewed then."""
    verdicts: dict[int, str] = field(default_factory=dict)
    decisions: int = 0
    """Rows in the history: undo and redo make none."""
    _done: list[tuple[int, str, int]] = field(default_factory=list)
    _undone: list[tuple[int, str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.verdicts = dict.fromkeys(self.classes, "unreviewed")

    def take(self, operation: dict[str, object]) -> None:
        """The effect of one operation as the route takes it; one on an unknown image or class has none."""
        action, image = str(operation["action"]), operation.get("image")
        if action == "undo" and self._done:
            self._undone.append(self._swap(self._done.pop()))
        elif action == "redo" and self._undone:
            self._done.append(self._swap(self._undone.pop()))
        elif isinstance(image, int) and image in self.classes:
            class_id = operation.get("class_id")
            wanted = (
                (image, self.verdicts[image], class_id if isinstance(class_id, int) else 0)
                if action == "class"
                else (image, _VERDICTS[action], self.classes[image])
            )
            if wanted[1:] != (self.verdicts[image], self.classes[image]):
                self._done.append(self._swap(wanted))
                self._undone.clear()
                self.decisions += 1

    def _swap(self, look: tuple[int, str, int]) -> tuple[int, str, int]:
        image, verdict, class_id = look
        before = (image, self.verdicts[image], self.classes[image])
        self.verdicts[image], self.classes[image] = verdict, class_id
        return before


class Stream:
    """Decisions of one client, one to four a request, with impossible ones among them, by default undo and redo too."""

    def __init__(
        self, app: RunningApp, expected: Expected, *, seed: int, classes: int, actions: Sequence[str] = _ACTIONS
    ) -> None:
        self.made: list[dict[str, object]] = []
        self.acknowledged = 0
        self._app = app
        self._expected = expected
        self._chance = random.Random(seed)
        self._classes = classes
        self._actions = actions
        self._connection: http.client.HTTPConnection | None = None

    def post(self, new: int | None = None) -> bool:
        """Send `new` decisions (by default one to four) behind those not acknowledged; whether the server answered."""
        for _ in range(self._chance.randint(1, 4) if new is None else new):
            self._make()
        waiting = self.made[self.acknowledged :]
        body = json.dumps({"client": "stream", "who": "ann", "operations": waiting})
        try:
            self._connection = self._connection or http.client.HTTPConnection("127.0.0.1", self._app.port, timeout=20)
            self._connection.request("POST", "/api/decisions", body, {"content-type": "application/json"})
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            return False
        assert answer.status == 200, content
        self.acknowledged = int(json.loads(content)["acknowledged"])
        assert self.acknowledged == len(self.made)
        return True

    def close(self) -> None:
        """Give the connection up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _make(self) -> None:
        action = self._chance.choice(self._actions)
        operation: dict[str, object] = {"seq": len(self.made) + 1, "action": action}
        if action not in ("undo", "redo"):
            operation["image"] = self._chance.choice((*self._expected.classes, 999_999))
        if action == "class":
            operation["class_id"] = self._chance.randrange(self._classes)
        self.made.append(operation)
        self._expected.take(operation)
