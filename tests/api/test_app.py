"""The API as a whole: its page of documentation, its errors, and what it does not load."""

import re
import subprocess
import sys

from core.api.app import create_api
from core.api.desk import Desk
from tests.support.app import ROOT
from tests.support.client import TestClient


def test_the_documentation_needs_no_network(api: TestClient, desk: Desk) -> None:
    page = api.get("/docs").text
    for path in create_api(desk).openapi()["paths"]:
        assert path in page
    assert not re.search(r"(?:src|href)\s*=\s*[\"']?(?:https?:)?//", page)
    assert api.get("/openapi.json").json()["info"]["title"] == "Specimen"


def test_methods_and_addresses_that_there_are_not(api: TestClient) -> None:
    for answer in (api.get("/decisions"), api.post("/images"), api.get("/whatever"), api.delete("/runs/x")):
        assert answer.status_code in (404, 405)
        assert isinstance(answer.json()["error"], str)


def test_importing_the_api_leaves_torch_alone() -> None:
    code = "import sys, core.api.app, core.api.lifespan; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
