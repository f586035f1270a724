"""Every exception has a cause, one sentence and a hint."""

import errno
from pathlib import Path

import pytest

from core.errors import InputError, StorageError
from core.files import write_atomic
from core.jobs.failures import explain


class OutOfMemoryError(RuntimeError):
    """Named as torch names its own."""


class NanLossError(Exception):
    """Says its cause itself."""

    cause = "nan"


@pytest.mark.parametrize(
    ("exc", "cause"),
    [
        (MemoryError(), "out_of_memory"),
        (OutOfMemoryError("CUDA out of memory"), "out_of_memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried 8 bytes"), "out_of_memory"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "out_of_memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
        (OSError(errno.EFBIG, "File too large"), "disk_full"),
        (RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 5 vs 3"), "disk_full"),
        (FloatingPointError("loss is nan"), "nan"),
        (NanLossError("The loss became NaN at step 10."), "nan"),
        (KeyError("width"), "error"),
        (ValueError(""), "error"),
    ],
)
def test_causes(exc: Exception, cause: str) -> None:
    failure = explain(exc)
    assert failure.cause == cause
    assert failure.error.endswith(".")
    assert "\n" not in failure.error
    assert str(failure.hint).endswith(".")


def test_our_own_errors_speak_for_themselves() -> None:
    assert explain(InputError("The width 7 is odd; give an even one.")).error == "The width 7 is odd; give an even one."


def test_what_lies_beneath_counts_but_the_upper_sentence_is_told() -> None:
    try:
        try:
            raise OSError(errno.ENOSPC, "No space left on device", "/tmp/a/b.bin")
        except OSError as exc:
            raise StorageError("The checkpoint was not written; the one before is whole.") from exc
    except StorageError as exc:
        failure = explain(exc)
    assert (failure.cause, failure.error) == ("disk_full", "The checkpoint was not written; the one before is whole.")


def test_a_full_disk_is_told_from_the_files_module_too(tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space") as caught, full.open("wb", buffering=0) as handle:
        handle.write(b"x")
    failure = explain(caught.value)
    assert failure.cause == "disk_full"
    write_atomic(tmp_path / "fine", b"x")


def test_a_stranger_is_named_with_its_place() -> None:
    try:
        [][1]
    except IndexError as exc:
        failure = explain(exc)
    assert "IndexError: list index out of range (test_failures.py, line" in failure.error
