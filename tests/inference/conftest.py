"""A trained classifier and a trained GAN, tiny, made once."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from core.training.main import train_run
from core.workspace import Workspace, open_workspace
from tests.training.drawn import draw_pictures, make_run


@dataclass(frozen=True)
class Trained:
    workspace: Workspace
    classifier: Path
    gan: Path


@pytest.fixture(scope="session")
def one_thread() -> Iterator[None]:
    """Tiny networks want one thread, here and in the processes that are started."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        torch.set_num_threads(1)
        yield


@pytest.fixture(scope="session")
def trained(one_thread: None, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    workspace = open_workspace(tmp_path_factory.mktemp("trained"), environ={})
    rows = draw_pictures(workspace, per_class=20)
    classifier = make_run(
        workspace, rows, "scratch-cnn", "epochs=4", "image_size=32", "width=8", "batch_size=12", "keep_epochs=2"
    )
    gan = make_run(
        workspace, rows, "dcgan", "epochs=2", "image_size=16", "generator_width=4", "discriminator_width=4",
        "noise_size=8", "batch_size=16",
    )  # fmt: skip
    train_run(workspace, classifier)
    train_run(workspace, gan)
    return Trained(workspace, classifier, gan)
