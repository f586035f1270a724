"""The server as a person starts it, killed at random moments: no acknowledged decision is lost, none counts twice."""

import logging
import os
import random
import signal
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.catalog.store import open_catalog
from core.dataset.table import annotation_rows, to_csv
from core.workspace import Workspace
from tests.support.app import RunningApp, running_app
from tests.support.catalogue import fill_catalogue
from tests.support.stream import Expected, Stream
from tests.support.waiting import until

_log = logging.getLogger(__name__)
IMAGES, CLASSES = 40, 3
BUSY_SECONDS = (0.0, 0.4)
"""How long a server lives amid decisions."""
QUIET_SECONDS = (0.5, 1.3)
"""How long where they cease: annotations.csv is written half a second later, and kills are to hit that too."""


@pytest.fixture
def served(workspace: Workspace) -> Iterator[RunningApp]:
    db = open_catalog(workspace)
    assert fill_catalogue(workspace, db, images=IMAGES, side=16) == list(range(1, IMAGES + 1))
    db.close()
    with running_app(workspace.home) as app:
        yield app


def _ask(path: Path, question: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def _check(workspace: Workspace, stream: Stream, expected: Expected) -> None:
    """What is on disk is what was decided, each decision once."""
    path = workspace.catalog
    rows = _ask(path, "SELECT id, verdict, class_id FROM image ORDER BY id")
    assert rows == [(image, expected.verdicts[image], expected.classes[image]) for image in sorted(expected.classes)]
    assert _ask(path, "SELECT COUNT(*), MAX(seq) FROM operation") == [(len(stream.made), len(stream.made))]
    assert _ask(path, "SELECT COUNT(*) FROM decision") == [(expected.decisions,)]
    assert _ask(path, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kills", [10, pytest.param(200, marks=pytest.mark.soak)])
def test_kills_lose_and_double_no_decision(workspace: Workspace, served: RunningApp, kills: int) -> None:
    seed = int(os.environ.get("SPECIMEN_TEST_SEED", random.SystemRandom().randrange(1 << 32)))
    _log.info("SPECIMEN_TEST_SEED=%d brings the same moments again", seed)
    chance = random.Random(seed)
    expected = Expected({image: (image - 1) % CLASSES for image in range(1, IMAGES + 1)})
    stream = Stream(served, expected, seed=seed, classes=CLASSES)
    for kill in range(kills):
        quiet = kill % 3 == 2
        delay = chance.uniform(*(QUIET_SECONDS if quiet else BUSY_SECONDS))
        assert served.process is not None
        timer = threading.Timer(delay, served.process.send_signal, (signal.SIGKILL,))
        timer.start()
        while stream.post() and not quiet:
            pass
        timer.join()
        _log.info(
            "kill %d after %.0f ms: %d of %d acknowledged", kill, delay * 1000, stream.acknowledged, len(stream.made)
        )
        served.kill()
        stream.close()
        served.start()
        highest = _ask(workspace.catalog, "SELECT COALESCE(MAX(seq), 0) FROM operation")[0][0]
        assert isinstance(highest, int)
        assert stream.acknowledged <= highest <= len(stream.made)
        assert stream.post(new=0)
        _check(workspace, stream, expected)
    stream.close()
    db = open_catalog(workspace)
    path = workspace.annotations
    until(lambda: path.exists() and path.read_bytes() == to_csv(annotation_rows(db)), what="annotations.csv")
    db.close()
    assert not list(workspace.data.glob(".annotations.csv.*.tmp"))
