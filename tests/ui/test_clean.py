"""Clean: the gallery gets what the chips and the address say; what the address asks for and there is not is said."""

import json

from streamlit.testing.v1 import AppTest

from core.api.desk import Opened
from core.catalog.images import set_splits
from core.catalog.records import NewSource
from core.catalog.sources import record_source
from tests.support.catalogue import fill_catalogue
from tests.support.runs import made_up
from tests.ui.conftest import Visit


def _given(app: AppTest) -> dict[str, object]:
    """What the gallery was handed."""
    payloads = [json.loads(part.proto.json) for part in app.get("bidi_component")]
    (found,) = [payload for payload in payloads if "where" in payload]
    return dict(found)


def _boxes(app: AppTest, group: str, *, chip: str) -> dict[str, str]:
    """The options in an open chip, with what each says."""
    app.session_state[f"clean.chip.{chip}"] = True
    app.run()
    start = f"clean.{group}."
    return {str(box.key).removeprefix(start): box.label for box in app.checkbox if str(box.key).startswith(start)}


def _answers(opened: Opened, paths: list[tuple[str, str, str, str]]) -> str:
    """A run that has answered: (path, truth, predicted, part)."""
    folder = made_up(opened.workspace, "scratch-cnn", "finished")
    lines = ["img_name,class_name,predicted,probability,probability_true,split"]
    for path, truth, predicted, part in paths:
        lines.append(f"{path},{truth},{predicted},0.900000,{0.9 if truth == predicted else 0.05:.6f},{part}")
    (folder / "predictions.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder.name


def test_without_a_choice_everything_is_shown(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=6)

    given = _given(visit("clean"))

    assert (given["where"], given["order"]) == ("", "id")


def test_the_address_filters(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=6)

    app = visit("clean", **{"class": "Mew", "verdict": "unreviewed", "order": "-suspicion", "where": "width > 9"})

    given = _given(app)
    assert given["where"] == 'class in ("Mew") and verdict in (unreviewed) and (width > 9)'
    assert given["order"] == "-suspicion"
    assert app.checkbox(key="clean.class.Mew").value


def test_a_chip_is_written_into_the_address(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=6)
    app = visit("clean")

    app.checkbox(key="clean.class.Abra").check().run()
    app.checkbox(key="clean.class.Onix").check().run()
    app.selectbox(key="clean.order").set_value("path").run()

    assert (app.query_params["class"], app.query_params["order"]) == (["Abra", "Onix"], "path")
    assert _given(app)["where"] == 'class in ("Abra", "Onix")'
    app.button(key="clean.clear").click().run()
    assert "class" not in app.query_params
    assert _given(app)["where"] == ""


def test_the_address_wins_over_what_was_chosen_before(visit: Visit, opened: Opened) -> None:
    """Back in the browser changes the address and nothing else."""
    fill_catalogue(opened.workspace, opened.db, images=6)
    app = visit("clean")
    app.checkbox(key="clean.class.Abra").check().run()

    app.query_params["class"] = ["Mew"]
    app.run()

    assert _given(app)["where"] == 'class in ("Mew")'
    ticked = {box.label.partition(" ")[0]: box.value for box in app.checkbox if str(box.key).startswith("clean.class.")}
    assert ticked == {"Abra": False, "Mew": True, "Onix": False}


def test_only_what_there_is_can_be_chosen_and_with_its_number(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=6)

    app = visit("clean", **{"class": "Mew"})

    assert {str(box.key).split(".")[1] for box in app.checkbox if box.key} == {"class", "verdict", "shape"}
    assert _boxes(app, "class", chip="Class") == {name: f"{name} :gray[2]" for name in ("Abra", "Mew", "Onix")}
    assert _boxes(app, "verdict", chip="Decision")["unreviewed"] == "not looked at :gray[2]"
    with opened.db.write() as connection:
        connection.execute("UPDATE image SET brightness = 0.05 WHERE id <= 2")
        connection.execute("UPDATE image SET error = 'torn' WHERE id = 6")
    set_splits(opened.db, {1: "val"})
    source = NewSource(file_url="u", engine="bing", query="q", rank=1, class_id=0, licence="CC0")
    record_source(opened.db, source, outcome="added", image=1)
    app = visit("clean")
    assert _boxes(app, "quality", chip="Quality") == {"dark": "dark :gray[2]"}
    assert _boxes(app, "engine", chip="Origin") == {"bing": "bing :gray[1]"}
    assert _boxes(app, "licence", chip="Origin") == {"CC0": "CC0 :gray[1]", "none": "none known :gray[4]"}
    assert _boxes(app, "split", chip="Split")["none"] == "in no part :gray[4]"
    assert list(_boxes(app, "state", chip="Why")) == ["broken"]


def test_a_link_to_what_is_no_more_shows_nothing_rather_than_everything(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=6)

    app = visit("clean", quality="dark", state="missing", split="val")

    assert _given(app)["where"] == (
        'split in ("val") and brightness < 0.15 and (missing and (error is empty or error is not empty))'
    )
    assert [warning.value for warning in app.warning] == []


def test_a_condition_that_is_not_understood_is_said_and_left_out(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=6)

    app = visit("clean", verdict="keep", where="colour = red")

    assert "no column 'colour'" in app.warning[0].value.replace("\\", "")
    assert _given(app)["where"] == "verdict in (keep)"


def test_an_unknown_choice_in_the_address_is_said_and_passed_over(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=6)

    app = visit("clean", **{"class": "Abar", "order": "1; drop table", "cluster": "x", "run": "../x"})

    said = " ".join(warning.value for warning in app.warning).replace("\\", "")
    assert (_given(app)["where"], _given(app)["order"]) == ("", "id")
    assert [word in said for word in ("did you mean “Abra”?", "drop table", "“x” is no number", "no run '../x'")] == [
        True
    ] * 4


def test_a_cell_of_the_confusion_matrix_opens_its_pictures(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=4, classes=("Abra", "Mew"))
    run = _answers(
        opened,
        [
            ("abra/abra001.png", "Abra", "Mew", "test"),
            ("mew/mew001.png", "Mew", "Mew", "test"),
            ("abra/abra002.png", "Abra", "Mew", "val"),
            ("mew/mew002.png", "Mew", "Abra", "train"),
        ],
    )

    app = visit("clean", run=run, truth="Abra", predicted="Mew", run_split="test")

    assert (
        _given(app)["where"] == f'run = "{run}" and truth in ("Abra") and predicted in ("Mew") and run_split in (test)'
    )
    assert _boxes(app, "run_split", chip="Model") == {
        "train": "training :gray[0]",
        "val": "validation :gray[1]",
        "test": "test :gray[1]",
    }
    assert _boxes(visit("clean", run=run), "answer", chip="Model")["wrong-test"] == "wrong on test :gray[1]"
