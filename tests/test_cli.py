"""The command line: one JSON document on stdout, one sentence on stderr, exit codes that tell."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from core.cli import main
from core.terminal import show
from tests.support.pictures import jpeg

ROOT = Path(__file__).resolve().parent.parent


class Shell:
    """`python -m core` on one workspace, in this process."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._capsys = capsys

    def code(self, *words: str) -> int:
        return main(["--home", str(self.home), *words], environ=os.environ)

    def json(self, *words: str) -> object:
        assert self.code(*words, "--json") == 0
        out = self._capsys.readouterr().out
        assert out.count("\n") == 1
        return json.loads(out)

    def refusal(self, *words: str) -> str:
        assert self.code(*words, "--json") == 1
        captured = self._capsys.readouterr()
        assert captured.out == ""
        assert len(captured.err.strip().splitlines()) == 1
        return captured.err


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path / "work", capsys)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "pictures"
    for name, seeds in {"abra": range(6), "mew": range(10, 16)}.items():
        (place / name).mkdir(parents=True)
        for seed in seeds:
            (place / name / f"{seed}.jpg").write_bytes(jpeg(seed))
    (place / "mew" / "copy.jpg").write_bytes(jpeg(10))
    (place / "mew" / "broken.jpg").write_bytes(jpeg(11)[:200])
    return place


def rows_of(home: Path) -> list[dict[str, str]]:
    with (home / "data" / "annotations.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_from_a_folder_to_a_split(shell: Shell, folder: Path) -> None:
    imported = shell.json("import", str(folder))
    assert isinstance(imported, dict)
    assert (imported["added"], imported["known"]) == (13, 0)
    assert [Path(row["path"]).name for row in imported["rejected"]] == ["broken.jpg"]
    again = shell.json("import", str(folder))
    assert isinstance(again, dict)
    assert (again["added"], again["known"]) == (0, 13)
    found = shell.json("duplicates", "--resolve", "best")
    assert isinstance(found, dict)
    assert (len(found["clusters"]), found["conflicts"], found["rejected"]) == (1, 0, 1)
    counts = shell.json("split", "--train", "0.5", "--val", "0.25", "--test", "0.25")
    assert isinstance(counts, dict)
    assert (counts["train"] + counts["val"] + counts["test"], counts["clusters_crossing"]) == (12, 0)
    rows = rows_of(shell.home)
    assert [row["img_name"] for row in rows] == sorted(row["img_name"] for row in rows)
    assert {(row["class_id"], row["class_name"]) for row in rows} == {("0", "abra"), ("1", "mew")}
    assert all(row["split"] for row in rows)


def test_decisions_reach_the_table_and_are_taken_back(shell: Shell, folder: Path) -> None:
    shell.json("import", str(folder))
    assert len(rows_of(shell.home)) == 13
    assert shell.json("label", "abra/abra001.jpg", "abra/abra002.jpg", "--reject") == {"batch": 1, "changed": 2}
    assert len(rows_of(shell.home)) == 11
    shell.json("label", "abra/abra003.jpg", "--class", "kadabra")
    assert {row["class_name"] for row in rows_of(shell.home)} == {"abra", "kadabra", "mew"}
    shell.json("undo")
    shell.json("undo")
    assert len(rows_of(shell.home)) == 13
    assert shell.json("redo") == {"batch": 1, "changed": 2}
    classes = shell.json("classes", "--minimum", "6")
    assert isinstance(classes, list)
    assert [(row["name"], row["unreviewed"], row["rejected"]) for row in classes] == [("abra", 4, 2), ("kadabra", 0, 0)]


def test_a_new_copy_of_a_rejected_picture_is_told_and_left_for_a_person(
    shell: Shell, folder: Path, tmp_path: Path
) -> None:
    shell.json("import", str(folder))
    shell.json("label", "abra/abra001.jpg", "--reject")
    place = tmp_path / "more" / "abra"
    place.mkdir(parents=True)
    with Image.open(shell.home / "data" / "images" / "abra" / "abra001.jpg") as picture:
        picture.save(place / "again.jpg", quality=60)
    imported = shell.json("import", str(tmp_path / "more"))
    assert imported == {"added": 1, "known": 0, "rejected": [], "like_rejected": 1}
    shell.json("duplicates", "--resolve", "best")
    found = shell.json("duplicates", "--resolve", "best")
    assert isinstance(found, dict)
    (cluster,) = found["clusters"]
    assert (found["rejected"], cluster["keep"]) == (0, "abra/abra007.jpg")
    assert [row["path"] for row in cluster["images"]] == ["abra/abra007.jpg", "abra/abra001.jpg"]
    assert cluster["like_rejected"] == ["abra/abra007.jpg"]
    shell.json("label", "abra/abra001.jpg", "--unreview")
    shell.json("label", "abra/abra007.jpg", "--keep")
    shell.json("label", "abra/abra001.jpg", "--reject")
    again = shell.json("duplicates")
    assert isinstance(again, dict)
    assert again["clusters"] == []


def test_a_picture_is_named_by_its_line_or_by_its_file(shell: Shell, folder: Path) -> None:
    shell.json("import", str(folder))
    file = shell.home / "data" / "images" / "abra" / "abra001.jpg"
    assert shell.json("label", str(file), "--keep") == {"batch": 1, "changed": 1}
    assert shell.json("label", "data/images/abra/abra001.jpg", "--unreview") == {"batch": 2, "changed": 1}
    assert "copy.jpg" in shell.refusal("label", str(folder / "mew" / "copy.jpg"), "--keep")


def test_a_file_put_there_by_hand_is_found(shell: Shell) -> None:
    shell.json("classes")
    place = shell.home / "data" / "images" / "abra"
    place.mkdir(parents=True)
    (place / "mine.jpg").write_bytes(jpeg(1))
    scanned = shell.json("scan")
    assert isinstance(scanned, dict)
    assert (scanned["images"], scanned["new"], scanned["classes"]) == (1, 1, {"abra": 1})


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["import", "/nowhere/at/all"], "/nowhere/at/all"),
        (["label", "abra/none.jpg", "--keep"], "abra/none.jpg"),
        (["collect", "--engine", "altavista", "--class", "abra"], "altavista"),
        (["train", "no-such-preset"], "no-such-preset"),
        (["train", "scratch-cnn", "--set", "epochz=3"], "epochz"),
        (["train", "scratch-cnn", "--set", "epochs=3"], "class"),
        (["runs", "show", "../../etc"], "etc"),
        (["runs", "show", "20260101-000000-dcgan"], "20260101-000000-dcgan"),
        (["duplicates", "--distance", "99"], "distance"),
    ],
)
def test_what_cannot_be_is_one_sentence_that_names_it(shell: Shell, words: list[str], names: str) -> None:
    assert names in shell.refusal(*words)


