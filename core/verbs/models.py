"""The verbs that train, watch and use models; none of them loads torch before it must."""

from dataclasses import asdict
from pathlib import Path

from pydantic import Field

from core.errors import SpecimenError, StoppedError
from core.files import write_atomic
from core.images.sheet import contact_sheet
from core.inference.client import InferenceClient
from core.jobs.process import stop, wait
from core.jobs.reporter import Reporter
from core.jobs.status import Status, observe
from core.runs.metrics import read_metrics
from core.runs.store import delete_run, list_runs, run_folder, show_run
from core.training.launch import launch, resume
from core.training.presets import describe, parse_settings
from core.verbs.call import Arguments, Call, Nothing, Verb, settle, verb

__all__ = ["MODEL_VERBS"]


class TrainArguments(Arguments):
    preset: str
    settings: list[str] = Field([], description="key=value, repeatable")
    where: str = Field("", description="train on the pictures that this filter lets through")
    after: str | None = Field(None, description="start when this run has ended")
    wait: bool = Field(False, description="stay until the run has ended")


class RunArguments(Arguments):
    run: str


class ResumeArguments(RunArguments):
    epoch: int | None = Field(None, ge=1, description="go on from this epoch's checkpoint, as a new run")
    wait: bool = False


class PredictArguments(RunArguments):
    images: list[Path] = Field(min_length=1)
    epoch: int | None = Field(None, ge=1)


class GenerateArguments(RunArguments):
    count: int = Field(5, ge=1, le=1024)
    seeds: list[int] | None = None
    epoch: int | None = Field(None, ge=1)
    out: Path


def _presets(call: Call, arguments: Nothing) -> object:
    return describe()


def _train(call: Call, arguments: TrainArguments) -> object:
    if arguments.after is not None:
        run_folder(call.workspace, arguments.after)
    folder = launch(
        call.workspace,
        call.db,
        preset=arguments.preset,
        config=parse_settings(arguments.preset, arguments.settings),
        where=arguments.where,
        after=arguments.after,
        wait=arguments.wait,
    )
    settle(call)
    return _state(folder, call.reporter, waits=arguments.wait)


def _list(call: Call, arguments: Nothing) -> object:
    return [asdict(run) for run in list_runs(call.workspace)]


def _show(call: Call, arguments: RunArguments) -> object:
    detail = show_run(call.workspace, arguments.run)
    return asdict(detail) | {"state": detail.status.state, "folder": str(detail.folder)}


def _metrics(call: Call, arguments: RunArguments) -> object:
    return read_metrics(run_folder(call.workspace, arguments.run))[0]


def _stop(call: Call, arguments: RunArguments) -> object:
    status = stop(run_folder(call.workspace, arguments.run))
    return {"run": arguments.run, "state": status.state}


def _resume(call: Call, arguments: ResumeArguments) -> object:
    folder = resume(call.workspace, arguments.run, epoch=arguments.epoch, wait=arguments.wait)
    return _state(folder, call.reporter, waits=arguments.wait)


def _delete(call: Call, arguments: RunArguments) -> object:
    delete_run(call.workspace, arguments.run)
    return {"run": arguments.run, "state": "deleted"}


def _predict(call: Call, arguments: PredictArguments) -> object:
    with InferenceClient(call.workspace) as client:
        predictions = client.predict(arguments.run, list(arguments.images), epoch=arguments.epoch)
    return [
        {
            "image": row.name,
            "predictions": [{"class": each.class_name, "probability": each.probability} for each in row.predictions],
            "error": row.error,
        }
        for row in predictions
    ]


def _generate(call: Call, arguments: GenerateArguments) -> object:
    seeds = arguments.seeds or list(range(arguments.count))
    with InferenceClient(call.workspace) as client:
        drawn = client.generate(arguments.run, seeds, epoch=arguments.epoch)
    if arguments.out.suffix.lower() == ".png":
        write_atomic(arguments.out, contact_sheet([picture for _, picture in drawn]))
        paths = [arguments.out] * len(drawn)
    else:
        paths = [arguments.out / f"{arguments.run}-seed{seed:05d}.png" for seed, _ in drawn]
        for path, (_, picture) in zip(paths, drawn, strict=True):
            write_atomic(path, picture)
    return {"images": [{"seed": seed, "path": str(path)} for path, (seed, _) in zip(paths, drawn, strict=True)]}


def _state(folder: Path, reporter: Reporter, *, waits: bool) -> dict[str, object]:
    """The run and its state; with `waits` at its end, while `reporter` tells how far it is.

    Raises SpecimenError with the run's reason when it failed, StoppedError when the reporter was asked to stop waiting.
    """

    def watch(status: Status) -> None:
        if reporter.stopped():
            raise StoppedError(f"{folder.name} goes on in the background; `runs stop {folder.name}` stops it.")
        epoch, epochs = status.extra.get("epoch"), status.extra.get("epochs")
        reporter.progress(
            status.done, status.total, f"{folder.name} epoch {epoch} of {epochs}" if epochs else folder.name
        )

    status = wait(folder, watch=watch) if waits else observe(folder)
    if waits and status.state in ("failed", "lost"):
        reason = " ".join(part for part in (status.error, status.hint) if part)
        raise SpecimenError(f"{folder.name} {status.state}: {reason or 'it left no reason'}")
    return {"run": folder.name, "state": status.state}


MODEL_VERBS: dict[str, Verb] = {
    "presets": verb(Nothing, _presets, "list what can be trained, with every setting"),
    "train": verb(TrainArguments, _train, "train a model in the background"),
    "runs list": verb(Nothing, _list, "list all runs, newest first"),
    "runs show": verb(RunArguments, _show, "tell all about one run"),
    "runs metrics": verb(RunArguments, _metrics, "print a run's records"),
    "runs stop": verb(RunArguments, _stop, "stop a run: it finishes the step and saves"),
    "runs resume": verb(ResumeArguments, _resume, "let a stopped run go on"),
    "runs delete": verb(RunArguments, _delete, "move a run to the bin"),
    "predict": verb(PredictArguments, _predict, "tell the classes of pictures"),
    "generate": verb(GenerateArguments, _generate, "draw pictures"),
}
