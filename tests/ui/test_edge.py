"""The edge: errors of ours are sentences, others are said with their details folded, none is a traceback."""

import pytest
from streamlit.testing.v1 import AppTest


def _own() -> None:
    from core.errors import InputError
    from ui.edge import edge

    with edge():
        raise InputError("The folder is empty; choose another one.")


def _foreign() -> None:
    from ui.edge import edge

    with edge():
        raise RuntimeError("wires crossed")


def _button() -> None:
    import streamlit as st

    from core.errors import BusyError
    from ui.edge import act, show_notices

    def fail() -> str:
        raise BusyError("Another process holds it; try again.")

    show_notices()
    st.button("fail", on_click=act, args=(fail,))
    st.button("work", on_click=act, args=(lambda: "Done",))
    st.button("nothing")


def test_our_error_is_one_sentence() -> None:
    app = AppTest.from_function(_own).run()

    assert [error.value.replace("\\", "") for error in app.error] == ["The folder is empty; choose another one."]
    assert len(app.exception) == len(app.expander) == 0


def test_a_foreign_error_is_logged_and_its_details_are_folded(caplog: pytest.LogCaptureFixture) -> None:
    app = AppTest.from_function(_foreign).run()

    assert app.error[0].value.replace("\\", "").startswith("This did not work (RuntimeError)")
    assert "wires crossed" in app.expander[0].code[0].value
    assert len(app.exception) == 0
    assert "A page failed" in caplog.text


def test_a_buttons_error_stands_until_the_next_button() -> None:
    app = AppTest.from_function(_button).run()

    app.button[0].click().run()
    assert [error.value.replace("\\", "") for error in app.error] == ["Another process holds it; try again."]
    app.button[2].click().run()
    assert len(app.error) == 1

    app.button[1].click().run()
    assert len(app.error) == 0
    assert [toast.value for toast in app.toast] == ["Done"]
    app.run()
    assert len(app.toast) == 0
