"""Classes and the bin by the command line: what each verb answers, and what it leaves on disk."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.catalog.store import open_catalog
from core.cli import main
from core.workspace import Workspace, open_workspace
from tests.support.app import ROOT
from tests.support.catalogue import fill_catalogue
from tests.support.runs import made_up


class Shell:
    """`python -m core` on a workspace of nine pictures in three classes, in this process."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._capsys = capsys
        workspace = open_workspace(home, environ={})
        db = open_catalog(workspace)
        fill_catalogue(workspace, db, images=9)
        db.close()

    def json(self, *words: str) -> dict[str, object]:
        assert main(["--home", str(self.home), *words, "--json"], environ=os.environ) == 0
        answer = json.loads(self._capsys.readouterr().out)
        return answer if isinstance(answer, dict) else {"rows": answer}

    def refusal(self, *words: str) -> str:
        assert main(["--home", str(self.home), *words, "--json"], environ=os.environ) == 1
        return self._capsys.readouterr().err

    def names(self) -> list[str]:
        rows = self.json("classes")["rows"]
        assert isinstance(rows, list)
        return [row["name"] for row in rows]


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path / "work", capsys)


def test_classes_are_added_renamed_ordered_merged_and_deleted(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes("\ufeffDitto\r\nabra\r\nDitto\r\n".encode())
    added = shell.json("classes", "add", "--file", str(tmp_path / "list.txt"))
    assert added["added"] == [{"class_id": 3, "name": "Ditto"}]
    assert added["left_out"] == [
        {"line": 2, "text": "abra", "reason": "Differs from the class 'Abra' only in upper and lower case."},
        {"line": 3, "text": "Ditto", "reason": "The same name as line 1."},
    ]
    assert shell.json("classes", "rename", "Ditto", "Dodo") == {"class_id": 3, "name": "Dodo"}
    shell.json("classes", "order", "Dodo", "Onix")
    assert shell.names() == ["Dodo", "Onix", "Abra", "Mew"]
    assert shell.json("classes", "merge", "Abra", "--into", "Mew") == {"batch": 3, "changed": 3, "classes": 1}
    assert "say --to C" in shell.refusal("classes", "delete", "Onix")
    assert shell.json("classes", "delete", "Onix", "--reject")["changed"] == 3
    assert shell.json("classes", "delete", "Dodo") == {"batch": 5, "changed": 0, "classes": 1}
    assert shell.names() == ["Mew"]
    for _ in range(5):
        shell.json("undo")
    assert shell.names() == ["Abra", "Mew", "Onix", "Ditto"]
    assert "'Nobody'" in shell.refusal("classes", "merge", "Nobody", "--into", "Mew")


def test_what_is_rejected_lies_in_the_bin_until_it_is_deleted(shell: Shell) -> None:
    shell.json("label", "abra/abra001.png", "abra/abra002.png", "mew/mew001.png", "--reject")
    found = shell.json("bin", "list", "--where", "class = Abra")
    assert (found["images"], [set(row) for row in found["rejected"]]) == (  # type: ignore[attr-defined]
        2,
        [{"path", "class", "reason", "who", "at", "bytes"}] * 2,
    )
    assert shell.json("bin", "restore", "abra/abra001.png")["changed"] == 1
    assert "does not lie in the bin" in shell.refusal("bin", "restore", "abra/abra001.png")
    assert "deletes 2 pictures" in shell.refusal("bin", "empty")
    assert "not 7" in shell.refusal("bin", "empty", "--yes", "--expect", "7")
    emptied = shell.json("bin", "empty", "--yes")
    assert (emptied["deleted"], emptied["left"]) == (2, [])
    assert not (shell.home / "data" / "images" / "abra" / "abra002.png").exists()
    assert shell.json("bin", "restore", "--all")["changed"] == 0
    assert shell.json("undo") == {"batch": 2, "changed": 1}
    assert str(shell.json("undo")["refused"]).startswith("2 pictures of this decision cannot come back")


def test_the_bin_is_asked_by_what_a_run_answers(shell: Shell) -> None:
    shell.json("label", "abra/abra001.png", "abra/abra002.png", "--reject")
    folder = made_up(Workspace(shell.home), "scratch-cnn", "finished")
    header = "img_name,class_name,predicted,probability,probability_true,split\n"
    (folder / "predictions.csv").write_text(f"{header}abra/abra001.png,Abra,Mew,0.9,0.1,val\n", encoding="utf-8")
    where = f'run = "{folder.name}" and wrong'
    assert shell.json("bin", "list", "--where", where)["images"] == 1
    assert shell.json("bin", "restore", "--where", where)["changed"] == 1


def test_a_model_keeps_the_classes_that_it_learnt(shell: Shell) -> None:
    command = [sys.executable, "-m", "core", "--home", str(shell.home), "train", "scratch-cnn", "--wait", "--json"]
    settings = ("epochs=1", "image_size=32", "batch_size=4")
    trained = subprocess.run(
        [*command, *(f"--set={pair}" for pair in settings)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    run = json.loads(trained.stdout)["run"]
    picture = str(shell.home / "data" / "images" / "abra" / "abra001.png")
    shell.json("classes", "rename", "Abra", "Kadabra")
    shell.json("classes", "merge", "Mew", "--into", "Onix")
    rows = shell.json("predict", run, picture)["rows"]
    assert isinstance(rows, list)
    assert {answer["class"] for answer in rows[0]["predictions"]} == {"Abra", "Mew", "Onix"}
