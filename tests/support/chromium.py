"""Gets a Chromium for the browser tests where none is found: `python -m tests.support.chromium`.

The system's package manager first (as root, or with a sudo that asks nothing), then Playwright's own download. Where
both fail the browser tests are skipped, and say so.
"""

import os
import shutil
import subprocess
import sys

from playwright.sync_api import sync_playwright

from tests.support.browser import chromium_path

__all__ = ["main"]

_MANAGERS = {
    "apt-get": (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]),
    "dnf": (["dnf", "install", "-y", "-q", "chromium"],),
    "apk": (["apk", "add", "--quiet", "chromium"],),
}


def main() -> int:
    """0 when a Chromium is there at the end, else 1."""
    if _find():
        return 0
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    commands = next((steps for name, steps in _MANAGERS.items() if shutil.which(name)), ())
    installed = bool(commands) and all(_run([*prefix, *command]) for command in commands)
    if not installed or not _find():
        _run([sys.executable, "-m", "playwright", "install", "chromium"])
    if _find():
        return 0
    sys.stderr.write("No Chromium could be installed; the browser tests will be skipped.\n")
    return 1


def _find() -> str | None:
    with sync_playwright() as playwright:
        return chromium_path(playwright)


def _run(command: list[str]) -> bool:
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        return subprocess.run(command, env=environ, check=False, stdout=subprocess.DEVNULL).returncode == 0
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    sys.exit(main())
