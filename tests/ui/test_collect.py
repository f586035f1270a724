"""Collect: a folder, files from the browser and searches become jobs; what was left out is said with its reason."""

from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from core.api.desk import Opened
from core.catalog.classes import count_classes
from core.catalog.decisions import decide
from core.catalog.images import list_images
from core.catalog.records import Operation
from core.jobs.queue import list_jobs, request_of, submit
from tests.support.catalogue import fill_catalogue
from tests.support.pictures import broken_files, jpeg
from tests.support.waiting import until
from tests.ui.conftest import Visit
from ui.harvest import reasons
from ui.searches import Asked, Search, read_classes


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    for number in range(6):
        place = folder / ("abra" if number % 2 else "mew") / f"{number}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(jpeg(number))
    (folder / "abra" / "half.jpg").write_bytes(broken_files()["half.jpg"][0])
    return folder


def _wait(opened: Opened) -> None:
    until(lambda: all(status.ended for _, status in list_jobs(opened.workspace)), seconds=120, what="the jobs' end")


def test_a_folder_is_imported_by_its_path(visit: Visit, opened: Opened, pictures: Path) -> None:
    app = visit("collect", **{"from": "folder"})
    app.text_input(key="collect.path").set_value(str(pictures))
    app.button(key="collect.go").click().run()

    ((folder, _),) = list_jobs(opened.workspace)
    assert (request_of(folder).kind, request_of(folder).arguments) == ("import", {"source": str(pictures)})
    _wait(opened)
    app.run()
    assert sorted((row.name, row.unreviewed) for row in count_classes(opened.db)) == [("abra", 3), ("mew", 3)]
    assert any("6 added" in words.value for words in app.main.markdown)
    assert [panel.label for panel in app.expander] == ["1 file left out: 1 × truncated JPEG"]


def test_new_pictures_like_rejected_ones_are_counted_with_the_way_to_them(
    visit: Visit, opened: Opened, pictures: Path, tmp_path: Path
) -> None:
    submit(opened.workspace, kind="import", arguments={"source": str(pictures)}, title="First")
    _wait(opened)
    bad = next(row for row in list_images(opened.db)[1] if row.class_name == "mew")
    decide(opened.db, [Operation(bad.id, "reject")], who="me")
    (tmp_path / "more" / "mew").mkdir(parents=True)
    with Image.open(opened.workspace.images / bad.path) as picture:
        picture.save(tmp_path / "more" / "mew" / "again.jpg", quality=60)
    submit(opened.workspace, kind="import", arguments={"source": str(tmp_path / "more")}, title="More")
    _wait(opened)

    links = visit("collect").main.get("page_link")

    assert [(link.proto.label, link.proto.query_string) for link in links] == [
        ("1 picture looks like a rejected one", "kind=rejected")
    ]


def test_no_path_is_a_sentence(visit: Visit) -> None:
    app = visit("collect", **{"from": "folder"})
    app.button(key="collect.go").click().run()

    assert app.error[0].value.startswith("Name the folder or zip to import")


def test_dropped_files_go_into_the_class_that_was_named(visit: Visit, opened: Opened) -> None:
    app = visit("collect", **{"from": "computer"})
    app.file_uploader[0].set_value([("a.jpg", jpeg(1), "image/jpeg"), ("b.jpg", jpeg(2), "image/jpeg")])
    app.text_input(key="collect.upload.class").set_value("Über blume")
    app.button(key="collect.go").click().run()

    assert [error.value for error in app.error] == []
    _wait(opened)
    assert [(row.name, row.unreviewed) for row in count_classes(opened.db)] == [("Über blume", 2)]
    assert [path.suffix for path in (opened.workspace.cache / "uploads").rglob("*") if path.is_file()] == [".zip"]


def test_a_search_without_a_class_is_a_sentence(visit: Visit) -> None:
    app = visit("collect")
    app.button(key="collect.go").click().run()

    assert app.error[0].value.startswith("Name at least one class to search for")


def test_each_class_has_a_row_that_asks_for_nothing_yet(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=6, classes=("abra", "mew"))

    _, frame = visit("collect").session_state["collect.table"]

    assert [tuple(row) for row in frame[["class", "have", "want"]].itertuples(index=False)] == [
        ("abra", 3, 0),
        ("mew", 3, 0),
    ]


def test_reasons_are_counted() -> None:
    refused = [
        {"path": "a", "reason": "empty file"},
        {"path": "b", "reason": "too small"},
        {"path": "c", "reason": "empty file"},
    ]

    assert reasons(refused) == [("empty file", 2), ("too small", 1)]


def test_lines_name_classes_and_their_search_words() -> None:
    lines = "\ufeff abra \n\nmew: mew: pokemon\r\nonix: \n"

    assert read_classes(lines, present=["abra"], engine="bing", limit=7) == Asked((
        Search("abra", "", "bing", 7),
        Search("mew", "mew: pokemon", "bing", 7),
        Search("onix", "", "bing", 7),
    ))


def test_lines_that_name_no_class_are_told_and_stop_no_other() -> None:
    lines = f": words alone\nabra\n{'x' * 81}\nabra: abra drawing\nMew\nonix"

    asked = read_classes(lines, present=["mew"], engine="bing", limit=7)

    assert [search.class_name for search in asked.searches] == ["abra", "onix"]
    assert [(line.line, line.text) for line in asked.left_out] == [
        (1, ": words alone"), (3, "x" * 81), (4, "abra: abra drawing"), (5, "Mew"),
    ]  # fmt: skip
    assert "No class stands before the colon" in asked.left_out[0].reason
    assert "same name as line 2" in asked.left_out[2].reason
    assert "only in upper and lower case" in asked.left_out[3].reason


def test_good_lines_start_and_bad_ones_stay_to_be_mended(
    visit: Visit, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPECIMEN_ENGINE_URL_BING", "http://127.0.0.1:9")
    app = visit("collect")
    app.text_area[0].set_value(f"abra\n{'x' * 81}: long").run()
    assert any(words.value.startswith("1 line left out") for words in app.main.caption)

    app.button(key="collect.go").click().run()

    assert [request_of(folder).arguments["class_name"] for folder, _ in list_jobs(opened.workspace)] == ["abra"]
    assert app.text_area[0].value == f"{'x' * 81}: long"


def test_each_class_that_asks_for_pictures_becomes_a_job(
    visit: Visit, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPECIMEN_ENGINE_URL_BING", "http://127.0.0.1:9")
    fill_catalogue(opened.workspace, opened.db, images=2, classes=("mew", "onix"))
    app = visit("collect")
    rows = [("mew", "mew pokemon", "bing", 0, 7), ("onix", "", "bing", 3, 0)]
    frame = pd.DataFrame(rows, columns=["class", "query", "engine", "have", "want"])
    app.session_state["collect.table"] = ((opened.token, "mew", "onix"), frame)
    app.number_input(key="collect.want").set_value(5)
    app.text_area[0].set_value("abra").run()

    app.button(key="collect.go").click().run()

    asked = sorted(str(request_of(folder).arguments) for folder, _ in list_jobs(opened.workspace))
    assert asked == [
        "{'engine': 'bing', 'class_name': 'abra', 'limit': 5}",
        "{'engine': 'bing', 'class_name': 'mew', 'limit': 7, 'query': 'mew pokemon'}",
    ]
    _wait(opened)
    assert {status.state for _, status in list_jobs(opened.workspace)} == {"failed"}
    assert all("bing" in (status.error or "") for _, status in list_jobs(opened.workspace))
