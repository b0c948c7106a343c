"""The closed forms against scikit-learn's, through the real training."""

from pathlib import Path

import pytest
import torch
from sklearn import decomposition

from src.errors import UserError
from src.run_folder import open_run
from tests.conftest import NO_PICTURES, run

DIGITS = ["data=digits", "model.latent_dim=6", *NO_PICTURES]


@pytest.mark.parametrize(
    ("model", "rival"),
    [("pca", decomposition.PCA(6, svd_solver="full")), ("svd", decomposition.TruncatedSVD(6, n_iter=50))],
)
def test_the_reconstruction_is_that_of_scikit_learn(model: str, rival: "decomposition.PCA", tmp_path: Path) -> None:
    summary = run(tmp_path, f"model={model}", *DIGITS)
    ours, data, _ = open_run(tmp_path)
    data.setup()
    assert data.train_set is not None
    assert data.test_set is not None
    x, test = (next(s.batches(5000)).x for s in (data.train_set, data.test_set))
    rival.fit(x.flatten(1).double().numpy())
    expected = rival.inverse_transform(rival.transform(test.flatten(1).double().numpy()))
    with torch.no_grad():
        got = ours.reconstruct(test).flatten(1)
    torch.testing.assert_close(got, torch.from_numpy(expected).float(), atol=1e-4, rtol=0)
    assert summary["test/se"] == pytest.approx(
        float((torch.from_numpy(expected) - test.flatten(1)).square().sum(1).mean())
    )
    assert summary["model/parameters"] == 0


def test_pca_as_a_model_is_the_baseline_beside_it_and_svd_is_not_better(tmp_path: Path) -> None:
    pca, svd = (run(tmp_path / name, f"model={name}", *DIGITS) for name in ("pca", "svd"))
    assert pca["test/se"] == pytest.approx(pca["baseline/pca_se"], rel=1e-5)
    assert svd["test/se"] > pca["test/se"]


@pytest.mark.parametrize(
    ("option", "word"),
    [
        ("loss=bce", "loss=mse"),
        ("regularizer=l1", "model=linear"),
        ("corruption=masking", "model=linear"),
        ("network=mlp", "network=linear"),
        ("model.latent_dim=65", "64 components"),
    ],
)
def test_what_a_closed_form_cannot_use_is_refused(option: str, word: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=word):
        run(tmp_path, "model=pca", *DIGITS, option)


def test_a_closed_form_stands_clipping_accumulation_and_a_second_look(tmp_path: Path) -> None:
    run(tmp_path, "model=pca", *DIGITS, "trainer.gradient_clip_val=1", "trainer.accumulate_grad_batches=2")
    first = (tmp_path / "metrics.csv").read_text().splitlines()
    run(tmp_path / "two", "model=pca", *DIGITS, "trainer.max_epochs=2")
    rows = (tmp_path / "two" / "metrics.csv").read_text().splitlines()
    assert len(first) == 2
    assert len(rows) == 3
