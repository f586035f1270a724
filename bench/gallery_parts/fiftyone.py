"""FiftyOne's app, measured: select a sample by its checkbox, tag it, scroll, open."""

from typing import Any, Final

from playwright.sync_api import BrowserContext, Page

from bench.gallery_parts.figures import summary
from bench.gallery_parts.sitting import Sitting

__all__ = ["measure_fiftyone"]

_ADDRESS: Final = "datasets/pictures"
_LEAST_TILES: Final = 60
_SETTLE_MS: Final = 1500
_SCROLL_ROWS: Final = 1000


def measure_fiftyone(context: BrowserContext, address: str, *, rounds: int) -> dict[str, Any]:
    """The measures that its app can take part in.

    No key decides in its grid, so there is no burst, and it has no next screen but by scrolling. Its list grows while
    one scrolls: `tiles` says how far it came in the time that a thousand rows take.
    """
    context.set_default_timeout(60_000)
    sitting = Sitting(context, script="fiftyone.js")
    _open(sitting, address)
    _zoom_out(sitting)
    return {
        "tiles_in_view": sitting.tiles_in_view(),
        **_tags(sitting, max(5, rounds // 10)),
        "select": summary(_select(sitting, number) for number in range(rounds)),
        "scroll": _scroll(sitting),
        "open": summary(_open(sitting, address) for _ in range(max(3, rounds // 25))),
    }


def _open(sitting: Sitting, address: str) -> float:
    taken = sitting.opens(f"{address}/{_ADDRESS}")
    sitting.page.wait_for_timeout(_SETTLE_MS)
    sitting.page.keyboard.press("Escape")  # what it announces lies over the grid
    sitting.page.wait_for_timeout(_SETTLE_MS)
    return taken


def _zoom_out(sitting: Sitting) -> None:
    """By its slider, until as many tiles are in view as with the others."""
    slider = sitting.page.locator("[data-cy=slider]").last
    box = slider.bounding_box()
    assert box is not None
    for share in (0.6, 0.5, 0.4, 0.3, 0.2, 0.1):
        if sitting.tiles_in_view() >= _LEAST_TILES:
            return
        slider.click(position={"x": box["width"] * share, "y": box["height"] / 2})
        sitting.page.wait_for_timeout(_SETTLE_MS)
        sitting.page.wait_for_function("() => window.allShown()")


def _select(sitting: Sitting, number: int) -> float:
    """The checkbox of a sample on, or off again, painted."""
    place = _place(sitting, number)
    checked = bool(sitting.page.evaluate(f"window.isChecked({place})"))
    x, y = _checkbox(sitting.page, place)
    taken = sitting.waits(
        lambda: sitting.page.mouse.click(x, y), event="click", painted=f"window.isChecked({place}) !== {_js(checked)}"
    )
    sitting.page.wait_for_timeout(100)
    return taken["painted"]


def _tags(sitting: Sitting, count: int) -> dict[str, Any]:
    """Each a sample of its own with a tag of its own: the tag's request, and its bytes with all that it draws after."""
    page, found = sitting.page, []
    with sitting.metered() as wire:
        for number in range(count):
            page.wait_for_function("() => window.allShown()")
            page.mouse.click(*_checkbox(page, _place(sitting, number)))
            page.locator("[data-cy=action-tag-sample-labels]").click()
            page.locator("[data-cy=sample-tag-input]").fill(f"rejected {number}")
            page.keyboard.press("Enter")
            apply = page.get_by_text("Apply", exact=True).last
            found.append(sitting.waits_for_answer(apply.click, event="click", ending="/tag"))
            page.wait_for_timeout(_SETTLE_MS)
    return {"tag": {"committed": summary(found)}, "bytes_a_decision": wire.per(count)}


def _scroll(sitting: Sitting) -> dict[str, Any]:
    page = sitting.page
    box = page.locator("[data-cy=fo-grid] [data-cy=looker]").first.bounding_box()
    assert box is not None
    page.evaluate("window.grid().scrollTop = 0")
    return {
        "row_px": round(box["height"], 1),
        "1000 rows, 5000 px a second": sitting.scrolls(
            pixels=round(_SCROLL_ROWS * box["height"]), pixels_a_second=5000
        ),
    }


def _place(sitting: Sitting, number: int) -> int:
    """Of the tiles in view, in turn, the first and last rows left out."""
    count = sitting.tiles_in_view()
    return count // 4 + number % max(1, count // 2)


def _checkbox(page: Page, place: int) -> tuple[float, float]:
    """The middle of the checkbox, which shows under the pointer."""
    middle = f"(() => {{ const box = window.inView({place}).getBoundingClientRect(); return [box.left, box.top]; }})()"
    x, y = page.evaluate(middle)
    page.mouse.move(x + 20, y + 20)
    found = page.evaluate(
        f"(() => {{ const box = window.inView({place}).querySelector('[data-cy^=looker-checkbox]')"
        ".getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height / 2]; })()"
    )
    return float(found[0]), float(found[1])


def _js(value: bool) -> str:
    return "true" if value else "false"
