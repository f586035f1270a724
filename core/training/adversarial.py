"""Training a DCGAN as in the PyTorch tutorial (Goodfellow et al., arXiv 1406.2661; Radford et al., arXiv 1511.06434).

Shapes: B pictures a batch, Z noise size, H side. Each step: the discriminator sees a batch of real and one of drawn
pictures, apart from each other, then the generator is trained to have the drawn ones called real (-log D(G(z))).
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from core.errors import InputError
from core.files import write_json
from core.models.build import build_discriminator, build_generator
from core.models.classifiers import take_over
from core.models.dcgan import Discriminator, Generator, first_weights
from core.models.pixels import to_signed
from core.models.weights import Blueprint
from core.training.augment import mirror
from core.training.checkpoints import Snapshot, resume_into, save
from core.training.configs import DcganConfig
from core.training.device import half_precision
from core.training.grids import write_real, write_sample
from core.training.pretrained import starting_weights
from core.training.randomness import batch_indices, generator_for, reseed
from core.training.task import LOG, Plan, SaveClock, Stopwatch, Task, memory_mb, plan, require_finite

__all__ = ["train_dcgan"]

_FIGURES = ("loss/d", "loss/g", "d/real", "d/fake", "accuracy/d_real", "accuracy/d_fake")


@dataclass(frozen=True, slots=True)
class _Material:
    """What a step learns from and the next one goes on with."""

    pixels: Tensor
    """(N, 3, H, H) bytes."""
    train: Tensor
    """Places of the pictures to learn from: all but the test part."""
    generator: Generator
    discriminator: Discriminator
    generator_adam: torch.optim.Optimizer
    discriminator_adam: torch.optim.Optimizer
    window: Tensor
    """Sums of the six figures, and the number of steps, since the last record."""
    epoch: Tensor
    """The same since the epoch began."""


def train_dcgan(task: Task, config: DcganConfig) -> None:
    """Train to the end, or until asked to stop, going on where an earlier process of this run ended.

    Writes records, sample sheets, checkpoints, and at the end report.json. Raises DivergedError when a loss is no
    number any more, InputError when there is nothing to learn from.
    """
    material = _prepare(task, config)
    layout = plan(
        len(material.train), batch_size=config.batch_size, epochs=config.epochs, keep_epochs=config.keep_epochs
    )
    blueprint = _blueprint(config)
    first = resume_into(task, _snapshot(material, blueprint), per_epoch=layout.per_epoch)
    watch, saving, order = Stopwatch(), SaveClock(), torch.empty(0)
    LOG.info("%d pictures to learn from, %d a step, %d steps", len(material.train), layout.batch, layout.steps)

    for step in range(first, layout.steps):
        epoch, place = layout.place(step)
        if place == 0 or step == first:
            order = batch_indices(len(material.train), layout.batch, seed=task.seed, epoch=epoch).to(task.device)
        real = to_signed(material.pixels[material.train[order[place]]])  # (B, 3, H, H)
        if config.flips:
            real = mirror(real, generator=generator_for(task.seed, "mirror", epoch=epoch, step=step))
        chance = generator_for(task.seed, "noise", epoch=epoch, step=step)
        noise = torch.randn(layout.batch, config.noise_size, 1, 1, generator=chance).to(task.device)
        _learn(material, real=real, noise=noise)
        watch.add(layout.batch)

        done = step + 1
        if layout.records(done):
            _record(task, material, layout, done=done, speed=watch.lap())
        if layout.closes(done):
            _close_epoch(task, material, config, epoch=epoch + 1, done=done)
            task.announce(done, layout, {})
        stop = task.reporter.stopped()
        if layout.keeps(done) or stop or done == layout.steps or saving.due(epoch_over=layout.closes(done)):
            require_finite(material.window, step=done)
            here = _snapshot(material, blueprint.at(epoch=done // layout.per_epoch, step=done))
            save(task.folder, here, epoch_kept=layout.keeps(done), best=False)
            saving.restart()
        if stop and done < layout.steps:
            LOG.info("Stopped after step %d of %d; it can be resumed from there", done, layout.steps)
            return
    _write_report(task, material, layout)


def _prepare(task: Task, config: DcganConfig) -> _Material:
    train = task.pictures.indices("train", "val", "")
    if not len(train):
        raise InputError("No readable picture is outside of the test part; make the split again on the Dataset page.")
    reseed(task.seed, "weights")
    generator = build_generator(_blueprint(config))
    discriminator = build_discriminator(_blueprint(config))
    first_weights(generator)
    first_weights(discriminator)
    if config.weights != "none" and not task.goes_on:
        _start_from(config.weights, generator, discriminator)
    generator.to(task.device).train()
    discriminator.to(task.device).train()
    write_real(task.folder, _some_real(task, train))
    rate, betas = config.learning_rate, (config.beta1, 0.999)
    return _Material(
        pixels=task.pictures.pixels,
        train=train,
        generator=generator,
        discriminator=discriminator,
        generator_adam=torch.optim.Adam(generator.parameters(), lr=rate, betas=betas),
        discriminator_adam=torch.optim.Adam(discriminator.parameters(), lr=rate, betas=betas),
        window=torch.zeros(len(_FIGURES) + 1, device=task.device),
        epoch=torch.zeros(len(_FIGURES) + 1, device=task.device),
    )


def _start_from(weights: str, generator: Generator, discriminator: Discriminator) -> None:
    tensors = starting_weights(weights)
    taken = [
        take_over(network, {name.removeprefix(prefix): tensor for name, tensor in tensors.items()})[0]
        for prefix, network in (("generator.", generator), ("discriminator.", discriminator))
    ]
    if not any(taken):
        raise InputError(f"weights={weights} fits no layer of these networks; choose a checkpoint of a dcgan run.")
    LOG.info("%d tensors of the generator and %d of the discriminator taken from %s", *taken, weights)


def _some_real(task: Task, train: Tensor) -> Tensor:
    order = torch.randperm(len(train), generator=generator_for(task.seed, "real"))[:64].to(task.device)
    return task.pictures.pixels[train[order]]


def _blueprint(config: DcganConfig) -> Blueprint:
    numbers: dict[str, int | float] = {
        "image_size": config.image_size,
        "noise_size": config.noise_size,
        "generator_width": config.generator_width,
        "discriminator_width": config.discriminator_width,
    }
    return Blueprint("dcgan", numbers, (), (config.noise_size, 1, 1), epoch=0, step=0)


def _learn(material: _Material, *, real: Tensor, noise: Tensor) -> None:
    """One step of both networks; nothing here waits for the device."""
    generator, discriminator = material.generator, material.discriminator
    material.discriminator_adam.zero_grad(set_to_none=True)
    with half_precision(real.device):
        of_real = discriminator(real)  # (B,)
        fake = generator(noise)  # (B, 3, H, H)
        of_fake = discriminator(fake.detach())
    loss_real, loss_fake = _loss(of_real, 1.0), _loss(of_fake, 0.0)
    torch.autograd.backward([loss_real, loss_fake])
    material.discriminator_adam.step()

    # The discriminator only passes the gradient on here; without its own gradients a step costs 8 % less.
    discriminator.requires_grad_(False)
    material.generator_adam.zero_grad(set_to_none=True)
    with half_precision(real.device):
        of_drawn = discriminator(fake)
    loss_drawn = _loss(of_drawn, 1.0)
    torch.autograd.backward(loss_drawn)
    material.generator_adam.step()
    discriminator.requires_grad_(True)

    with torch.no_grad():
        row = torch.stack([
            loss_real + loss_fake,
            loss_drawn,
            of_real.float().sigmoid().mean(),
            of_fake.float().sigmoid().mean(),
            (of_real > 0).float().mean(),
            (of_fake < 0).float().mean(),
            torch.ones((), device=real.device),
        ])
    material.window.add_(row)
    material.epoch.add_(row)


def _loss(scores: Tensor, target: float) -> Tensor:
    """The tutorial's BCE of the sigmoid, computed from the scores before it: the same value, safe from rounding."""
    return F.binary_cross_entropy_with_logits(scores.float(), torch.full_like(scores, target, dtype=torch.float32))


