"""The gallery on the page Clean, measured."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import BrowserContext

from bench.gallery_parts.figures import summary
from bench.gallery_parts.sitting import Sitting
from core.database import Database

__all__ = ["measure_ours"]

_TILE_PX: Final = 80
_KEYS_A_BURST: Final = 30
_SPACING_SECONDS: Final = 0.03
_SAVED: Final = "window.gallery().querySelector('.saved')"
_UNDER_WAY: Final = {"within": _SAVED, "committed": f"{_SAVED}.dataset.unsaved === '0'"}
_SCROLLER: Final = "window.gallery().querySelector('.scroller')"
_VERDICTS: Final = {"k": "keep", "r": "reject"}
_REST_MS: Final = 3000
_FAR_ROW: Final = 2500
"""Where scrolling begins: no thumbnail there has been seen before."""


@dataclass(frozen=True, slots=True)
class _Bench:
    sitting: Sitting
    db: Database
    address: str
    rounds: int
    chance: random.Random

    def pause(self, least: float = 0.05, most: float = 0.2) -> None:
        """As a person does, so that events come at any moment between two frames."""
        self.sitting.page.wait_for_timeout(1000 * self.chance.uniform(least, most))


def measure_ours(context: BrowserContext, address: str, db: Database, *, rounds: int) -> dict[str, Any]:
    """All measures; `address` without a slash at the end, `db` the catalogue under it."""
    context.add_init_script(
        "if (location.protocol === 'http:') {"
        f" localStorage.setItem('specimen.name.asked', 'yes'); localStorage.setItem('specimen.tile', '{_TILE_PX}'); }}"
    )
    bench = _Bench(Sitting(context, script="ours.js"), db, address, rounds, random.Random(0))
    bench.sitting.opens(f"{address}/clean")
    return {
        "tile_px": _TILE_PX,
        "tiles_in_view": bench.sitting.tiles_in_view(),
        **_keys(bench),
        "click": _clicks(bench),
        "select": _selects(bench),
        "burst": _bursts(bench),
        "next_screen": _screens(bench),
        "scroll": _scrolls(bench),
        **_openings(bench),
    }


def _keys(bench: _Bench) -> dict[str, Any]:
    sitting, found = bench.sitting, []
    sitting.page.locator("#tile-0").click()
    sitting.page.wait_for_timeout(_REST_MS)
    with sitting.metered() as wire:
        for place in range(bench.rounds):
            key = bench.chance.choice("kr")
            found.append(
                sitting.waits(
                    _press(sitting, key),
                    event="keydown",
                    painted=f"window.tileIs({place}, '{_VERDICTS[key]}')",
                    **_UNDER_WAY,
                )
            )
            bench.pause()
    return {"key": _both(found), "bytes_a_decision": wire.per(bench.rounds)}


def _clicks(bench: _Bench) -> dict[str, Any]:
    """In a sweep, where a click is the decision."""
    sitting, found = bench.sitting, []
    sitting.page.keyboard.press("s")
    for _ in range(bench.rounds):
        place = _some_place(bench)
        back = sitting.page.evaluate(f"window.tileIs({place}, 'reject')")
        look = "unreviewed" if back else "reject"
        click = _click(sitting, place)
        found.append(sitting.waits(click, event="click", painted=f"window.tileIs({place}, '{look}')", **_UNDER_WAY))
        bench.pause()
    sitting.page.keyboard.press("g")
    return _both(found)


def _selects(bench: _Bench) -> dict[str, float]:
    sitting, found = bench.sitting, []
    for _ in range(bench.rounds):
        place = _some_place(bench)
        if sitting.page.evaluate(f"window.tileIs({place}, 'selected')"):
            continue
        look = f"window.tileIs({place}, 'selected')"
        found.append(sitting.waits(_click(sitting, place), event="click", painted=look)["painted"])
        bench.pause()
    return summary(found)


def _bursts(bench: _Bench) -> dict[str, Any]:
    """Keys in fast succession, held against the catalogue: how many came, and whether in their order."""
    sitting, db = bench.sitting, bench.db
    bursts = max(1, bench.rounds // 10)
    committed = in_order = 0
    sitting.page.keyboard.press("Escape")
    for _ in range(bursts):
        sitting.page.keyboard.press("PageDown")
        sitting.page.wait_for_function("() => window.allShown()")
        first = int(sitting.page.evaluate("window.gallery().querySelector('.tile.focused').dataset.place"))
        look = "place => Number(window.gallery().getRootNode().getElementById(`tile-${place}`).dataset.image)"
        images = [int(sitting.page.evaluate(look, first + place)) for place in range(_KEYS_A_BURST)]
        before = _last_decision(db)
        keys = [bench.chance.choice("kr") for _ in images]
        _spaced([_press(sitting, key) for key in keys])
        sitting.page.wait_for_function(f"() => {_UNDER_WAY['committed']}")
        wanted = [(image, _VERDICTS[key]) for image, key in zip(images, keys, strict=True)]
        stored = _decisions_since(db, before)
        committed += len(set(wanted) & set(stored))
        in_order += stored == wanted
    return {"keys": bursts * _KEYS_A_BURST, "committed": committed, "bursts": bursts, "bursts_in_order": in_order}


def _screens(bench: _Bench) -> dict[str, float]:
    sitting, found = bench.sitting, []
    for _ in range(bench.rounds):
        top = sitting.page.evaluate(f"{_SCROLLER}.scrollTop")
        turned = f"{_SCROLLER}.scrollTop !== {top} && window.allShown()"
        found.append(sitting.waits(_press(sitting, "PageDown"), event="keydown", painted=turned)["painted"])
        bench.pause(0.2, 0.4)
    return summary(found)


def _scrolls(bench: _Bench) -> dict[str, Any]:
    sitting = bench.sitting
    row_px = float(sitting.page.evaluate("parseFloat(window.gallery().querySelector('.tile').style.height)"))
    result: dict[str, Any] = {"row_px": round(row_px, 1)}
    speeds = (("1000 rows, 5000 px a second", 1000, 5000), ("100 rows, 600 px a second", 100, 600))
    for turn, (name, rows, speed) in enumerate(speeds):
        sitting.page.evaluate(f"{_SCROLLER}.scrollTop = {(turn + 1) * _FAR_ROW * row_px}")
        sitting.page.wait_for_function("() => window.allShown()")
        sitting.page.wait_for_timeout(1000)
        result[name] = sitting.scrolls(pixels=round(rows * row_px), pixels_a_second=speed)
    return result


def _openings(bench: _Bench) -> dict[str, Any]:
    """Warm: the browser has been there before; by address, and by a click in the open app."""
    sitting, count = bench.sitting, max(5, bench.rounds // 5)
    sitting.opens(f"{bench.address}/clean")
    opens = []
    for _ in range(count):
        opens.append(sitting.opens(f"{bench.address}/clean"))
        bench.pause(0.3, 0.6)
    visits = []
    for _ in range(count):
        sitting.page.locator("[data-testid=stSidebar] a", has_text="Train").click()
        sitting.page.get_by_role("heading", name="Train", exact=True).wait_for()
        bench.pause(0.6, 0.9)
        link = sitting.page.locator("[data-testid=stSidebar] a", has_text="Clean")
        visits.append(sitting.waits(link.click, event="click", painted="window.allShown()")["painted"])
        bench.pause(0.3, 0.6)
    return {"open": summary(opens), "visit_in_the_open_app": summary(visits)}


def _both(found: Sequence[dict[str, float]]) -> dict[str, Any]:
    return {name: summary(each[name] for each in found) for name in ("painted", "committed")}


def _press(sitting: Sitting, key: str) -> Callable[[], None]:
    return lambda: sitting.page.keyboard.press(key)


def _click(sitting: Sitting, place: int) -> Callable[[], None]:
    box = sitting.page.locator(f"#tile-{place}").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    sitting.page.mouse.move(*middle)
    return lambda: sitting.page.mouse.click(*middle)


def _some_place(bench: _Bench) -> int:
    """A tile that is in view, not in its first or last row, which may be cut off."""
    places = [place for place, _ in bench.sitting.page.evaluate("window.tiles()")]
    return int(bench.chance.choice(places[len(places) // 4 : len(places) * 3 // 4]))


def _spaced(deeds: Sequence[Callable[[], None]]) -> None:
    start = time.perf_counter()
    for number, does in enumerate(deeds):
        time.sleep(max(0.0, start + number * _SPACING_SECONDS - time.perf_counter()))
        does()


def _last_decision(db: Database) -> int:
    with db.read() as connection:
        return int(connection.execute("SELECT COALESCE(MAX(id), 0) FROM decision").fetchone()[0])


def _decisions_since(db: Database, last: int) -> list[tuple[int, str]]:
    with db.read() as connection:
        rows = connection.execute("SELECT image, after FROM decision WHERE id > ? ORDER BY id", (last,)).fetchall()
    return [(int(row["image"]), str(row["after"])) for row in rows]
