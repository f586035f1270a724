"""Try: a trained model answers about a picture, a generator draws from seeds."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.api.desk import Opened
from core.jobs.status import observe
from core.runs.store import show_run
from core.training.launch import launch
from core.training.presets import parse_settings
from tests.support.catalogue import fill_catalogue
from tests.support.waiting import until
from tests.ui.conftest import Visit
from ui.seeds import FIRST_SEEDS, new_seeds, read_seeds, seeds_text

TINY = {
    "scratch-cnn": ["epochs=1", "image_size=16", "width=4", "device=cpu"],
    "dcgan": ["epochs=1", "image_size=16", "generator_width=4", "discriminator_width=4", "device=cpu"],
}


def trained(here: Opened, preset: str) -> Path:
    """A run of one epoch on drawn pictures, finished."""
    fill_catalogue(here.workspace, here.db, images=24)
    config = parse_settings(preset, TINY[preset])
    folder = launch(here.workspace, here.db, preset=preset, config=config)
    until(lambda: observe(folder).ended, seconds=120, what="the run to end")
    assert observe(folder).state == "finished", show_run(here.workspace, folder.name).status.error
    return folder


def html(app: AppTest, word: str) -> str:
    bodies = (str(item.proto.body) for item in app.get("html"))
    return next(body for body in bodies if word in body)


def test_without_a_model_the_page_leads_to_train(visit: Visit) -> None:
    assert "Train a model" in [link.proto.label for link in visit("try").get("page_link")]


def test_a_picture_is_answered_with_a_bar_for_each_class(visit: Visit, opened: Opened) -> None:
    folder = trained(opened, "scratch-cnn")
    app = visit("try", run=folder.name, image="3")
    bars = html(app, "specimen-bars")
    assert all(f">{name}<" in bars for name in ("Abra", "Mew", "Onix"))
    assert app.subheader[0].value in ("Abra", "Mew", "Onix")
    assert any("onix" in words.value and "labelled Onix" in words.value for words in app.caption)
    app.button("try.any").click().run()
    assert app.query_params["image"].isdecimal()


def test_five_seeds_give_five_pictures_and_others_on_request(visit: Visit, opened: Opened) -> None:
    folder = trained(opened, "dcgan")
    app = visit("try", run=folder.name)
    first = html(app, "specimen-drawn")
    assert first.count("<img ") == 5
    assert [f"seed {seed}<" in first for seed in FIRST_SEEDS] == [True] * 5
    assert html(visit("try", run=folder.name, seeds="1,2,3,4,5"), "specimen-drawn") == first
    app.button("try.again").click().run()
    drawn = read_seeds(app.query_params["seeds"])
    assert len(drawn) == 5
    assert drawn != FIRST_SEEDS
    assert f"seed {drawn[0]}<" in html(app, "specimen-drawn")


@pytest.mark.parametrize("text", ["", "a,b", "1,,2", "-1", str(2**40), "1;2"])
def test_what_names_no_seeds_gives_the_first_five(text: str) -> None:
    assert read_seeds(text) == FIRST_SEEDS


def test_seeds_survive_the_address() -> None:
    seeds = new_seeds(5)
    assert read_seeds(seeds_text(seeds)) == seeds
    assert read_seeds("7") == (7,)
