"""The browser's plotting library: `plotly.min.js` of the installed plotly, at an address that names its version."""

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from core.errors import UnavailableError
from ui.server import base_path

__all__ = ["plotly_address", "plotly_file", "plotly_route"]

_VERSION = version("plotly")


def plotly_address() -> str:
    """Where browsers find the library; another version has another address, so they may keep this one for ever."""
    return f"{base_path()}/assets/plotly-{_VERSION}.min.js"


def plotly_file() -> Path:
    """The library's file inside the installed package, found without importing plotly (which takes half a second)."""
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise UnavailableError("The package plotly is not installed; run `make install`.")
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"


def plotly_route() -> Route:
    """The route that serves the library, to be listed in the app's routes."""

    def serve(_: Request) -> Response:
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        return FileResponse(plotly_file(), media_type="text/javascript", headers=headers)

    return Route(plotly_address(), serve, methods=["GET"])
