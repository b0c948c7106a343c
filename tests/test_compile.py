"""`compile=true`: one model of each family in CI, all of them in `make test-all`."""

import csv
import shutil
from pathlib import Path

import pytest
import torch
import torch._inductor.config as inductor

from src.build import build_model
from src.errors import UserError
from tests.conftest import NO_PICTURES, compose_config, run
from tests.test_composition import EXTRA, options

SHORT = ["data=digits", "data.limit=128", "data.batch_size=32", "trainer.max_epochs=2", *NO_PICTURES]
FAMILIES = {  # the model that stands for a family, and what a compiled graph could get wrong in it
    "undercomplete": "nothing drawn, nothing kept",
    "contractive": "derivatives within the graph",
    "topk": "counts of sleeping units, kept from step to step",
    "vqvae": "a codebook that moves in the step",
    "vae": "noise drawn in the graph",
}
BY_HAND = {"aae", "factor_vae", "gan", "vaegan"}
"""Models with a critic take their steps by hand: two optimizers, one graph cannot hold both."""
NOTHING_TO_COMPILE = {"pca", "svd"}
COMPILED = sorted(set(options("model")) - BY_HAND - NOTHING_TO_COMPILE)

needs_a_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler: g++")


def rows(folder: Path, *overrides: str) -> list[dict[str, str]]:
    torch._dynamo.reset()
    run(folder, *SHORT, *overrides)
    with (folder / "metrics.csv").open() as file:
        return list(csv.DictReader(file))


@needs_a_compiler
@pytest.mark.parametrize(
    "model", [name if name in FAMILIES else pytest.param(name, marks=pytest.mark.full) for name in COMPILED]
)
def test_a_compiled_run_learns_what_a_plain_one_does(model: str, tmp_path: Path) -> None:
    overrides = [f"model={model}", *EXTRA.get(f"model={model}", [])]
    # a compiled graph draws other numbers from the same seed; here it must draw those of a plain step
    with inductor.patch(fallback_random=True):
        plain, compiled = (rows(tmp_path / way, *overrides, f"compile={way}") for way in ("false", "true"))
    assert compiled[-1].keys() == plain[-1].keys()
    for name, value in plain[-1].items():
        assert float(compiled[-1][name]) == pytest.approx(float(value), rel=1e-3, abs=1e-3), name


@pytest.mark.parametrize("model", sorted(BY_HAND))
def test_steps_by_hand_are_refused(model: str) -> None:
    with pytest.raises(UserError, match="takes its steps by hand, which compile=true cannot"):
        build_model(compose_config([f"model={model}", "logger=none"])).compile_steps()
