"""Which class a file dropped in by hand belongs to, by its folder or its name."""

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

__all__ = ["class_of_flat", "class_of_path"]

_NUMBERED = re.compile(r"^(?P<name>.*?)(?:[\s_.-]*\d+|\s*\(\d+\))$", re.DOTALL)


def class_of_flat(names: Iterable[str]) -> dict[str, str]:
    """The class of each file of one flat folder that its name tells: `abra001.jpg`, `abra002.jpg` → `abra`.

    A name tells a class when its stem without the trailing number (`abra001`, `abra_1`, `abra (1)`) repeats in the
    folder. Files left out of the result take their folder's name.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        stem = _unnumbered(name)
        if stem:
            groups[stem.casefold()].append(name)
    return {name: _unnumbered(members[0]) for members in groups.values() if len(members) > 1 for name in members}


def class_of_path(path: str, flat: dict[str, str], *, folder: str) -> str:
    """The class of a file at `path` below `folder`: its first folder's name, or for a flat file by `class_of_flat`."""
    parts = PurePosixPath(path).parts
    return parts[0] if len(parts) > 1 else flat.get(path, folder)


def _unnumbered(name: str) -> str:
    """The stem without its trailing number; "" when there is no number or nothing before it."""
    found = _NUMBERED.match(PurePosixPath(name).stem)
    return found["name"].strip(" _.-(") if found else ""
