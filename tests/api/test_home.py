"""The front door, as a process: what it opens, and when it refuses."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.support.app import ROOT, free_port, running_app

REPORT = """
import json, sys
sys.path.insert(0, sys.argv[1])
import Home
from streamlit import config
names = ("server.address", "server.allowedHosts", "server.enableXsrfProtection", "browser.gatherUsageStats",
    "theme.light.primaryColor", "theme.dark.backgroundColor", "server.maxUploadSize", "server.fileWatcherType")
print(json.dumps({**{name: config.get_option(name) for name in names}, "torch": "torch" in sys.modules}))
"""


def _start(home: Path, *arguments: str, password: str | None = None) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "SPECIMEN_HOME": str(home), "PYTHONPATH": str(ROOT)}
    environ.pop("SPECIMEN_PASSWORD", None)
    if password is not None:
        environ["SPECIMEN_PASSWORD"] = password
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "Home.py"), f"--server.port={free_port()}"]
    return subprocess.run(
        [*command, *arguments], cwd=home.parent, env=environ, capture_output=True, text=True, timeout=60, check=False
    )


def test_options_hold_wherever_it_is_started(tmp_path: Path) -> None:
    environ = {**os.environ, "SPECIMEN_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", REPORT, str(ROOT)], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
    )
    report = json.loads(done.stdout)
    assert report == {
        "server.address": "127.0.0.1",
        "server.allowedHosts": ["localhost", "127.0.0.1", "::1"],
        "server.enableXsrfProtection": True,
        "browser.gatherUsageStats": False,
        "theme.light.primaryColor": "#2F6B4F",
        "theme.dark.backgroundColor": "#131614",
        "server.maxUploadSize": 1024,
        "server.fileWatcherType": "none",
        "torch": False,
    }


@pytest.mark.parametrize(
    ("argument", "named"),
    [
        ("--server.address=0.0.0.0", "server.address"),
        ("--server.address=::", "server.address"),
        ("--server.enableXsrfProtection=false", "server.enableXsrfProtection"),
        ("--server.enableCORS=false", "server.enable"),
        ("--server.xsrfCookieSameSite=none", "server.xsrfCookieSameSite"),
    ],
)
def test_unsafe_options_are_refused_in_a_sentence(tmp_path: Path, argument: str, named: str) -> None:
    done = _start(tmp_path / "home", argument)
    assert done.returncode == 1, done.stderr
    assert named in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_app_on_one_workspace_is_refused(tmp_path: Path) -> None:
    with running_app(tmp_path / "home") as app:
        done = _start(tmp_path / "home")
        assert done.returncode == 1
        assert "already open" in done.stderr
        assert "Traceback" not in done.stderr
        app.kill()
        app.start()


def test_the_app_answers_and_refuses_other_hosts(tmp_path: Path) -> None:
    with running_app(tmp_path / "home") as app:
        with urllib.request.urlopen(app.url("/api/docs"), timeout=20) as answer:
            assert b"Specimen API" in answer.read()
        evil = urllib.request.Request(app.url("/api/images"), headers={"Host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(evil, timeout=20)
        assert refused.value.code == 403
        refused.value.close()


def test_under_a_path_of_its_own(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running_app(home, arguments=("--server.baseUrlPath=studio",), prefix="/studio") as app:
        with urllib.request.urlopen(app.url("/studio/api/images"), timeout=20) as answer:
            assert json.load(answer)["total"] == 0
