"""What every page has around it: navigation, sidebar, and the edge where errors become sentences."""

from pathlib import Path

import streamlit as st

from core.api.desk import desk
from ui.edge import edge, forget_failure
from ui.facts import facts
from ui.rooms import ROOMS, note_visit, page_of
from ui.sidebar import places, title
from ui.theme import accent, theme

__all__: list[str] = []

_STYLE = Path(__file__).with_name("style.css")
# A Material symbol or an emoji here would be fetched from the web at every visit.
_ICON = Path(__file__).with_name("icon.png")

st.set_page_config(page_title="Specimen", page_icon=_ICON, layout="wide")
sections: dict[str, list[st.Page]] = {}
for entry in ROOMS:
    sections.setdefault(entry.section, []).append(page_of(entry.name))
page = st.navigation(sections, position="hidden")
st.html(_STYLE)
# Dialogs and popovers hang outside of the app's own element, which alone knows the scheme otherwise.
st.html(f"<style>:root {{ --specimen-accent: {accent()}; color-scheme: {theme()}; }}</style>")
if note_visit(page.url_path):
    forget_failure()
with edge():
    the_desk = desk()
    title(the_desk)
    here = the_desk.opened
    places(here, facts(here))
    page.run()
