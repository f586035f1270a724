"""The server options that Specimen insists on, however Streamlit was started.

Streamlit finds `.streamlit/config.toml` by the start folder and by the script it was given; `uvicorn Home:app` gives it
another script. So the options of the checkout's file are set here once more, where nobody chose another value.
"""

import importlib
import ipaddress
import threading
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from streamlit import config

from core.errors import RefusedError

__all__ = ["api_address", "apply_options", "base_path", "refuse_unsafe", "warm_up"]


def apply_options(root: Path, *, password: str | None) -> None:
    """Set every option of `root`'s config.toml that neither a flag nor another file has set.

    With a password any name may lead here, so the list of allowed hosts is lifted: the guard asks for the password.
    """
    settings = tomllib.loads((root / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    for key, value in _flatten(settings):
        if not config.is_manually_set(key):
            config.set_option(key, value, str(root / ".streamlit" / "config.toml"))
    if password:
        config.set_option("server.allowedHosts", [], "SPECIMEN_PASSWORD")


def refuse_unsafe(*, password: str | None) -> None:
    """Raise RefusedError, naming the option, when the server would be open to more than this machine."""
    address = str(config.get_option("server.address") or "0.0.0.0")
    if not password and not _is_loopback(address):
        raise RefusedError(
            f"server.address is {address}, so others could reach Specimen without a password; "
            "set SPECIMEN_PASSWORD in the environment, or server.address back to 127.0.0.1."
        )
    for option in ("server.enableXsrfProtection", "server.enableCORS"):
        if not config.get_option(option):
            raise RefusedError(f"{option} is off, so foreign web pages could act in your name; turn it on again.")
    if config.get_option("server.xsrfCookieSameSite") == "none":
        raise RefusedError("server.xsrfCookieSameSite is none, which shares the cookie with foreign pages; use lax.")


def base_path() -> str:
    """The path that Streamlit serves under: "" or "/something", without a slash at the end."""
    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def api_address() -> str:
    """The absolute path of the API, for what runs in the browser."""
    return f"{base_path()}/api"


def warm_up() -> threading.Thread:
    """Load what Streamlit loads when it first draws: 0.2 s that the first visitor need not wait. The thread at it."""
    thread = threading.Thread(target=importlib.import_module, args=("pandas",), name="warm-up", daemon=True)
    thread.start()
    return thread


def _flatten(settings: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _is_loopback(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False
