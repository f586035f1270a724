"""Who decides: the name that this browser keeps, so that undo takes back one's own and the history says whose."""

from urllib.parse import unquote

import streamlit as st

__all__ = ["remember_who", "who"]

_SESSION, _COOKIE = "who", "specimen_name"
_USUAL = "me"
_LONGEST = 80


def who() -> str:
    """The person's name; `me` until one is given."""
    cookie = st.context.cookies.get(_COOKIE, "")
    # Streamlit's AppTest has no browser behind it and hands out something that is no text.
    named = st.session_state.get(_SESSION) or (unquote(cookie) if isinstance(cookie, str) else "")
    return _cleaned(str(named)) or _USUAL


def remember_who(name: str) -> None:
    """Use `name` from now on: the browser tells the cookie only when it connects anew."""
    st.session_state[_SESSION] = _cleaned(name)


def _cleaned(name: str) -> str:
    return " ".join("".join(character if character.isprintable() else " " for character in name).split())[:_LONGEST]
