"""Duplicates: groups side by side, one click decides, nothing jumps, everything can be taken back."""

import threading

import pytest
from streamlit.testing.v1 import AppTest

from core.api.desk import Opened
from core.catalog.classes import list_classes
from core.catalog.clusters import count_open_clusters
from core.catalog.decisions import decide, different_pairs
from core.catalog.images import get_image, get_many, image_table, set_splits
from core.catalog.records import NewSource, Operation
from core.catalog.sources import record_source
from core.database import Database
from core.duplicates.candidates import Candidates, prepare
from core.duplicates.clusters import update_clusters
from core.duplicates.kin import Kin, find_kin
from core.images.scan import scan
from core.workspace import read_settings
from tests.duplicates.test_kin import cropped, large
from tests.duplicates.test_looks import put
from tests.support.catalogue import fill_catalogue
from tests.support.waiting import until
from tests.ui.conftest import Visit
from tests.ui.copies import plant_copy


def _planted(opened: Opened) -> list[int]:
    """Two exact groups, one near group and one across classes; the originals are 1 to 4, their copies 21 to 24."""
    fill_catalogue(opened.workspace, opened.db, images=20)
    other = list_classes(opened.db)[1].class_id
    copies = [
        plant_copy(opened.db, 1),
        plant_copy(opened.db, 2),
        plant_copy(opened.db, 3, bits=2),
        plant_copy(opened.db, 4, class_id=other),
    ]
    update_clusters(opened.db, distance=6)
    return copies


def _rejected(opened: Opened) -> list[object]:
    return list(image_table(opened.db, ["id"], "verdict = reject")["id"])


def test_conflicts_come_first_and_have_no_accept(visit: Visit, opened: Opened) -> None:
    _planted(opened)

    app = visit("duplicates")

    titles = [words.value for words in app.main.markdown if words.value.startswith("**")]
    assert "In 2 classes" in titles[0]
    assert [button.key for button in app.main.button if button.label == "Accept"] == [
        "accept.1-21", "accept.2-22", "accept.3-23",
    ]  # fmt: skip
    assert app.caption[0].value.startswith("4 groups of copies open, 4 pictures would go; 1 across classes")


def test_accept_keeps_the_proposed_one_and_the_row_stays(visit: Visit, opened: Opened) -> None:
    _planted(opened)
    app = visit("duplicates")

    app.button(key="accept.3-23").click().run()

    assert _rejected(opened) == [23]
    assert [button.key for button in app.main.button if button.label == "Open again"] == ["reopen.3-23"]
    assert "accept.1-21" in {button.key for button in app.main.button}

    app.button(key="reopen.3-23").click().run()
    assert _rejected(opened) == []


def test_keep_this_one_decides_a_conflict(visit: Visit, opened: Opened) -> None:
    _planted(opened)
    app = visit("duplicates")

    app.button(key="keep.4-24.24").click().run()

    assert _rejected(opened) == [4]


def test_resolve_leaves_conflicts_and_undo_takes_all_of_it_back(visit: Visit, opened: Opened) -> None:
    _planted(opened)
    app = visit("duplicates")
    assert app.button(key="duplicates.resolve").label == "Resolve 3 groups"

    app.button(key="duplicates.resolve").click().run()
    assert _rejected(opened) == [21, 22, 23]
    assert count_open_clusters(opened.db).all == 1

    app.button(key="duplicates.undo").click().run()
    assert _rejected(opened) == []
    assert app.button(key="duplicates.resolve").label == "Resolve 3 groups"

    app.button(key="duplicates.redo").click().run()
    assert _rejected(opened) == [21, 22, 23]


def test_not_copies_are_never_proposed_again(visit: Visit, opened: Opened) -> None:
    _planted(opened)
    app = visit("duplicates")

    app.button(key="different.1-21").click().run()

    assert different_pairs(opened.db) == {(1, 21)}
    assert count_open_clusters(opened.db).all == 3
    assert {row.verdict for row in get_many(opened.db, [1, 21])} == {"unreviewed"}
    assert "accept.1-21" not in {button.key for button in visit("duplicates").main.button}

    app.button(key="duplicates.undo").click().run()
    assert different_pairs(opened.db) == set()
    assert count_open_clusters(opened.db).all == 4


