"""Why a job failed, in a cause, a sentence and a hint."""

import errno
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import SpecimenError
from core.jobs.record import Cause

__all__ = ["Failure", "explain"]

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Failure:
    """What a person reads of an exception that ended a job."""

    cause: Cause
    error: str
    """One sentence."""
    hint: str | None
    """What to do about it, where the sentence does not say that itself."""


def explain(exc: BaseException) -> Failure:
    """The failure that `exc` stands for; what caused it, and what it was raised over, count too.

    An exception may name its cause itself by an attribute `cause` (a loss that became NaN has `cause = "nan"`).
    """
    for link in _chain(exc):
        failure = _known(link, exc)
        if failure is not None:
            return failure
    if isinstance(exc, SpecimenError):
        return Failure("error", str(exc), None)
    return Failure("error", f"It failed where nobody expected it: {_sentence(exc)}", "Its log has the details.")


def _known(link: BaseException, exc: BaseException) -> Failure | None:
    told = str(exc) if isinstance(exc, SpecimenError) else None
    if _is_memory(link):
        error = told or "The memory ran out."
        return Failure("out_of_memory", error, "Try a smaller batch or smaller pictures, or close other programs.")
    if _is_full_disk(link):
        error = told or f"The disk is full{_of_file(link)}."
        return Failure("disk_full", error, "Free some space, then resume or start again; what was saved is whole.")
    if isinstance(link, FloatingPointError) or getattr(link, "cause", None) == "nan":
        error = told or f"The figures left the range of numbers ({_first_line(link)})."
        return Failure("nan", error, "Try a smaller learning rate; the best checkpoint so far is kept.")
    return None


def _is_memory(exc: BaseException) -> bool:
    # By name: this process may be one that has torch, but this module must not import it.
    return (
        isinstance(exc, MemoryError)
        or type(exc).__name__ == "OutOfMemoryError"
        or "can't allocate memory" in str(exc)
        or getattr(exc, "cause", None) == "out_of_memory"
        or (isinstance(exc, OSError) and exc.errno == errno.ENOMEM)
    )


def _is_full_disk(exc: BaseException) -> bool:
    if isinstance(exc, OSError) and exc.errno in _FULL:
        return True
    text = str(exc)
    # torch.save on a full disk raises a RuntimeError of its zip writer, not an OSError.
    writer = isinstance(exc, RuntimeError) and "inline_container" in text
    return writer or (isinstance(exc, SpecimenError) and text.startswith("The disk is full"))


def _of_file(exc: BaseException) -> str:
    name = getattr(exc, "filename", None)
    return f", so {Path(name).name} could not be written" if isinstance(name, str) else ""


def _chain(exc: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = exc
    seen: set[int] = set()
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _sentence(exc: BaseException) -> str:
    frames = traceback.extract_tb(exc.__traceback__)
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    line = _first_line(exc)
    return f"{type(exc).__name__}: {line}{place}." if line else f"{type(exc).__name__}{place}."


def _first_line(exc: BaseException) -> str:
    lines = str(exc).strip().splitlines()
    return lines[0][:_LONGEST].rstrip(".") if lines else ""