@pytest.mark.parametrize(
    "words", [[], ["nonsense"], ["label", "a.jpg"], ["label", "a", "--keep", "--reject"], ["runs"]]
)
def test_wrong_usage_is_exit_2(shell: Shell, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        shell.code(*words)
    assert ended.value.code == 2
    assert "run-job" not in capsys.readouterr().err


def test_verbs_that_do_not_work_yet_are_not_offered(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        shell.code("--help")
    text = capsys.readouterr().out
    assert "import" in text
    assert not any(word in text for word in ("export", "run-job", "run-queue"))


def test_as_a_process_the_answer_is_alone_on_stdout(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "core", "--home", str(tmp_path), "presets", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert [preset["name"] for preset in json.loads(done.stdout)] == ["scratch-cnn", "resnet18", "dcgan"]
    assert done.stderr == ""


def test_a_reader_that_has_read_enough_is_no_error(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "core", "--home", str(tmp_path), "presets", "--json"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_times_are_shown_as_times() -> None:
    lines = show([{"run": "20260101-000000-dcgan", "started": 1767225600.0, "best": 0.12345678}]).splitlines()
    assert lines[1].split()[1].startswith("202")
    assert lines[1].split()[-1] == "0.1235"


def test_a_table_for_people(shell: Shell, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shell.code("import", str(folder))
    capsys.readouterr()
    assert shell.code("classes") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:2] == ["class_id", "name"]
    assert [line.split()[1] for line in lines[1:]] == ["abra", "mew"]


def test_a_damaged_catalogue_is_named_and_scan_builds_it_anew(shell: Shell, folder: Path) -> None:
    shell.json("import", str(folder))
    shell.json("label", "abra/abra001.jpg", "--reject")
    catalog = shell.home / "data" / "catalog.db"
    catalog.write_bytes(b"no database" * 1000)
    assert "`python -m core scan` sets it aside and builds it anew" in shell.refusal("classes")
    scanned = shell.json("scan")
    assert isinstance(scanned, dict)
    assert scanned["images"] == 13
    (kept,) = catalog.parent.glob("catalog.damaged-*.db")
    assert kept.read_bytes() == b"no database" * 1000
    assert len(rows_of(shell.home)) == 12
