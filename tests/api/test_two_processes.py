"""The server and the command line deciding on the same pictures at once: no update is lost, and the history is one."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from core.catalog.store import open_catalog
from core.dataset.table import annotation_rows, to_csv
from core.workspace import CHECKOUT, Workspace
from tests.support.app import RunningApp, running_app
from tests.support.catalogue import fill_catalogue
from tests.support.stream import Expected, Stream
from tests.support.waiting import until

IMAGES = 12
DECIDING = ("keep", "reject", "unreview", "class")
"""Without undo and redo: a batch that is redone takes effect after decisions with higher numbers."""
LABELS = (("--reject",), ("--class", "Ditto"), ("--keep",), ("--reject",))


@pytest.fixture
def served(workspace: Workspace) -> Iterator[RunningApp]:
    db = open_catalog(workspace)
    fill_catalogue(workspace, db, images=IMAGES, side=16)
    db.close()
    with running_app(workspace.home) as app:
        yield app


def _label(workspace: Workspace, paths: list[str]) -> None:
    for words in LABELS:
        command = [sys.executable, "-m", "core", "--home", str(workspace.home), "label", *words, *paths]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_no_update_is_lost(workspace: Workspace, served: RunningApp) -> None:
    db = open_catalog(workspace)
    paths = [row.img_name for row in annotation_rows(db)]
    expected = Expected({image: 0 for image in range(1, IMAGES + 1)})
    stream = Stream(served, expected, seed=5, classes=3, actions=DECIDING)
    shell = threading.Thread(target=_label, args=(workspace, paths))
    shell.start()
    while shell.is_alive():
        assert stream.post()
    stream.close()
    assert _broken_links(workspace) == []
    people = {row[0] for row in _ask(workspace, "SELECT DISTINCT who FROM batch")}
    assert people == {"ann", "command line"}
    assert _ask(workspace, "SELECT COUNT(*) FROM operation") == [(len(stream.made),)]
    assert _ask(workspace, "PRAGMA integrity_check") == [("ok",)]
    until(lambda: workspace.annotations.read_bytes() == to_csv(annotation_rows(db)), what="annotations.csv")
    db.close()


def _broken_links(workspace: Workspace) -> list[tuple[object, ...]]:
    """Images that do not look as the newest decision on them says, or a decision that did not see the one before it."""
    return _ask(
        workspace,
        """
        WITH standing AS (
            SELECT image, field, before, after, id,
                   LAG(after) OVER of_image AS seen, LEAD(id) OVER of_image AS next
            FROM decision
            WINDOW of_image AS (PARTITION BY image, field ORDER BY decision.id)
        )
        SELECT image, field, before, seen, after, CASE field WHEN 'verdict' THEN verdict ELSE class_id END
        FROM standing JOIN image ON image.id = standing.image
        WHERE (seen IS NOT NULL AND seen != before)
           OR (next IS NULL AND after != CASE field WHEN 'verdict' THEN verdict ELSE CAST(class_id AS TEXT) END)
        """,
    )


def _ask(workspace: Workspace, question: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(f"file:{workspace.catalog}?mode=ro", uri=True)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()
