"""annotations.csv follows the decisions by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.api.desk import Desk
from core.api.lifespan import AnnotationsWriter
from core.catalog.decisions import decide
from core.catalog.records import Operation
from core.workspace import Workspace
from tests.support.waiting import until


@pytest.fixture
def writer(desk: Desk) -> Iterator[AnnotationsWriter]:
    started = AnnotationsWriter(desk)
    started.start()
    yield started
    started.stop()


def _rows(desk: Desk) -> list[str]:
    path = desk.workspace.annotations
    return path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else []


def test_what_a_crash_left_undone_is_made_up_for(desk: Desk, writer: AnnotationsWriter) -> None:
    until(lambda: len(_rows(desk)) == 12, what="the file at the start")


def test_decisions_reach_the_file(desk: Desk, writer: AnnotationsWriter) -> None:
    until(lambda: len(_rows(desk)) == 12, what="the file at the start")
    for image in (1, 2, 3):
        decide(desk.db, [Operation(image, "reject")], who="test")
    until(lambda: len(_rows(desk)) == 9, what="the rejected ones to leave the file")


def test_what_the_disk_refused_is_written_when_it_takes_it_again(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.workspace.annotations.mkdir()
    writer = AnnotationsWriter(desk)
    writer.start()
    try:
        until(lambda: "was not written" in caplog.text, what="the refusal")
        desk.workspace.annotations.rmdir()
        until(lambda: len(_rows(desk)) == 12, what="the file after the refusal")
    finally:
        writer.stop()


def test_the_last_decision_is_written_at_the_end(workspace: Workspace, desk: Desk, tmp_path: Path) -> None:
    decide(desk.db, [Operation(1, "reject")], who="test")
    desk.switch(tmp_path / "other")
    rows = workspace.annotations.read_text(encoding="utf-8").splitlines()[1:]
    assert len(rows) == 11


def test_a_hand_edit_stays(desk: Desk, writer: AnnotationsWriter) -> None:
    until(lambda: len(_rows(desk)) == 12, what="the file at the start")
    edited = desk.workspace.annotations.read_text(encoding="utf-8").replace("abra", "other")
    desk.workspace.annotations.write_text(edited, encoding="utf-8")
    decide(desk.db, [Operation(1, "reject")], who="test")
    writer.stop()
    assert desk.workspace.annotations.read_text(encoding="utf-8") == edited
