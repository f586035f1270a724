"""A form for each preset: every setting once, the main ones open, what is wrong said by its field."""

import pytest
from streamlit.testing.v1 import AppTest

from core.training.presets import PRESETS, parameters
from ui.form import field_key


def drawn(preset: str) -> AppTest:
    def script(preset: str) -> None:
        import streamlit as st

        from core.training.presets import PRESETS
        from ui.form import settings_form

        config = settings_form(PRESETS[preset], key="form")
        st.text(config.model_dump_json() if config else "no config")

    return AppTest.from_function(script, kwargs={"preset": preset}).run()


@pytest.mark.parametrize("preset", PRESETS)
def test_the_untouched_form_gives_the_defaults(preset: str) -> None:
    app = drawn(preset)
    assert not app.exception
    assert app.text[0].value == PRESETS[preset].config().model_dump_json()


@pytest.mark.parametrize("preset", PRESETS)
def test_every_setting_has_one_field_with_its_meaning(preset: str) -> None:
    app = drawn(preset)
    fields = {field.key: field for kind in ("number_input", "selectbox", "text_input") for field in app.get(kind)}
    wanted = {field_key(PRESETS[preset], item.name, key="form"): item for item in parameters(PRESETS[preset])}
    assert fields.keys() == wanted.keys()
    assert all(item.meaning in fields[key].help for key, item in wanted.items())


def test_a_changed_field_is_in_the_config() -> None:
    app = drawn("scratch-cnn")
    app.number_input("form.scratch-cnn.epochs").set_value(3).run()
    app.selectbox("form.scratch-cnn.flips").set_value(False).run()
    assert '"epochs":3,' in app.text[0].value
    assert '"flips":false' in app.text[0].value


def test_a_wrong_value_is_said_by_its_field_and_gives_no_config() -> None:
    app = drawn("scratch-cnn")
    app.text_input("form.scratch-cnn.device").set_value("gpu").run()
    assert app.text[0].value == "no config"
    assert any("must be auto, cpu, mps, cuda or cuda:N" in caption.value for caption in app.caption)


def test_an_emptied_field_is_asked_for() -> None:
    app = drawn("dcgan")
    app.text_input("form.dcgan.device").set_value("").run()
    assert app.text[0].value == "no config"
    assert any("fill this in" in caption.value for caption in app.caption)


def test_other_weights_than_the_offered_ones_may_be_typed() -> None:
    app = drawn("resnet18")
    app.selectbox("form.resnet18.weights").set_value("torchvision").run()
    assert '"weights":"torchvision"' in app.text[0].value
