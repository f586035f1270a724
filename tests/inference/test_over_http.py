"""What the API answers for real models: drawings that a seed repeats, and probabilities of uploads."""

import base64
from collections.abc import Iterator

import pytest

from core.api.app import create_api
from core.api.desk import Desk
from tests.inference.conftest import Trained
from tests.support.client import TestClient
from tests.training.drawn import CLASSES


@pytest.fixture(scope="module")
def api(trained: Trained) -> Iterator[TestClient]:
    desk = Desk(trained.workspace)
    with TestClient(create_api(desk), raise_server_exceptions=False) as client:
        yield client
    desk.close()


def test_models_are_listed_with_their_epochs(api: TestClient, trained: Trained) -> None:
    rows = {row["run"]: row for row in api.get("/models").json()}
    assert rows[trained.classifier.name]["kind"] == "classifier"
    assert rows[trained.gan.name]["kind"] == "generator"
    assert rows[trained.gan.name]["epochs"]


def test_a_seed_draws_the_same_picture_again(api: TestClient, trained: Trained) -> None:
    address = f"/models/{trained.gan.name}/generate"
    first = api.get(address, params={"count": 5}).json()
    assert first["seeds"] == [0, 1, 2, 3, 4]
    assert all(base64.b64decode(image["png"]).startswith(b"\x89PNG") for image in first["images"])
    again = api.get(address, params={"seeds": "3,1"}).json()
    assert again["images"] == [first["images"][3], first["images"][1]]


def test_uploads_are_told_apart(api: TestClient, trained: Trained) -> None:
    address = f"/models/{trained.classifier.name}/predict"
    picture = (trained.workspace.images / CLASSES[0] / f"{CLASSES[0]}000.png").read_bytes()
    files = [("image", ("../a.png", picture)), ("image", ("broken.jpg", b"nothing"))]
    rows = api.post(address, files=files).json()
    assert [row["image"] for row in rows] == ["a.png", "broken.jpg"]
    assert sum(each["probability"] for each in rows[0]["predictions"]) == pytest.approx(1.0)
    assert rows[0]["error"] is None
    assert isinstance(rows[1]["error"], str)


def test_an_upload_that_is_no_picture_is_refused_with_the_reason(api: TestClient, trained: Trained) -> None:
    answer = api.post(f"/models/{trained.classifier.name}/predict", files={"image": ("page.html", b"<html>")})
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("page.html: ")


def test_the_wrong_kind_of_model_is_named(api: TestClient, trained: Trained) -> None:
    drawn = api.get(f"/models/{trained.classifier.name}/generate")
    seen = api.post(f"/models/{trained.gan.name}/predict", files={"image": ("a.png", b"x")})
    assert (drawn.status_code, seen.status_code) == (409, 409)
