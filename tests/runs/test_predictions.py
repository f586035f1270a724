"""A run's predictions.csv comes into the catalogue when a filter speaks of the run, and again when it changed."""

from pathlib import Path

import pytest

from core.catalog.images import list_ids
from core.catalog.predictions import known_stamp
from core.database import Database
from core.errors import InputError, NotFoundError, StorageError
from core.runs.predictions import answered_runs, settle_answers, settle_filter
from core.runs.store import delete_run, restore_run
from core.workspace import Workspace
from tests.support.catalogue import fill_catalogue
from tests.support.runs import made_up

HEADER = "img_name,class_name,predicted,probability,probability_true,split\n"


@pytest.fixture
def run(workspace: Workspace, db: Database) -> Path:
    """A finished run that has answered one of four pictures."""
    fill_catalogue(workspace, db, images=4, classes=("Abra", "Mew"))
    folder = made_up(workspace, "scratch-cnn", "finished")
    (folder / "predictions.csv").write_text(f"{HEADER}abra/abra001.png,Abra,Mew,0.9,0.05,val\n", encoding="utf-8")
    return folder


def test_a_filter_that_names_a_run_brings_its_answers(workspace: Workspace, db: Database, run: Path) -> None:
    where = f'run = "{run.name}" and wrong'

    assert settle_filter(workspace, db, "width > 3") == ""
    first = settle_filter(workspace, db, where)
    assert [number for number, _ in list_ids(db, where=where)[1]] == [1]
    assert settle_filter(workspace, db, where) == first

    (run / "predictions.csv").write_text(HEADER, encoding="utf-8")
    assert settle_filter(workspace, db, where) != first
    assert list_ids(db, where=where)[1] == []
    assert answered_runs(workspace) == [run.name]


def test_what_is_not_there_or_damaged_is_said(workspace: Workspace, db: Database, run: Path) -> None:
    other = made_up(workspace, "dcgan", "finished")

    with pytest.raises(NotFoundError, match="no run 'nobody'"):
        settle_answers(workspace, db, "nobody")
    with pytest.raises(NotFoundError, match=r"has no predictions\.csv"):
        settle_answers(workspace, db, other.name)
    with pytest.raises(InputError, match="no column"):
        settle_filter(workspace, db, "colour = red")
    for torn in ("img_name\n", f"{HEADER}a,b,c,wide,0.1,val\n", f"{HEADER}a,b\n"):
        (run / "predictions.csv").write_text(torn, encoding="utf-8")
        with pytest.raises(StorageError, match=r"predictions\.csv"):
            settle_answers(workspace, db, run.name)


def test_answers_of_deleted_runs_go_when_another_run_is_asked(workspace: Workspace, db: Database, run: Path) -> None:
    first = settle_answers(workspace, db, run.name)
    other = made_up(workspace, "scratch-cnn", "finished")
    (other / "predictions.csv").write_text((run / "predictions.csv").read_text(encoding="utf-8"), encoding="utf-8")
    settle_answers(workspace, db, other.name)
    assert known_stamp(db, run.name) == first

    delete_run(workspace, run.name)
    (other / "predictions.csv").write_text(HEADER, encoding="utf-8")
    settle_answers(workspace, db, other.name)
    assert known_stamp(db, run.name) is None
    with pytest.raises(InputError, match="holds no answers"):
        list_ids(db, where=f'run = "{run.name}"')

    restore_run(workspace, run.name)
    settle_answers(workspace, db, run.name)
    assert len(list_ids(db, where=f'run = "{run.name}"')[1]) == 1
