"""Numbers and spans of time as a person says them."""

import re
import time

__all__ = ["count", "day", "plain", "plural", "size", "span"]

_BY_ITSELF = re.compile(
    r"www(?=\.)|https?(?=:)|@"  # where markdown starts a link
    r"|:(?=[\w/+-]+:)"  # :material/home:, :smile:
    r"|(?<!\S)[<>~-](?=[->=]+(?!\S))",  # an arrow, a dash or a sign between spaces
    re.IGNORECASE,
)
"""What Streamlit makes more of than text, escaped or not; an unseen word joiner behind it keeps it from that."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:$&])")


def count(number: int) -> str:
    """`4120` → `4,120`."""
    return f"{number:,}"


def plural(number: int, noun: str, nouns: str | None = None) -> str:
    """`1 picture`, `4,120 pictures`; `nouns` where the plural is not noun + s."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def day(moment: float) -> str:
    """The day of a moment in unix seconds, here: `2026-11-21`."""
    return time.strftime("%Y-%m-%d", time.localtime(moment))


def span(seconds: float) -> str:
    """A length of time in its two largest units: `40 s`, `4 min`, `2 h 5 min`, `3 d 2 h`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def size(number: int) -> str:
    """Bytes with a decimal unit: `900 B`, `12 kB`, `3.4 MB`."""
    if number < 1000:
        return f"{number} B"
    if number < 1_000_000:
        return f"{number / 1000:.0f} kB"
    if number < 1_000_000_000:
        return f"{number / 1e6:.1f} MB"
    return f"{number / 1e9:.1f} GB"


def plain(text: str) -> str:
    """`text` for a label or markdown, every character standing for itself: no link, no icon, no arrow."""
    whole = _BY_ITSELF.sub("\\g<0>\u2060", text.replace("\n", " "))
    return _SPECIAL.sub(r"\\\1", whole)
