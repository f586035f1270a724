"""The DCGAN is the tutorial's: layers, sizes and first weights; noise belongs to its seed."""

import pytest
import torch
from torch import nn

from core.models.dcgan import Discriminator, Generator, draw_noise, first_weights


def _shapes(network: nn.Module) -> list[tuple[int, ...]]:
    return [tuple(parameter.shape) for parameter in network.parameters() if parameter.ndim == 4]


def test_at_64_pixels_the_layers_are_the_tutorials() -> None:
    generator, discriminator = Generator(), Discriminator()
    assert _shapes(generator) == [(100, 512, 4, 4), (512, 256, 4, 4), (256, 128, 4, 4), (128, 64, 4, 4), (64, 3, 4, 4)]
    assert _shapes(discriminator) == [
        (64, 3, 4, 4), (128, 64, 4, 4), (256, 128, 4, 4), (512, 256, 4, 4), (1, 512, 4, 4),
    ]  # fmt: skip
    counts = [sum(parameter.numel() for parameter in network.parameters()) for network in (generator, discriminator)]
    assert counts == [3_576_704, 2_765_568]
    assert [type(layer).__name__ for layer in generator.main][:3] == ["ConvTranspose2d", "BatchNorm2d", "ReLU"]
    assert isinstance(generator.main[-1], nn.Tanh)
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in discriminator.main[:2])


@pytest.mark.parametrize("size", [16, 32, 64, 128])
def test_every_size_fits_its_discriminator(size: int) -> None:
    pictures = Generator(image_size=size, noise_size=7, width=2)(draw_noise([1, 2, 3], 7))
    assert pictures.shape == (3, 3, size, size)
    assert Discriminator(image_size=size, width=2)(pictures).shape == (3,)


@pytest.mark.parametrize("size", [8, 48, 65])
def test_other_sizes_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="power of two from 16 on"):
        Generator(image_size=size)


def test_first_weights_are_the_papers() -> None:
    torch.manual_seed(0)
    network = Generator(width=16)
    first_weights(network)
    convolutions = torch.cat([
        parameter.detach().flatten() for parameter in network.parameters() if parameter.ndim == 4
    ])
    assert float(convolutions.mean()) == pytest.approx(0, abs=1e-3)
    assert float(convolutions.std()) == pytest.approx(0.02, rel=0.02)
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    assert all(abs(float(norm.weight.detach().mean()) - 1) < 0.02 and not norm.bias.any() for norm in norms)


def test_noise_belongs_to_its_seed() -> None:
    assert torch.equal(draw_noise([5, 6, 7], 10)[1], draw_noise([6], 10)[0])
    assert not torch.equal(draw_noise([5], 10), draw_noise([6], 10))
