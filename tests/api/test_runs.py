"""Runs and models over HTTP, without a model: what is there, what is not, and what is refused."""

from pathlib import Path

import pytest
from PIL import Image

from core.api.desk import Desk
from core.runs.metrics import MetricsWriter
from core.runs.samples import sample_path
from core.runs.store import new_run
from tests.support.client import TestClient


@pytest.fixture
def run(desk: Desk) -> Path:
    folder = new_run(desk.workspace, preset="scratch-cnn", config={"epochs": 2})
    with MetricsWriter(folder) as writer:
        writer.write("step", 1, 1, **{"loss/train": 2.0})
        writer.write("step", 2, 1, **{"loss/train": float("nan")})
    place = sample_path(folder, 1)
    place.parent.mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(place, "WEBP")
    return folder


def test_the_list_and_one_run(api: TestClient, run: Path) -> None:
    assert [row["run"] for row in api.get("/runs").json()] == [run.name]
    shown = api.get(f"/runs/{run.name}").json()
    assert shown["run"] == run.name
    assert shown["state"] == "queued"
    assert shown["config"]["epochs"] == 2
    assert shown["samples"] == [1]


def test_metrics_from_where_one_was(api: TestClient, run: Path) -> None:
    first = api.get(f"/runs/{run.name}/metrics").json()
    assert [row["loss/train"] for row in first["records"]] == [2.0, None]
    with MetricsWriter(run) as writer:
        writer.write("step", 3, 1, **{"loss/train": 1.0})
    later = api.get(f"/runs/{run.name}/metrics", params={"since": first["next"]}).json()
    assert [row["step"] for row in later["records"]] == [3]
    assert api.get(f"/runs/{run.name}/metrics", params={"since": -1}).status_code == 422


def test_sample_grids(api: TestClient, run: Path) -> None:
    answer = api.get(f"/runs/{run.name}/samples/1")
    assert answer.headers["content-type"] == "image/webp"
    assert answer.content == sample_path(run, 1).read_bytes()
    assert "no-cache" in answer.headers["cache-control"]
    version = f"{sample_path(run, 1).stat().st_mtime_ns:x}"
    kept = {v: api.get(f"/runs/{run.name}/samples/1?v={v}").headers["cache-control"] for v in (version, "0")}
    assert ["immutable" in kept[version], "immutable" in kept["0"]] == [True, False]
    for missing in ("2", "real", "-1", "٣", "1.5", "..%2f..%2fconfig.json"):
        assert api.get(f"/runs/{run.name}/samples/{missing}").status_code == 404


def test_a_run_without_a_checkpoint_is_no_model(api: TestClient, run: Path) -> None:
    assert api.get("/models").json() == []
    answer = api.get(f"/models/{run.name}/generate", params={"count": 1})
    assert answer.status_code in (404, 409)
    assert isinstance(answer.json()["error"], str)


@pytest.mark.parametrize(
    "asked", [{"count": 0}, {"count": 65}, {"seeds": "1,x"}, {"seeds": "9999999999999999999"}, {"epoch": 0}]
)
def test_what_cannot_be_drawn_is_said(api: TestClient, run: Path, asked: dict[str, str | int]) -> None:
    answer = api.get(f"/models/{run.name}/generate", params=asked)
    assert answer.status_code == 422
    assert isinstance(answer.json()["error"], str)


def test_uploads_are_bounded_and_must_be_a_form(api: TestClient, run: Path) -> None:
    address = f"/models/{run.name}/predict"
    assert api.post(address, content=b"x").status_code == 422
    assert api.post(address, data={"text": "no file"}).status_code == 422
    large = api.post(address, files={"image": ("../../large.jpg", b"x" * 25_000_001)})
    assert large.status_code == 413
    assert large.json()["error"].startswith("large.jpg ")
    many = api.post(address, files=[("image", (f"{number}.jpg", b"x")) for number in range(100)])
    assert many.status_code in (400, 413, 422)
    assert isinstance(many.json()["error"], str)
    huge = api.post(address, headers={"content-length": "900000000"}, content=b"x")
    assert huge.status_code == 413


def test_runs_that_there_are_not(api: TestClient) -> None:
    for path in ("/runs/nope", "/runs/nope/metrics", "/runs/nope/samples/1", "/models/nope/generate"):
        assert api.get(path).status_code == 404
    assert api.post("/models/nope/predict", files={"image": ("a.jpg", b"x")}).status_code == 404
