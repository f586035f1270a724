"""What the command line shows a person: a progress bar on stderr, tables on stdout."""

import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from typing import IO

__all__ = ["Terminal", "show"]

_REDRAW_SECONDS = 0.2
_WIDEST_CELL = 60
_TIMES = frozenset(("started",))
"""Columns of Unix seconds."""


class Terminal:
    """A Reporter that draws one line on a terminal, and nothing where stderr is none."""

    def __init__(self, stream: IO[str] = sys.stderr) -> None:
        self._stream = stream
        self._shown = stream.isatty()
        self._start = self._drawn = time.monotonic()
        self._stop = False

    def progress(self, done: int, total: int | None, message: str = "") -> None:
        """Draw how far it is, with the time left."""
        now = time.monotonic()
        if not self._shown or now - self._drawn < _REDRAW_SECONDS:
            return
        self._drawn = now
        text = f"{done:,} of {total:,}" if total else f"{done:,}"
        if total and 0 < done < total:
            text += f", {_duration((now - self._start) / done * (total - done))} left"
        width = shutil.get_terminal_size().columns - 1
        self._stream.write(f"\r\x1b[K{message}  {text}"[: width + 4])
        self._stream.flush()

    def stopped(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._stop

    def update(self, **extra: object) -> None:
        """A line for each."""
        self.clear()
        for name, value in extra.items():
            self._stream.write(f"{name.replace('_', ' ')}: {value}\n")

    def ask_to_stop(self) -> None:
        """Make `stopped()` true."""
        self._stop = True

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def show(value: object) -> str:
    """A verb's answer as a person reads it: rows as a table, a mapping as lines, the rest as it is."""
    if isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
        return _table(value)
    if isinstance(value, Mapping):
        return "\n".join(_line(str(name), item) for name, item in value.items())
    return "nothing" if value in ([], None) else str(value)


def _line(name: str, value: object) -> str:
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return f"{name}: {len(value)}\n" + "\n".join(f"  {line}" for line in _table(value).splitlines())
    return f"{name}: {len(value) if isinstance(value, list) else value}"


def _table(rows: Sequence[Mapping[str, object]]) -> str:
    names = [name for name, value in rows[0].items() if not isinstance(value, list | Mapping)]
    cells = [names, *([_cell(row.get(name), name) for name in names] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join(lines)


def _cell(value: object, name: str) -> str:
    if isinstance(value, float) and name in _TIMES:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(value))
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else str(value)[:_WIDEST_CELL]


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
