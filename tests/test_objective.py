"""The objective: terms apart, weights beside them, one mean at the end."""

from typing import Any

import pytest
import torch
from torch import Tensor

from src.contracts import Autoencoding, Code, GaussianCode, LossBreakdown, Reconstruction
from src.errors import UserError
from src.losses import SquaredError
from src.noise import FreshNoise
from src.objective import Objective
from src.regularizers import KLDivergence, L1Activity, L2Activity, Regularizer
from src.schedules import Linear, Weight

MODEL: Any = None  # these terms read the pass alone


class Mean(Regularizer):
    """A term over the batch."""

    def forward(self, out: Reconstruction, model: Autoencoding) -> Tensor:
        return out.code.z.mean()


def a_pass() -> Reconstruction:
    x = torch.zeros(2, 1, 1, 3)
    raw = torch.tensor([[1.0, 1.0, 1.0], [2.0, 0.0, 0.0]]).view(2, 1, 1, 3)
    code = Code(torch.tensor([[1.0, -3.0], [0.0, 2.0]]))
    return Reconstruction(x, torch.full((len(x),), -1), x, None, code, (), raw, lambda raw: raw, FreshNoise())


def weighted(**terms: Weight) -> dict[str, Regularizer]:
    kinds = {"l1": L1Activity, "l2": L2Activity, "mean": Mean}
    return {name: kinds[name](weight) for name, weight in terms.items()}


def test_terms_are_per_image_and_unweighted() -> None:
    losses = Objective(SquaredError(), weighted(l1=0.5), weighted(mean=10.0))(a_pass(), MODEL)
    assert {name: term.tolist() for name, term in losses.terms.items()} == {
        "reconstruction": [3, 4],
        "l1": [4, 2],
        "mean": 0,
    }
    assert losses.weights == {"reconstruction": 1.0, "l1": 0.5, "mean": 10.0}


def test_the_total_is_the_weighted_sum_of_the_means() -> None:
    losses = Objective(SquaredError(), weighted(l1=0.5), weighted(l2=0.1))(a_pass(), MODEL)
    assert losses.total.shape == ()
    assert losses.total.item() == pytest.approx(3.5 + 0.5 * 3 + 0.1 * (10 + 4) / 2)


def test_scalars_are_the_loss_and_the_unweighted_means() -> None:
    losses = Objective(SquaredError(), {}, weighted(l1=0.5))(a_pass(), MODEL)
    scalars = {name: value.item() for name, value in losses.scalars("val").items()}
    assert scalars == pytest.approx({"val/loss": 5.0, "val/reconstruction": 3.5, "val/l1": 3.0})


def test_gradients_flow_through_each_term_by_its_weight() -> None:
    terms = {"a": torch.tensor([1.0, 3.0], requires_grad=True), "b": torch.tensor(2.0, requires_grad=True)}
    LossBreakdown(terms, {"a": 2.0, "b": 5.0}).total.backward()
    assert terms["a"].grad is not None
    assert terms["b"].grad is not None
    assert terms["a"].grad.tolist() == [1, 1]
    assert terms["b"].grad.tolist() == 5


def test_a_scheduled_weight_follows_the_progress_and_stands_at_its_end_outside_training() -> None:
    objective = Objective(SquaredError(), weighted(l1=Linear(0.0, 4.0)), weighted(l2=2.0))
    assert objective.scheduled
    assert objective.weights() == {"l1": 4.0, "l2": 2.0}
    objective.progress = 0.25
    assert objective.weights() == {"l1": 1.0, "l2": 2.0}
    assert objective(a_pass(), MODEL).total.item() == pytest.approx(3.5 + 1.0 * 3 + 2.0 * 7)


def test_plain_weights_are_not_scheduled() -> None:
    assert not Objective(SquaredError(), weighted(l1=1.0), weighted(l2=0)).scheduled


def test_a_name_of_the_model_and_of_the_configuration_says_what_to_leave_out() -> None:
    with pytest.raises(UserError) as error:
        Objective(SquaredError(), weighted(l1=1.0), weighted(l1=2.0))
    assert "the term 'l1' is there twice" in str(error.value)
    assert "Leave out regularizer=l1" in str(error.value)


@pytest.mark.parametrize("name", ["reconstruction", "loss"])
def test_names_of_the_loss_are_taken(name: str) -> None:
    with pytest.raises(UserError, match=f"cannot be called '{name}'"):
        Objective(SquaredError(), {}, {name: L1Activity(1.0)})


def test_a_term_refuses_a_code_that_it_cannot_measure() -> None:
    objective = Objective(SquaredError(), {}, {"kl": KLDivergence(1.0)})
    objective.check(GaussianCode, (-1.0, 1.0))
    with pytest.raises(UserError) as error:
        objective.check(Code, (-1.0, 1.0))
    assert str(error.value) == (
        "the term 'kl' needs a code of type GaussianCode, but this model's is a Code. "
        "Leave out regularizer=kl, or choose another model."
    )
