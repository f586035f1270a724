"""Networks that tell classes apart: pictures in, one score a class out.

Shapes: B pictures a batch, C classes, W width of the first stage, H side in pixels.
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models import resnet18

__all__ = ["IMAGENET_MEAN", "IMAGENET_STD", "ResNet18", "ScratchCnn", "take_over"]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class _Normalise(nn.Module):
    """(B, 3, H, H) with values 0 … 1 → the same, centred and scaled; part of the network so that nobody forgets it."""

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(1, 3, 1, 1))

    def forward(self, pictures: Tensor) -> Tensor:
        return (pictures - self.mean) / self.std


class _Stage(nn.Module):
    """Convolution, normalisation, SiLU; halves the side when asked to."""

    def __init__(self, inputs: int, outputs: int, *, kernel: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.silu(self.norm(self.convolution(x)))


class _Residual(nn.Module):
    """Two stages added to what came in."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _Stage(channels, channels)
        self.second = _Stage(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.second(self.first(x))
        return out


class ScratchCnn(nn.Module):
    """A small residual network that learns from nothing within minutes on two processor cores."""

    def __init__(self, *, classes: int, width: int = 32, dropout: float = 0.1) -> None:
        super().__init__()
        widths = (width, 2 * width, 4 * width, 4 * width)
        self.normalise = _Normalise()
        self.stem = _Stage(3, width, kernel=4, stride=2)
        self.widen = nn.ModuleList(_Stage(widths[k], widths[k + 1]) for k in range(3))
        self.deepen = nn.ModuleList(_Residual(widths[k + 1]) for k in range(3))
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * widths[-1], classes)

    def forward(self, pictures: Tensor) -> Tensor:
        x = self.stem(self.normalise(pictures))  # (B, W, H/2, H/2)
        for widen, deepen in zip(self.widen, self.deepen, strict=True):
            x = deepen(F.max_pool2d(widen(x), 2))  # … (B, 4W, H/16, H/16)
        features = torch.cat([x.amax((2, 3)), x.mean((2, 3))], dim=1)  # (B, 8W)
        scores: Tensor = self.head(self.dropout(features))  # (B, C)
        return scores


class ResNet18(nn.Module):
    """torchvision's ResNet-18 with a last layer for our classes."""

    def __init__(self, *, classes: int) -> None:
        super().__init__()
        self.normalise = _Normalise()
        self.backbone = resnet18(weights=None)
        self.backbone.fc = nn.Identity()
        self.head = nn.Linear(512, classes)

    def forward(self, pictures: Tensor) -> Tensor:
        features = self.backbone(self.normalise(pictures))  # (B, 512)
        scores: Tensor = self.head(features)  # (B, C)
        return scores


def take_over(network: nn.Module, tensors: Mapping[str, Tensor]) -> tuple[int, int]:
    """Copy into `network` what fits of `tensors` by name and shape; how many fit, and how many the network has.

    Takes our checkpoints' names and torchvision's (`conv1.weight`, for our backbone); a last layer that was made for
    other classes is left out.
    """
    own = network.state_dict()
    plain = {name.removeprefix("classifier."): tensor for name, tensor in tensors.items()}
    renamed = {name if name in own else f"backbone.{name}": tensor for name, tensor in plain.items()}
    fitting = {name: tensor for name, tensor in renamed.items() if name in own and own[name].shape == tensor.shape}
    network.load_state_dict(fitting, strict=False)
    return len(fitting), len(own)
