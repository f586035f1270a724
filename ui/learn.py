"""“Learn my distance”: a few pairs to call the same or different, and the distance that the answers speak for."""

from dataclasses import dataclass, field

import pandas as pd
import streamlit as st

from core.api.desk import Opened
from core.catalog.decisions import different_pairs, history, mark_different, undo
from core.catalog.images import get_many
from core.duplicates.learn import Answer, Lesson, Share, learn
from core.duplicates.pairs import MAX_RADIUS
from core.duplicates.questions import Interview, Question, choose_questions
from core.workspace import read_settings, write_settings
from ui.copies import forget_search, number_clusters
from ui.edge import act, edge, say
from ui.pairs import candidates, wait_for_search
from ui.rooms import visit
from ui.thumbs import picture
from ui.who import who
from ui.words import count, plural

__all__ = ["back_button", "begin_button", "lesson"]

_LESSON = "duplicates.lesson"
_TAKEN = "duplicates.lesson_taken"
_ENOUGH = 8
"""Answers after which the result may be looked at."""
_SIDE_PX = 296


@dataclass(slots=True)
class _Course:
    """One visit to the dialog."""

    visit: int
    """The stay on the page during which it began."""
    interview: Interview | None = None
    """None while the pictures are not compared yet."""
    said: list[bool | None] = field(default_factory=list)
    """Same, different, or None where the person could not say."""
    finished: bool = False

    @property
    def questions(self) -> tuple[Question, ...]:
        return () if self.interview is None else self.interview.questions

    @property
    def answered(self) -> list[tuple[Question, bool]]:
        pairs = zip(self.questions, self.said, strict=False)
        return [(question, same) for question, same in pairs if same is not None]

    @property
    def question(self) -> Question | None:
        """The next one; None when there is none left."""
        left = self.questions[len(self.said) :]
        return left[0] if left and not self.finished else None


@dataclass(frozen=True, slots=True)
class _Taken:
    """What a lesson changed, for the way back."""

    token: str
    """Of the workspace."""
    before: int
    """The distance; so after."""
    after: int
    batch: int
    """Of the pairs called different; 0 when none was."""


def begin_button(here: Opened) -> None:
    """Begins a lesson."""
    st.button("Learn my distance", key="duplicates.learn", on_click=_start)


def back_button(here: Opened) -> None:
    """Takes the last lesson of this session back, as long as its distance stands."""
    taken: _Taken | None = st.session_state.get(_TAKEN)
    if taken and (taken.token, taken.after) == (here.token, read_settings(here.workspace).duplicate_distance):
        st.button(
            f"Back to {taken.before}", key="duplicates.unlearn", type="tertiary", icon=":material/undo:",
            help="Takes the learnt distance back, and the pairs that were called different with it",
            on_click=act, args=(_take_back, here, taken),
        )  # fmt: skip


def _start() -> None:
    st.session_state[_LESSON] = _Course(visit())


def lesson(here: Opened) -> None:
    """The dialog, if one was started during this stay; it stays open when the page is drawn anew beneath it."""
    course = st.session_state.get(_LESSON)
    if course is not None and course.visit == visit():
        _dialog(here)


def _end() -> None:
    st.session_state.pop(_LESSON, None)


@st.dialog("Learn my distance", width="medium", icon=":material/straighten:", on_dismiss=_end)
def _dialog(here: Opened) -> None:
    """Asks about one pair after the other, then proposes a distance."""
    course: _Course | None = st.session_state.get(_LESSON)
    if course is None:
        st.rerun()
    with edge():
        if course.interview is None and here.copies.pairs_ready(MAX_RADIUS):
            course.interview = _choose(here)
        if course.interview is None:
            wait_for_search(here, MAX_RADIUS, sought="pairs", height=_SIDE_PX)
        elif not course.questions:
            st.info("No two pictures are alike enough to ask about; the distance makes no difference yet.")
        elif course.question is not None:
            _ask(here, course, course.question)
        else:
            _propose(here, course, course.interview)


def _choose(here: Opened) -> Interview:
    """The pairs to ask about."""
    line = read_settings(here.workspace).duplicate_distance
    return choose_questions(candidates(here, MAX_RADIUS), line=line, different=different_pairs(here.db))


def _ask(here: Opened, course: _Course, question: Question) -> None:
    done, total = len(course.said), len(course.questions)
    st.progress(done / total, text=f"Do these two show the same picture? {done + 1} of {total}")
    with st.container(horizontal=True, gap="small", key="lesson_pair"):
        for row in get_many(here.db, [question.first, question.second]):
            picture(row, side=_SIDE_PX)
    with st.container(horizontal=True, gap="small", key="lesson_answers"):
        for label, same, shortcut in (("Same", True, "Y"), ("Different", False, "N"), ("Cannot say", None, "X")):
            st.button(
                label, key=f"duplicates.lesson.{label}", shortcut=shortcut, on_click=act, args=(_answer, course, same),
                type="secondary" if same is not None else "tertiary",
            )  # fmt: skip
        if course.said:
            st.button("Back", key="duplicates.lesson.back", type="tertiary", on_click=act, args=(_back, course))
        if len(course.answered) >= _ENOUGH:
            st.button("Enough", key="duplicates.lesson.enough", type="tertiary", on_click=act, args=(_finish, course))