def _record(task: Task, material: _Material, layout: Plan, *, done: int, speed: float) -> None:
    values = _means(material.window, step=done)
    epoch = layout.place(done - 1)[0] + 1
    task.recorder.write("step", step=done, epoch=epoch, values={**values, "images_per_second": speed})
    shown = {"loss_g": values["loss/g"], "loss_d": values["loss/d"], "images_per_second": speed}
    task.announce(done, layout, shown)
    material.window.zero_()


def _close_epoch(task: Task, material: _Material, config: DcganConfig, *, epoch: int, done: int) -> None:
    """Record what the epoch brought and draw its sheet."""
    values = _means(material.epoch, step=done)
    figures = {**values, "lr": config.learning_rate, "memory_mb": memory_mb(task.device)}
    task.recorder.write("epoch", step=done, epoch=epoch, values=figures)
    LOG.info("Epoch %d: generator %.4f, discriminator %.4f", epoch, values["loss/g"], values["loss/d"])
    material.epoch.zero_()
    write_sample(
        task.folder, epoch=epoch, generator=material.generator, noise_size=config.noise_size, device=task.device
    )


def _means(sums: Tensor, *, step: int) -> dict[str, float]:
    """The six figures averaged over the steps counted in `sums`; waits for the device."""
    require_finite(sums, step=step)
    *totals, count = sums.tolist()
    return {name: total / count for name, total in zip(_FIGURES, totals, strict=True)}


def _write_report(task: Task, material: _Material, layout: Plan) -> None:
    records = task.recorder.read()
    epochs = [record for record in records if record.get("kind") == "epoch"]
    last = {name: epochs[-1].get(name) for name in _FIGURES} if epochs else {}
    write_json(
        task.folder / "report.json",
        {
            "kind": "generator",
            "pictures": len(material.train),
            "epochs": layout.epochs,
            "steps": layout.steps,
            "last_epoch": last,
            "unreadable": list(task.pictures.unreadable),
        },
    )


def _snapshot(material: _Material, blueprint: Blueprint) -> Snapshot:
    return Snapshot(
        blueprint,
        networks={"generator": material.generator, "discriminator": material.discriminator},
        optimisers={"generator": material.generator_adam, "discriminator": material.discriminator_adam},
        sums={"window": material.window, "epoch": material.epoch},
        figures={},
    )
