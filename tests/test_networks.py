"""Every network fits any data and code, tells its hidden layers, and can be differentiated as the penalties need it."""

import copy
from typing import Any

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf
from torch import Tensor, nn
from torch.func import functional_call, jacrev, jvp, vmap

from src.configuration.files import CONF
from src.errors import UserError
from src.networks import ConvolutionalNetwork, Network, ResidualNetwork
from src.networks.base import Sizes
from src.networks.residual import ResidualBlock, group_norm

MAPS = ["conv", "conv_16_32_64", "conv_32_64_128", "conv_pool", "resnet", "unet"]
IMAGES = ["linear", "mlp", *MAPS]
SHAPES = [(1, 28, 28), (3, 32, 32), (3, 64, 64), (1, 15, 11), (2, 8, 8), (1, 1, 3)]
CASES = [(name, False) for name in [*IMAGES, "conv1d"]] + [(name, True) for name in MAPS]


def build(name: str, shape: tuple[int, ...], maps: bool = False, **dials: Any) -> Network:
    """The shipped network with 6 features, a decoder that is given 4 numbers (or channels) and makes 5 channels."""
    torch.manual_seed(0)
    sizes = dials.pop("sizes", Sizes(shape, features=6, latent_dim=4, raw_channels=5, maps=maps))
    return instantiate(OmegaConf.load(CONF / "network" / f"{name}.yaml"), **dials)(sizes).double()


def small(name: str, maps: bool = False, **dials: Any) -> Network:
    """The same, few channels, for data of 2 channels."""
    width = {"mlp": {"hidden": [8, 7]}, "linear": {}}.get(name, {"channels": [3, 4, 5]})
    return build(name, shape_of(name), maps, **width, **dials)


def shape_of(name: str) -> tuple[int, ...]:
    return (2, 13) if name == "conv1d" else (2, 9, 8)


