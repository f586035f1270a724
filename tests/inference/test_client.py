"""The model's process: answers as the functions do, dies without taking the app along, ends when idle."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import NotFoundError, UnavailableError
from core.inference.client import InferenceClient
from core.inference.generate import generate
from core.inference.predict import predict
from tests.inference.conftest import Trained
from tests.support.waiting import until
from tests.training.drawn import CLASSES, picture


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_answers_are_those_of_the_functions_and_errors_are_ours(trained: Trained) -> None:
    workspace, run = trained.workspace, trained.classifier.name
    path = workspace.images / CLASSES[0] / f"{CLASSES[0]}000.png"
    with InferenceClient(workspace) as client:
        assert client.predict(run, [path, path.read_bytes(), b"x"]) == predict(
            workspace, run, [path, path.read_bytes(), b"x"]
        )
        assert client.generate(trained.gan.name, [7, 8]) == generate(workspace, trained.gan.name, [7, 8])
        with pytest.raises(NotFoundError, match="no run 'nothing'"):
            client.predict("nothing", [])
        pid = client.pid
    assert pid is not None
    assert not _alive(pid)


def test_closing_does_not_wait_for_a_question_under_way(trained: Trained) -> None:
    client = InferenceClient(trained.workspace, longest_seconds=120.0)
    client.generate(trained.gan.name, [1])
    assert client.pid is not None
    os.kill(client.pid, signal.SIGSTOP)
    with ThreadPoolExecutor(2) as pool:
        asked = pool.submit(client.generate, trained.gan.name, [2])
        until(lambda: asked.running(), what="the question")
        closed = pool.submit(client.close)
        until(closed.done, what="the end of the process")
        with pytest.raises(UnavailableError):
            asked.result()


def test_a_relative_path_is_one_of_the_callers_folder(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture("box", 3).save(tmp_path / "here.png")
    monkeypatch.chdir(tmp_path)
    with InferenceClient(trained.workspace) as client:
        (found,) = client.predict(trained.classifier.name, [Path("here.png")])
    assert (found.name, found.error, found.predictions[0].class_name) == ("here.png", None, "box")


def test_a_killed_process_is_said_and_the_next_question_starts_another(trained: Trained) -> None:
    with InferenceClient(trained.workspace) as client:
        before = client.generate(trained.gan.name, [1])
        assert client.pid is not None
        stuck = client.pid
        os.kill(stuck, signal.SIGSTOP)
        limited = InferenceClient(trained.workspace, longest_seconds=0.0)
        with limited, pytest.raises(UnavailableError, match="SIGKILL"):
            limited.generate(trained.gan.name, [1])
        os.kill(stuck, signal.SIGKILL)
        until(lambda: client.pid is None, seconds=10)
        assert client.generate(trained.gan.name, [1]) == before
        assert client.pid != stuck


def test_an_idle_process_ends_by_itself_and_comes_back(trained: Trained) -> None:
    with InferenceClient(trained.workspace, idle_seconds=0.1) as client:
        before = client.generate(trained.gan.name, [1])
        until(lambda: client.pid is None, seconds=20)
        assert client.generate(trained.gan.name, [1]) == before
