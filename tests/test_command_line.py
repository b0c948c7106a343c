"""The command line over a small config folder: what is wrong is told in one message, and nothing else breaks."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from omegaconf import DictConfig

from src.command_line import run, told
from src.configuration.files import CONF
from src.configuration.override_messages import check_one_each
from src.errors import UserError
from src.train import ONE_EACH

FILES = {
    "train.yaml": (
        "defaults: [_self_, regularizer: none, model: vae, experiment: null]\n"
        "seed: 0\ntrainer: {_target_: logging.Handler, max_epochs: 3}\ndata: {root: here}\n"
        "hydra: {run: {dir: runs/single}, sweep: {dir: runs/sweep}}\n"
    ),
    "model/vae.yaml": "latent_dim: 3\n",
    "model/contractive.yaml": "latent_dim: 4\n",
    "regularizer/none.yaml": "# @package _global_\nregularizer: {}\n",
    "regularizer/l1.yaml": "# @package regularizer.l1\nweight: 1\n",
    "experiment/wrong_group.yaml": "# @package _global_\ndefaults:\n  - override /modl: vae\n",
    "experiment/not_yaml.yaml": "# @package _global_\nseed: [3\n",
}
TRACEBACK = "Traceback (most recent call last)"
seen: list[tuple[int, str | None]] = []


def task(cfg: DictConfig) -> None:
    seen.append((cfg.seed, os.environ.get("HYDRA_FULL_ERROR")))
    if cfg.seed == 7:
        raise UserError("seven is no good; use 8")
    if cfg.seed == 8:
        raise UserError(f"{cfg.data.root} is no place")
    if cfg.seed == 13:
        raise RuntimeError("a bug")
    if cfg.seed == 2:
        raise KeyboardInterrupt
    if cfg.seed == 99:
        raise RuntimeError("wrapped") from UserError("the cause")


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """The small config leaves Hydra's own logging on, whose streams are closed when the next test writes to them."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    for handler in [handler for handler in root.handlers if handler not in before]:
        root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        file = tmp_path / "conf" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    seen.clear()
    return tmp_path / "conf"


def ends_with(conf: Path, monkeypatch: pytest.MonkeyPatch, *typed: str) -> int:
    """The exit code of the command line in this process."""
    monkeypatch.setattr(sys, "argv", ["train.py", *typed])
    try:
        run(task, "train", conf)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (["modle=vae"], "unknown key 'modle'; did you mean 'model'?"),
        (["model.latnt_dim=3"], "unknown key 'model.latnt_dim'; did you mean 'model.latent_dim'?"),
        (["trainer.max_epoch=3"], "did you mean 'trainer.max_epochs'?"),
        (["max_epochs=3"], "unknown key 'max_epochs'; did you mean 'trainer.max_epochs'?"),
        (["trainer.level=3"], "'trainer.level' is not in the config yet; add it with +trainer.level=3"),
        (["trainer.levl=3"], "did you mean '+trainer.level'?"),
        (["data.nothing_alike=3"], "unknown key 'data.nothing_alike'; known here: root"),
        (["regularizer.l1.weight=3"], "it is there once 'regularizer=l1' is chosen"),
        (["model.latent_dim.x=3"], "unknown key 'model.latent_dim.x'"),
        (["model=contractve"], "no model 'contractve'; did you mean 'contractive'? choices: contractive, vae"),
        (["model=zzz"], "no model 'zzz'; choices: contractive, vae"),
        (["-m", "model=vae,contractve"], "did you mean 'contractive'?"),
        (["model=5"], "model=5: expected one of contractive, vae"),
        (["seed=3", "regularizer=l1", "model=true"], "model=true: expected one of contractive, vae"),
        (["-m", "model=1,vae"], "model=1,vae: expected one of contractive, vae"),
        (["data=[1]"], "data: Cannot merge DictConfig with ListConfig"),
        (["data.root='\x1b[31mred'", "seed=8"], "\\x1b[31mred is no place"),
        (["experiment=wrong_group"], "experiment/wrong_group: unknown group 'modl'; did you mean 'model'?"),
        (["experiment=not_yaml"], "not_yaml.yaml"),
        (["data.root=My Pictures (1)"], """type 'data.root="My Pictures (1)"'"""),
        (["Pictures"], """two kinds of quotes, as in 'data.root="My Pictures"'"""),
        (["data.root=a,b"], "to run each in turn add -m, as a list type 'data.root=[a,b]'"),
        (["~nothing"], "'nothing' does not exist"),
        (["hydra.run.dir=${nowhere}"], "hydra.run.dir: Interpolation key 'nowhere' not found"),
        (["seed=7"], "seven is no good; use 8"),
        (["seed=99"], "the cause"),
        (["seed=13"], "RuntimeError: a bug\n(HYDRA_FULL_ERROR=1 shows where this happened)"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_one_readable_message(
    conf: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], typed: list[str], words: str
) -> None:
    assert ends_with(conf, monkeypatch, *typed) == 1
    err = capfd.readouterr().err
    assert words in err
    assert TRACEBACK not in err
    assert "To append to your config" not in err
    assert "Error executing job" not in err
    assert "HYDRA_FULL_ERROR" not in os.environ


