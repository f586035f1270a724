"""Dataset: the classes, the split that keeps copies together, and what to know before training."""

import streamlit as st

from core.api.desk import Opened, desk
from core.dataset.split import Leakage, make_split
from core.dataset.summary import Check, dataset_checks
from core.workspace import Settings, read_settings
from ui.annotations import annotations_panel
from ui.charts import split_bar, split_words
from ui.class_acts import add_classes
from ui.classes import class_chart, classes_table
from ui.edge import act
from ui.empty import empty
from ui.facts import Facts, facts
from ui.hand_edit import hand_edit_notice
from ui.head import head
from ui.pairs import leaks, wait_for_search
from ui.plot.live_plot import live_plot
from ui.rooms import page_of, room
from ui.theme import theme
from ui.undo import undo_buttons
from ui.words import count, plain, plural

SHARES = ("dataset.train", "dataset.val", "dataset.test", "dataset.seed")


def draw(here: Opened) -> None:
    """The whole room."""
    figures = facts(here)
    if not figures.classes:
        _empty(here)
        return
    settings = read_settings(here.workspace)
    minimum, distance = settings.minimum_per_class, settings.duplicate_distance
    standing = f"{plural(figures.usable, 'picture')} in {plural(len(figures.classes), 'class', 'classes')}"
    with head("Dataset", f"{standing}, {count(figures.rejected)} rejected"):
        undo_buttons(here, key="dataset")
        if sum(figures.split):
            if st.button("Train a model", type="primary", key="dataset.train_model", icon=room("train").icon):
                st.switch_page(page_of("train"))
        else:
            st.button("Split", type="primary", key="dataset.split_now", on_click=act, args=(_split, here))
    hand_edit_notice(here)
    classes_table(here, figures.classes, minimum=minimum)
    st.subheader("Split", anchor=False)
    leaking = leaks(here, distance)
    _split_panel(here, figures, leaking)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Pictures in each class", anchor=False)
        class_chart(figures.classes, minimum=minimum, key="dataset.bars")
    with right:
        _checks(here, figures.revision, settings, leaking)
    annotations_panel(here, key="dataset.annotations")


def _split_panel(here: Opened, figures: Facts, leaking: Leakage | None) -> None:
    train, val, test = figures.split
    if train + val + test:
        live_plot(
            split_bar(train, val, test, none=max(0, figures.usable - train - val - test), theme=theme()),
            key="dataset.split",
            alt=split_words(train, val, test),
            height=48,
        )
    else:
        st.caption("Not split yet. Copies of one picture always come into the same part.")
    with st.container(horizontal=True, vertical_alignment="bottom", key="split"):
        st.number_input("Training %", 0, 100, 70, 5, key="dataset.train", width=120)
        st.number_input("Validation %", 0, 100, 15, 5, key="dataset.val", width=120)
        st.number_input("Test %", 0, 100, 15, 5, key="dataset.test", width=120)
        st.number_input("Seed", 0, 2**31 - 1, 0, key="dataset.seed", width=120, help="The same seed, the same split")
        if train + val + test:
            st.button("Split again", key="dataset.split_again", on_click=act, args=(_split, here))
            words = f"{count(leaking.present)} (split by chance: {count(leaking.random)})" if leaking else "…"
            st.caption(
                f"Leaks {words}",
                help="Test pictures of which training holds a near copy: they make a test too easy.",
            )


def _split(here: Opened) -> str:
    train, val, test, seed = (int(st.session_state[key]) for key in SHARES)
    distance = read_settings(here.workspace).duplicate_distance
    made = make_split(here.db, train=train / 100, val=val / 100, test=test / 100, seed=seed, distance=distance)
    return f"Split: {split_words(made.train, made.val, made.test)}"


def _checks(here: Opened, revision: int, settings: Settings, leaking: Leakage | None) -> None:
    st.subheader("Checks", anchor=False)
    if leaking is None:
        wait_for_search(here, settings.duplicate_distance)
        return
    marks = {"good": ":green[:material/check:]", "note": ":gray[:material/info:]"}
    with st.container(gap="xxsmall"):
        for check in _found(here.token, revision, settings.model_dump_json(), here, leaking):
            mark = marks.get(check.severity, ":orange[:material/priority_high:]")
            st.markdown(f"{mark} {plain(check.message)}")


def _empty(here: Opened) -> None:
    head("Dataset")
    with empty(
        "No classes yet", "Here the classes, their pictures and the split are kept in order.", icon=":material/dataset:"
    ):
        if st.button("Collect pictures", type="primary", key="dataset.collect"):
            st.switch_page(page_of("collect"))
        add_classes(here)


@st.cache_resource(max_entries=8, show_spinner=False)
def _found(token: str, revision: int, settings: str, _here: Opened, _leaking: Leakage) -> list[Check]:
    return dataset_checks(_here.workspace, _here.db, leaks=_leaking)


draw(desk().opened)
