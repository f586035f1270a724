"""The server killed again and again while keys are pressed: each is painted, kept and delivered, once and in order."""

import logging
import os
import random
import signal
import threading

import pytest
from playwright.sync_api import Page

from core.catalog.images import image_table
from core.database import Database
from tests.support.app import RunningApp
from tests.support.gallery_hands import tile, wait_saved
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.soak, pytest.mark.timeout(3600)]

_log = logging.getLogger(__name__)
KILLS, KEYS_A_LIFE = 20, 15
VERDICTS = {"k": "keep", "r": "reject"}


def test_every_key_counts_once_whenever_the_server_dies(gallery: Page, app: RunningApp, db: Database) -> None:
    seed = int(os.environ.get("SPECIMEN_TEST_SEED", random.SystemRandom().randrange(1 << 32)))
    _log.info("SPECIMEN_TEST_SEED=%d brings the same moments again", seed)
    chance = random.Random(seed)
    tile(gallery, 0).click()
    pressed: list[str] = []
    for kill in range(KILLS):
        delay = chance.uniform(0.0, 1.2)
        _log.info("kill %d after %.0f ms", kill, delay * 1000)
        assert app.process is not None
        timer = threading.Timer(delay, app.process.send_signal, (signal.SIGKILL,))
        timer.start()
        for _ in range(KEYS_A_LIFE):
            key = chance.choice("kr")
            gallery.keyboard.press(key)
            pressed.append(key)
            tile(gallery, len(pressed)).and_(gallery.locator(".focused")).wait_for()
            gallery.wait_for_timeout(chance.uniform(0, 100))
        timer.join()
        app.kill()
        app.start()
    wanted = [VERDICTS[key] for key in pressed]
    until(lambda: image_table(db, ["verdict"])["verdict"][: len(wanted)] == wanted, seconds=60, what="all keys on disk")
    wait_saved(gallery)
    with db.read() as connection:
        assert connection.execute("SELECT COUNT(*) FROM decision").fetchone()[0] == len(pressed)
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