def test_a_run_has_one_option_of_a_group_that_says_what_it_is() -> None:
    check_one_each(["model=vae", "data=[digits]", "regularizer=[l1,l2]", "model.nodes=[3,2]"], ONE_EACH)
    with pytest.raises(UserError, match="a run has one option of model. To run each in turn: -m model=vae,aae"):
        check_one_each(["seed=1", "model=[vae, aae]"], ONE_EACH)


def test_a_message_that_suggests_an_option_makes_one_that_works(conf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = ['data.root="My Pictures (1)"', "+trainer.level=3", "regularizer=l1", "regularizer.l1.weight=3"]
    assert ends_with(conf, monkeypatch, *typed) == 0
    assert seen == [(0, None)]


@pytest.mark.parametrize("value", [None, "0"])
def test_the_task_sees_the_environment_of_the_user(
    conf: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    if value is not None:
        monkeypatch.setenv("HYDRA_FULL_ERROR", value)
    assert ends_with(conf, monkeypatch) == 0
    assert seen == [(0, value)]
    assert os.environ.get("HYDRA_FULL_ERROR") == value


def test_one_failed_job_does_not_stop_the_others(
    conf: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert ends_with(conf, monkeypatch, "-m", "seed=1,7,13,4", "model=vae") == 1
    assert [seed for seed, _ in seen] == [1, 7, 13, 4]
    err = capfd.readouterr().err
    assert "job 1 (seed=7 model=vae) failed: seven is no good; use 8" in err
    assert err.endswith("job 1 (seed=7 model=vae) failed\njob 2 (seed=13 model=vae) failed\n")
    assert TRACEBACK not in err


@pytest.mark.parametrize("typed", [["seed=2"], ["-m", "seed=1,2,4"]], ids=["run", "sweep"])
def test_ctrl_c_ends_quietly(
    conf: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], typed: list[str]
) -> None:
    assert ends_with(conf, monkeypatch, *typed) == 130
    assert capfd.readouterr().err == ""
    assert 4 not in [seed for seed, _ in seen]


@pytest.mark.parametrize("typed", ["seed=13", "modle=vae"])
def test_full_error_raises_everything(conf: Path, monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    with pytest.raises(Exception, match=r"a bug|modle"):
        ends_with(conf, monkeypatch, typed)


def test_told_outside_of_hydra(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    with pytest.raises(SystemExit) as end, told():
        raise UserError("no such folder")
    assert end.value.code == 1
    assert capsys.readouterr().err == "no such folder\n"


@pytest.mark.parametrize(
    "flags", [["--cfg", "job"], ["--info", "defaults"], ["--help"], ["--hydra-help"]], ids=" ".join
)
def test_the_flags_of_hydra_work(
    conf: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], flags: list[str]
) -> None:
    assert ends_with(conf, monkeypatch, *flags) == 0
    assert len(capsys.readouterr().out) > 50
    assert seen == []


def test_nothing_heavy_is_imported_before_the_config_is_composed() -> None:
    heavy = (
        "import sys, src.train; print(*{'torch', 'lightning', 'pydantic', 'wandb', 'matplotlib'} & set(sys.modules))"
    )
    root = CONF.parent
    done = subprocess.run([sys.executable, "-c", heavy], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
