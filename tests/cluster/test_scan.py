"""A scan by a cluster gives the catalogue that a scan by this machine gives, whatever happens to a node."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.catalog.images import image_table
from core.catalog.store import open_catalog, revision
from core.database import Database
from core.images.decoder import Decoder, Examined
from core.images.examiner import ShardExaminer
from core.images.scan import ScanResult, scan
from core.jobs.cluster import ADDRESS, Hands
from core.workspace import CHECKOUT, Settings, Workspace, open_workspace, write_settings
from tests.cluster.conftest import TwoNodes
from tests.support.engines import engine_server
from tests.support.pictures import broken_files, jpeg, odd_pictures

pytestmark = pytest.mark.cluster

_COLUMNS = [
    "path", "sha256", "bytes", "width", "height", "format", "mode", "orientation", "phash", "phash_mirror",
    "sharpness", "brightness", "contrast", "entropy", "border_white", "transparent", "class", "verdict", "error",
]  # fmt: skip


def _fill(images: Path, *, count: int) -> None:
    for number in range(count):
        place = images / f"class{number % 3}" / f"{number:04}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(jpeg(number))
    for name, (content, _) in broken_files().items():
        (images / "class0" / f"broken {name}").write_bytes(content)
    for name, content in odd_pictures().items():
        (images / "class1" / f"odd {name}").write_bytes(content)
    (images / "class2" / "way out.jpg").symlink_to("/etc/passwd")


def _rows(db: Database) -> list[tuple[object, ...]]:
    """Everything that a scan writes, the rows of broken files included."""
    rows: list[tuple[object, ...]] = []
    for where in ("", "error != ''"):
        table = image_table(db, _COLUMNS, where)
        rows += zip(*(table[name] for name in _COLUMNS), strict=True)
    return sorted(rows, key=repr)


def _scan_alone(
    images: Path, home: Path, settings: Settings | None = None
) -> tuple[ScanResult, list[tuple[object, ...]]]:
    alone = open_workspace(home, environ={})
    write_settings(alone, settings or Settings())
    shutil.copytree(images, alone.images, symlinks=True, dirs_exist_ok=True)
    db = open_catalog(alone)
    try:
        return scan(alone, db), _rows(db)
    finally:
        db.close()


class Teller:
    """A reporter that does something once so many files are done, and may ask to stop then."""

    def __init__(self, after: int, act: Callable[[], None] | None = None) -> None:
        self._after = after
        self._act = act
        self._asked = False
        self.done = 0

    def progress(self, done: int, total: int | None, message: str = "") -> None:
        self.done = done
        if done >= self._after and not self._asked:
            self._asked = True
            if self._act is not None:
                self._act()

    def stopped(self) -> bool:
        return self._asked and self._act is None

    def update(self, **extra: object) -> None:
        """Nothing."""


def test_two_nodes_write_what_one_machine_writes(
    workspace: Workspace, db: Database, hands: Hands, tmp_path: Path
) -> None:
    _fill(workspace.images, count=60)
    expected = _scan_alone(workspace.images, tmp_path / "alone")
    assert (scan(workspace, db, cluster=hands), _rows(db)) == expected
    assert expected[0].unreadable
    again = scan(workspace, db, cluster=hands)
    assert (again.new, again.changed) == (0, 0)


def test_the_fast_hashes_are_the_same_too(workspace: Workspace, db: Database, hands: Hands, tmp_path: Path) -> None:
    _fill(workspace.images, count=40)
    exact = _scan_alone(workspace.images, tmp_path / "exact")[1]
    write_settings(workspace, Settings(hash_mode="fast"))
    expected = _scan_alone(workspace.images, tmp_path / "fast", Settings(hash_mode="fast"))
    assert (scan(workspace, db, cluster=hands), _rows(db)) == expected
    assert expected[1] != exact


def test_a_node_killed_half_way_changes_nothing(
    workspace: Workspace, db: Database, two_nodes: TwoNodes, hands: Hands, tmp_path: Path
) -> None:
    _fill(workspace.images, count=1700)
    expected = _scan_alone(workspace.images, tmp_path / "alone")
    teller = Teller(400, two_nodes.kill_second)
    assert (scan(workspace, db, cluster=hands, reporter=teller), _rows(db)) == expected
    assert teller.done > 1700


def test_a_stop_keeps_what_was_examined(workspace: Workspace, db: Database, hands: Hands, tmp_path: Path) -> None:
    _fill(workspace.images, count=1100)
    expected = _scan_alone(workspace.images, tmp_path / "alone")
    first = scan(workspace, db, cluster=hands, reporter=Teller(200))
    assert 200 <= first.new < 1100
    scan(workspace, db, cluster=hands)
    assert _rows(db) == expected[1]


def test_looks_come_in_the_order_of_the_files(hands: Hands, tmp_path: Path) -> None:
    _fill(tmp_path / "images", count=20)
    paths = [path for path in sorted((tmp_path / "images").rglob("*")) if not path.is_dir()]
    with Decoder() as decoder:
        expected: list[Examined] = list(decoder.examine(paths))
        assert list(ShardExaminer(hands, decoder, shard=16).examine(paths)) == expected
    assert {look.error for look in expected} >= {None, "a link, not a file", "truncated JPEG"}


def test_the_command_line_says_the_same_with_both_executors(two_nodes: TwoNodes, tmp_path: Path) -> None:
    answers = []
    for executor in ("local", "ray"):
        home = tmp_path / executor
        _fill(open_workspace(home, environ={}).images, count=20)
        for verb in ("scan", "duplicates"):
            command = [sys.executable, "-m", "core", "--home", str(home), verb, "--executor", executor, "--json"]
            ended = subprocess.run(
                command, cwd=CHECKOUT, env=os.environ | two_nodes.environ, capture_output=True, text=True, check=False
            )
            assert (ended.returncode, ended.stderr) == (0, "")
            answers.append(json.loads(ended.stdout))
    assert answers[:2] == answers[2:]
    assert answers[1]["clusters"]


@pytest.mark.parametrize(
    ("service", "sentence"),
    [
        ("nobody", "No Ray cluster answers at {}; start one with `ray start --head`, or correct ${}."),
        ("silence", "No Ray cluster answers at {}; start one with `ray start --head`, or correct ${}."),
        ("web", "What answers at {} is no Ray cluster; correct ${}."),
    ],
)
@pytest.mark.usefixtures("started")
def test_without_a_cluster_one_sentence_says_so_and_nothing_changes(
    workspace: Workspace, db: Database, service: str, sentence: str
) -> None:
    _fill(workspace.images, count=4)
    before = (_rows(db), revision(db))
    with _listening(service) as address:
        for verb in ("scan", "duplicates"):
            command = [sys.executable, "-m", "core", "--home", str(workspace.home), verb, "--executor", "ray"]
            ended = subprocess.run(
                command, cwd=CHECKOUT, env=os.environ | {ADDRESS: address}, capture_output=True, text=True, check=False,
                timeout=60,
            )  # fmt: skip
            assert (ended.returncode, ended.stdout) == (1, "")
            assert ended.stderr.splitlines()[-1].endswith(sentence.format(address, ADDRESS))
    assert (_rows(db), revision(db)) == before


@contextlib.contextmanager
def _listening(service: str) -> Iterator[str]:
    """An address where nobody is, where somebody says nothing, or where a web server is."""
    if service == "web":
        with engine_server() as server:
            yield server.host
        return
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if service == "silence":
            listener.listen()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
