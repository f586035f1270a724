"""The plotting library is the one of the installed plotly, served for ever under its version."""

from starlette.applications import Starlette

from tests.support.client import TestClient
from ui.plot.plotly_js import plotly_address, plotly_file, plotly_route


def test_the_route_serves_the_file_for_ever() -> None:
    client = TestClient(Starlette(routes=[plotly_route()]))
    answer = client.get(plotly_address())
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.content == plotly_file().read_bytes()
    assert b"plotly.js v" in answer.content[:200]
