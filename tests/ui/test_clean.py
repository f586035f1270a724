"""Clean: the gallery gets what the chips and the address say."""

import json

from streamlit.testing.v1 import AppTest

from core.api.desk import Opened
from tests.support.catalogue import fill_catalogue
from tests.ui.conftest import Visit


def _given(app: AppTest) -> dict[str, object]:
    """What the gallery was handed."""
    payloads = [json.loads(part.proto.json) for part in app.get("bidi_component")]
    (found,) = [payload for payload in payloads if "where" in payload]
    return dict(found)


def test_without_a_choice_everything_is_shown(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=6)

    given = _given(visit("clean"))

    assert (given["where"], given["order"], given["only"], given["who"]) == ("", "id", None, "me")


def test_the_address_filters(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=6)

    app = visit("clean", **{"class": "Mew", "verdict": "unreviewed", "order": "-sharpness", "where": "width > 9"})

    given = _given(app)
    assert given["where"] == 'class in ("Mew") and verdict in (unreviewed) and (width > 9)'
    assert given["order"] == "-sharpness"


def test_a_chip_is_written_into_the_address(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=6)
    app = visit("clean")

    app.multiselect(key="class").set_value(["Abra", "Onix"]).run()
    app.selectbox(key="order").set_value("path").run()

    assert (app.query_params["class"], app.query_params["order"]) == (["Abra", "Onix"], "path")
    assert _given(app)["where"] == 'class in ("Abra", "Onix")'


def test_a_condition_that_is_not_understood_is_said_and_left_out(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=6)

    app = visit("clean", verdict="keep", where="colour = red")

    assert "no column 'colour'" in app.warning[0].value
    assert _given(app)["where"] == "verdict in (keep)"


def test_an_unknown_choice_in_the_address_is_passed_over(visit: Visit, opened: Opened) -> None:
    fill_catalogue(opened.workspace, opened.db, images=6)

    given = _given(visit("clean", **{"class": "Nobody", "order": "1; drop table"}))

    assert (given["where"], given["order"]) == ("", "id")
