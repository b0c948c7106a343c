"""Critics score each example by itself."""

import pytest
import torch
from torch import nn

from src.errors import UserError
from src.networks.critics import ConvCritic, MlpCritic, image_critic


@pytest.mark.parametrize("spectral", [True, False])
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32), (1, 15, 11), (2, 1, 1), (3, 40), (7,)])
def test_a_critic_gives_one_number_for_each_example_of_any_shape(shape: tuple[int, ...], spectral: bool) -> None:
    critic = image_critic(shape, [8, 16], spectral)
    assert isinstance(critic, MlpCritic if len(shape) == 1 else ConvCritic)
    x = torch.rand(5, *shape)
    critic.eval()
    scores, hidden = critic.trace(x)
    assert scores.shape == (5,)
    assert torch.equal(scores, critic(x))
    assert torch.equal(hidden[-1], critic.features(x))


@pytest.mark.parametrize("spectral", [True, False])
def test_a_score_follows_from_its_own_example_alone(spectral: bool) -> None:
    critic = ConvCritic((1, 9, 9), [8, 16], spectral).double()
    x = torch.rand(4, 1, 9, 9, dtype=torch.float64)
    critic(x)
    critic.eval()
    one_by_one = torch.cat([critic(image[None]) for image in x])
    torch.testing.assert_close(critic(x), one_by_one)


def test_spectral_weights_have_a_largest_singular_value_of_one() -> None:
    critic = ConvCritic((2, 8, 8), [6, 12], spectral=True).double()
    for _ in range(200):
        critic(torch.zeros(1, 2, 8, 8, dtype=torch.float64))  # a step of the power iteration each
    layers = [layer for layer in critic.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    assert len(layers) == 3
    for layer in layers:
        assert torch.linalg.matrix_norm(layer.weight.flatten(1), 2).item() == pytest.approx(1, rel=1e-3)


def test_a_linear_critic_is_an_affine_map() -> None:
    critic = MlpCritic(3, [])
    assert [tuple(p.shape) for p in critic.parameters()] == [(1, 3), (1,)]


def test_a_critic_without_layers_says_what_to_type() -> None:
    with pytest.raises(UserError, match=r"model\.critic=\[32\]"):
        image_critic((1, 8, 8), [], True)