def test_a_decision_of_an_earlier_visit_that_is_taken_back_shows_its_group_again(visit: Visit, opened: Opened) -> None:
    _planted(opened)
    visit("duplicates").button(key="accept.1-21").click().run()
    app = visit("duplicates")
    assert "accept.1-21" not in {button.key for button in app.main.button}

    app.button(key="duplicates.undo").click().run()

    assert "accept.1-21" in {button.key for button in app.main.button}


def test_the_address_says_kind_and_distance(visit: Visit, opened: Opened) -> None:
    _planted(opened)

    app = visit("duplicates", kind="near", distance="3")

    assert (app.slider[0].value, app.query_params["kind"]) == (3, "near")
    assert [button.key for button in app.main.button if button.label == "Accept"] == ["accept.3-23"]
    app.slider[0].set_value(6).run()
    assert "distance" not in app.query_params


def test_a_kind_that_is_not_there_shows_all(visit: Visit, opened: Opened) -> None:
    _planted(opened)

    app = visit("duplicates", kind="mirror")

    assert [button.key for button in app.main.button if button.label == "Accept"] == [
        "accept.1-21", "accept.2-22", "accept.3-23",
    ]  # fmt: skip


def test_a_distance_of_nothing_finds_what_looks_the_same(visit: Visit, opened: Opened) -> None:
    _planted(opened)

    app = visit("duplicates", distance="0")

    assert [button.key for button in app.main.button if button.label == "Accept"] == ["accept.1-21", "accept.2-22"]


def test_many_groups_are_paged(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=24)
    for image in range(1, 15):
        plant_copy(opened.db, image)

    app = visit("duplicates")

    assert len([button for button in app.main.button if button.label == "Accept"]) == 10
    assert len(app.main.get("pagination")) == 1


def test_a_large_group_is_leafed_through(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=3)
    copies = [plant_copy(opened.db, 1) for _ in range(30)]
    app = visit("duplicates")
    assert _offered(app) == copies[:24]

    group = "-".join(map(str, [1, *copies[:23]]))
    app.session_state[f"leaf.{group}"] = 2
    app.run()

    assert _offered(app) == copies[24:]
    app.button(key=f"keep.{group}.{copies[-1]}").click().run()
    assert _rejected(opened) == [1, *copies[:-1]]


