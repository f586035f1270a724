"""The real app in a process of its own, on a free port, with a workspace of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.waiting import until

__all__ = ["ROOT", "RunningApp", "free_port", "running_app"]

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 60.0


@dataclass
class RunningApp:
    """One app process; `start` and `kill` may alternate, the port stays."""

    home: Path
    port: int
    log: Path
    arguments: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    script: Path = ROOT / "Home.py"
    prefix: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        return self.address + path

    def start(self, *, wait: bool = True) -> None:
        """Start the process and, unless told otherwise, wait until pages and API answer."""
        command = [sys.executable, "-m", "streamlit", "run", str(self.script), f"--server.port={self.port}"]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("STREAMLIT_", "SPECIMEN_"))}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, *self.arguments],
                cwd=ROOT,
                env={**kept, "PYTHONPATH": str(ROOT), "SPECIMEN_HOME": str(self.home), **self.environ},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if wait:
            self.wait()

    def wait(self) -> None:
        """Return when pages and API answer; fail with the log when the process ends before."""
        until(self._answers_or_ended, seconds=_START_SECONDS, what="the app to answer")
        assert self.process is not None
        assert self.process.poll() is None, f"the app ended with {self.process.returncode}:\n{self.said()}"

    def kill(self) -> None:
        """SIGKILL: no farewell, nothing flushed."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, as a person's Ctrl-C would; SIGKILL when that is not heard."""
        self._end(signal.SIGTERM)

    def said(self) -> str:
        """Everything that the process wrote."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=20)
        self.process = None

    def _answers_or_ended(self) -> bool:
        ended = self.process is None or self.process.poll() is not None
        return ended or (all(_answers(self.url(f"{self.prefix}{path}")) for path in ("/api/health", "/_stcore/health")))


@contextlib.contextmanager
def running_app(
    home: Path,
    *,
    arguments: tuple[str, ...] = (),
    environ: Mapping[str, str] | None = None,
    script: Path = ROOT / "Home.py",
    prefix: str = "",
) -> Iterator[RunningApp]:
    """The app, started on `home` and answering; stopped when the block ends. Its log lies beside `home`."""
    home.mkdir(parents=True, exist_ok=True)
    log = home.with_name(f"{home.name}-app.log")
    app = RunningApp(home, free_port(), log, arguments, environ or {}, script, prefix)
    try:
        app.start()
        yield app
    finally:
        app.stop()


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except urllib.error.HTTPError as exc:
        exc.close()
        return exc.code == 401
    except OSError:
        return False