def data(shape: tuple[int, ...], n: int = 3) -> Tensor:
    return torch.rand(n, *shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def code_for(network: Network, n: int = 3) -> Tensor:
    return data((4, *(network.grid or ())), n)


@pytest.mark.parametrize(("name", "maps"), [case for case in CASES if case[0] != "conv1d"])
def test_a_network_fits_images_of_any_size(name: str, maps: bool) -> None:
    for shape in SHAPES:
        network = build(name, shape, maps)
        features, hidden = network.encoder.trace(data(shape, 2))
        assert features.shape == (2, 6, *(network.grid or ()))
        assert torch.equal(features, network.encoder(data(shape, 2)))
        raw, more = network.back(code_for(network, 2), hidden)
        assert raw.shape == (2, 5, *shape[1:])
        assert len(hidden) == len(network.encoder.layers) - 1
        assert len(more) == len(network.decoder.layers) - 1
        assert all(len(h) == 2 for h in [*hidden, *more])


@pytest.mark.parametrize("kernel", [3, 9])
def test_convolutions_along_a_series_fit_any_length(kernel: int) -> None:
    for length in [*range(1, 20), 1000]:
        network = build("conv1d", (2, length), kernel=kernel)
        assert network.encoder(data((2, length))).shape == (3, 6)
        assert network.decoder(code_for(network)).shape == (3, 5, length)


@pytest.mark.parametrize("name", MAPS)
def test_a_code_of_maps_has_the_smallest_size_of_the_network(name: str) -> None:
    halved = {"conv_16_32_64": (4, 3), "unet": (4, 3)}
    assert build(name, (1, 15, 11), maps=True).grid == halved.get(name, (2, 2))
    assert build(name, (1, 15, 11)).grid is None
    assert (build("conv_16_32_64", (1, 28, 28), maps=True).grid) == (7, 7)


@pytest.mark.parametrize(("name", "maps"), CASES)
def test_the_gradient_reaches_every_parameter_of_a_network(name: str, maps: bool) -> None:
    network = small(name, maps, **({} if name == "linear" else {"activation": "tanh"}))
    features, hidden = network.encoder.trace(data(shape_of(name)))
    raw, _ = network.back(code_for(network), hidden)
    (features.sin().sum() + raw.sin().sum()).backward()
    assert [key for key, p in network.named_parameters() if p.grad is None or not p.grad.any()] == []


@pytest.mark.parametrize(("name", "maps"), CASES)
def test_the_jacobian_that_penalties_take_is_that_of_autograd(name: str, maps: bool) -> None:
    encoder, x = small(name, maps).encoder, data(shape_of(name))

    def one(image: Tensor) -> Tensor:
        return encoder(image[None])[0]

    expected = torch.stack([torch.autograd.functional.jacobian(one, image) for image in x])
    assert expected.abs().amax() > 1e-5
    with torch.inference_mode():
        torch.testing.assert_close(vmap(jacrev(one), randomness="different")(x), expected)
        v = data(shape_of(name)).flip(0)
        images = "abc"[: v.dim() - 1]
        along = torch.einsum(f"n...{images},n{images}->n...", expected, v)
        torch.testing.assert_close(jvp(encoder, (x,), (v,))[1], along)


@pytest.mark.parametrize(("name", "maps"), CASES)
def test_a_code_does_not_depend_on_the_other_images_of_its_batch(name: str, maps: bool) -> None:
    network = small(name, maps).train()
    x = data(shape_of(name), 5)
    torch.testing.assert_close(network.encoder(x)[:2], network.encoder(x[:2]))
    torch.testing.assert_close(network.encoder(x), network.encoder(x))


@pytest.mark.parametrize("name", [name for name in [*IMAGES, "conv1d"] if name != "linear"])
def test_dropout_acts_in_training_alone(name: str) -> None:
    network, x = small(name, dropout=0.5, activation="tanh"), data(shape_of(name))

    def differ() -> tuple[bool, bool]:
        hidden = network.encoder.trace(x)[1]
        raws = [network.back(code_for(network), hidden)[0] for _ in range(2)]
        return not torch.equal(network.encoder(x), network.encoder(x)), not torch.equal(*raws)

    assert differ() == (True, True)
    network.eval()
    assert differ() == (False, False)


@pytest.mark.parametrize(("name", "maps"), CASES)
def test_a_copy_with_the_saved_weights_gives_the_same(name: str, maps: bool) -> None:
    first, again = small(name, maps), small(name, maps)
    for p in again.parameters():
        nn.init.zeros_(p)
    again.load_state_dict(first.state_dict())
    x = data(shape_of(name))
    (features, hidden), (same, _) = first.encoder.trace(x), again.encoder.trace(x)
    assert torch.equal(features, same)
    assert torch.equal(first.back(code_for(first), hidden)[0], again.back(code_for(first), hidden)[0])


@pytest.mark.parametrize("name", [*MAPS, "conv1d"])
def test_a_network_of_convolutions_refuses_data_of_another_kind(name: str) -> None:
    other = (1, 8, 8) if name == "conv1d" else (1, 64)
    advice = "network=conv or network=mlp" if name == "conv1d" else "network=conv1d or network=mlp"
    with pytest.raises(UserError, match=rf"network={name.split('_1')[0].split('_3')[0]} needs .*Use {advice}\."):
        build(name, other)
    with pytest.raises(UserError, match="Use network=mlp"):
        build(name, (5,))
    with pytest.raises(UserError, match=r"network.channels=\[\]"):
        build(name, shape_of(name), channels=[], strides=[]) if "conv_" in name and name != "conv_pool" else build(
            name, shape_of(name), channels=[]
        )


@pytest.mark.parametrize("name", ["linear", "mlp", "conv1d"])
def test_a_network_of_plain_vectors_refuses_a_code_of_maps(name: str) -> None:
    with pytest.raises(UserError, match=f"network={name} gives codes that are plain vectors.*Use network=conv, "):
        build(name, shape_of(name), maps=True)


def test_strides_are_as_many_as_channels() -> None:
    network = build("conv", (1, 28, 28), channels=[3, 4, 5], strides=[3, 1, 2], maps=True)
    assert network.grid == (5, 5)
    assert network.decoder(code_for(network)).shape == (3, 5, 28, 28)
    with pytest.raises(UserError, match=r"strides=\[2, 2\] has 2 numbers for 3"):
        build("conv", (1, 28, 28), strides=[2, 2])


def test_pooling_takes_the_largest_and_the_way_back_repeats_it() -> None:
    """With convolutions that do nothing and one code number for each pixel, on a side of odd length."""
    sizes = Sizes((1, 3, 5), features=1, latent_dim=1, raw_channels=1, maps=True)
    network = build("conv_pool", (1, 3, 5), sizes=sizes, channels=[1], activation="identity")
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.dirac_(module.weight)
            nn.init.zeros_(module.bias)
    x = torch.tensor([[[[1.0, 5, 2, 0, 7], [3, 4, 9, 8, 6], [0, 1, -3, -2, -5]]]], dtype=torch.float64)
    code = torch.tensor([[[[5.0, 9, 7], [1, -2, -5]]]], dtype=torch.float64)
    assert torch.equal(network.encoder(x), code)
    rows = [[5.0, 5, 9, 9, 7], [5, 5, 9, 9, 7], [1, 1, -2, -2, -5]]
    assert network.decoder(code).squeeze().tolist() == rows


def test_a_residual_block_whose_change_is_nothing_passes_its_input_on() -> None:
    for before, after, stride in [(3, 3, 1), (3, 5, 1), (3, 3, 2)]:
        block = ResidualBlock(before, after, stride, "relu", 0.0)
        change: Any = block.change
        nn.init.zeros_(change[-1].weight)
        nn.init.zeros_(change[-1].bias)
        x = torch.randn(2, before, 7, 6)
        assert torch.equal(block(x), block.shortcut(x).relu())
        assert isinstance(block.shortcut, nn.Identity) == ((before, stride) == (after, 1))
        nn.init.ones_(change[-1].weight)
        assert not torch.equal(block(x), block.shortcut(x).relu())


def test_groups_divide_any_number_of_channels() -> None:
    groups = {n: group_norm(n).num_groups for n in range(1, 130)}
    assert all(n % g == 0 and (g == 1 or n // g >= 4) for n, g in groups.items())
    assert [groups[n] for n in (1, 3, 7, 8, 16, 24, 32, 64, 67, 128)] == [1, 1, 1, 2, 4, 6, 8, 8, 1, 8]


def test_blocks_of_a_residual_network_are_counted_each_way() -> None:
    for blocks in (1, 3):
        network = small("resnet", blocks=blocks)
        assert isinstance(network, ResidualNetwork)
        counts = [
            sum(isinstance(m, ResidualBlock) for m in half.modules()) for half in (network.encoder, network.decoder)
        ]
        assert counts == [3 * blocks] * 2


def test_a_u_net_needs_the_encoder_of_the_same_image() -> None:
    network = small("unet")
    x, z = data(shape_of("unet")), code_for(small("unet"))
    raw, _ = network.back(z, network.encoder.trace(x)[1])
    other, _ = network.back(z, network.encoder.trace(x.flip(0))[1])
    assert not torch.allclose(raw, other)  # past the code, which is the same
    with pytest.raises(UserError, match="cannot decode a code alone.*Use network=conv"):
        network.decoder(z)
    with pytest.raises(UserError, match="two levels"):
        build("unet", (1, 8, 8), channels=[16])


def test_which_networks_are_what() -> None:
    built = {name: small(name) for name in [*IMAGES, "conv1d"]}
    assert {name for name, network in built.items() if network.skips} == {"unet"}
    assert {name for name, network in built.items() if network.gives_maps} == set(MAPS)
    assert {name for name, n in built.items() if isinstance(n, ConvolutionalNetwork)} == set(MAPS) - {"unet"}


TIED = ["linear", "mlp"]


def tied(name: str, features: int = 4) -> Network:
    return small(name, sizes=Sizes((2, 9, 8), features=features, latent_dim=4, raw_channels=2), tied=True)


@pytest.mark.parametrize("name", TIED)
def test_tied_weights_are_one_tensor(name: str) -> None:
    network = tied(name)
    weights = [key for key in network.state_dict() if key.endswith("weight")]
    assert weights == [key for key, _ in network.named_parameters() if key.endswith("weight")]
    assert all(key.startswith("encoder.") for key in weights)
    free = small(name, sizes=Sizes((2, 9, 8), features=4, latent_dim=4, raw_channels=2))
    saved = sum(p.numel() for p in free.parameters()) - sum(p.numel() for p in network.parameters())
    assert saved == sum(p.numel() for key, p in network.named_parameters() if key.endswith("weight"))


def test_a_tied_linear_network_decodes_by_the_transposed_encoder() -> None:
    network, x = tied("linear"), data((2, 9, 8))
    w, b, c = (p for p in network.parameters())
    z = x.flatten(1) @ w.T + b
    torch.testing.assert_close(network.encoder(x), z)
    torch.testing.assert_close(network.decoder(z).flatten(1), z @ w + c)


def test_the_gradient_of_tied_weights_is_that_of_both_uses() -> None:
    """loss = 1/2 ||W^T (W x + b) + c - x||^2 has dloss/dW = W e x^T + z e^T, e = x_hat - x."""
    network, x = tied("linear"), data((2, 9, 8), n=1)
    w, _, _ = (p for p in network.parameters())
    z = network.encoder(x)
    e = (network.decoder(z) - x).flatten(1)
    (0.5 * e.square().sum()).backward()
    torch.testing.assert_close(w.grad, (e @ w.T).T @ x.flatten(1) + z.T @ e)


@pytest.mark.parametrize("features", [4, 8])
@pytest.mark.parametrize("name", TIED)
def test_gradients_of_tied_networks_agree_with_differences(name: str, features: int) -> None:
    network, x = tied(name, features), data((2, 9, 8), n=2)
    names, values = zip(*[(k, p) for k, p in network.named_parameters()], strict=True)

    class Loop(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, x: Tensor) -> Tensor:
            return self.network.decoder(self.network.encoder(x)[:, :4]).sin().sum()

    def loss(*parameters: Tensor) -> Tensor:
        return functional_call(Loop(), {f"network.{k}": p for k, p in zip(names, parameters, strict=True)}, (x,))

    assert torch.autograd.gradcheck(loss, tuple(v.detach().requires_grad_() for v in values), fast_mode=True)


def test_a_tied_decoder_of_a_gaussian_code_reads_by_what_made_the_means() -> None:
    network = tied("linear", features=8)
    w, _, c = (p for p in network.parameters())
    z = code_for(network)
    torch.testing.assert_close(network.decoder(z).flatten(1), z @ w[:4] + c)
    network.decoder(z).sum().backward()
    assert w.grad is not None
    assert w.grad.flatten(1).any(1).tolist() == 4 * [True] + 4 * [False]


@pytest.mark.parametrize("name", TIED)
def test_tied_weights_stay_tied_when_copied_moved_and_loaded(name: str) -> None:
    network, x = tied(name), data((2, 9, 8))
    copied = copy.deepcopy(network).float().double()
    copied.load_state_dict({key: 2 * value for key, value in network.state_dict().items()})
    first = next(p for key, p in copied.named_parameters() if key.endswith("weight"))
    before = copied.decoder(code_for(network)), network.decoder(code_for(network))
    nn.init.zeros_(first)  # the outermost layer, so that the decoder gives nothing but its bias
    raw = copied.decoder(code_for(network))
    torch.testing.assert_close(raw, raw[:1].expand_as(raw))
    assert not torch.allclose(before[0], raw)
    assert torch.equal(before[1], network.decoder(code_for(network)))
    assert torch.equal(tied(name).encoder(x), network.encoder(x))


@pytest.mark.parametrize("name", TIED)
def test_what_cannot_be_tied_is_refused(name: str) -> None:
    for features, raw_channels, said in [
        (4, 6, "has 2 channels and the decoder makes 6"),
        (5, 2, "given 4 numbers and the encoder makes 5"),
    ]:
        with pytest.raises(UserError, match=f"{said}.*Use network.tied=false"):
            small(name, sizes=Sizes((2, 9, 8), features, 4, raw_channels), tied=True)


@pytest.mark.parametrize("name", ["tied", *IMAGES])
def test_a_pass_through_a_network_compiles_as_one_graph(name: str) -> None:
    network = tied("mlp") if name == "tied" else small(name)
    x, z = data((2, 9, 8)), code_for(network)

    def loss() -> Tensor:
        features, hidden = network.encoder.trace(x)
        return features.square().sum() + network.back(z, hidden)[0].square().sum()

    torch._dynamo.reset()
    gradients = []
    for each in (loss, torch.compile(loss, backend="eager", fullgraph=True)):
        network.zero_grad()
        each().backward()
        gradients.append([p.grad.clone() for p in network.parameters() if p.grad is not None])
    assert len(gradients[0]) == len(list(network.parameters()))
    torch.testing.assert_close(gradients[1], gradients[0])


@pytest.mark.parametrize(("name", "maps"), CASES)
def test_a_network_computes_in_half_precision_too(name: str, maps: bool) -> None:
    network, x = small(name, maps), data(shape_of(name))
    raw = network.back(code_for(network), network.encoder.trace(x)[1])[0]
    network, x, z = network.bfloat16(), x.bfloat16(), code_for(network).bfloat16()
    half = network.back(z, network.encoder.trace(x)[1])[0]
    assert half.dtype == torch.bfloat16
    torch.testing.assert_close(half.double(), raw, atol=0.03, rtol=0.05)
    network.float()
    with torch.autocast("cpu", torch.bfloat16):
        mixed = network.back(z.float(), network.encoder.trace(x.float())[1])[0]
    torch.testing.assert_close(mixed.double(), raw, atol=0.03, rtol=0.05)
