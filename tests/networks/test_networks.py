"""Networks of every kind for images of every size."""

from functools import partial
from typing import Any, get_args

import pytest
import torch
from torch import nn

from src.activations import ACTIVATIONS, Activation
from src.errors import UserError
from src.networks import ConvNetwork, LinearNetwork, MlpNetwork, Network
from src.networks.base import Layers, Sizes

LINEAR, MLP, CONV = LinearNetwork, partial(MlpNetwork, hidden=[12, 9]), partial(ConvNetwork, channels=[4, 6, 8])
KINDS: dict[str, Any] = {
    "linear": LINEAR,
    "mlp": MLP,
    "mlp without hidden layers": partial(MlpNetwork, hidden=[]),
    "conv": CONV,
    "conv of one layer": partial(ConvNetwork, channels=[3]),
    "deep conv": partial(ConvNetwork, channels=[2] * 7),
}
SHAPES = [
    (c, h, w)
    for c in (1, 3)
    for h, w in ((8, 8), (28, 28), (32, 32), (27, 35), (1, 1), (1, 9), (2, 3), (5, 1), (11, 64))
]


def sizes(shape: tuple[int, ...] = (1, 8, 8), latent_dim: int = 4, features: int = 7, raw: int | None = None) -> Sizes:
    return Sizes(shape, features, latent_dim, raw or shape[0])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: "x".join(map(str, s)))
def test_any_image_goes_in_and_comes_out_in_its_own_size(kind: str, shape: tuple[int, ...]) -> None:
    network: Network = KINDS[kind](sizes(shape, raw=2 * shape[0]))
    assert network.encoder(torch.rand(2, *shape)).shape == (2, 7)
    assert network.decoder(torch.rand(2, 4)).shape == (2, 2 * shape[0], *shape[1:])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("latent_dim", [1, 2, 16, 256])
def test_any_code_width(kind: str, latent_dim: int) -> None:
    network = KINDS[kind](sizes(latent_dim=latent_dim, features=2 * latent_dim))
    assert network.encoder(torch.rand(3, 1, 8, 8)).shape == (3, 2 * latent_dim)
    assert network.decoder(torch.rand(3, latent_dim)).shape == (3, 1, 8, 8)


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_matters(kind: str) -> None:
    torch.manual_seed(0)
    network = KINDS[kind](sizes(), **({"activation": "tanh"} if kind not in ("linear",) else {}))
    features = network.encoder(torch.rand(5, 1, 8, 8))
    (features.square().sum() + network.decoder(features[:, :4]).square().sum()).backward()
    assert all(p.grad is not None and bool(p.grad.any()) for p in network.parameters())


@pytest.mark.parametrize("kind", ["linear", "mlp", "mlp without hidden layers"])
def test_networks_of_affine_maps_take_tables_too(kind: str) -> None:
    network = KINDS[kind](sizes((10,), raw=20))
    assert network.decoder(network.encoder(torch.rand(3, 10))[:, :4]).shape == (3, 20)


def test_an_affine_encoder_tells_its_matrix() -> None:
    for kind in ("linear", "mlp without hidden layers"):
        network = KINDS[kind](sizes((2, 3, 3)))
        matrix = network.encoder_matrix()
        x, zero = torch.rand(5, 2, 3, 3), torch.zeros(1, 2, 3, 3)
        assert matrix is not None
        assert matrix.shape == (7, 18)
        torch.testing.assert_close(network.encoder(x) - network.encoder(zero), x.flatten(1) @ matrix.T)


@pytest.mark.parametrize("kind", ["mlp", "conv", "conv of one layer"])
def test_any_other_encoder_has_no_matrix(kind: str) -> None:
    assert KINDS[kind](sizes()).encoder_matrix() is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_trace_ends_with_the_output_and_has_each_hidden_layer_on_the_way(kind: str) -> None:
    network = KINDS[kind](sizes()).eval()
    for layers, given in ((network.encoder, torch.rand(2, 1, 8, 8)), (network.decoder, torch.rand(2, 4))):
        output, hidden = layers.trace(given)
        assert torch.equal(output, layers(given))
        assert len(hidden) == len(layers.layers) - 1
        assert all(torch.equal(h, nn.Sequential(*layers.layers[: i + 1])(given)) for i, h in enumerate(hidden))


