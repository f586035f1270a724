"""Dates as a filter names them: a day, a minute, today, or so long ago."""

import re
import time
from datetime import datetime, timedelta

__all__ = ["Moment", "read_moment"]

Moment = tuple[float, float]
"""From, up to but without, in Unix seconds; a day is as long as a day, a point in time has no length."""

_AGO = re.compile(r"(\d{1,6})\s?(min|[mhdw])", re.IGNORECASE)
_SECONDS = {"m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_FORMS = (("%Y-%m-%d", timedelta(days=1)), ("%Y-%m-%d %H:%M", timedelta(minutes=1)), ("%Y-%m-%d %H:%M:%S", None))


def read_moment(text: str, *, now: float) -> Moment | None:
    """What `text` names in this machine's time zone: `2026-11-21`, `2026-11-21 18:30`, `today`, `yesterday`, `7d` ago.

    None when it names nothing; `m`, `h`, `d`, `w` are minutes, hours, days, weeks.
    """
    word = text.strip().lower()
    midnight = datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0)
    if word in ("today", "yesterday"):
        start = midnight - timedelta(days=word == "yesterday")
        return start.timestamp(), (start + timedelta(days=1)).timestamp()
    if ago := _AGO.fullmatch(word):
        point = now - int(ago[1]) * _SECONDS[ago[2]]
        return point, point
    return _on_calendar(word.replace("t", " "))


def _on_calendar(word: str) -> Moment | None:
    for form, length in _FORMS:
        try:
            parsed = time.strptime(word, form)
            start = datetime(*parsed[:6])
            end = start + length if length else start
            return start.timestamp(), end.timestamp()
        except (ValueError, OverflowError, OSError):
            continue
    return None
