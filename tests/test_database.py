"""SQLite as we open it: durable, one writer at a time, consistent readers, whole after a kill."""

import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core.database import Database, Schema, open_database
from core.errors import BusyError, RefusedError, StorageError

NUMBERS = Schema(1234, ("CREATE TABLE number (value INTEGER PRIMARY KEY);",))
WRITER = """
import sys
from pathlib import Path
from tests.test_database import NUMBERS
from core.database import open_database
database = open_database(Path(sys.argv[1]), NUMBERS)
for value in range(int(sys.argv[2]), int(sys.argv[2]) + int(sys.argv[3])):
    with database.write() as connection:
        connection.execute("INSERT INTO number VALUES (?)", (value,))
    print(value, flush=True)
"""
ROOT = Path(__file__).resolve().parent.parent


def start_writer(path: Path, first: int, count: int, *prefix: str) -> "subprocess.Popen[str]":
    command = [*prefix, sys.executable, "-c", WRITER, str(path), str(first), str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def values(database: Database) -> list[int]:
    with database.read() as connection:
        return [row[0] for row in connection.execute("SELECT value FROM number ORDER BY value")]


def insert_and_fail(database: Database, value: int) -> None:
    with database.write() as connection:
        connection.execute("INSERT INTO number VALUES (?)", (value,))
        raise ZeroDivisionError


def test_a_disk_too_full_to_checkpoint_does_not_deny_what_is_saved(tmp_path: Path) -> None:
    blobs = Schema(1234, ("CREATE TABLE blob (content BLOB);",))
    database = open_database(tmp_path / "n.db", blobs)
    insert = "INSERT INTO blob VALUES (randomblob(?))"
    for size in (12 << 20, 1):
        with database.write() as connection:
            connection.execute(insert, (size,))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (database.path.stat().st_size, hard))
    try:
        with database.write() as connection:
            connection.execute(insert, (5 << 20,))  # fits into the log, but not into the file any more
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with open_database(tmp_path / "n.db", blobs).read() as connection:
        assert connection.execute("SELECT COUNT(*) FROM blob").fetchone()[0] == 3


def test_a_lock_that_cannot_be_opened_is_a_sentence(tmp_path: Path) -> None:
    database = open_database(tmp_path / "n.db", NUMBERS)
    (tmp_path / "n.db.lock").unlink()
    (tmp_path / "n.db.lock").mkdir()
    with pytest.raises(StorageError, match=r"n\.db"), database.write():
        pass


def test_what_raises_is_undone_whole_and_an_inner_block_alone(tmp_path: Path) -> None:
    database = open_database(tmp_path / "n.db", NUMBERS)
    with pytest.raises(ZeroDivisionError):
        insert_and_fail(database, 1)
    with database.write() as connection:
        connection.execute("INSERT INTO number VALUES (2)")
        with pytest.raises(ZeroDivisionError):
            insert_and_fail(database, 3)
    assert values(database) == [2]


def test_a_reader_sees_one_moment(tmp_path: Path) -> None:
    database = open_database(tmp_path / "n.db", NUMBERS)
    with database.read() as connection:
        assert connection.execute("SELECT COUNT(*) FROM number").fetchone()[0] == 0
        with database.write() as writer:
            writer.execute("INSERT INTO number VALUES (1)")
        assert connection.execute("SELECT COUNT(*) FROM number").fetchone()[0] == 0
    assert values(database) == [1]


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    database = open_database(tmp_path / "n.db", NUMBERS)
    with pytest.raises(StorageError, match=r"n\.db"), database.read() as connection:
        connection.execute("INSERT INTO number VALUES (1)")


def test_a_question_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    database = open_database(tmp_path / "n.db", NUMBERS)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n"
    with pytest.raises(BusyError, match="took too long"), database.read(seconds=0.05) as connection:
        connection.execute(endless).fetchone()
    assert values(database) == []


def test_many_processes_and_threads_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "n.db"
    database = open_database(path, NUMBERS)
    writers = [start_writer(path, start, 30) for start in (1000, 2000, 3000)]

    def insert(start: int) -> None:
        for value in range(start, start + 30):
            with database.write() as connection:
                connection.execute("INSERT INTO number VALUES (?)", (value,))

    threads = [threading.Thread(target=insert, args=(start,)) for start in (4000, 5000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outputs = [writer.communicate(timeout=60)[0].split() for writer in writers]
    assert [len(lines) for lines in outputs] == [30, 30, 30]
    assert len(values(database)) == 150
    with database.read() as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


@pytest.mark.parametrize("kills", [10, pytest.param(200, marks=pytest.mark.soak)])
def test_kills_lose_no_acknowledged_row(tmp_path: Path, kills: int) -> None:
    path = tmp_path / "n.db"
    chance = random.Random(7)
    acknowledged: set[int] = set()
    for kill in range(kills):
        writer = start_writer(path, kill * 100_000, 100_000)
        assert writer.stdout is not None
        acknowledged.add(int(writer.stdout.readline()))
        time.sleep(chance.random() * 0.03)
        writer.send_signal(signal.SIGKILL)
        acknowledged.update(int(line) for line in writer.stdout.read().split("\n")[:-1])
        writer.wait()
        writer.stdout.close()
    database = open_database(path, NUMBERS)
    assert acknowledged <= set(values(database))
    with database.read() as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace injects the fault and is not installed")
def test_every_commit_is_synced_to_disk(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    prefix = ("strace", "-f", "-e", "trace=fdatasync,fsync", "-o", str(trace))
    writer = start_writer(tmp_path / "n.db", 0, 20, *prefix)
    out, _ = writer.communicate(timeout=60)
    if not out:
        pytest.skip("strace may not trace here")
    assert trace.read_text(encoding="utf-8").count("sync(") >= 20


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace injects the fault and is not installed")
def test_a_full_disk_refuses_the_row_and_works_again(tmp_path: Path) -> None:
    path = tmp_path / "n.db"
    prefix = ("strace", "-f", "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC:when=30+", "-o", "/dev/null")
    writer = start_writer(path, 0, 1000, *prefix)
    out, _ = writer.communicate(timeout=60)
    if writer.returncode == 0 or not out:
        pytest.skip("strace may not trace here")
    acknowledged = {int(line) for line in out.split()}
    database = open_database(path, NUMBERS)
    assert acknowledged <= set(values(database))
    with database.write() as connection:
        connection.execute("INSERT INTO number VALUES (-1)")
    assert values(database)[0] == -1


def test_a_connection_does_not_cross_a_fork(tmp_path: Path) -> None:
    database = open_database(tmp_path / "n.db", NUMBERS)
    database._connections.pid = os.getpid() + 1
    with pytest.raises(RefusedError, match="fork"), database.read():
        pass
    database._connections.pid = os.getpid()


def test_nobody_else_connects_to_sqlite() -> None:
    sources = [path for folder in ("core", "ui", "pages") for path in (ROOT / folder).rglob("*.py")]
    callers = [path.name for path in sources if "sqlite3.connect(" in path.read_text(encoding="utf-8")]
    assert callers == ["database.py"]


def test_a_migration_killed_halfway_leaves_the_old_schema(tmp_path: Path) -> None:
    path = tmp_path / "n.db"
    open_database(path, NUMBERS).close()
    broken = Schema(1234, (*NUMBERS.migrations, "CREATE TABLE second (value);\nCREATE TABLE number (value);"))
    with pytest.raises(StorageError, match="already exists"):
        open_database(path, broken)
    reopened = open_database(path, NUMBERS)
    with reopened.read() as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert tables == ["number"]
    assert sqlite3.sqlite_version_info >= (3, 35)
