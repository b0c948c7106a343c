"""Costs against closed forms."""

import pytest
import torch
from torch import nn

from src.models import GenerativeAdversarialNetwork, UndercompleteAutoencoder
from src.pca import PCA
from src.scorecard.contenders import Rival, Trained
from src.scorecard.cost import Cost, flops
from src.scorecard.peak_memory import peak_tensor_bytes
from tests.scorecard.contender import pool
from tests.small_models import mlp, parts

SHAPE = [1, 5, 4]
DATA = pool(torch.rand(40, *SHAPE))
MEASURE = Cost(batch=16, seconds=0)


def test_an_mlp_costs_two_operations_a_weight_and_image() -> None:
    model = Trained(UndercompleteAutoencoder(latent_dim=3, **parts(network=mlp(8), shape=SHAPE)).eval())
    found = MEASURE.measure(model, DATA).scores
    assert found["encode_flops"].value == found["decode_flops"].value == 2 * (20 * 8 + 8 * 3)
    assert found["parameters"].value == (20 + 1) * 8 + (8 + 1) * 3 + (3 + 1) * 8 + (8 + 1) * 20
    assert found["encode_rate"].n == 16
    assert found["encode_rate"].value > 0


def test_pca_costs_its_components() -> None:
    rival = Rival(PCA.fit(lambda: [DATA.train.x], 3), DATA.train)
    found = MEASURE.measure(rival, DATA).scores
    assert found["encode_flops"].value == found["decode_flops"].value == 2 * 20 * 3
    assert found["parameters"].value == 20 * 3 + 20


def test_a_convolution_costs_its_kernel_at_each_place() -> None:
    layer, x = nn.Conv2d(3, 4, 5, padding=2), torch.rand(2, 3, 9, 7)
    assert flops(lambda: layer(x)) == 2 * (2 * 3 * 5 * 5) * 4 * 9 * 7


def test_the_peak_is_of_tensors_that_are_there_at_once() -> None:
    x = torch.rand(1000)

    def one_after_another() -> None:
        for _ in range(3):
            x.exp()

    def at_once() -> None:
        y = x.exp()
        z = y.exp()
        del y
        z.exp()

    assert peak_tensor_bytes(one_after_another) == 4000
    assert peak_tensor_bytes(at_once) == 8000
    assert peak_tensor_bytes(lambda: x.view(10, 100)) == 0


def test_memory_grows_with_the_batch_and_leaves_out_the_weights() -> None:
    model = Trained(UndercompleteAutoencoder(latent_dim=3, **parts(network=mlp(1000), shape=SHAPE)).eval())
    small, large = (Cost(batch=n, seconds=0).measure(model, DATA).scores["encode_memory"].value for n in (16, 32))
    assert large == pytest.approx(2 * small, rel=0.01)
    assert large >= 32 * 1000 * 4 / 1e6


def test_what_a_model_cannot_do_is_left_out_with_its_reason() -> None:
    gan = Trained(GenerativeAdversarialNetwork(latent_dim=3, critic=[4], **parts(network=mlp(8), shape=SHAPE)).eval())
    of_gan = MEASURE.measure(gan, DATA)
    assert of_gan.scores["decode_flops"].value == 2 * (3 * 8 + 8 * 20)
    assert not any(name.startswith("encode") for name in of_gan.scores)
    assert of_gan.skipped == {"encode_*": "GenerativeAdversarialNetwork has no encoder."}
