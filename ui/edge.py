"""The edge between the program and the person: every error becomes a sentence, no traceback reaches the page.

Pages run inside `edge()`, and so does each fragment, because Streamlit reports a fragment's error by itself. A button
does its work through `act`, which keeps what it has to say until the page is drawn.
"""

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec

import streamlit as st
from streamlit.errors import FragmentHandledException

from core.errors import SpecimenError
from ui.words import plain

__all__ = ["act", "edge", "forget_failure", "say", "show_notices"]

_log = logging.getLogger(__name__)
_SAID, _FAILED = "edge.said", "edge.failed"
Given = ParamSpec("Given")


@contextmanager
def edge() -> Iterator[None]:
    """Runs the block; an error ends it and stands on the page as one sentence.

    Errors of our own say what to do; others are logged, with their details folded on the page.
    """
    try:
        yield
    except FragmentHandledException:
        raise
    except SpecimenError as exc:
        st.error(plain(str(exc)), icon=":material/error:")
    except Exception as exc:  # noqa: BLE001 - the edge of a page: whatever it is, a person must read a sentence
        _log.exception("A page failed")
        st.error(_unexpected(exc), icon=":material/error:")
        with st.expander("Details"):
            st.code("".join(traceback.format_exception(exc)), language=None)


def act(action: Callable[Given, str | None], *args: Given.args, **kwargs: Given.kwargs) -> None:
    """Does what a button says, before the page is drawn again; made for `on_click`.

    The sentence that `action` returns is shown as a toast; an error stands at the head of the page until the next
    button or another page.
    """
    forget_failure()
    try:
        said = action(*args, **kwargs)
    except SpecimenError as exc:
        st.session_state[_FAILED] = str(exc)
    except Exception as exc:  # noqa: BLE001 - the edge of a button
        _log.exception("A button failed")
        st.session_state[_FAILED] = _unexpected(exc)
    else:
        if said:
            say(said)


def say(sentence: str) -> None:
    """Shows `sentence` as a toast when the page is drawn next."""
    st.session_state[_SAID] = sentence


def forget_failure() -> None:
    """Takes the last button's error off the page."""
    st.session_state.pop(_FAILED, None)


def show_notices() -> None:
    """Shows what the last button had to say: a toast once, an error as long as it stands."""
    if failed := st.session_state.get(_FAILED):
        st.error(plain(failed), icon=":material/error:")
    if said := st.session_state.pop(_SAID, None):
        st.toast(said)


def _unexpected(exc: Exception) -> str:
    return f"This did not work ({type(exc).__name__}); try again, and report it with the log if it stays so."
