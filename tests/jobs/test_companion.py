"""A process beside this one, where neither its writing nor its model matters: it cannot start, or its log cannot be."""

import sys
from pathlib import Path
from typing import IO

import pytest

from core.errors import StorageError, UnavailableError
from core.jobs.companion import Companion

ECHO = "import sys\nfor line in sys.stdin: print(line, end='', flush=True)"


def _exchange(questions: IO[bytes], answers: IO[bytes]) -> bytes | None:
    questions.write(b"hello\n")
    questions.flush()
    return answers.readline() or None


def _companion(*command: str, log: Path | None = None) -> Companion:
    return Companion(command, does="echoes", advice="try again", longest_seconds=60.0, log=log)


def test_a_question_is_answered_and_closing_leaves_nobody() -> None:
    companion = _companion(sys.executable, "-c", ECHO)
    assert companion.pid is None
    assert companion.ask(_exchange) == companion.ask(_exchange) == b"hello\n"
    companion.close()
    assert companion.pid is None


def test_one_that_cannot_be_started_is_said_in_a_sentence(tmp_path: Path) -> None:
    companion = _companion(str(tmp_path / "nothing"))
    with pytest.raises(UnavailableError, match=r"that echoes cannot be started \(No such file or directory\)"):
        companion.ask(_exchange)


def test_one_that_ends_over_the_answer_says_how_and_its_log_holds_why(tmp_path: Path) -> None:
    log = tmp_path / "new" / "echo.log"
    companion = _companion(sys.executable, "-c", "import sys; input(); sys.exit('no more')", log=log)
    with pytest.raises(UnavailableError, match=r"that echoes ended \(exit code 1\); try again"):
        companion.ask(_exchange)
    companion.close()
    assert log.read_text(encoding="utf-8") == "no more\n"
    log.unlink()
    log.mkdir()
    with pytest.raises(StorageError, match=r"echo\.log"):
        companion.ask(_exchange)
