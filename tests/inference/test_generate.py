"""The same seed gives the same picture, whatever is drawn beside it."""

import io

import pytest
from PIL import Image

from core.errors import InputError, NotFoundError, RefusedError
from core.inference.generate import generate
from tests.inference.conftest import Trained


def test_one_seed_one_picture_in_any_company(trained: Trained) -> None:
    run = trained.gan.name
    together = dict(generate(trained.workspace, run, [3, 1, 4, 15, 92]))
    alone = dict(generate(trained.workspace, run, [15]))
    assert together[15] == alone[15]
    assert len(set(together.values())) == 5
    assert Image.open(io.BytesIO(alone[15])).size == (16, 16)


def test_epochs_differ(trained: Trained) -> None:
    run = trained.gan.name
    first, last = (generate(trained.workspace, run, [1], epoch=epoch)[0].png for epoch in (1, 2))
    assert first != last
    assert last == generate(trained.workspace, run, [1])[0].png


def test_a_wrong_seed_a_classifier_and_an_absent_run_are_refused(trained: Trained) -> None:
    with pytest.raises(InputError, match="seed -1"):
        generate(trained.workspace, trained.gan.name, [-1])
    with pytest.raises(RefusedError, match="choose a run of a GAN"):
        generate(trained.workspace, trained.classifier.name, [1])
    with pytest.raises(NotFoundError, match="no run 'nothing'"):
        generate(trained.workspace, "nothing", [1])
