"""Networks from their blueprints: the one place that knows which class stands behind which name."""

from collections.abc import Mapping

from torch import Tensor, nn

from core.errors import RefusedError
from core.models.classifiers import ResNet18, ScratchCnn
from core.models.dcgan import Discriminator, Generator
from core.models.weights import Blueprint

__all__ = ["build_classifier", "build_discriminator", "build_generator", "fill", "part"]


def build_classifier(blueprint: Blueprint) -> nn.Module:
    """The classifier of this blueprint with fresh weights; raises RefusedError when it is none."""
    classes = len(blueprint.labels)
    if blueprint.network == "resnet18" and classes:
        return ResNet18(classes=classes)
    if blueprint.network == "scratch-cnn" and classes:
        numbers = blueprint.arguments
        return ScratchCnn(classes=classes, width=int(numbers["width"]), dropout=float(numbers["dropout"]))
    raise RefusedError(f"A {blueprint.network} tells no classes apart; choose a run of a classifier.")


def build_generator(blueprint: Blueprint) -> Generator:
    """The generator of this blueprint with fresh weights; raises RefusedError when it is none."""
    numbers = _gan_numbers(blueprint)
    return Generator(
        image_size=numbers["image_size"], noise_size=numbers["noise_size"], width=numbers["generator_width"]
    )


def build_discriminator(blueprint: Blueprint) -> Discriminator:
    """The discriminator of this blueprint with fresh weights; raises RefusedError when it is none."""
    numbers = _gan_numbers(blueprint)
    return Discriminator(image_size=numbers["image_size"], width=numbers["discriminator_width"])


def fill(network: nn.Module, tensors: Mapping[str, Tensor], name: str) -> None:
    """Copy a checkpoint's tensors into its network; raises RefusedError naming the file when the shapes differ."""
    try:
        network.load_state_dict(dict(tensors))
    except RuntimeError as exc:
        raise RefusedError(f"{name} holds another network than this run's ({str(exc).splitlines()[0]}).") from exc


def part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names begin with `prefix.`, without it."""
    start = f"{prefix}."
    return {name.removeprefix(start): tensor for name, tensor in tensors.items() if name.startswith(start)}


def _gan_numbers(blueprint: Blueprint) -> dict[str, int]:
    if blueprint.network != "dcgan":
        raise RefusedError(f"A {blueprint.network} draws no pictures; choose a run of a GAN.")
    return {key: int(value) for key, value in blueprint.arguments.items()}
