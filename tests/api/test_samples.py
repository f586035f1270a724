"""What a generator drew, by address."""

from collections.abc import Iterator

import pytest
from PIL import Image

from core.api.app import create_api
from core.api.desk import Desk
from core.runs.samples import real_path, sample_path
from core.runs.store import new_run
from core.workspace import Workspace
from tests.support.client import TestClient


@pytest.fixture
def client(workspace: Workspace) -> Iterator[TestClient]:
    desk = Desk(workspace)
    yield TestClient(create_api(desk))
    desk.close()


def test_a_grid_is_served_and_kept_when_its_version_is_named(workspace: Workspace, client: TestClient) -> None:
    folder = new_run(workspace, preset="dcgan", config={})
    for path in (sample_path(folder, 3), real_path(folder)):
        path.parent.mkdir(exist_ok=True)
        Image.new("RGB", (8, 8), "teal").save(path)
    answer = client.get(f"/runs/{folder.name}/samples/3?v=1")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert answer.content == sample_path(folder, 3).read_bytes()
    assert "immutable" in answer.headers["cache-control"]
    assert client.get(f"/runs/{folder.name}/samples/real").content == real_path(folder).read_bytes()
    assert "no-cache" in client.get(f"/runs/{folder.name}/samples/real").headers["cache-control"]


def test_what_is_not_there_is_said_in_a_sentence(workspace: Workspace, client: TestClient) -> None:
    folder = new_run(workspace, preset="dcgan", config={})
    for address in (f"/runs/{folder.name}/samples/1", f"/runs/{folder.name}/samples/real", "/runs/none/samples/1"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert answer.json()["error"].endswith(".")


@pytest.mark.parametrize("address", ["/runs/../samples/1", "/runs/..%2F..%2Fetc/samples/1", "/runs/.bin/samples/real"])
def test_no_path_leads_out_of_the_runs(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 404
