"""The two contests against closed forms, and what a critic is shown."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from src.contracts import Reconstruction
from src.regularizers import CodeAdversary, FeatureMatching, ImageAdversary
from src.regularizers.adversary import slope
from src.regularizers.image_adversary import Contested
from tests.regularizers.passes import NO_MODEL, normal, pass_of

W = torch.tensor([1.0, -2.0, 2.0], dtype=torch.float64)
"""Of norm 3."""


class Affine(nn.Module):
    """D(x) = w x + b."""

    def __init__(self) -> None:
        super().__init__()
        self.w, self.b = nn.Parameter(W.clone()), nn.Parameter(torch.tensor(0.5, dtype=torch.float64))

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1) @ self.w + self.b


class Bent(nn.Module):
    """D(x) = |A x|^2 / 2, of slope |A^T A x|."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Parameter(normal(4, 3, seed=7))

    def forward(self, x: Tensor) -> Tensor:
        return 0.5 * (x.flatten(1) @ self.a.T).square().sum(1)


def images(n: int = 5, fakes: int = 1) -> Contested:
    """A pass of n images of three pixels, with so many fakes for each."""
    x = normal(n, 1, 1, 3, seed=1)
    return Contested.of(replace(pass_of(normal(n, 2)), x=x, raw=normal(n, 1, 1, 3, seed=2)), normal(fakes * n, 1, 1, 3))


def test_the_non_saturating_contest_is_that_of_two_labels() -> None:
    out, critic = images(), Affine()
    adversary = ImageAdversary(1.0, critic)
    real, fake = critic(out.x), critic(out.fakes)
    ones, zeros = torch.ones(5), torch.zeros(5)
    cross_entropy: Any = binary_cross_entropy_with_logits
    for_model = cross_entropy(fake, ones.double(), reduction="none")
    for_critic = cross_entropy(real, ones.double(), reduction="none") + cross_entropy(
        fake, zeros.double(), reduction="none"
    )
    torch.testing.assert_close(adversary(out, NO_MODEL), for_model)
    torch.testing.assert_close(adversary.critic_loss(out, NO_MODEL), for_critic)
    assert adversary.critic_steps == 1


def test_the_wasserstein_contest_is_a_difference_of_scores_and_a_slope_of_one() -> None:
    out, critic = images(), Affine()
    adversary = ImageAdversary(1.0, critic, "wasserstein", penalty=10.0)
    real, fake = critic(out.x), critic(out.fakes)
    torch.testing.assert_close(adversary(out, NO_MODEL), -fake)
    torch.testing.assert_close(adversary.critic_loss(out, NO_MODEL), fake - real + 10 * (3.0 - 1.0) ** 2)
    assert adversary.critic_steps == 5
    assert ImageAdversary(1.0, critic, "wasserstein", critic_steps=2).critic_steps == 2


def test_the_slope_is_taken_between_a_real_and_a_fake_image() -> None:
    seen: list[Tensor] = []

    class Peek(Affine):
        def forward(self, x: Tensor) -> Tensor:
            seen.append(x)
            return super().forward(x)

    out = images(200)
    with torch.no_grad():
        ImageAdversary(1.0, Peek(), "wasserstein").critic_loss(out, NO_MODEL)
    between = torch.func.debug_unwrap(seen[2], recurse=True)
    share = (between - out.fakes) / (out.x - out.fakes)
    assert (share.flatten(1).std(1) < 1e-6).all()  # one share for all pixels of an image
    assert 0 <= share.min() < 0.1 < 0.9 < share.max() <= 1


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_the_slope_of_a_bent_critic_is_exact_in_every_mode(mode: Any) -> None:
    critic = Bent()
    with mode():
        x = normal(6, 3)
        expected = (x @ critic.a.T @ critic.a).norm(dim=1)
        torch.testing.assert_close(slope(critic, x), expected)


def test_the_gradient_of_the_slope_is_autograds() -> None:
    critic, x = Bent(), normal(6, 3).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
    (expected,) = torch.autograd.grad((gradient.norm(dim=1) - 1).square().sum(), critic.a)
    (found,) = torch.autograd.grad((slope(critic, x.detach()) - 1).square().sum(), critic.a)
    torch.testing.assert_close(found, expected)


def test_the_fakes_of_an_image_count_as_one_on_average() -> None:
    out, critic = images(fakes=2), Affine()
    first, second = (replace(out, fakes=part) for part in out.fakes.chunk(2))
    adversary = ImageAdversary(1.0, critic)
    for measure in (adversary, adversary.critic_loss):
        both = 0.5 * (measure(first, NO_MODEL) + measure(second, NO_MODEL))
        torch.testing.assert_close(measure(out, NO_MODEL), both)


def test_without_fakes_of_its_own_the_output_of_a_pass_is_judged() -> None:
    out, critic = pass_of(normal(4, 3)), Affine()
    made = normal(4, 1, 1, 3, seed=3)
    out = replace(out, raw=made.logit(eps=1e-6), image=torch.sigmoid)
    torch.testing.assert_close(ImageAdversary(1.0, critic).judged(out.x_hat, out), critic(out.x_hat))
    torch.testing.assert_close(
        ImageAdversary(1.0, critic, "wasserstein")(out, NO_MODEL), -critic(made.clamp(1e-6, 1 - 1e-6))
    )


def test_codes_are_told_from_draws_of_the_prior() -> None:
    z = 5 + normal(20_000, 3)
    adversary = CodeAdversary(1.0, Affine())
    real = adversary.real(pass_of(z))
    assert real.mean(0).abs().max() < 0.03
    assert (real.std(0) - 1).abs().max() < 0.03
    assert adversary.fake(pass_of(z)) is z


def test_a_critic_that_is_told_the_class_is_told_it_of_both() -> None:
    z, y = normal(4, 2), torch.tensor([0, 1, 1, 0])

    def told(z: Tensor, y: Tensor) -> Tensor:
        return torch.cat([z, y[:, None].to(z)], 1)

    out: Reconstruction = replace(pass_of(z), y=y)
    critic = Affine()
    adversary = CodeAdversary(1.0, critic, told, contest="wasserstein", penalty=0.0)
    torch.testing.assert_close(adversary(out, NO_MODEL), -critic(told(z, y)))
    real = critic(told(CodeAdversary(1.0, critic).real(replace(pass_of(z), y=y)), y))
    torch.testing.assert_close(adversary.critic_loss(replace(pass_of(z), y=y), NO_MODEL), critic(told(z, y)) - real)


def test_features_are_compared_by_half_their_squared_distance() -> None:
    out, a = images(), normal(4, 3, seed=9)
    term = FeatureMatching(1.0, lambda x: (x.flatten(1) @ a.T).view(-1, 2, 2))
    expected = [0.5 * float((a @ d).square().sum()) for d in (out.x - out.x_hat).flatten(1)]
    assert term(out, NO_MODEL).tolist() == pytest.approx(expected)
