"""Somebody at a browser, with the stopwatch that runs inside the page and a meter on the wire."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import BrowserContext, CDPSession, Page

from tests.support.browser import DESKTOP

__all__ = ["Sitting", "Wire"]

_STOPWATCH: Final = (Path(__file__).parent / "stopwatch.js").read_text(encoding="utf-8")
_OPENING: Final = """
window.allShown = () => {
    const tiles = window.tiles();
    return tiles.length > 0 && tiles.every(([, shown]) => shown);
};
if (window === window.top && location.protocol === "http:")
    window.openedAt = new Promise((found) => window.stopwatch.whenPainted(window.allShown, found));
"""
_PATIENCE_MS: Final = 60_000
_PATIENCE_SECONDS: Final = 10


@dataclass(slots=True)
class Wire:
    """Bytes on the wire by what they were for: headers and bodies as sent, frames of websockets."""

    sent: Counter[str] = field(default_factory=Counter)
    received: Counter[str] = field(default_factory=Counter)

    def per(self, count: int) -> dict[str, Any]:
        """Of each of `count` decisions."""
        return {
            "sent": round(self.sent.total() / count),
            "received": round(self.received.total() / count),
            "sent_for": {name: round(total / count) for name, total in self.sent.most_common(4)},
            "received_for": {name: round(total / count) for name, total in self.received.most_common(4)},
        }


class Sitting:
    """One page of one context.

    `script`, beside this file, defines `window.tiles()`: name, and whether its picture is drawn, of each tile in view.
    """

    def __init__(self, context: BrowserContext, *, script: str) -> None:
        own = (Path(__file__).parent / script).read_text(encoding="utf-8")
        context.add_init_script(f"{_STOPWATCH}\n{own}\n{_OPENING}")
        self.context = context
        self.page: Page = context.new_page()
        self.page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        self.page.set_default_timeout(_PATIENCE_MS)

    def opens(self, address: str) -> float:
        """Milliseconds from the start of the navigation to the frame that shows everything in view."""
        self.page.goto(address, wait_until="commit")
        return float(self.page.evaluate("() => window.openedAt"))

    def waits(self, does: Callable[[], None], **what: str) -> dict[str, float]:
        """Milliseconds to `painted` and, where asked for, `committed`; `what` goes to `stopwatch.arm`.

        Raises TimeoutError when nothing comes of it.
        """
        self.page.evaluate("what => window.stopwatch.arm(what)", what)
        does()
        return self._found()

    def waits_for_answer(self, does: Callable[[], None], *, event: str, ending: str) -> float:
        """Milliseconds to the end of the answer to the request whose address ends so."""
        self.page.evaluate("what => window.stopwatch.answer(what)", {"event": event, "ending": ending})
        does()
        return self._found()["committed"]

    def tiles_in_view(self) -> int:
        return int(self.page.evaluate("() => window.tiles().length"))

    def scrolls(self, *, pixels: int, pixels_a_second: int) -> dict[str, float]:
        """The blanks while the page under the pointer is scrolled by a wheel, and after it until none is left."""
        self.page.evaluate("() => window.stopwatch.watchBlanks()")
        wires = self._cdp()
        gesture = {"x": DESKTOP[0] // 2, "y": DESKTOP[1] * 2 // 3, "yDistance": -pixels, "speed": pixels_a_second}
        wires.send("Input.synthesizeScrollGesture", {**gesture, "gestureSourceType": "mouse"})
        wires.detach()
        found: dict[str, float] = self.page.evaluate("() => window.stopwatch.stopBlanks()")
        return {name: round(value, 1) for name, value in found.items()}

    @contextmanager
    def metered(self) -> Iterator[Wire]:
        """What goes over the wire while the block runs."""
        session = self._cdp()
        names: dict[str, str] = {}
        sent, received = Counter[str](), Counter[str]()

        def sends(event: dict[str, Any]) -> None:
            request = event["request"]
            names[event["requestId"]] = request["url"].partition("?")[0].rpartition("/")[2] or "page"
            if request["method"] == "GET" and "/thumb/" in request["url"]:
                names[event["requestId"]] = "pictures"
            sent[event["requestId"]] += len(request.get("postData", "").encode())

        def sends_headers(event: dict[str, Any]) -> None:
            sent[event["requestId"]] += sum(len(name) + len(value) + 4 for name, value in event["headers"].items())

        def receives(event: dict[str, Any]) -> None:
            received[event["requestId"]] += int(event["encodedDataLength"])

        session.on("Network.requestWillBeSent", sends)
        session.on("Network.requestWillBeSentExtraInfo", sends_headers)
        session.on("Network.loadingFinished", receives)
        session.on("Network.webSocketFrameSent", _frames(sent))
        session.on("Network.webSocketFrameReceived", _frames(received))
        session.send("Network.enable")
        wire = Wire()
        yield wire
        session.detach()
        for counter, sums in ((sent, wire.sent), (received, wire.received)):
            for request, count in counter.items():
                sums[request if request == "websocket" else names.get(request, "begun before")] += count

    def _found(self) -> dict[str, float]:
        found: dict[str, float] | None = self.page.evaluate(
            "patience => Promise.race([window.stopwatch.found, new Promise(end => setTimeout(end, patience, null))])",
            1000 * _PATIENCE_SECONDS,
        )
        if found is None:
            raise TimeoutError(f"nothing came of it within {_PATIENCE_SECONDS} s")
        return found

    def _cdp(self) -> CDPSession:
        return self.context.new_cdp_session(self.page)


def _frames(counter: Counter[str]) -> Callable[[dict[str, Any]], None]:
    """Counts what a websocket carries; binary frames come as base64."""

    def count(event: dict[str, Any]) -> None:
        response = event["response"]
        size = len(response["payloadData"])
        counter["websocket"] += size if response["opcode"] == 1 else size * 3 // 4

    return count
