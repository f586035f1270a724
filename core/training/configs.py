"""What a person sets for a run, one model a preset: the source of the form, `--set`, the errors and config.json."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, field_validator

__all__ = ["DEVICE_PATTERN", "MAIN", "DcganConfig", "ResNet18Config", "ScratchCnnConfig", "TrainingConfig"]

MAIN: dict[str, JsonValue] = {"main": True}
"""Marks one of the five settings that the form shows unfolded."""

DEVICE_PATTERN = r"^(auto|cpu|mps|cuda|cuda:\d{1,2})$"

_GAN_SIZES = (16, 32, 64, 128)


class TrainingConfig(BaseModel):
    """What every preset has; units stand in the meanings."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    torchvision_weights: ClassVar[bool] = False
    """Whether `weights=torchvision` means something here."""

    epochs: int = Field(10, ge=1, le=100_000, description="Passes over the training pictures", json_schema_extra=MAIN)
    image_size: int = Field(64, ge=16, le=512, description="Side of the square picture, pixels", json_schema_extra=MAIN)
    batch_size: int = Field(
        64, ge=2, le=4096, description="Pictures a step; never more than there are", json_schema_extra=MAIN
    )
    learning_rate: float = Field(1e-3, ge=1e-7, le=1e10, description="Step length", json_schema_extra=MAIN)
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Same seed, same order, same pictures, same start")
    device: Annotated[str, StringConstraints(pattern=DEVICE_PATTERN)] = Field(
        "auto", description="auto takes cuda, else mps, else cpu; or cpu, mps, cuda, cuda:N"
    )
    weights: str = Field(
        "none",
        min_length=1,
        max_length=4096,
        description="Start from nothing, or the path of a checkpoint or .pth file",
    )
    keep_epochs: int = Field(
        20, ge=0, le=1000, description="Checkpoints kept, spread evenly over the run; best and last stay in any case"
    )

    @field_validator("weights")
    @classmethod
    def _known_weights(cls, value: str) -> str:
        if value == "torchvision" and not cls.torchvision_weights:
            raise ValueError("torchvision has none for this preset; give none or the path of a checkpoint")
        return value


class _ClassifierConfig(TrainingConfig):
    """What classifiers have in common."""

    weight_decay: float = Field(0.05, ge=0, le=10, description="Pull of the weights towards zero")
    flips: bool = Field(True, description="Mirror half of the pictures; off where left and right mean something")
    crop: float = Field(
        0.25, ge=0, le=0.9, description="How much of the side a random crop may take away; 0 shows whole pictures"
    )
    colour: float = Field(0.2, ge=0, le=1, description="Random change of brightness and contrast, share")
    label_smoothing: float = Field(0.1, ge=0, le=0.5, description="Share of belief spread over the other classes")


class ScratchCnnConfig(_ClassifierConfig):
    """A small network from nothing: Adam with one cycle of the learning rate."""

    batch_size: int = Field(
        32, ge=2, le=4096, description="Pictures a step; never more than there are", json_schema_extra=MAIN
    )
    learning_rate: float = Field(
        2e-3, ge=1e-7, le=1e10, description="Highest step length of the cycle", json_schema_extra=MAIN
    )
    width: int = Field(
        32, ge=4, le=256, description="Channels of the first stage; later stages have more", json_schema_extra=MAIN
    )
    dropout: float = Field(0.1, ge=0, le=0.9, description="Share of features hidden from the last layer at each step")


class ResNet18Config(_ClassifierConfig):
    """ResNet-18: from nothing, from torchvision's ImageNet weights or from a file: AdamW, warm-up and cosine."""

    torchvision_weights: ClassVar[bool] = True

    image_size: int = Field(
        128, ge=32, le=512, description="Side of the square picture, pixels", json_schema_extra=MAIN
    )
    batch_size: int = Field(
        32, ge=2, le=4096, description="Pictures a step; never more than there are", json_schema_extra=MAIN
    )
    weights: str = Field(
        "none",
        min_length=1,
        max_length=4096,
        description="none, torchvision (ImageNet, downloaded once, 45 MB), or the path of a .pth or .safetensors file",
        json_schema_extra={**MAIN, "choices": ["none", "torchvision"], "open": True},
    )
    frozen_epochs: int = Field(
        0, ge=0, le=100_000, description="First epochs in which only the last layer learns; useful with weights"
    )
    backbone_factor: float = Field(
        0.1, ge=0, le=1, description="Step length of the layers that came with weights, as a share of the last layer's"
    )
    keep_epochs: int = Field(
        3, ge=0, le=1000, description="Checkpoints kept, spread evenly over the run; best and last stay in any case"
    )


class DcganConfig(TrainingConfig):
    """The PyTorch tutorial's DCGAN, figure for figure at 64 px; other sizes change the depth."""

    epochs: int = Field(25, ge=1, le=100_000, description="Passes over the pictures", json_schema_extra=MAIN)
    image_size: int = Field(
        64,
        ge=16,
        le=128,
        description="Side of the square picture, pixels: a power of two; 64 is the tutorial's",
        json_schema_extra={**MAIN, "choices": list(_GAN_SIZES)},
    )
    batch_size: int = Field(
        128, ge=1, le=4096, description="Pictures a step; never more than there are", json_schema_extra=MAIN
    )
    learning_rate: float = Field(
        2e-4, ge=1e-7, le=1e10, description="Step length of both networks' Adam", json_schema_extra=MAIN
    )
    noise_size: int = Field(100, ge=1, le=4096, description="Random numbers a picture is made from")
    generator_width: int = Field(64, ge=2, le=512, description="Channels of the generator's last stage (ngf)")
    discriminator_width: int = Field(64, ge=2, le=512, description="Channels of the discriminator's first stage (ndf)")
    beta1: float = Field(0.5, ge=0, lt=1, description="Adam's memory of the direction")
    flips: bool = Field(False, description="Mirror half of the pictures; the tutorial does not", json_schema_extra=MAIN)

    @field_validator("image_size")
    @classmethod
    def _power_of_two(cls, value: int) -> int:
        if value not in _GAN_SIZES:
            raise ValueError(f"must be one of {', '.join(map(str, _GAN_SIZES))}")
        return value
