"""Training a classifier: scratch-cnn and resnet18.

Shapes: B pictures a batch, C classes, H side. The run is a pure function of its config and pictures: step n draws its
order, crops and dropout from (seed, epoch, n) alone.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.errors import InputError
from core.models.build import build_classifier
from core.models.classifiers import ResNet18, take_over
from core.models.pixels import to_unit
from core.models.weights import Blueprint
from core.training.augment import change
from core.training.checkpoints import Snapshot, resume_into, save
from core.training.configs import ResNet18Config, ScratchCnnConfig
from core.training.device import half_precision
from core.training.evaluate import score
from core.training.outcome import write_outcome
from core.training.pretrained import starting_weights
from core.training.randomness import batch_indices, generator_for, reseed
from core.training.schedules import one_cycle, warm_cosine
from core.training.task import LOG, Plan, SaveClock, Stopwatch, Task, memory_mb, plan, require_finite

__all__ = ["ClassifierConfig", "train_classifier"]

ClassifierConfig = ScratchCnnConfig | ResNet18Config

_MOMENTUM = 0.2
"""Share of the newest batch in the statistics of the normalisations."""


@dataclass(frozen=True, slots=True)
class _Material:
    """What a step learns from and the next one goes on with."""

    pixels: Tensor
    """(N, 3, H, H) bytes."""
    labels: Tensor
    """(N,)"""
    train: Tensor
    """Places of the pictures to learn from."""
    val: Tensor
    network: nn.Module
    optimiser: torch.optim.Optimizer
    window: Tensor
    """Sums of loss, right answers and pictures since the last record."""
    epoch: Tensor
    """The same since the epoch began."""
    figures: dict[str, float]
    """`best` validation accuracy (that of training where nothing validates), its `best_loss` and `best_epoch`."""


def train_classifier(task: Task, config: ClassifierConfig) -> None:
    """Train to the end, or until asked to stop, going on where an earlier process of this run ended.

    Writes records, checkpoints, and at the end predictions.csv and report.json. Raises DivergedError when the loss is
    no number any more, InputError when there is nothing to learn from.
    """
    material = _prepare(task, config)
    layout = plan(
        len(material.train), batch_size=config.batch_size, epochs=config.epochs, keep_epochs=config.keep_epochs
    )
    blueprint = _blueprint(task, config)
    first = resume_into(task, _snapshot(material, blueprint), per_epoch=layout.per_epoch)
    watch, saving, order = Stopwatch(), SaveClock(), torch.empty(0)
    LOG.info("%d pictures to learn from, %d a step, %d steps", len(material.train), layout.batch, layout.steps)

    for step in range(first, layout.steps):
        epoch, place = layout.place(step)
        if place == 0 or step == first:
            order = batch_indices(len(material.train), layout.batch, seed=task.seed, epoch=epoch).to(task.device)
        rate = _set_rate(material.optimiser, config, step=step, layout=layout)
        _set_mode(material.network, config, epoch=epoch, step=step)
        _learn(material, task, config, chosen=material.train[order[place]], epoch=epoch, step=step)
        watch.add(layout.batch)

        done, improved = step + 1, False
        if layout.records(done):
            _record(task, material, layout, done=done, rate=rate, speed=watch.lap())
        if layout.closes(done):
            improved = _close_epoch(task, material, epoch=epoch + 1, done=done, rate=rate)
            task.announce(done, layout, {"best": material.figures["best"]})
        stop = task.reporter.stopped()
        if layout.keeps(done) or improved or stop or saving.due(epoch_over=layout.closes(done)):
            require_finite(material.window, step=done)
            here = _snapshot(material, blueprint.at(epoch=done // layout.per_epoch, step=done))
            save(task.folder, here, epoch_kept=layout.keeps(done), best=improved)
            saving.restart()
        if stop and done < layout.steps:
            LOG.info("Stopped after step %d of %d; it can be resumed from there", done, layout.steps)
            return
    write_outcome(task, material.network, blueprint=blueprint, step=layout.steps, epoch=config.epochs)


def _prepare(task: Task, config: ClassifierConfig) -> _Material:
    train, val = task.pictures.indices("train"), task.pictures.indices("val")
    if not len(train):
        raise InputError("No readable picture is in the train part; make the split again on the Dataset page.")
    network = _first_network(task, config)
    return _Material(
        pixels=task.pictures.pixels,
        labels=task.pictures.labels(task.labels),
        train=train,
        val=val,
        network=network,
        optimiser=_optimiser(network, config),
        window=torch.zeros(3, device=task.device),
        epoch=torch.zeros(3, device=task.device),
        figures={"best": -1.0, "best_loss": 0.0, "best_epoch": 0.0},
    )


def _first_network(task: Task, config: ClassifierConfig) -> nn.Module:
    """The network before its first step; one that goes on from a checkpoint needs no weights from elsewhere."""
    reseed(task.seed, "weights")
    network = build_classifier(_blueprint(task, config))
    if config.weights != "none" and not task.goes_on:
        tensors = starting_weights(config.weights)
        fitting, all_ = take_over(network, tensors)
        if not fitting:
            raise InputError(f"weights={config.weights} fits no layer of this network; choose weights of the same.")
        LOG.info("%d of %d tensors taken from %s", fitting, all_, config.weights)
    return network.to(task.device).to(memory_format=torch.channels_last)


def _blueprint(task: Task, config: ClassifierConfig) -> Blueprint:
    side = config.image_size
    if isinstance(config, ResNet18Config):
        return Blueprint("resnet18", {}, task.labels, (3, side, side), epoch=0, step=0)
    numbers: dict[str, int | float] = {"width": config.width, "dropout": config.dropout}
    return Blueprint("scratch-cnn", numbers, task.labels, (3, side, side), epoch=0, step=0)


def _optimiser(network: nn.Module, config: ClassifierConfig) -> torch.optim.Optimizer:
    """AdamW; no decay on biases and normalisations; layers that came with weights go slower."""
    factor = 1.0
    if isinstance(config, ResNet18Config) and config.weights != "none":
        factor = config.backbone_factor
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        decay = config.weight_decay if parameter.ndim > 1 else 0.0
        pace = factor if name.startswith("backbone.") else 1.0
        groups.setdefault((pace, decay), []).append(parameter)
    rows = [{"params": rows, "weight_decay": decay, "pace": pace} for (pace, decay), rows in groups.items()]
    return torch.optim.AdamW(rows, lr=config.learning_rate)


def _set_rate(optimiser: torch.optim.Optimizer, config: ClassifierConfig, *, step: int, layout: Plan) -> float:
    """The learning rate of this step, set."""
    if isinstance(config, ResNet18Config):
        warm_steps = max(1, min(layout.per_epoch, layout.steps // 10))
        rate = warm_cosine(step, layout.steps, peak=config.learning_rate, warm_steps=warm_steps)
    else:
        rate = one_cycle(step, layout.steps, peak=config.learning_rate)
    for group in optimiser.param_groups:
        group["lr"] = rate * group["pace"]
    return rate


def _set_mode(network: nn.Module, config: ClassifierConfig, *, epoch: int, step: int) -> None:
    """Training mode; in the frozen epochs all but the last layer keep weights and statistics."""
    network.train()
    if config.weights == "none":
        # Statistics start as a plain mean of the steps: at 0.1 a run of ten steps would be judged by the first guess.
        momentum = max(_MOMENTUM, 1 / (step + 1))
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = momentum
    if isinstance(network, ResNet18) and isinstance(config, ResNet18Config):
        frozen = epoch < config.frozen_epochs
        network.backbone.train(not frozen)
        network.backbone.requires_grad_(not frozen)


def _learn(material: _Material, task: Task, config: ClassifierConfig, *, chosen: Tensor, epoch: int, step: int) -> None:
    """One step: batch, forward, backward, update, sums; nothing here waits for the device."""
    pictures = change(  # (B, 3, H, H)
        to_unit(material.pixels[chosen]),
        generator=generator_for(task.seed, "change", epoch=epoch, step=step),
        crop=config.crop,
        flips=config.flips,
        colour=config.colour,
    ).contiguous(memory_format=torch.channels_last)
    truth = material.labels[chosen]  # (B,)
    reseed(task.seed, "dropout", epoch=epoch, step=step)
    with half_precision(task.device):
        scores = material.network(pictures)  # (B, C)
    loss = F.cross_entropy(scores.float(), truth, label_smoothing=config.label_smoothing)
    material.optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    material.optimiser.step()
    count = torch.full((), float(len(chosen)), device=task.device)
    row = torch.stack([loss.detach() * count, (scores.argmax(1) == truth).sum().float(), count])
    material.window.add_(row)
    material.epoch.add_(row)


def _record(task: Task, material: _Material, layout: Plan, *, done: int, rate: float, speed: float) -> None:
    values = {**_means(material.window, step=done), "lr": rate, "images_per_second": speed}
    task.recorder.write("step", step=done, epoch=layout.place(done - 1)[0] + 1, values=values)
    best = material.figures["best"]
    task.announce(done, layout, {"images_per_second": speed, "loss": values["loss/train"], "best": max(best, 0.0)})
    material.window.zero_()


def _close_epoch(task: Task, material: _Material, *, epoch: int, done: int, rate: float) -> bool:
    """Record what the epoch brought; whether it is the best so far."""
    values = {**_means(material.epoch, step=done), "lr": rate, "memory_mb": memory_mb(task.device)}
    task.recorder.write("epoch", step=done, epoch=epoch, values=values)
    material.epoch.zero_()
    reached, loss = values["accuracy/train"], values["loss/train"]
    scores = score(material.network, material.pixels, places=material.val, labels=material.labels)
    if scores.accuracy is not None and scores.loss is not None:
        figures = {"loss/val": scores.loss, "accuracy/val": scores.accuracy}
        task.recorder.write("eval", step=done, epoch=epoch, values=figures)
        LOG.info("Epoch %d: loss %.4f, validation accuracy %.4f", epoch, values["loss/train"], scores.accuracy)
        reached, loss = scores.accuracy, scores.loss
    # Of two epochs with equally many right answers the surer one is better.
    improved = (reached, -loss) > (material.figures["best"], -material.figures["best_loss"])
    if improved:
        material.figures.update(best=reached, best_loss=loss, best_epoch=float(epoch))
    return improved


def _means(sums: Tensor, *, step: int) -> dict[str, float]:
    """Mean loss and accuracy over the pictures counted in `sums`; waits for the device."""
    require_finite(sums, step=step)
    loss, right, count = sums.tolist()
    return {"loss/train": loss / count, "accuracy/train": right / count}


def _snapshot(material: _Material, blueprint: Blueprint) -> Snapshot:
    return Snapshot(
        blueprint,
        networks={"classifier": material.network},
        optimisers={"adam": material.optimiser},
        sums={"window": material.window, "epoch": material.epoch},
        figures=material.figures,
    )
