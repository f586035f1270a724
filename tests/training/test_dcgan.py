"""A step of our DCGAN against the tutorial's own lines, and what a run leaves behind."""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import nn

from core.models.dcgan import Discriminator, Generator, draw_noise, first_weights
from core.runs.samples import real_path, sample_epochs, sample_path
from core.training import adversarial
from core.training.grids import GRID_SEEDS
from core.training.main import train_run
from core.workspace import Workspace
from tests.training.drawn import draw_pictures, make_run

NAMES = {"loss/g", "loss/d", "d/real", "d/fake", "accuracy/d_real", "accuracy/d_fake"}


def _pair() -> tuple[Generator, Discriminator, torch.optim.Adam, torch.optim.Adam]:
    torch.manual_seed(1)
    generator, discriminator = Generator(image_size=32, width=8), Discriminator(image_size=32, width=8)
    first_weights(generator)
    first_weights(discriminator)
    return (
        generator,
        discriminator,
        torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999)),
        torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999)),
    )


def _tutorial_step(
    parts: tuple[Generator, Discriminator, torch.optim.Adam, torch.optim.Adam], real: torch.Tensor, noise: torch.Tensor
) -> list[float]:
    """The loop of https://docs.pytorch.org/tutorials/beginner/dcgan_faces_tutorial.html, its sigmoid put back."""
    generator, discriminator, generator_adam, discriminator_adam = parts
    criterion = nn.BCELoss()
    discriminator.zero_grad()
    label = torch.full((len(real),), 1.0)
    output = torch.sigmoid(discriminator(real))
    error_real = criterion(output, label)
    error_real.backward()
    d_x = output.mean().item()
    fake = generator(noise)
    label.fill_(0.0)
    output = torch.sigmoid(discriminator(fake.detach()))
    error_fake = criterion(output, label)
    error_fake.backward()
    d_g_z = output.mean().item()
    discriminator_adam.step()
    generator.zero_grad()
    label.fill_(1.0)
    output = torch.sigmoid(discriminator(fake))
    error_generator = criterion(output, label)
    error_generator.backward()
    generator_adam.step()
    return [(error_real + error_fake).item(), error_generator.item(), d_x, d_g_z]


def test_steps_are_the_tutorials() -> None:
    ours, theirs = _pair(), _pair()
    material = adversarial._Material(torch.empty(0), torch.empty(0), *ours, window=torch.zeros(7), epoch=torch.zeros(7))
    for step in range(3):
        torch.manual_seed(step)
        real, noise = torch.rand(8, 3, 32, 32) * 2 - 1, torch.randn(8, 100, 1, 1)
        material.window.zero_()
        adversarial._learn(material, real=real, noise=noise)
        assert material.window[:4].tolist() == pytest.approx(_tutorial_step(theirs, real, noise), rel=1e-4)
    for mine, other in zip(ours[:2], theirs[:2], strict=True):
        for name, tensor in mine.state_dict().items():
            assert torch.allclose(tensor, other.state_dict()[name], atol=1e-4), name


def _records(run: Path, kind: str) -> list[dict[str, object]]:
    lines = (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [record for line in lines if (record := json.loads(line))["kind"] == kind]


def test_a_run_leaves_grids_records_and_a_report(workspace: Workspace) -> None:
    rows = draw_pictures(workspace)
    run = make_run(
        workspace, rows, "dcgan", "epochs=2", "image_size=16", "generator_width=4", "discriminator_width=4",
        "batch_size=16",
    )  # fmt: skip
    train_run(workspace, run)
    assert sample_epochs(run) == [1, 2]
    for path in (sample_path(run, 1), sample_path(run, 2), real_path(run)):
        assert path.stat().st_size <= 200_000
        # 48 of the 60 drawn pictures are outside of the test part, so that the sheet of real ones is smaller.
        with Image.open(path) as sheet:
            assert sheet.size == ((128, 128) if path != real_path(run) else (112, 112))
    steps = _records(run, "step")
    assert [record["step"] for record in steps] == [1, 2, 3, 4, 5, 6]
    assert all(record.keys() >= NAMES for record in steps + _records(run, "epoch"))
    report = json.loads((run / "report.json").read_text(encoding="utf-8"))
    assert (report["kind"], report["pictures"], report["epochs"]) == ("generator", 48, 2)


def test_the_sheet_shows_what_seeds_draw() -> None:
    generator = Generator(image_size=16, width=2).eval()
    with torch.no_grad():
        together = generator(draw_noise(GRID_SEEDS, 100))
        alone = generator(draw_noise([GRID_SEEDS[9]], 100))
    assert torch.allclose(together[9], alone[0], atol=1e-5)
