"""DCGAN as in the PyTorch tutorial (Radford et al., arXiv 1511.06434): generator, discriminator, first weights.

Shapes: B pictures, Z noise size, G and D the widths of generator and discriminator, H side in pixels. At 64 px the
layers are the tutorial's, one by one; other sizes have more or fewer. The tutorial's sigmoid is part of the loss.
"""

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn

__all__ = ["Discriminator", "Generator", "draw_noise", "first_weights"]


class Generator(nn.Module):
    """Noise (B, Z, 1, 1) → pictures (B, 3, H, H) with values -1 … 1."""

    def __init__(self, *, image_size: int = 64, noise_size: int = 100, width: int = 64) -> None:
        super().__init__()
        widths = [width * 2**k for k in reversed(range(_doublings(image_size)))]  # 8G, 4G, 2G, G at 64 px
        layers: list[nn.Module] = [nn.ConvTranspose2d(noise_size, widths[0], 4, 1, 0, bias=False)]  # (B, 8G, 4, 4)
        for wide, narrow in itertools.pairwise(widths):
            layers += [nn.BatchNorm2d(wide), nn.ReLU(True), nn.ConvTranspose2d(wide, narrow, 4, 2, 1, bias=False)]
        layers += [nn.BatchNorm2d(widths[-1]), nn.ReLU(True), nn.ConvTranspose2d(widths[-1], 3, 4, 2, 1, bias=False)]
        self.main = nn.Sequential(*layers, nn.Tanh())

    def forward(self, noise: Tensor) -> Tensor:
        pictures: Tensor = self.main(noise)  # (B, 3, H, H)
        return pictures


class Discriminator(nn.Module):
    """Pictures (B, 3, H, H) with values -1 … 1 → scores (B,); above 0 means real."""

    def __init__(self, *, image_size: int = 64, width: int = 64) -> None:
        super().__init__()
        widths = [width * 2**k for k in range(_doublings(image_size))]  # D, 2D, 4D, 8D at 64 px
        layers: list[nn.Module] = [nn.Conv2d(3, widths[0], 4, 2, 1, bias=False), nn.LeakyReLU(0.2, True)]
        for narrow, wide in itertools.pairwise(widths):
            layers += [nn.Conv2d(narrow, wide, 4, 2, 1, bias=False), nn.BatchNorm2d(wide), nn.LeakyReLU(0.2, True)]
        self.main = nn.Sequential(*layers, nn.Conv2d(widths[-1], 1, 4, 1, 0, bias=False))  # (B, 1, 1, 1)

    def forward(self, pictures: Tensor) -> Tensor:
        scores: Tensor = self.main(pictures).flatten()  # (B,)
        return scores


def first_weights(network: nn.Module) -> None:
    """Set the weights as the paper does: convolutions N(0, 0.02), normalisations N(1, 0.02) with bias 0."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight, 0.0, 0.02)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.02)
            nn.init.zeros_(module.bias)


def draw_noise(seeds: Sequence[int], noise_size: int) -> Tensor:
    """(B, Z, 1, 1) on the CPU: one row a seed, each from a generator of its own, so that company changes nothing."""
    rows = [torch.randn(noise_size, 1, 1, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    return torch.stack(rows)


def _doublings(image_size: int) -> int:
    """How often 4 px must double to give half of `image_size`, plus one: 4 at 64 px."""
    doublings = image_size.bit_length() - 3
    if image_size < 16 or image_size != 4 * 2**doublings:
        raise ValueError(f"image_size must be a power of two from 16 on, not {image_size}")
    return doublings
