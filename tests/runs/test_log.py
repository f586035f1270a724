"""The end of a run's log, as a person reads it."""

from pathlib import Path

from core.runs.log import read_log


def test_without_a_log_there_are_no_lines(tmp_path: Path) -> None:
    assert read_log(tmp_path) == []


def test_colours_go_and_a_bar_shows_its_last_state(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_bytes(b"\x1b[31mred\x1b[0m\n10%\r50%\r100%\r\nlast\xff")
    assert read_log(tmp_path) == ["red", "100%", "last\ufffd"]


def test_of_a_long_log_only_whole_lines_of_its_end(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("".join(f"line {number}\n" for number in range(1_000)), encoding="utf-8")
    assert read_log(tmp_path, most_bytes=30) == ["line 997", "line 998", "line 999"]
