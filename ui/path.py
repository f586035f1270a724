"""The path from a search to a model as steps: how far each is, and what to do next."""

from dataclasses import dataclass

from ui.facts import Facts
from ui.words import count, plural

__all__ = ["Standing", "Step", "next_step", "steps"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the steps are counted from."""

    figures: Facts
    minimum: int
    """Pictures that a class should have."""
    open_clusters: int
    live_runs: int
    done_runs: int


@dataclass(frozen=True, slots=True)
class Step:
    room: str
    figure: str
    """The large number."""
    note: str
    """What it counts."""


def steps(standing: Standing) -> list[Step]:
    """The five steps in their order."""
    figures = standing.figures
    thin = len(figures.thin(standing.minimum))
    classes = len(figures.classes)
    return [
        Step("collect", count(figures.images), "pictures" if figures.images != 1 else "picture"),
        Step(
            "duplicates",
            count(standing.open_clusters),
            "groups of copies open" if standing.open_clusters != 1 else "group of copies open",
        ),
        Step(
            "clean",
            count(figures.decided),
            f"of {count(figures.images)} looked at",
        ),
        Step(
            "dataset",
            count(classes),
            ("classes" if classes != 1 else "class") + (f", {count(thin)} thin" if thin else ""),
        ),
        Step("runs", count(standing.live_runs + standing.done_runs), f"runs, {count(standing.live_runs)} live"),
    ]


def next_step(standing: Standing) -> tuple[str, str]:
    """The room to go to next, and the words on the button."""
    figures = standing.figures
    if not figures.images:
        return "collect", "Collect pictures"
    if standing.open_clusters:
        return "duplicates", f"Resolve {plural(standing.open_clusters, 'group of copies', 'groups of copies')}"
    if not figures.decided and not sum(figures.split):
        return "clean", f"Look at {plural(figures.unreviewed, 'picture')}"
    if not sum(figures.split):
        return "dataset", "Split the dataset"
    if standing.live_runs:
        return "runs", "Watch the run"
    if not standing.done_runs:
        return "train", "Train a model"
    if figures.unreviewed:
        return "clean", f"Look at {plural(figures.unreviewed, 'picture')}"
    return "try", "Try the model"
