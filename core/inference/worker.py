"""The model's process: `python -m core.inference.worker IDLE_SECONDS`, questions on stdin, answers on stdout.

It ends when nothing was asked for that long, or when who asks is gone. torch lives here, so that the app's own process
stays small and a model that takes all memory takes the app down with it never.
"""

import os
import select
import signal
import sys
import traceback
from pathlib import Path

from core.errors import SpecimenError
from core.inference.frames import Frame, read_frame, write_frame
from core.inference.generate import generate
from core.inference.load import Models
from core.inference.predict import predict
from core.workspace import Workspace

__all__ = ["main"]


def main(idle_seconds: float) -> int:
    """Answer until idle or alone; the exit status, 0."""
    # A terminal's Ctrl-C reaches the whole group; the app decides when this process ends, by closing its pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    questions, answers = os.dup(0), os.dup(1)
    # What a library prints must not end up between two frames.
    os.dup2(2, 1)
    models = Models()
    while select.select([questions], [], [], idle_seconds)[0]:
        frame = read_frame(questions)
        if frame is None:
            break
        head, blobs = _answer(frame, models)
        try:
            write_frame(answers, head, blobs)
        except BrokenPipeError:
            break
    return 0


def _answer(frame: Frame, models: Models) -> tuple[dict[str, object], list[bytes]]:
    try:
        if frame.head["call"] == "generate":
            return _generate(frame, models)
        return _predict(frame, models)
    except SpecimenError as exc:
        return {"error": {"kind": type(exc).__name__, "message": str(exc)}}, []
    except Exception as exc:  # noqa: BLE001 - the edge of this process: the app needs an answer whatever happened
        traceback.print_exc()
        return {"error": {"kind": "SpecimenError", "message": f"The model failed: {type(exc).__name__}: {exc}."}}, []


def _predict(frame: Frame, models: Models) -> tuple[dict[str, object], list[bytes]]:
    head, blobs = frame.head, iter(frame.blobs)
    sources = [next(blobs) if path is None else Path(path) for path in head["paths"]]
    found = predict(Workspace(Path(head["home"])), head["run"], sources, epoch=head["epoch"], models=models)
    rows = [
        {
            "name": row.name,
            "error": row.error,
            "predictions": [[each.class_name, each.probability] for each in row.predictions],
        }
        for row in found
    ]
    return {"error": None, "rows": rows}, []


def _generate(frame: Frame, models: Models) -> tuple[dict[str, object], list[bytes]]:
    head = frame.head
    found = generate(Workspace(Path(head["home"])), head["run"], head["seeds"], epoch=head["epoch"], models=models)
    return {"error": None, "seeds": [row.seed for row in found]}, [row.png for row in found]


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