def _propose(here: Opened, course: _Course, interview: Interview) -> None:
    learnt = learn([Answer(question.bits, same) for question, same in course.answered], pairs=interview.pairs)
    present = read_settings(here.workspace).duplicate_distance
    _table(learnt)
    if learnt.distance is None:
        st.info(f"None of these pairs was the same picture, so nothing speaks for a distance; {present} stays.")
        chosen = present
    else:
        chosen = learnt.distance
        rated = next(one for one in learnt.rated if one.distance == chosen)
        st.markdown(
            f"**Distance {chosen}** fits best: {_words(rated.precision)} of the pairs up to it are copies, "
            f"and it finds {_words(rated.recall)} of all copies. :gray[Now it is {present}.]"
        )
    apart = [(question.first, question.second) for question, same in course.answered if not same]
    remember = st.checkbox(
        f"Remember {plural(len(apart), 'pair')} that I called different, so that they are never proposed as copies",
        key="duplicates.lesson.remember",
        disabled=not apart,
    )
    label = f"Use distance {chosen}" if chosen != present else f"Keep distance {present}"
    st.button(
        label, type="primary", key="duplicates.lesson.use", on_click=act,
        args=(_use, here, chosen, apart if remember else []),
    )  # fmt: skip


def _table(learnt: Lesson) -> None:
    """Precision and recall that each distance would have."""
    mark = {True: " ✓", False: ""}
    rows = [
        {
            "Distance": f"{one.distance}{mark[one.distance == learnt.distance]}",
            "Same": f"{one.same} of {one.asked}",
            "Precision %": _figures(one.precision),
            "Recall %": _figures(one.recall),
        }
        for one in learnt.rated
    ]
    widths = {"Distance": 68, "Same": 66, "Precision %": 88, "Recall %": 88}
    narrow = {name: st.column_config.TextColumn(width=width) for name, width in widths.items()}
    with st.container(key="lesson_table"):
        st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=narrow)
    st.caption(
        "Precision: how many of the pairs up to this distance are copies. Recall: how many of all copies up to "
        f"distance {MAX_RADIUS} it finds. "
        f"Estimated from {count(sum(one.asked for one in learnt.rated))} answers, each for all pairs of its distance; "
        "the true figure lies in the brackets 95 times in 100."
    )


def _words(share: Share) -> str:
    """A share with its interval, such as `92 % (78–98)`."""
    figure, bracket, interval = _figures(share).partition(" (")
    return f"{figure} %{bracket}{interval}"


def _figures(share: Share) -> str:
    """The same in per cent, such as `92 (78–98)`; without the interval where nothing is left open."""
    value, low, high = (round(100 * part) for part in (share.value, share.low, share.high))
    return f"{value} ({low}–{high})" if low < high else f"{value}"


def _answer(course: _Course, same: bool | None) -> None:
    course.said.append(same)


def _back(course: _Course) -> None:
    course.said.pop()


def _finish(course: _Course) -> None:
    course.finished = True


def _use(here: Opened, distance: int, apart: list[tuple[int, int]]) -> None:
    before = read_settings(here.workspace).duplicate_distance
    marked = mark_different(here.db, apart, who=who()).batch if apart else 0
    st.session_state[_TAKEN] = _Taken(here.token, before, distance, marked) if distance != before else None
    _set(here, distance)
    _end()
    say(f"Copies are {'now found' if distance != before else 'still found'} up to distance {distance}")


def _take_back(here: Opened, taken: _Taken) -> None:
    last = next((batch for batch in history(here.db, 20) if batch.who == who() and batch.state == "done"), None)
    with_pairs = last is not None and last.batch == taken.batch
    if with_pairs:
        undo(here.db, who=who())
    st.session_state.pop(_TAKEN)
    _set(here, taken.before)
    kept = (
        "; the pairs called different stay so, because more was decided since" if taken.batch and not with_pairs else ""
    )
    say(f"Copies are found up to distance {taken.before} again{kept}")


def _set(here: Opened, distance: int) -> None:
    """Makes this the distance of the workspace, and searches by it."""
    write_settings(here.workspace, read_settings(here.workspace).model_copy(update={"duplicate_distance": distance}))
    number_clusters(here)
    forget_search()
    st.session_state["distance"] = distance
