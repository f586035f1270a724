"""The command line. With `--json` stdout is one JSON document; progress and messages go to stderr.

Exit 0 when the verb ran to its end (refused items are rows of its answer), 1 when it could not, 2 for wrong usage.
"""

import argparse
import contextlib
import importlib
import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import FrameType

from core.errors import SpecimenError, StoppedError
from core.files import plain_numbers
from core.jobs.entry import Handler, run_job
from core.jobs.reporter import Reporter
from core.jobs.runner import run_queue
from core.terminal import Terminal, show
from core.verbs.bin import BIN_VERBS
from core.verbs.call import Verb, work_on
from core.verbs.classes import CLASS_VERBS
from core.verbs.data import DATA_VERBS
from core.verbs.models import MODEL_VERBS
from core.workspace import Workspace, open_workspace

__all__ = ["main"]

_VERBS: dict[str, Verb] = DATA_VERBS | CLASS_VERBS | BIN_VERBS | MODEL_VERBS
_GROUPS = {"bin": "list, restore and delete what was rejected", "runs": "list, watch, stop and resume runs"}
"""Words that are a verb only with a second one behind them."""
_BACKGROUND = ("sample", "import", "collect", "scan", "duplicates", "bin empty")
"""The verbs that pages start as jobs."""
_INTERNAL = frozenset(("run-job", "run-queue"))
"""The mains of background processes: not for people, so neither help nor a usage error names them."""
_OURS = frozenset(("home", "verb", "part", "json"))


def main(arguments: Sequence[str], *, environ: Mapping[str, str]) -> int:
    """Do what the command line says; the exit code."""
    options = _parser(internal=not _INTERNAL.isdisjoint(arguments)).parse_args(arguments)
    terminal = Terminal()
    try:
        workspace = open_workspace(options.home, environ=environ)
        if options.verb in _INTERNAL:
            return _work(workspace, options, environ)
        name = " ".join(filter(None, (options.verb, getattr(options, "part", None))))
        given = {key: value for key, value in vars(options).items() if key not in _OURS and value is not None}
        with _stopping_on_interrupt(terminal):
            answer = _do(workspace, environ, name, given, terminal)
    except StoppedError as exc:
        terminal.clear()
        print(str(exc) or "Stopped; what was done so far is kept.", file=sys.stderr)
        return 1
    except SpecimenError as exc:
        terminal.clear()
        print(f"specimen: {exc}", file=sys.stderr)
        return 1
    terminal.clear()
    _print(
        json.dumps(plain_numbers(answer), ensure_ascii=False, allow_nan=False) if "json" in options else show(answer)
    )
    return 0


def _print(answer: str) -> None:
    try:
        print(answer, flush=True)
    except BrokenPipeError:  # `| head` has read enough; what Python flushes at its end must not fail again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _work(workspace: Workspace, options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """The main of a background process."""
    if options.verb == "run-queue":
        run_queue(workspace)
        return 0
    handlers: dict[str, Handler] = {name: partial(_do, workspace, environ, name) for name in _BACKGROUND}
    return run_job(options.folder, handlers | {"train": partial(_train, workspace, options.folder)})


def _do(
    workspace: Workspace, environ: Mapping[str, str], name: str, given: dict[str, object], reporter: Reporter
) -> object:
    verb = _VERBS[name]
    with work_on(workspace, environ=environ, reporter=reporter, mends=verb.mends) as call:
        return verb.run(call, given)


def _train(workspace: Workspace, folder: Path, given: dict[str, object], reporter: Reporter) -> object:
    """The one place that loads the training code, and torch with it: by name, so that importing this does not."""
    return importlib.import_module("core.training.main").train_run(workspace, folder, reporter)


@contextlib.contextmanager
def _stopping_on_interrupt(terminal: Terminal) -> Iterator[None]:
    """The first Ctrl-C asks the work to stop between two items, a second one ends it at once."""

    def ask(number: int, frame: FrameType | None) -> None:
        terminal.ask_to_stop()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _parser(*, internal: bool) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description="Specimen, from pictures to a trained model")
    parser.add_argument("--home", type=Path, help="the workspace; $SPECIMEN_HOME or this checkout when left out")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    groups = {name: _parts(verbs.add_parser(name, help=purpose), required=True) for name, purpose in _GROUPS.items()}
    for name, verb in _VERBS.items():
        group, _, part = name.partition(" ")
        one = (groups[group] if part else verbs).add_parser(part or group, help=verb.purpose, description=verb.purpose)
        # Suppressed where it is not given: the part of a verb would take the verb's own back otherwise.
        one.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
        _OPTIONS.get(name, _no_options)(one)
        if any(other.startswith(f"{name} ") for other in _VERBS):
            groups[name] = _parts(one, required=False)
    if internal:
        verbs.add_parser("run-queue")
        verbs.add_parser("run-job").add_argument("folder", type=Path)
    return parser


