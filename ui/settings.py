"""The settings of a workspace as a small form."""

from typing import Final, get_args

import streamlit as st
from pydantic import ValidationError

from core.api.desk import Opened
from core.errors import InputError
from core.workspace import HashMode, Settings, read_settings, write_settings
from ui.copies import number_clusters
from ui.edge import edge, say

__all__ = ["save_settings", "settings_dialog"]

_MODES: Final[dict[HashMode, str]] = {
    "exact": "Exact: the bits of imagehash",
    "fast": "Fast: large JPEGs at a fraction of their size, a few bits differ",
}


@st.dialog("Settings", icon=":material/settings:")
def settings_dialog(here: Opened) -> None:
    """Asks for what `data/settings.json` holds and writes it."""
    with edge():
        settings = read_settings(here.workspace)
        with st.form("settings.form", border=False):
            minimum = st.number_input(
                "Pictures a class needs",
                min_value=1,
                max_value=100_000,
                value=settings.minimum_per_class,
                help="Classes with fewer are marked as thin; they can be trained on all the same.",
            )
            target = st.number_input(
                "Pictures you want of each class",
                min_value=1,
                max_value=100_000,
                value=settings.target_per_class,
                help="Clean shows how far each class is from it.",
            )
            distance = st.slider(
                "Two pictures count as copies up to this distance",
                min_value=0,
                max_value=16,
                value=settings.duplicate_distance,
                help="How many of 64 bits of their fingerprints may differ; 0 finds only pictures that look the same.",
            )
            mode = st.selectbox(
                "Hash of pictures",
                get_args(HashMode),
                index=get_args(HashMode).index(settings.hash_mode),
                format_func=_MODES.__getitem__,
                help="After a change the next scan hashes all pictures anew; until then they have no copies.",
            )
            hosts = st.text_area(
                "Private hosts that may be fetched from",
                value="\n".join(settings.allowed_hosts),
                placeholder="nas.local:8080",
                help="One HOST:PORT a line. Addresses inside your network are refused unless they are listed here.",
            )
            if st.form_submit_button("Save", type="primary"):
                save_settings(here, minimum=minimum, target=target, distance=distance, hosts=hosts.split(), mode=mode)
                say("Settings saved")
                st.rerun()


def save_settings(here: Opened, *, minimum: int, target: int, distance: int, hosts: list[str], mode: HashMode) -> None:
    """Writes the five; InputError when one of them cannot be."""
    for host in hosts:
        name, colon, port = host.rpartition(":")
        if not (name and colon and port.isdecimal()):
            raise InputError(f"“{host}” is not HOST:PORT, for example nas.local:8080; correct that line.")
    changed = {
        "minimum_per_class": minimum,
        "target_per_class": target,
        "duplicate_distance": distance,
        "allowed_hosts": hosts,
        "hash_mode": mode,
    }
    try:
        settings = Settings.model_validate(read_settings(here.workspace).model_dump() | changed)
    except ValidationError as exc:
        raise InputError(f"{exc.errors()[0]['msg']}; choose another value.") from exc
    write_settings(here.workspace, settings)
    number_clusters(here)
