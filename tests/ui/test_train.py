"""Train: one form gives one run; what is wrong is said by its field; what the run will see is told before."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.api.desk import Opened
from core.catalog.classes import ensure_class
from core.dataset.split import make_split
from core.jobs.process import stop
from core.jobs.status import observe
from core.runs.store import list_runs, run_folder, show_run
from tests.support.catalogue import fill_catalogue
from tests.support.waiting import until
from tests.ui.conftest import Visit


def fill_form(app: AppTest) -> None:
    """The smallest network for one epoch."""
    for name, value in (("epochs", 1), ("image_size", 16), ("width", 4)):
        app.number_input(f"train.scratch-cnn.{name}").set_value(value)
    app.run()


def end(folder: Path) -> None:
    stop(folder)
    until(lambda: observe(folder).ended, seconds=60, what="the run to end")


def test_without_pictures_the_page_leads_to_collect(visit: Visit) -> None:
    app = visit("train")
    assert "Collect pictures" in [link.proto.label for link in app.get("page_link")]
    assert [button for button in app.button if (button.key or "").startswith("train.")] == []


def test_one_form_gives_one_run_and_the_way_to_it(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=24)
    app = visit("train")
    fill_form(app)
    app.button("train.start").click().run()
    (row,) = list_runs(opened.workspace)
    try:
        assert row.run in app.success[0].value.replace("\\", "")
        assert app.button("train.watch").label == "Watch it"
        # A second click that was under way when the first one was answered: the same form, the same run.
        del app.session_state["train.started"]
        app.run()
        app.button("train.start").click().run()
        assert [again.run for again in list_runs(opened.workspace)] == [row.run]
    finally:
        end(run_folder(opened.workspace, row.run))
    parameters = show_run(opened.workspace, row.run).config["parameters"]
    assert isinstance(parameters, dict)
    assert (parameters["epochs"], parameters["image_size"], parameters["width"]) == (1, 16, 4)


def test_another_form_may_be_started_after_the_first(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=24)
    app = visit("train")
    fill_form(app)
    app.button("train.start").click().run()
    app.button("train.again").click().run()
    app.button("train.start").click().run()
    rows = list_runs(opened.workspace)
    for row in rows:
        end(run_folder(opened.workspace, row.run))
    assert len(rows) == 2


def test_a_wrong_setting_blocks_the_start(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=24)
    app = visit("train")
    app.text_input("train.scratch-cnn.device").set_value("gpu").run()
    assert app.button("train.blocked").disabled
    assert any("must be auto, cpu" in words.value for words in app.caption)


@pytest.mark.parametrize(("where", "words"), [("colour = red", "colour"), ("width > 100000", "No picture fits")])
def test_a_filter_that_gives_nothing_blocks_the_start(visit: Visit, opened: Opened, where: str, words: str) -> None:
    fill_catalogue(opened.workspace, opened.db, images=24)
    app = visit("train", where=where)
    assert app.button("train.blocked").disabled
    assert words in " ".join(item.value for item in [*app.caption, *app.warning])


def test_what_is_thin_or_has_no_part_is_said(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=60, classes=("Abra", "Mew", "Onix"))
    ensure_class(opened.db, "Empty")
    fill_catalogue(opened.workspace, opened.db, images=4, classes=("Zubat",))
    app = visit("train")
    assert any("There is no split yet" in words.value for words in app.markdown)
    assert "Zubat (4)" in app.warning[0].value
    make_split(opened.db, seed=0)
    app.run()
    assert not any("There is no split yet" in words.value for words in app.markdown)
    assert list(app.dataframe[0].value["Class"]) == ["Abra", "Mew", "Onix", "Zubat"]


def test_the_preset_is_in_the_address(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=24)
    app = visit("train", preset="dcgan")
    assert app.number_input("train.dcgan.epochs").value == 25
    app.button("train.preset.resnet18").click().run()
    assert app.query_params["preset"] == "resnet18"
    assert app.selectbox("train.resnet18.weights").value == "none"
