"""What a person does in the gallery, and how the catalogue then stands."""

from playwright.sync_api import Locator, Page

from core.catalog.images import get_many, image_table
from core.database import Database
from tests.support.app import RunningApp
from tests.support.waiting import until

__all__ = ["CLASSES", "EVIL", "IMAGES", "count", "open_gallery", "tile", "verdicts", "wait_for", "wait_saved"]

IMAGES = 400
EVIL = ("<img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", "<b>Mew</b>")
CLASSES = ("Abra", "Mew", *EVIL)
"""In turn: the image at place p has the class p % 5, and the id p + 1."""


def open_gallery(page: Page, app: RunningApp, path: str = "/") -> Page:
    """The page, when its first picture is there; whoever sits at it goes by the usual name."""
    page.add_init_script("if (location.protocol === 'http:') localStorage.setItem('specimen.name.asked', 'yes')")
    page.goto(app.url(path))
    page.locator(".tile img:not([hidden])").first.wait_for()
    return page


def tile(page: Page, place: int) -> Locator:
    return page.locator(f"#tile-{place}")


def verdicts(db: Database, count: int = 30) -> list[str]:
    """Of the first images."""
    return [row.verdict for row in get_many(db, range(1, count + 1))]


def wait_for(db: Database, expected: dict[int, str], count: int = 30) -> None:
    """Wait until of the first `count` images those in `expected` (by place) look like that and the others untouched."""
    wanted = [expected.get(place, "unreviewed") for place in range(count)]
    until(lambda: verdicts(db, count) == wanted, what=f"{expected} on disk")


def wait_saved(page: Page) -> None:
    page.locator(".saved[data-unsaved='0']").wait_for()


def count(db: Database, verdict: str) -> int:
    return image_table(db, ["verdict"])["verdict"].count(verdict)
