"""Random changes of training pictures on the device, in one resampling.

Shapes: B pictures, H side. All chance comes from a generator on the CPU, so that devices see the same crops.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["change", "mirror"]


def change(pictures: Tensor, *, generator: torch.Generator, crop: float, flips: bool, colour: float) -> Tensor:
    """(B, 3, H, H) → the same shape: cut, mirrored, and changed in brightness and contrast.

    A cut takes away up to `crop` of the side, zoomed to H again; `colour` is the largest relative change.
    """
    if crop or flips:
        pictures = _resample(pictures, generator, crop, flips)
    return _recolour(pictures, generator, colour) if colour else pictures


def mirror(pictures: Tensor, *, generator: torch.Generator) -> Tensor:
    """(B, 3, H, H) with half of the pictures mirrored, their pixels untouched."""
    chosen = torch.rand(len(pictures), 1, 1, 1, generator=generator).to(pictures.device) < 0.5
    return torch.where(chosen, pictures.flip(3), pictures)


def _resample(pictures: Tensor, generator: torch.Generator, crop: float, flips: bool) -> Tensor:
    count = len(pictures)
    scale = 1 - crop * torch.rand(count, generator=generator)
    sign = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0) if flips else torch.ones(count)
    shift = (2 * torch.rand(count, 2, generator=generator) - 1) * (1 - scale)[:, None]
    affine = torch.zeros(count, 2, 3)
    affine[:, 0, 0], affine[:, 1, 1], affine[:, :, 2] = scale * sign, scale, shift
    grid = F.affine_grid(affine.to(pictures.device), list(pictures.shape), align_corners=False)  # (B, H, H, 2)
    cut: Tensor = F.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
    return cut


def _recolour(pictures: Tensor, generator: torch.Generator, colour: float) -> Tensor:
    amounts = 1 + colour * (2 * torch.rand(2, len(pictures), 1, 1, 1, generator=generator) - 1)
    brightness, contrast = amounts.to(pictures.device)
    grey = pictures.mean((1, 2, 3), keepdim=True)
    changed: Tensor = ((pictures - grey) * contrast + grey) * brightness
    return changed
