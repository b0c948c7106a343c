"""The two presets that are nets of older teaching notebooks: the same layers, the same numbers, the same outputs."""

from typing import Any

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf
from torch import nn

from src.configuration.files import CONF
from src.networks import Network
from src.networks.base import Sizes


def preset(name: str, sizes: Sizes) -> Network:
    return instantiate(OmegaConf.load(CONF / "network" / f"{name}.yaml"))(sizes)


def counts(*modules: nn.Module) -> list[int]:
    """Parameters of each layer that has any, in order."""
    layers = [layer for module in modules for layer in module.modules() if not list(layer.children())]
    return [n for layer in layers if (n := sum(p.numel() for p in layer.parameters()))]


def copy_weights(source: list[nn.Module], target: list[nn.Module]) -> None:
    ours, theirs = ([p for module in half for p in module.parameters()] for half in (target, source))
    with torch.no_grad():
        for mine, other in zip(ours, theirs, strict=True):
            mine.copy_(other)


def net_32_64_128(channels: int, embedding: int) -> tuple[nn.Module, nn.Module]:
    """For 32 x 32: three strided convolutions and a linear map; back with a 1 x 1 convolution at the end."""
    more: dict[str, Any] = {"kernel_size": 3, "stride": 2, "padding": 1}
    encoder = nn.Sequential(
        *(nn.Conv2d(channels, 32, **more), nn.ReLU()),
        *(nn.Conv2d(32, 64, **more), nn.ReLU()),
        *(nn.Conv2d(64, 128, **more), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(128 * 4 * 4, embedding)),
    )
    decoder = nn.Sequential(
        *(nn.Linear(embedding, 128 * 4 * 4), nn.Unflatten(1, (128, 4, 4))),
        *(nn.ConvTranspose2d(128, 128, output_padding=1, **more), nn.ReLU()),
        *(nn.ConvTranspose2d(128, 64, output_padding=1, **more), nn.ReLU()),
        *(nn.ConvTranspose2d(64, 32, output_padding=1, **more), nn.ReLU()),
        nn.Conv2d(32, channels, kernel_size=1, stride=1),
    )
    return encoder, decoder


def net_16_32_64() -> tuple[nn.Module, nn.Module]:
    """For 28 x 28: two strided convolutions and one without a stride, whose 64 maps of 7 x 7 are the code."""
    encoder = nn.Sequential(
        *(nn.Conv2d(1, 16, 3, stride=2, padding=1), nn.ReLU()),
        *(nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU()),
        *(nn.Conv2d(32, 64, 3, padding=1), nn.ReLU()),
    )
    decoder = nn.Sequential(
        *(nn.ConvTranspose2d(64, 32, 3, padding=1), nn.ReLU()),
        *(nn.ConvTranspose2d(32, 16, 3, stride=2, padding=1, output_padding=1), nn.ReLU()),
        nn.ConvTranspose2d(16, 1, 3, stride=2, padding=1, output_padding=1),
    )
    return encoder, decoder


@pytest.mark.parametrize(("channels", "embedding"), [(1, 2), (3, 64)])
def test_conv_32_64_128_is_that_net(channels: int, embedding: int) -> None:
    encoder, decoder = net_32_64_128(channels, embedding)
    network = preset("conv_32_64_128", Sizes((channels, 32, 32), embedding, embedding, channels))
    assert counts(network.encoder) == counts(encoder)
    assert counts(network.decoder) == counts(decoder)
    copy_weights([encoder, decoder], [network.encoder, network.decoder])
    x = torch.rand(2, channels, 32, 32)
    assert torch.equal(network.encoder(x), encoder(x))
    assert torch.equal(network.decoder(encoder(x)), decoder(encoder(x)))


def test_the_numbers_of_conv_32_64_128() -> None:
    network = preset("conv_32_64_128", Sizes((3, 32, 32), 64, 64, 3))
    assert counts(network.encoder) == [896, 18_496, 73_856, 131_136]
    assert counts(network.decoder) == [133_120, 147_584, 73_792, 18_464, 99]


def test_conv_16_32_64_with_a_code_of_64_maps_is_the_autoencoder() -> None:
    encoder, decoder = net_16_32_64()
    network = preset("conv_16_32_64", Sizes((1, 28, 28), 64, 64, 1, maps=True))
    assert network.grid == (7, 7)
    assert counts(network.encoder) == counts(encoder) == [160, 4_640, 18_496]
    assert counts(network.decoder) == counts(decoder) == [18_464, 4_624, 145]
    copy_weights([encoder, decoder], [network.encoder, network.decoder])
    x = torch.rand(2, 1, 28, 28)
    code = network.encoder(x).relu()  # the bottleneck's: model.code_activation=relu
    assert torch.equal(code, encoder(x))
    assert torch.equal(network.decoder(code), decoder(code))


def test_conv_16_32_64_with_a_gaussian_code_is_the_variational_one() -> None:
    encoder, decoder = net_16_32_64()
    mean, log_variance, back = nn.Linear(3136, 128), nn.Linear(3136, 128), nn.Linear(128, 3136)
    network = preset("conv_16_32_64", Sizes((1, 28, 28), 256, 128, 1))
    joined = 2 * 401_536  # mean and log variance are one layer with twice the rows
    assert counts(mean, log_variance) == [401_536, 401_536]
    assert counts(network.encoder) == [*counts(encoder), joined] == [160, 4_640, 18_496, joined]
    assert counts(network.decoder) == [*counts(back), *counts(decoder)] == [404_544, 18_464, 4_624, 145]

    both = nn.Linear(3136, 256)
    with torch.no_grad():
        both.weight.copy_(torch.cat([mean.weight, log_variance.weight]))
        both.bias.copy_(torch.cat([mean.bias, log_variance.bias]))
    copy_weights([encoder, both, back, decoder], [network.encoder, network.decoder])
    x, z = torch.rand(2, 1, 28, 28), torch.randn(2, 128)
    flat = encoder(x).view(-1, 3136)
    expected = torch.cat([mean(flat), log_variance(flat)], 1)
    torch.testing.assert_close(network.encoder(x), expected)
    assert torch.equal(network.decoder(z), decoder(back(z).view(-1, 64, 7, 7)))
