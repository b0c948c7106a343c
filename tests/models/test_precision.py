"""Every numerical precision trains and is measured alike."""

from pathlib import Path

import pytest

from tests.conftest import TINY, run


@pytest.mark.parametrize("model", ["vae", "contractive", "denoising"])
def test_every_precision_trains_and_its_figures_agree(model: str, tmp_path: Path) -> None:
    typed = (f"model={model}", *TINY, "callbacks.reconstructions=null", "callbacks.loss_breakdown=null")
    single = run(tmp_path / "single", *typed)
    for precision in ("bf16-mixed", "bf16-true", "64-true"):
        summary = run(tmp_path / precision, *typed, f"trainer.precision={precision}")
        for name in ("test/loss", "test/se", "test/psnr"):
            assert summary[name] == pytest.approx(single[name], rel=0.05), (precision, name)
        for name in ("test/noisy_se", "test/noisy_ssim") if model == "denoising" else ():  # no weight enters these
            assert summary[name] == pytest.approx(single[name], rel=0.01), (precision, name)
