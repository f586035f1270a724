"""A run's state as a person reads it: a word, a mark and a colour, and how far it is in one line."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from core.jobs.status import State, Status
from core.training.presets import PRESETS
from ui.words import count, plain, span

__all__ = ["LIVE", "WORDS", "ahead_in_queue", "best_text", "state_html", "state_markdown", "where_it_stands"]

WORDS: dict[State, str] = {
    "queued": "waiting",
    "starting": "starting",
    "running": "running",
    "paused": "paused",
    "stopping": "stopping",
    "finished": "finished",
    "stopped": "stopped",
    "failed": "failed",
    "lost": "lost",
}

LIVE: frozenset[State] = frozenset({"queued", "starting", "running", "paused", "stopping"})

_COLOURS: dict[State, str] = {
    "queued": "gray",
    "starting": "orange",
    "running": "green",
    "paused": "orange",
    "stopping": "orange",
    "finished": "gray",
    "stopped": "gray",
    "failed": "red",
    "lost": "red",
}
_MARKS: dict[State, str] = {"queued": "○", "paused": "◐", "finished": "✓", "stopped": "■", "failed": "✕", "lost": "✕"}


def state_markdown(state: State) -> str:
    """Mark and word, coloured."""
    return f":{_COLOURS[state]}[{_MARKS.get(state, '●')} {WORDS[state]}]"


def state_html(state: State) -> str:
    """Mark and word for a row drawn as HTML."""
    colour = _COLOURS[state]
    return f'<span class="specimen-state {colour}">{_MARKS.get(state, "●")} {escape(WORDS[state])}</span>'


def ahead_in_queue(jobs: Sequence[tuple[Path, Status]], run: str) -> int:
    """How many live runs were asked for before `run`; 0 when it works already or is none of them."""
    mine = next(((folder, status) for folder, status in jobs if folder.name == run), None)
    if mine is None or mine[1].state != "queued":
        return 0
    folder, own = mine
    others = [status for other, status in jobs if other.parent == folder.parent and other != folder]
    return sum(not status.ended and status.created <= own.created for status in others)


def best_text(best: float | None, preset: str) -> str:
    """The best figure of a run: accuracy on held-out pictures in per cent, or a GAN's distance."""
    if best is None:
        return "–"
    known = PRESETS.get(preset)
    if known is not None and known.kind == "classifier":
        return f"{best:.1%}"
    return f"{best:.3g}"


def where_it_stands(status: Status) -> str:
    """`epoch 3 of 10 · 40 s left · 1,204 pictures a second`: what is known of it."""
    extra = status.extra
    parts: list[str] = []
    epoch, epochs, rate = extra.get("epoch"), extra.get("epochs"), extra.get("images_per_second")
    if isinstance(epoch, int) and isinstance(epochs, int):
        now = epoch if status.ended else min(epoch + 1, epochs)
        parts.append(f"epoch {count(now)} of {count(epochs)}")
    if status.eta_seconds is not None and status.state == "running":
        parts.append(f"{span(status.eta_seconds)} left")
    if isinstance(rate, int | float) and status.state == "running":
        parts.append(f"{rate:,.0f} pictures a second")
    if status.state == "stopping":
        parts.append("finishing the step")
    if status.ended and status.seconds:
        parts.append(f"took {span(status.seconds)}")
    if status.state == "queued":
        parts.append("starts when those before it are done")
    elif status.message and not status.ended and not status.message.startswith("Epoch "):
        parts.append(plain(status.message))
    return " · ".join(parts)
