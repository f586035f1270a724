"""What the chips of the Clean page say, as an expression of the catalogue's filter language.

The thresholds were chosen by looking at two sets beside what cleanvision 0.3.7 flags there: 642 files of a web search
(drawings, toys, memes) and 3,483 photographs of flowers, enlarged from 128 pixels. Where an absolute figure would speak
of how a set was made rather than of a picture, the threshold is relative to the set.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.catalog.columns import RUN
from core.catalog.filters import quoted

__all__ = [
    "CHOICES",
    "CONDITIONS",
    "NONE",
    "OF_RUN",
    "ORDERS",
    "RUN_ORDERS",
    "VERDICTS",
    "Choice",
    "Option",
    "expression",
    "label",
]

Choice = Mapping[str, Sequence[str]]
"""Group: what is chosen in it, by the names that stand in the address; joined by or, the groups by and."""
NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class Option:
    words: str
    condition: str


VERDICTS: Final = {"unreviewed": "not looked at", "keep": "✓ kept", "reject": "✕ rejected"}
_QUALITY: Final = {
    # Relative: the median sharpness is 1,370 in the search and 2.8 in the enlarged flowers, of which an absolute 60
    # would flag all and cleanvision flags a third. 2.5 robust deviations below the set's median: 8 and 38 pictures.
    "blurred": Option("blurred", "blur > 2.5"),
    # At 0.2 pictures are lit as their makers wanted; cleanvision flags none of either set truly (it took the black
    # behind transparent drawings for dark).
    "dark": Option("dark", "brightness < 0.15"),
    # Washed-out photographs; drawings on white are as bright and meant to be, they are under white ground.
    "bright": Option("bright", "brightness > 0.85 and border_white <= 0.9"),
    # Placeholders and tiny figures on one colour. cleanvision flags line drawings too, which begin at 1.7 bits.
    "plain": Option("low information", "entropy < 1.2"),
    # Relative: three robust deviations of the logarithm of the pixels from the set's median, smaller or larger.
    "odd": Option("odd size", "odd_size > 3"),
    "white": Option("white ground", "border_white > 0.9"),
    "clear": Option("see-through", "transparent > 0.05"),
    "copies": Option("copies", "cluster is not empty"),
}
_SIZE: Final = {
    # Networks look at 64 to 256 pixels: what is smaller has to be enlarged.
    "tiny": Option("below 128 pixels", "(width < 128 or height < 128)"),
    "small": Option("128 to 255 pixels", "(width >= 128 and height >= 128 and (width < 256 or height < 256))"),
    "medium": Option("256 to 1,023 pixels", "(width >= 256 and height >= 256 and (width < 1024 or height < 1024))"),
    "large": Option("1,024 pixels and more", "(width >= 1024 and height >= 1024)"),
}
_SHAPE: Final = {
    "tall": Option("very tall", "aspect < 0.4"),
    "upright": Option("upright", "(aspect >= 0.4 and aspect < 0.95)"),
    "square": Option("square", "(aspect >= 0.95 and aspect <= 1.05)"),
    "across": Option("across", "(aspect > 1.05 and aspect <= 2.5)"),
    "wide": Option("very wide", "aspect > 2.5"),
}
_SINCE: Final = {
    "1h": Option("in the last hour", "added >= 1h"),
    "today": Option("today", "added >= today"),
    "7d": Option("in the last 7 days", "added >= 7d"),
    "30d": Option("in the last 30 days", "added >= 30d"),
}
_STATE: Final = {
    "broken": Option("cannot be read", "(error is not empty and not missing)"),
    "missing": Option("file is gone", "(missing and (error is empty or error is not empty))"),
}
_ANSWERS: Final = {
    "wrong-val": Option("wrong on validation", "(wrong and run_split = val)"),
    "wrong-test": Option("wrong on test", "(wrong and run_split = test)"),
    "wrong-train": Option("wrong on training", "(wrong and run_split = train)"),
    "unsure": Option("unsure", "probability < 0.5"),
    "disputed": Option("doubts the class", "disputed"),
}
CONDITIONS: Final[Mapping[str, Mapping[str, Option]]] = {
    "quality": _QUALITY,
    "size": _SIZE,
    "shape": _SHAPE,
    "since": _SINCE,
    "state": _STATE,
    "answer": _ANSWERS,
}
"""Groups whose options are conditions of their own."""
VALUES: Final = (
    "class",
    "verdict",
    "split",
    "cluster",
    "engine",
    "licence",
    "reason",
    "truth",
    "predicted",
    "run_split",
)
"""Groups whose options are values of the column of that name; `none` stands for an empty cell of split and licence."""
CHOICES: Final = (RUN, *VALUES, *CONDITIONS)
"""All groups, as the address calls them."""
OF_RUN: Final = ("answer", "truth", "predicted", "run_split")
"""Groups about a run's answers."""
ORDERS: Final = {
    "id": "oldest first",
    "-added": "newest first",
    "-suspicion": "most suspicious first",
    "class,id": "by class",
    "cluster,id": "copies together",
    "-blur": "blurred first",
    "blur": "sharp first",
    "brightness": "dark first",
    "-brightness": "bright first",
    "entropy": "plain first",
    "pixels": "small first",
    "-pixels": "large first",
    "-aspect": "wide first",
    "aspect": "tall first",
    "-border_white": "white ground first",
    "path": "by file",
}
RUN_ORDERS: Final = {
    "probability": "least sure first",
    "-loss": "most surprising first",
    "-probability": "most sure first",
}
"""Only of pictures that a run has answered."""


def expression(choice: Choice, further: str = "") -> str:
    """The conditions joined by and; "" when nothing is chosen. What is about a run's answers counts with a run only."""
    runs = choice.get(RUN, ())[:1]
    parts = [f"{RUN} = {quoted(name)}" for name in runs]
    parts += [
        _condition(group, choice[group])
        for group in (*VALUES, *CONDITIONS)
        if choice.get(group) and (runs or group not in OF_RUN)
    ]
    if further.strip():
        parts.append(f"({further.strip()})" if parts else further.strip())
    return " and ".join(parts)


def label(title: str, words: Sequence[str]) -> str:
    """What a closed chip says: its title, or what is chosen under it."""
    if not words:
        return title
    return f"{words[0]} +{len(words) - 1}" if len(words) > 1 else words[0]


def _condition(group: str, names: Sequence[str]) -> str:
    """What the choice of these in one group says; at least one name."""
    if group in CONDITIONS:
        told = [CONDITIONS[group][name].condition for name in names]
        return told[0] if len(told) == 1 else f"({' or '.join(told)})"
    return f"{group} in ({', '.join(_value(group, name) for name in names)})"


def _value(group: str, name: str) -> str:
    if group in ("verdict", "run_split", "cluster") or (name == NONE and group in ("split", "licence")):
        return name
    return quoted(name)