def _parts(parser: argparse.ArgumentParser, *, required: bool) -> "argparse._SubParsersAction[argparse.ArgumentParser]":
    return parser.add_subparsers(dest="part", required=required, metavar="WHAT")


def _no_options(parser: argparse.ArgumentParser) -> None:
    """A verb without arguments."""


def _sample(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--images", type=int, metavar="N")


def _import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SRC", help="a folder, a zip, or a flat folder with a CSV")
    parser.add_argument("--class", dest="class_name", metavar="C", help="put every picture into this class")


def _collect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--engine", required=True, metavar="E")
    parser.add_argument("--class", dest="class_name", required=True, metavar="C")
    parser.add_argument("--query", metavar="Q", help="the class's name when left out")
    parser.add_argument("--limit", type=int, metavar="N", help="pictures that the class should gain (100)")


def _duplicates(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--distance", type=int, metavar="BITS", help="hash bits that may differ, 0 to 16 (6)")
    parser.add_argument("--resolve", choices=["best"], help="reject all but the best copy of each")
    _executor(parser)


def _label(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="counted from data/images")
    what = parser.add_mutually_exclusive_group(required=True)
    for flag in ("keep", "reject", "unreview"):
        what.add_argument(f"--{flag}", action="store_true")
    what.add_argument("--class", dest="class_name", metavar="C")


def _executor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--executor", choices=["local", "ray"], help="work on this machine (local), or a Ray cluster's")


def _classes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--minimum", type=int, metavar="N", help="only those with fewer usable pictures")


def _classes_add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--file", metavar="FILE", help="a text file with one name a line")
    parser.add_argument("--twins", action="store_true", help="also names that differ only in upper and lower case")


def _classes_rename(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("class_name", metavar="CLASS")
    parser.add_argument("name", metavar="NAME")


def _classes_merge(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("class_names", nargs="+", metavar="CLASS")
    parser.add_argument("--into", required=True, metavar="C", help="the class that gains their pictures")


def _classes_delete(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("class_name", metavar="CLASS")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--to", metavar="C", help="move its pictures to this class")
    where.add_argument("--reject", action="store_true", help="put its pictures into the bin")


def _classes_order(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("class_names", nargs="+", metavar="CLASS", help="what comes first, in this order")


def _bin_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--where", metavar="EXPR", help="only what this filter lets through")
    parser.add_argument("--limit", type=int, metavar="N", help="so many at most, the newest first (1000)")


def _bin_restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="counted from data/images")
    parser.add_argument("--where", metavar="EXPR", help="all that this filter lets through")
    parser.add_argument("--all", dest="everything", action="store_true", help="all that lies in the bin")


def _bin_empty(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="delete the files for good")
    parser.add_argument("--expect", type=int, metavar="N", help="refuse when the bin does not hold this many")


def _split(parser: argparse.ArgumentParser) -> None:
    for part in ("train", "val", "test"):
        parser.add_argument(f"--{part}", type=float, metavar="SHARE")
    parser.add_argument("--seed", type=int)


def _train_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("preset", metavar="PRESET")
    parser.add_argument("--set", dest="settings", action="append", metavar="k=v")
    parser.add_argument("--where", metavar="EXPR", help="only the pictures that this filter lets through")
    parser.add_argument("--after", metavar="RUN", help="start when this run has ended")
    parser.add_argument("--wait", action="store_true", help="stay until the run has ended, with all cores")


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN")


def _resume(parser: argparse.ArgumentParser) -> None:
    _run(parser)
    parser.add_argument("--epoch", type=int, metavar="N", help="from this epoch's checkpoint, as a new run")
    parser.add_argument("--wait", action="store_true")


def _predict(parser: argparse.ArgumentParser) -> None:
    _run(parser)
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    parser.add_argument("--epoch", type=int, metavar="N")


def _generate(parser: argparse.ArgumentParser) -> None:
    _run(parser)
    parser.add_argument("--count", type=int, metavar="N", help="how many seeds to draw (5)")
    parser.add_argument("--seeds", type=_whole_numbers, metavar="1,2,…")
    parser.add_argument("--epoch", type=int, metavar="N")
    parser.add_argument("--out", type=Path, required=True, metavar="PATH", help="a folder, or a .png for one sheet")


def _whole_numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} should be whole numbers with commas between them") from None


_OPTIONS = {
    "sample": _sample,
    "import": _import,
    "collect": _collect,
    "duplicates": _duplicates,
    "scan": _executor,
    "label": _label,
    "classes": _classes,
    "classes add": _classes_add,
    "classes rename": _classes_rename,
    "classes merge": _classes_merge,
    "classes delete": _classes_delete,
    "classes order": _classes_order,
    "bin list": _bin_list,
    "bin restore": _bin_restore,
    "bin empty": _bin_empty,
    "split": _split,
    "train": _train_options,
    "runs show": _run,
    "runs metrics": _run,
    "runs stop": _run,
    "runs resume": _resume,
    "runs delete": _run,
    "predict": _predict,
    "generate": _generate,
}
