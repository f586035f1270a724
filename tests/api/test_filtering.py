"""The route behind the filter box, and what stands under the tiles of a list."""

from core.api.desk import Desk
from core.catalog.classes import ensure_class
from tests.support.client import TestClient
from tests.support.runs import made_up


def test_offers_faults_and_numbers_come_together(api: TestClient, desk: Desk) -> None:
    ensure_class(desk.db, "Mr. Mime")

    typed = api.get("/filter", params={"where": "class = M", "at": 9}).json()
    whole = api.get("/filter", params={"where": "class = Mew", "at": 3, "base": "width > 0"}).json()
    wrong = api.get("/filter", params={"where": "wdith > 3", "at": 9}).json()

    assert (typed["from"], typed["to"]) == (8, 9)
    assert [option["insert"] for option in typed["options"]] == ["Mew", '"Mr. Mime"']
    assert (whole["problem"], whole["total"]) == (None, 4)
    assert (wrong["problem"]["from"], wrong["problem"]["to"], wrong["total"]) == (0, 5, None)
    assert "did you mean width?" in wrong["problem"]["message"]


def test_a_list_of_a_runs_answers_says_them_under_its_tiles(api: TestClient, desk: Desk) -> None:
    folder = made_up(desk.workspace, "scratch-cnn", "finished")
    (folder / "predictions.csv").write_text(
        "img_name,class_name,predicted,probability,probability_true,split\n"
        "abra/abra001.png,Abra,Mew,0.9,0.05,val\nmew/mew001.png,Mew,Mew,0.7,0.7,val\n",
        encoding="utf-8",
    )
    where = f'run = "{folder.name}"'
    assert api.get("/images", params={"where": f"{where} and wrong"}).json()["total"] == 1

    said = {row["id"]: row["caption"] for row in api.get("/tiles", params={"ids": "1,2,3", "where": where}).json()}

    assert said == {1: "→ Mew 90%", 2: "✓ 70%", 3: ""}
    assert api.get("/tiles", params={"ids": "1", "order": "brightness"}).json()[0]["caption"] == "50% bright"
    assert api.get("/tiles", params={"ids": "1"}).json()[0]["caption"] == ""
    assert api.get("/ids", params={"where": 'run = "nobody"'}).status_code == 404
