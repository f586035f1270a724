"""Decisions over HTTP: each counts once, and the answer comes when it is on disk."""

from pathlib import Path

import pytest

from core.api.desk import Desk
from core.catalog.decisions import history
from core.catalog.images import get_many
from core.catalog.store import open_catalog, revision
from core.workspace import open_workspace
from tests.support.catalogue import fill_catalogue
from tests.support.client import TestClient


def _post(api: TestClient, *operations: dict[str, object], client: str = "tab", **more: object) -> dict[str, object]:
    answer = api.post("/decisions", json={"client": client, "operations": list(operations), **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def _verdicts(desk: Desk, *ids: int) -> list[str]:
    return [row.verdict for row in get_many(desk.db, ids)]


def test_decisions_are_on_disk_when_acknowledged(api: TestClient, desk: Desk) -> None:
    answer = _post(
        api,
        {"seq": 1, "image": 1, "action": "reject"},
        {"seq": 2, "image": 2, "action": "keep"},
        {"seq": 5, "image": 3, "action": "class", "class_id": 0},
    )
    assert answer == {"acknowledged": 5, "refused": []}
    other = open_catalog(desk.workspace)
    assert [row.verdict for row in get_many(other, [1, 2])] == ["reject", "keep"]
    assert get_many(other, [3])[0].class_id == 0
    other.close()


def test_a_repeated_decision_changes_nothing(api: TestClient, desk: Desk) -> None:
    _post(api, {"seq": 1, "image": 1, "action": "reject"})
    _post(api, {"seq": 2, "image": 1, "action": "keep"})
    before = revision(desk.db)
    assert _post(api, {"seq": 1, "image": 1, "action": "reject"})["acknowledged"] == 2
    assert _verdicts(desk, 1) == ["keep"]
    assert revision(desk.db) == before
    _post(api, {"seq": 1, "image": 1, "action": "reject"}, client="another tab")
    assert _verdicts(desk, 1) == ["reject"]


def test_batches_are_undone_as_one(api: TestClient, desk: Desk) -> None:
    _post(api, *({"seq": number, "batch": 7, "image": number, "action": "reject"} for number in range(1, 6)))
    _post(api, {"seq": 6, "action": "undo"})
    assert set(_verdicts(desk, *range(1, 6))) == {"unreviewed"}
    _post(api, {"seq": 7, "action": "redo"})
    assert set(_verdicts(desk, *range(1, 6))) == {"reject"}


def test_a_refused_decision_is_named_and_holds_nothing_up(api: TestClient, desk: Desk) -> None:
    answer = _post(
        api,
        {"seq": 1, "image": 999, "action": "keep"},
        {"seq": 2, "image": 1, "action": "class", "class_id": 99},
        {"seq": 3, "image": 1, "action": "keep"},
    )
    assert answer["acknowledged"] == 3
    refused = answer["refused"]
    assert isinstance(refused, list)
    assert [row["seq"] for row in refused] == [1, 2]
    assert _verdicts(desk, 1) == ["keep"]


def test_another_workspace_is_not_decided_upon(api: TestClient, desk: Desk, tmp_path: Path) -> None:
    token = desk.token
    elsewhere = open_workspace(tmp_path / "elsewhere", environ={})
    db = open_catalog(elsewhere)
    fill_catalogue(elsewhere, db, images=3)
    db.close()
    desk.switch(elsewhere.home)
    body = {"client": "tab", "workspace": token, "operations": [{"seq": 1, "image": 1, "action": "reject"}]}
    answer = api.post("/decisions", json=body)
    assert answer.status_code == 409
    assert "workspace" in answer.json()["error"]
    assert _verdicts(desk, 1) == ["unreviewed"]
    assert api.post("/decisions", json={**body, "workspace": desk.token}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b'{"client": "", "operations": []}',
        b'{"client": "tab", "operations": [{"seq": 1, "image": 1, "action": "explode"}]}',
        b'{"client": "tab", "operations": [{"seq": 0, "image": 1, "action": "keep"}]}',
        b'{"client": "tab", "operations": [{"seq": 1, "image": 1e400, "action": "keep"}]}',
        b'{"client": "tab", "operations": [{"seq": 99999999999999999999, "image": 1, "action": "keep"}]}',
        b"[" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b"\xff\xfe\x00",
    ],
)
def test_nonsense_is_refused_in_a_sentence(api: TestClient, body: bytes) -> None:
    answer = api.post("/decisions", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert isinstance(answer.json()["error"], str)


def test_too_much_is_refused(api: TestClient) -> None:
    huge = b'{"client": "' + b"x" * 3_000_000 + b'"}'
    answer = api.post("/decisions", content=huge, headers={"content-type": "application/json"})
    assert answer.status_code == 413
    streamed = api.post("/decisions", content=iter([huge]), headers={"content-type": "application/json"})
    assert streamed.status_code == 413
    assert isinstance(streamed.json()["error"], str)


def test_others_see_what_changed(api: TestClient, desk: Desk) -> None:
    before = revision(desk.db)
    nothing = api.get("/changes", params={"since": before}).json()
    assert (nothing["revision"], nothing["changes"], nothing["people"]) == (before, [], [])
    _post(api, {"seq": 1, "image": 4, "action": "reject"}, who="Ann")
    news = api.get("/changes", params={"since": before}).json()
    assert [(row["image"], row["verdict"]) for row in news["changes"]] == [(4, "reject")]
    assert news["revision"] > before
    assert news["people"] == ["Ann"]
    assert sum(row["rejected"] for row in news["classes"]) == 1


def test_two_people_on_one_picture_both_stand_in_the_history(api: TestClient, desk: Desk) -> None:
    _post(api, {"seq": 1, "image": 4, "action": "reject"}, client="one", who="Ann")
    _post(api, {"seq": 1, "image": 4, "action": "keep"}, client="other", who="Ben")
    assert _verdicts(desk, 4) == ["keep"]
    assert [batch.who for batch in history(desk.db)] == ["Ben", "Ann"]
    _post(api, {"seq": 2, "action": "undo"}, client="one", who="Ann")
    assert _verdicts(desk, 4) == ["keep"], "what Ben decided since is not Ann's to take back"
    _post(api, {"seq": 2, "action": "undo"}, client="other", who="Ben")
    assert _verdicts(desk, 4) == ["reject"]


def test_a_workspace_that_was_moved_away_is_not_made_again(api: TestClient, desk: Desk) -> None:
    desk.workspace.data.rename(desk.workspace.home / "moved")
    answer = api.post("/decisions", json={"client": "tab", "operations": [{"seq": 1, "image": 1, "action": "keep"}]})
    assert answer.status_code == 507
    assert "moved or deleted" in answer.json()["error"]
    assert not desk.workspace.data.exists()
    (desk.workspace.home / "moved").rename(desk.workspace.data)
    assert api.get("/images").status_code == 200
