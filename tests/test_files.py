"""Files as we write them: old or new, never half; names that cannot escape."""

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import StorageError
from core.files import (
    atomic_file,
    digest,
    file_digest,
    plain_numbers,
    read_json,
    slugify,
    sweep_temporary,
    write_atomic,
    write_json,
)

ROOT = Path(__file__).resolve().parent.parent
REPLACE = """
import sys
from pathlib import Path
from core.files import write_atomic
write_atomic(Path(sys.argv[1]), b"new" * 9)
"""


def replace_under_strace(path: Path, *injection: str) -> "subprocess.CompletedProcess[bytes]":
    command = ["strace", "-f", "-o", str(path.parent.parent / "trace"), *injection]
    return subprocess.run(
        [*command, sys.executable, "-c", REPLACE, str(path)], cwd=ROOT, capture_output=True, check=False
    )


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace injects the fault and is not installed")
@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_kill_at_any_step_leaves_the_old_or_the_new_file(tmp_path: Path, call: str) -> None:
    path = tmp_path / "folder" / "file.json"
    path.parent.mkdir()
    for moment in (1, 2):
        path.write_bytes(b"old")
        done = replace_under_strace(path, "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={moment}")
        if b"ptrace" in done.stderr:
            pytest.skip("strace may not trace here")
        assert path.read_bytes() in (b"old", b"new" * 9)
        sweep_temporary(path.parent)
        assert [entry.name for entry in path.parent.iterdir()] == ["file.json"]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace watches the calls and is not installed")
def test_file_and_folder_are_synced(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file.json"
    path.parent.mkdir()
    done = replace_under_strace(path, "-e", "trace=fsync,rename")
    if done.returncode:
        pytest.skip("strace may not trace here")
    calls = [
        line.split()[1].partition("(")[0] for line in (tmp_path / "trace").read_text(encoding="utf-8").splitlines()
    ]
    ours = [name for name in calls if name in ("fsync", "rename")]
    assert ours == ["fsync", "rename", "fsync"]


def test_a_block_that_raises_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail() -> None:
        with atomic_file(path) as handle:
            handle.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
    assert path.read_bytes() == b"old"


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    code = (
        "import sys, resource, signal; from pathlib import Path; from core.files import write_atomic\n"
        "from core.errors import StorageError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: write_atomic(Path(sys.argv[1]), b'x' * 5000)\n"
        "except StorageError as exc: print(exc)"
    )
    path = tmp_path / "file"
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True, check=True)
    assert str(path) in done.stdout
    assert list(tmp_path.iterdir()) == []
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1000


def test_temporary_files_of_the_living_are_not_swept(tmp_path: Path) -> None:
    mine = tmp_path / f".a.json.{os.getpid()}.0123abcd.tmp"
    mine.touch()
    (tmp_path / ".a.json.4194303.0123abcd.tmp").touch()
    (tmp_path / ".hidden.tmp").touch()
    assert sweep_temporary(tmp_path) == 1
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted([".hidden.tmp", mine.name])


def test_json_keeps_no_nan(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"loss": float("nan"), "rows": [1.5, (float("inf"), "ü")]})
    assert read_json(tmp_path / "a.json") == {"loss": None, "rows": [1.5, [None, "ü"]]}
    assert plain_numbers({"a": [float("-inf")]}) == {"a": [None]}


@pytest.mark.parametrize("content", [b"", b'{"a": 1', b"[1]", b"\xff\xfe"])
def test_a_torn_json_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "torn.json").write_bytes(content)
    with pytest.raises(StorageError, match=r"torn\.json"):
        read_json(tmp_path / "torn.json")
    with pytest.raises(StorageError, match="is not there"):
        read_json(tmp_path / "absent.json")


def test_digests_agree(tmp_path: Path) -> None:
    write_atomic(tmp_path / "file", b"abc")
    assert file_digest(tmp_path / "file") == digest(b"abc")
    assert digest(b"abc").startswith("ba7816bf")


@given(st.text(max_size=300))
def test_a_slug_is_always_a_safe_name(name: str) -> None:
    slug = slugify(name)
    assert slug == "" or (
        slug.isascii() and len(slug) <= 40 and set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")
    )
    assert not slug.startswith("-")
