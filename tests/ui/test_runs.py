"""Runs: the list with its filters, one run's page in each state, the log, and the bin with its way back."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.api.desk import Opened
from core.files import write_json
from core.jobs.status import Status, write_status
from core.runs.samples import real_path, sample_path
from core.runs.store import list_runs, new_run
from tests.support.runs import made_up
from tests.ui.conftest import Visit

REPORT = {
    "accuracy": {"train": 0.9, "val": 0.8125, "test": 0.75},
    "macro_f1": 0.74,
    "evaluated_on": "test",
    "per_class": [{"class_name": "abra", "pictures": 4, "precision": 1.0, "recall": 0.5, "f1": 0.667}],
    "confusion": {"labels": ["abra", "mew"], "matrix": [[2, 2], [0, 4]]},
}


def links(app: AppTest) -> list[str]:
    return [link.proto.label.replace("\\", "") for link in app.get("page_link")]


def components(app: AppTest) -> list[dict[str, object]]:
    """What the components of ours were handed."""
    return [json.loads(item.proto.json) for item in app.get("bidi_component") if item.proto.json]


def test_without_runs_the_page_leads_to_train(visit: Visit) -> None:
    assert "Train a model" in links(visit("runs"))


def test_the_list_names_every_run_newest_first_and_filters(visit: Visit, opened: Opened) -> None:
    made_up(opened.workspace, "scratch-cnn", "finished")
    made_up(opened.workspace, "dcgan", "failed", error="No.", cause="error")
    rows = list_runs(opened.workspace)
    app = visit("runs")
    assert [label for label in links(app) if label[:2] == "20"] == [row.run for row in rows]
    assert "2 runs, 0 under way" in [words.value for words in app.caption]
    (generator,) = [row.run for row in rows if row.preset == "dcgan"]
    assert [label for label in links(visit("runs", preset="dcgan")) if label[:2] == "20"] == [generator]
    assert [label for label in links(visit("runs", state="failed")) if label[:2] == "20"] == [generator]


def test_a_finished_classifier_shows_curves_and_report(visit: Visit, opened: Opened) -> None:
    folder = made_up(opened.workspace, "scratch-cnn", "finished")
    write_json(folder / "report.json", REPORT)
    app = visit("runs", run=folder.name)
    assert app.title[0].value == folder.name
    assert any("finished" in words.value for words in app.markdown)
    assert [(metric.label, metric.value) for metric in app.metric] == [
        ("Training pictures", "90.0%"),
        ("Held-out pictures", "81.2%"),
        ("Test pictures", "75.0%"),
        ("Macro F1", "0.740"),
    ]
    alts = [str(data["alt"]) for data in components(app) if "alt" in data]
    assert "Loss per step: training" in alts
    assert "Confusion matrix of 2 classes" in alts
    assert app.button("runs.try").label == "Try it"


def test_a_generator_shows_its_grids(visit: Visit, opened: Opened) -> None:
    folder = made_up(opened.workspace, "dcgan", "finished")
    (folder / "samples").mkdir()
    for path in (sample_path(folder, 1), sample_path(folder, 2), real_path(folder)):
        path.write_bytes(b"webp")
    app = visit("runs", run=folder.name, epoch="1")
    (grid,) = [data for data in components(app) if "epochs" in data]
    epochs = grid["epochs"]
    assert isinstance(epochs, list)
    assert [epoch for epoch, _ in epochs] == [1, 2]
    assert epochs[0][1].startswith(f"/api/runs/{folder.name}/samples/1?v=")
    assert grid["start"] == 1
    assert str(grid["real"]).startswith(f"/api/runs/{folder.name}/samples/real?v=")
    assert app.query_params["epoch"] == "1"


def test_a_failed_run_says_why_and_what_to_do(visit: Visit, opened: Opened) -> None:
    folder = made_up(
        opened.workspace, "scratch-cnn", "failed", cause="nan", error="The loss is no number.", hint="Learn slower."
    )
    with pytest.raises(AssertionError, match=r"The loss is no number\\."):
        visit("runs", run=folder.name)


def test_the_log_is_searched(visit: Visit, opened: Opened) -> None:
    folder = made_up(opened.workspace, "scratch-cnn", "stopped")
    app = visit("runs", run=folder.name)
    assert app.code[0].value == "epoch 1 of 2\nepoch 2 of 2\nsaved"
    app.text_input("runs.search").set_value("SAVED").run()
    assert app.code[0].value == "saved"
    app.text_input("runs.search").set_value("nowhere").run()
    assert len(app.code) == 0


def test_a_deleted_run_can_be_put_back(visit: Visit, opened: Opened) -> None:
    folder = made_up(opened.workspace, "scratch-cnn", "stopped")
    app = visit("runs", run=folder.name)
    app.button("runs.delete").click().run()
    assert list_runs(opened.workspace) == []
    assert "run" not in app.query_params
    app.button("runs.undo").click().run()
    assert [row.run for row in list_runs(opened.workspace)] == [folder.name]
    assert folder.name in links(app)


def test_a_live_run_can_be_stopped_and_a_waiting_one_says_so(visit: Visit, opened: Opened) -> None:
    folder = new_run(opened.workspace, preset="scratch-cnn", config={"parameters": {"epochs": 2}})
    app = visit("runs", run=folder.name)
    assert app.button("runs.stop").label == "Stop"
    assert any("waiting" in words.value for words in app.markdown)
    app.button("runs.stop").click().run()
    assert [row.state for row in list_runs(opened.workspace)] == ["stopped"]


def test_a_run_that_is_not_there_is_said_in_a_sentence(visit: Visit) -> None:
    with pytest.raises(AssertionError, match="There is no run 'nothing'"):
        visit("runs", run="nothing")


def test_a_status_needs_no_more_than_a_state(visit: Visit, opened: Opened) -> None:
    folder = new_run(opened.workspace, preset="of-another-version", config={})
    write_status(folder, Status("finished"))
    assert folder.name in links(visit("runs"))
    assert visit("runs", run=folder.name).title[0].value == folder.name
