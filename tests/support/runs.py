"""Runs as they lie on disk, made without training."""

import contextlib
import dataclasses
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from core.jobs.reporter import JobReporter, report
from core.jobs.status import State, read_status, write_status
from core.runs.metrics import MetricsWriter
from core.runs.samples import real_path, sample_path
from core.runs.store import new_run
from core.workspace import Workspace

__all__ = ["add_answers", "add_samples", "live_run", "made_up"]


def made_up(workspace: Workspace, preset: str, state: State, **status: object) -> Path:
    """A run as it lies on disk after two epochs, ended in `state`."""
    folder = new_run(workspace, preset=preset, config={"parameters": {"epochs": 2}, "seed": 7})
    before = read_status(folder)
    known = {"began": before.created, "finished": before.created + 60, "seconds": 60.0, **status}
    extra: dict[str, object] = {"epoch": 2, "epochs": 2}
    write_status(folder, dataclasses.replace(before, state=state, extra=extra, **known))  # type: ignore[arg-type]
    names = ("loss/g", "loss/d") if preset == "dcgan" else ("loss/train", "accuracy/train")
    with MetricsWriter(folder) as writer:
        for step in range(1, 9):
            writer.write("step", step, 1 + step // 5, **dict.fromkeys(names, 1.0 / step))
    (folder / "log.txt").write_text("epoch 1 of 2\nepoch 2 of 2\nsaved\n", encoding="utf-8")
    return folder


def add_answers(folder: Path, answers: Sequence[tuple[str, str, str]]) -> None:
    """What the run said of test pictures, (path, class, answer) each: its report and `predictions.csv`."""
    lines = ["img_name,class_name,predicted,probability,probability_true,split"]
    lines += [f"{path},{truth},{said},0.8,{0.8 if truth == said else 0.1},test" for path, truth, said in answers]
    (folder / "predictions.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    labels = sorted({name for _, *both in answers for name in both})
    pairs = [(truth, said) for _, truth, said in answers]
    matrix = {"labels": labels, "matrix": [[pairs.count((truth, said)) for said in labels] for truth in labels]}
    right = sum(truth == said for truth, said in pairs) / len(pairs)
    report = {"kind": "classifier", "accuracy": {"test": right}, "evaluated_on": "test", "confusion": matrix}
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")


def add_samples(folder: Path, *, epochs: int) -> None:
    """Grids of one colour each, lighter from epoch to epoch, and a white one of real pictures."""
    (folder / "samples").mkdir(exist_ok=True)
    for epoch in range(1, epochs + 1):
        Image.new("RGB", (64, 64), (255 * epoch // (epochs + 1), 90, 120)).save(sample_path(folder, epoch))
    Image.new("RGB", (64, 64), "white").save(real_path(folder))


@contextlib.contextmanager
def live_run(workspace: Workspace, preset: str) -> Iterator[tuple[Path, JobReporter]]:
    """A run at work in this very process, so that whoever looks finds it alive.

    Exceptions do not leave the block, as in a job: judge what was seen after it.
    """
    folder = new_run(workspace, preset=preset, config={"parameters": {"epochs": 10}})
    with report(folder, f"Train {preset}") as reporter:
        yield folder, reporter
