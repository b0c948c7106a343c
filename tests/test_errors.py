"""What a user may type wrongly, through the real entry: exit code 1, one readable message, no traceback."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from src import train
from src.configuration import hardware

MISSPELT = "# @package _global_\nsed: 3\nmodel:\n  latnt_dim: 4\n"
"""An experiment file with a misspelt key at the top and one within a node; Hydra merges both in silence."""

TYPED: list[tuple[list[str], list[str]]] = [
    (["modle=vae"], ["unknown key 'modle'", "did you mean 'model'?"]),
    (["model.latnt_dim=3"], ["unknown key 'model.latnt_dim'", "did you mean 'model.latent_dim'?"]),
    (["+model.latnt_dim=3"], ["unknown key 'latnt_dim'", "did you mean 'model.latent_dim'?"]),
    (["trainer.max_epoch=3"], ["did you mean 'trainer.max_epochs'?"]),
    (["trainer.sync_batchnorm=true"], ["add it with +trainer.sync_batchnorm=true"]),
    (["experiment=misspelt"], ["sed=3", "did you mean 'seed'?", "model.latnt_dim=4", "'model.latent_dim'?"]),
    (["model=contractve"], ["no model 'contractve'", "did you mean 'contractive'?", "choices:", "vae"]),
    (["model.latent_dim=abc"], ["model.latent_dim=abc: expected a whole number greater than 0"]),
    (["model.latent_dim=0"], ["model.latent_dim=0: expected a whole number greater than 0"]),
    (["model.latent_dim=-3"], ["model.latent_dim=-3: expected a whole number greater than 0"]),
    (["trainer.max_epochs=1e3"], ["trainer.max_epochs=1000.0: expected a whole number"]),
    (["trainer.precision=bf17"], ["trainer.precision=bf17: expected one of", "bf16-mixed", "did you mean 'bf16'?"]),
    (["optimizer.lr=fast", "data.batch_size=0"], ["optimizer.lr=fast", "data.batch_size=0"]),
    (["trainer.accelerator=gpu"], ["No GPU was found on this machine", "use accelerator=cpu or accelerator=auto"]),
    (["accelerator=gpu_bf16"], ["No GPU was found on this machine"]),
    (["loss=bce", "data.range=[-1,1]"], ["bce", "data.range", "mse"]),
    (["model=contractive", "regularizer=contractive"], ["contractive", "regularizer"]),
    (["hydra.run.dir=${nowhere}"], ["hydra.run.dir: Interpolation key 'nowhere' not found"]),
    (["~model"], ["model is missing: expected a node that builds ReconstructionModule"]),
    (["~data"], ["expected a node that builds DataModule"]),
    (["~loss", "callbacks.samples=5"], ["loss is missing", "callbacks.samples=5: expected a node that builds"]),
    (["model=[vae,aae]"], ["a run has one option of model", "-m model=vae,aae"]),
    (["network=null"], ["network=null: expected one of", "mlp"]),
    (["data=mnist", "data.root=My Pictures (1)"], ["""type 'data.root="My Pictures (1)"'"""]),
]


@pytest.fixture
def typed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str]], int]:
    """Types options after `python -m src.train` in an empty folder, in this process; gives the exit code."""
    monkeypatch.setattr(hardware, "_gpus", lambda accelerator: 0)
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    monkeypatch.chdir(tmp_path)

    def enter(typed: list[str]) -> int:
        experiments = tmp_path / "conf" / "experiment"
        experiments.mkdir(parents=True)
        (experiments / "misspelt.yaml").write_text(MISSPELT)
        always = ["--config-dir", str(tmp_path / "conf"), "logger=none", f"hydra.run.dir={tmp_path / 'run'}"]
        monkeypatch.setattr(sys, "argv", [str(Path(train.__file__)), *always, *typed])
        with pytest.raises(SystemExit) as end:
            train.main()
        return int(end.value.code or 0)

    return enter


@pytest.mark.parametrize(("typed", "words"), TYPED, ids=[" ".join(typed) for typed, _ in TYPED])
def test_told_in_one_message(
    typed_in: Callable[[list[str]], int], capfd: pytest.CaptureFixture[str], typed: list[str], words: list[str]
) -> None:
    assert typed_in(typed) == 1
    out, err = capfd.readouterr()
    for word in words:
        assert word in err
    assert "Traceback" not in out + err
    assert "HYDRA_FULL_ERROR" not in err  # which would say that it was not foreseen
