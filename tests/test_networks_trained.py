"""Networks in whole runs: what each is for shows, and tied weights are saved and found again."""

from pathlib import Path

import pytest
import torch

from src.run_folder import open_run
from tests.conftest import NO_PICTURES, run

SHAPES = ["data=synthetic", "data.n_val=50", "data.n_test=200", *NO_PICTURES]


def test_skips_past_the_code_restore_more_than_a_code_can_tell(tmp_path: Path) -> None:
    task = ["model=denoising", *SHAPES, "data.shape=[1,16,16]", "data.n_train=800", "data.batch_size=20"]
    same = ["trainer.max_epochs=4", "optimizer.lr=3e-3", "network.channels=[8,16]"]
    skipping, pooling = (run(tmp_path / n, *task, *same, f"network={n}") for n in ("unet", "conv_pool"))
    assert skipping["test/noisy_psnr"] == pytest.approx(pooling["test/noisy_psnr"], abs=0.01)
    assert skipping["test/denoised_psnr"] > pooling["test/denoised_psnr"] + 2
    assert skipping["test/denoised_psnr"] > skipping["test/noisy_psnr"] + 2


@pytest.mark.parametrize("model", ["undercomplete", "vae"])
def test_a_run_with_tied_weights_reopens_with_one_tensor_a_pair(model: str, tmp_path: Path) -> None:
    tiny = [*SHAPES, "data.shape=[1,8,8]", "data.n_train=100", "network.hidden=[12]", "trainer.max_epochs=1"]
    run(tmp_path, f"model={model}", "model.latent_dim=4", "network.tied=true", *tiny)
    (first, data, _), (again, _, _) = open_run(tmp_path), open_run(tmp_path)
    assert [key for key in first.state_dict() if "decoder" in key and "weight" in key] == []
    data.setup()
    x = data.test_set.__getitems__(range(20)).x
    with torch.no_grad():
        z = first.encode(x).z
        assert torch.equal(again.decode(z), first.decode(z))
        for module in again.network.encoder.modules():
            if isinstance(module, torch.nn.Linear):
                module.weight.zero_()
        assert not torch.allclose(again.decode(z), first.decode(z))