def test_the_hidden_layers_are_mirrored() -> None:
    mlp, conv = MLP(sizes()), CONV(sizes())
    image, code = torch.rand(2, 1, 8, 8), torch.rand(2, 4)
    assert [h.shape[1] for h in mlp.encoder.trace(image)[1]] == [12, 9]
    assert [h.shape[1] for h in mlp.decoder.trace(code)[1]] == [9, 12]
    assert [tuple(h.shape[1:]) for h in conv.encoder.trace(image)[1]] == [(4, 4, 4), (6, 2, 2), (8, 1, 1)]
    assert [tuple(h.shape[1:]) for h in conv.decoder.trace(code)[1]] == [(8, 1, 1), (6, 2, 2), (4, 4, 4)]


def test_layers_that_are_one_have_nothing_hidden() -> None:
    layers = Layers([nn.Identity()])
    assert layers.trace(torch.ones(1))[1] == ()


@pytest.mark.parametrize("kind", [MLP, CONV])
def test_the_last_layers_have_no_activation(kind: Any) -> None:
    torch.manual_seed(0)
    network = kind(sizes(), activation="sigmoid")
    assert bool((network.encoder(torch.rand(50, 1, 8, 8)) < 0).any())
    assert bool((network.decoder(torch.rand(50, 4)) < 0).any())


@pytest.mark.parametrize("kind", [MLP, CONV])
@pytest.mark.parametrize("name", get_args(Activation))
def test_the_activation_is_the_one_asked_for(kind: Any, name: Activation) -> None:
    network = kind(sizes(), activation=name)
    built = type(ACTIVATIONS[name].build())
    for layers in (network.encoder, network.decoder):
        assert sum(type(m) is built for m in layers.modules()) == len(layers.layers) - 1
    low, high = ACTIVATIONS[name].range
    for hidden in network.encoder.trace(torch.randn(20, 1, 8, 8))[1]:
        assert low <= float(hidden.detach().min()) <= float(hidden.detach().max()) <= high


def test_every_activation_can_be_typed() -> None:
    assert set(get_args(Activation)) == set(ACTIVATIONS)


@pytest.mark.parametrize("kind", [MLP, CONV])
def test_dropout_drops_a_share_of_hidden_units_in_training_alone(kind: Any) -> None:
    torch.manual_seed(0)
    network = kind(sizes(), activation="sigmoid", dropout=0.25)
    image = torch.rand(2000, 1, 8, 8)
    hidden = network.encoder.trace(image)[1][0]
    whole = hidden.flatten(2) if hidden.dim() > 2 else hidden[..., None]
    dropped = (whole == 0).all(-1)
    assert float(dropped.float().mean()) == pytest.approx(0.25, abs=4 * (0.25 * 0.75 / dropped.numel()) ** 0.5)
    assert torch.equal((whole == 0).any(-1), dropped)  # a channel is dropped as a whole
    network.eval()
    assert bool((network.encoder.trace(image)[1][0] > 0).all())
    assert torch.equal(network.encoder(image), network.encoder(image))


@pytest.mark.parametrize("kind", [MLP, CONV])
def test_without_dropout_there_is_no_such_layer(kind: Any) -> None:
    assert not [m for m in kind(sizes()).modules() if isinstance(m, nn.Dropout | nn.Dropout2d)]


def test_convolutions_refuse_what_is_no_image() -> None:
    with pytest.raises(UserError, match=r"data\.shape is \[10\]. Use network=mlp"):
        CONV(sizes((10,)))


def test_convolutions_refuse_an_empty_list() -> None:
    with pytest.raises(UserError, match=r"e\.g\. network\.channels=\[32\]"):
        ConvNetwork(sizes(), channels=[])