def test_many_pictures_are_compared_beside_the_answer(
    visit: Visit, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_search = threading.Event()

    def later(database: Database, *, radius: int, previous: Candidates | None, kin: Kin | None) -> Candidates:
        assert may_search.wait(30)
        return prepare(database, radius=radius, previous=previous, kin=kin)

    _planted(opened)
    monkeypatch.setattr("core.duplicates.search.prepare", later)
    monkeypatch.setattr("core.duplicates.search._FEW", 2)

    app = visit("duplicates")

    assert "Comparing 24 pictures …" in [words.value for words in app.main.caption]
    assert app.button(key="duplicates.resolve").disabled
    may_search.set()
    until(lambda: opened.copies.ready(6), seconds=30, what="the search")
    app.run()
    assert [button.key for button in app.main.button if button.label == "Accept"] == [
        "accept.1-21", "accept.2-22", "accept.3-23",
    ]  # fmt: skip


def test_crops_that_are_found_later_wait_until_a_person_wants_them(
    visit: Visit, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_search = threading.Event()

    def later(database: Database, previous: Kin | None = None) -> Kin:
        assert may_search.wait(30)
        return find_kin(database, previous)

    monkeypatch.setattr("core.duplicates.search.find_kin", later)
    for name, picture in {"1": large(1), "1-part": cropped(large(1)), "2": large(2), "2-again": large(2)}.items():
        put(opened.workspace, f"a/{name}.png", picture)
    scan(opened.workspace, opened.db)
    monkeypatch.setattr("core.duplicates.search._FEW", 2)
    opened.copies.ask(6)
    until(lambda: opened.copies.near_ready(6), seconds=30, what="the near copies")

    app = visit("duplicates")

    near = [button.key for button in app.main.button if button.label == "Accept"]
    assert len(near) == 1
    assert "Crops and turned copies are still being looked for …" in [words.value for words in app.main.caption]
    may_search.set()
    until(lambda: opened.copies.ready(6), seconds=30, what="the crops")
    app.run()
    assert [button.key for button in app.main.button if button.label == "Accept"] == near
    app.button(key="duplicates.kin").click().run()
    assert len([button for button in app.main.button if button.label == "Accept"]) == 2


def test_groups_across_parts_of_the_split_have_a_filter_of_their_own(visit: Visit, opened: Opened) -> None:
    _planted(opened)
    set_splits(opened.db, {1: "train", 21: "test", 2: "train", 22: "train"})

    app = visit("duplicates", kind="parts")

    assert [button.key for button in app.main.button if button.label == "Accept"] == ["accept.1-21"]
    assert any("across parts" in words.value for words in app.main.markdown)
    assert any("in train" in words.value for words in app.main.caption)


def test_both_numbers_of_leaks_are_on_the_page(visit: Visit, opened: Opened) -> None:
    _planted(opened)
    assert any("in training: not split yet" in words.value for words in visit("duplicates").main.caption)
    set_splits(opened.db, {1: "train", 21: "test", 2: "train", 22: "test"})

    lines = [words.value for words in visit("duplicates").main.caption]

    assert any(line.startswith("Test pictures with a twin in training: 2 · in a split by lot: ") for line in lines)


def test_of_many_pictures_the_leaks_are_counted_once_a_visit(
    visit: Visit, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.pairs._MANY", 5)
    _planted(opened)
    set_splits(opened.db, {1: "train", 21: "test", 2: "train", 22: "test"})
    app = visit("duplicates")

    app.button(key="accept.1-21").click().run()

    assert any("in training: 2 ·" in words.value for words in app.main.caption)
    assert any("in training: 1 ·" in words.value for words in visit("duplicates").main.caption)


def test_the_order_of_the_rules_decides_which_copy_is_proposed(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=3)
    plant_copy(opened.db, 3, bits=2)
    app = visit("duplicates")
    assert _proposed(app) == [3]
    assert app.button(key="duplicates.order.unrejected.down").disabled
    assert app.button(key="duplicates.order.oldest.down").disabled

    for _ in range(2):
        app.button(key="duplicates.order.least_compressed.up").click().run()

    assert read_settings(opened.workspace).keep_order[:3] == ("unrejected", "least_compressed", "largest")
    assert _proposed(app) == [4]


def test_a_copy_says_why_it_is_one_and_where_it_came_from(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=3)
    copy = plant_copy(opened.db, 3, bits=2)
    source = NewSource(
        "http://cdn.example/a.jpg", "bing", "mew", 0, None, page_url="https://pictures.example/a", licence="CC0"
    )
    record_source(opened.db, source, outcome="added", image=copy)

    lines = [words.value for words in visit("duplicates").main.caption]

    (words,) = [line for line in lines if "bits apart" in line]
    assert words.startswith("2 of 64 bits apart, half its width")
    assert words.endswith("from pictures\\.example, CC0")


def test_learning_asks_and_sets_the_distance(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=12)
    for image, bits in enumerate((1, 2, 3, 4, 9, 10, 11, 12), start=1):
        plant_copy(opened.db, image, bits=bits)
    app = visit("duplicates")

    app.button(key="duplicates.learn").click().run()
    for _ in range(8):
        course = app.session_state["duplicates.lesson"]
        same = course.question.bits < 9
        app.button(key=f"duplicates.lesson.{'Same' if same else 'Different'}").click().run()
    words = "".join(words.value for words in app.markdown)
    assert "**Distance 4** fits best: 100 % (51–100) of the pairs" in words
    assert "finds 100 % (51–100) of all copies" in words
    app.checkbox(key="duplicates.lesson.remember").check().run()
    app.button(key="duplicates.lesson.use").click().run()

    assert read_settings(opened.workspace).duplicate_distance == 4
    assert different_pairs(opened.db) == {(5, 17), (6, 18), (7, 19), (8, 20)}
    assert app.slider[0].value == 4
    assert count_open_clusters(opened.db).all == 4

    app.button(key="duplicates.unlearn").click().run()

    assert read_settings(opened.workspace).duplicate_distance == 6
    assert different_pairs(opened.db) == set()
    assert app.slider[0].value == 6
    assert [button.key for button in app.button if button.key == "duplicates.unlearn"] == []


def test_a_lesson_among_many_pictures_begins_when_they_are_compared(
    visit: Visit, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    _planted(opened)
    monkeypatch.setattr("core.duplicates.search._FEW", 2)
    opened.copies.ask(6)
    until(lambda: opened.copies.ready(6), seconds=30, what="the search")
    app = visit("duplicates")
    may_search = threading.Event()

    def later(database: Database, *, radius: int, previous: Candidates | None, kin: Kin) -> Candidates:
        assert may_search.wait(30)
        return prepare(database, radius=radius, previous=previous, kin=kin)

    monkeypatch.setattr("core.duplicates.search.prepare", later)

    app.button(key="duplicates.learn").click().run()

    assert "Comparing 24 pictures …" in [words.value for words in app.caption]
    may_search.set()
    until(lambda: opened.copies.pairs_ready(16), seconds=30, what="the pairs")
    app.run()
    assert app.button(key="duplicates.lesson.Same")


def test_a_learnt_distance_goes_back_without_what_was_decided_since(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=12)
    for image, bits in enumerate((1, 2, 3, 4, 9, 10, 11, 12), start=1):
        plant_copy(opened.db, image, bits=bits)
    app = visit("duplicates")
    app.button(key="duplicates.learn").click().run()
    for _ in range(8):
        course = app.session_state["duplicates.lesson"]
        app.button(key=f"duplicates.lesson.{'Same' if course.question.bits < 9 else 'Different'}").click().run()
    app.checkbox(key="duplicates.lesson.remember").check().run()
    app.button(key="duplicates.lesson.use").click().run()
    decide(opened.db, [Operation(12, "reject")], who="me")

    app.button(key="duplicates.unlearn").click().run()

    assert read_settings(opened.workspace).duplicate_distance == 6
    assert len(different_pairs(opened.db)) == 4
    assert get_image(opened.db, 12).verdict == "reject"
    assert "because more was decided since" in app.toast[0].value


def test_an_answer_can_be_taken_back_and_the_rest_left_out(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=20)
    for image in range(1, 13):
        plant_copy(opened.db, image, bits=image)
    app = visit("duplicates")
    app.button(key="duplicates.learn").click().run()

    app.button(key="duplicates.lesson.Different").click().run()
    app.button(key="duplicates.lesson.back").click().run()
    assert app.session_state["duplicates.lesson"].said == []
    app.button(key="duplicates.lesson.Cannot say").click().run()
    for _ in range(8):
        app.button(key="duplicates.lesson.Different").click().run()
    app.button(key="duplicates.lesson.enough").click().run()

    assert "nothing speaks for a distance; 6 stays" in app.info[0].value
    app.button(key="duplicates.lesson.use").click().run()
    assert read_settings(opened.workspace).duplicate_distance == 6
    assert different_pairs(opened.db) == set()


def _offered(app: AppTest) -> list[int]:
    """The images that can be kept instead."""
    return [int(str(button.key).split(".")[2]) for button in app.main.button if button.label == "Keep this one"]


def _proposed(app: AppTest) -> list[int]:
    """The image that stays in each group: that which has no button to keep it."""
    keys = [str(button.key).split(".") for button in app.main.button if button.label == "Keep this one"]
    return [int(image) for _, group, kept in keys for image in group.split("-") if image != kept]
