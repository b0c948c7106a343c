import json
import os
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lightning.pytorch import Callback
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger, WandbLogger
from lightning.pytorch.utilities import rank_zero_only

from src import tracking
from src.callbacks import LatentMap, LossBreakdownPlot, Reconstructions
from src.errors import UserError
from src.tracking import connection
from src.tracking.connection import settled
from tests.callbacks.stand_in import Data, TinyAutoencoder, WriteMetrics, blobs, trainer_for
from tests.wandb_file import payloads, wandb_files

CONFIG = {"seed": 3, "model": {"latent_dim": 2, "beta": 0.1}, "tags": ["a", None]}


@pytest.fixture(autouse=True)
def _no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No key of the machine's owner may put a test's run online."""
    for name in [name for name in os.environ if name.startswith("WANDB_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NETRC", str(tmp_path / "no_netrc"))
    monkeypatch.setenv("HOME", str(tmp_path))


def wandb_run(folder: Path, **options: Any) -> WandbLogger:
    return tracking.wandb_logger(folder=folder, **{"name": "a run", "config": CONFIG, "mode": "offline"} | options)


class Fails(Callback):
    def on_train_epoch_end(self, *_: Any) -> None:
        if _[0].current_epoch == 1:
            raise RuntimeError("the disk is full")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that trained for two epochs with W&B and TensorBoard."""
    folder = tmp_path_factory.mktemp("trained")
    nodes = {
        "wandb": lambda **run: tracking.wandb_logger(mode="offline", tags=["quick"], **run),
        "tensorboard": TensorBoardLogger(folder, name="tensorboard", version="", default_hp_metric=False),
        "off": None,
    }
    loggers = tracking.start(nodes, CONFIG, folder=folder, name="tiny", group="sweep", job_type="train")
    callbacks = [WriteMetrics(), Reconstructions(n=3), LatentMap(), LossBreakdownPlot(every_n_epochs=1)]
    data = Data(blobs())
    trainer_for(folder, callbacks, logger=loggers, log_every_n_steps=1).fit(TinyAutoencoder(data.shape), data)
    tracking.finish(loggers, exit_code=0)
    return folder


def test_every_term_reaches_wandb_against_the_epoch(trained: Path) -> None:
    (run,) = wandb_files(trained)
    for stage in ("train", "val"):
        for term in ("loss", "reconstruction", "l1"):
            values = run.column(f"{stage}/{term}")
            assert len(values) == 2
            assert np.isfinite(values).all()
    assert run.column("weight/l1") == pytest.approx([0.1, 0.1])
    assert [row["epoch"] for row in run.history if "train/loss" in row] == [0, 1]
    assert {run.steps[pattern] for pattern in tracking.BY_EPOCH} == {"epoch"}


def test_wandb_has_the_run_as_it_was_described(trained: Path) -> None:
    (run,) = wandb_files(trained)
    assert {key: run.config[key] for key in CONFIG} == CONFIG
    assert (run.run.project, run.run.display_name, run.run.run_group) == ("hourglass", "tiny", "sweep")
    assert (run.run.job_type, list(run.run.tags)) == ("train", ["quick"])
    assert run.exit_code == 0
    assert (trained / "wandb" / "run_id.txt").read_text().strip() == run.run.run_id


def test_pictures_reach_wandb_as_images(trained: Path) -> None:
    (run,) = wandb_files(trained)
    names = {path.stem.rsplit("_", 2)[0] for path in run.media("images")}  # <name>_<step>_<hash>.png
    assert names == {"reconstructions", "latent_map", "loss_breakdown"}
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in run.media("images"))
    assert [row["epoch"] for row in run.history if "figures/loss_breakdown" in row] == [0, 1, 1]


def test_codes_reach_wandb_as_a_table(trained: Path) -> None:
    (run,) = wandb_files(trained)
    (file,) = run.media("table")
    table = json.loads(file.read_text())
    assert table["columns"] == ["label", "index", "z0", "z1"]
    assert len(table["data"]) == 60
    label, index, *z = table["data"][7]
    assert (label, index) == ("kind 1", 7)
    assert all(isinstance(value, float) for value in z)


def test_pictures_reach_tensorboard(trained: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(trained / "tensorboard")).Reload()
    assert set(events.Tags()["images"]) == {f"figures/{n}" for n in ("reconstructions", "latent_map", "loss_breakdown")}
    assert "train/l1" in events.Tags()["scalars"]
    assert "latent_dim" in (trained / "tensorboard" / "hparams.yaml").read_text()


def test_a_run_that_raised_is_finished_as_failed(tmp_path: Path) -> None:
    data = Data(blobs())
    loggers = tracking.start({"wandb": wandb_run}, CONFIG, folder=tmp_path, name="fails")
    try:
        with pytest.raises(RuntimeError, match="disk is full"):
            trainer_for(tmp_path, [Fails()], logger=loggers, log_every_n_steps=1).fit(TinyAutoencoder(data.shape), data)
    finally:
        tracking.finish(loggers, exit_code=1)
    (run,) = wandb_files(tmp_path)
    assert run.exit_code == 1
    assert run.column("train/l1")


def test_two_runs_of_a_process_stay_two_even_if_one_was_left_open(tmp_path: Path) -> None:
    first = wandb_run(tmp_path / "1", config={"which": 1})
    second = wandb_run(tmp_path / "2", config={"which": 2})
    first.log_metrics({"train/loss": 1.0})
    second.log_metrics({"train/loss": 2.0})
    tracking.finish([second, first])
    (one,), (two,) = wandb_files(tmp_path / "1"), wandb_files(tmp_path / "2")
    assert one.run.run_id != two.run.run_id
    assert (one.config["which"], two.config["which"]) == (1, 2)
    assert (one.column("train/loss"), two.column("train/loss")) == ([1.0], [2.0])


def test_a_resumed_run_keeps_its_id_and_a_new_one_does_not(tmp_path: Path) -> None:
    ids = []
    for resume in (False, True, False):
        logger = wandb_run(tmp_path, resume=resume)
        ids.append(logger.version)
        tracking.finish([logger])
    assert ids[0] == ids[1] != ids[2]


def test_what_was_never_tracked_is_resumed_as_a_new_run(tmp_path: Path) -> None:
    logger = wandb_run(tmp_path, resume=True)
    tracking.finish([logger])
    assert logger.version


@pytest.mark.parametrize("mode", ["auto", "offline", "disabled"])
def test_the_environment_is_left_alone(tmp_path: Path, mode: str) -> None:
    before = dict(os.environ)
    logger = wandb_run(tmp_path, mode=mode)
    tracking.finish([logger])
    assert "WANDB_MODE" not in os.environ
    assert {k: v for k, v in os.environ.items() if k.startswith("WANDB_") and k != "WANDB_SERVICE"} == {
        k: v for k, v in before.items() if k.startswith("WANDB_")
    }


def test_auto_is_offline_without_a_key_and_follows_wandb_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logger = wandb_run(tmp_path / "no key", mode="auto")
    assert logger.experiment.offline
    tracking.finish([logger])
    monkeypatch.setenv("WANDB_MODE", "disabled")
    assert wandb_run(tmp_path / "asked", mode="auto").experiment.disabled


def test_auto_is_online_with_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    import wandb

    monkeypatch.setattr(wandb, "login", lambda **_: True)
    assert settled("auto") == "online"


def test_online_without_a_key_says_how_to_train_offline(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"No API key.*logger.wandb.mode=offline"):
        wandb_run(tmp_path, mode="online")


def test_online_without_a_server_says_how_to_train_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:  # bound, never listening: a connection is refused at once
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("WANDB_BASE_URL", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        monkeypatch.setenv("WANDB_API_KEY", "a" * 40)
        monkeypatch.setattr(connection, "CONNECT_SECONDS", 2)
        import wandb

        wandb.teardown()  # settings are read from the environment once a session
        with pytest.raises(UserError, match=r"W&B could not start the run.*logger.wandb.mode=offline"):
            wandb_run(tmp_path, mode="online")
        wandb.teardown()


def test_other_ranks_get_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rank_zero_only, "rank", 1)
    logger = wandb_run(tmp_path)
    logger.log_metrics({"train/loss": 1.0})
    tracking.finish([logger])
    assert tracking.how_to_see([logger]).startswith("W&B is off")
    assert not (tmp_path / "wandb").exists()


def test_wandb_says_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    logger = wandb_run(tmp_path)
    tracking.how_to_see([logger])
    tracking.finish([logger])
    assert capfd.readouterr() == ("", "")


def test_how_to_see_names_every_start_of_a_resumed_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "my runs"
    for resume in (False, True):
        logger = wandb_run(folder, resume=resume)
        tracking.finish([logger])
    line = tracking.how_to_see([logger, CSVLogger(folder)])
    starts = sorted(path.name for path in (folder / "wandb").glob("offline-run-*"))
    assert starts
    assert [start for start in starts if f"'my runs/wandb/{start}'" not in line] == [], line
    assert "\n" not in line
    assert "logger=wandb" in tracking.how_to_see([])


def test_a_logger_that_cannot_start_ends_the_others(tmp_path: Path) -> None:
    def broken(**_: Any) -> WandbLogger:
        raise UserError("no")

    with pytest.raises(UserError):
        tracking.start({"wandb": wandb_run, "broken": broken}, CONFIG, folder=tmp_path, name="x")
    assert wandb_files(tmp_path)[0].exit_code == 1


def test_codes_become_one_numeric_column_each(tmp_path: Path) -> None:
    logger = wandb_run(tmp_path)
    tracking.log_codes([logger, CSVLogger(tmp_path)], np.arange(6.0).reshape(2, 3), ["a", "b"], [5, 9], epoch=4)
    tracking.finish([logger])
    (file,) = wandb_files(tmp_path)[0].media("table")
    assert json.loads(file.read_text())["data"] == [["a", 5, 0.0, 1.0, 2.0], ["b", 9, 3.0, 4.0, 5.0]]


def test_the_reader_joins_records_that_cross_blocks() -> None:
    import struct

    record = bytes(range(256)) * 200
    first = 32 * 1024 - 7 - 7
    chunks = (
        struct.pack("<IHB", 0, first, 2)
        + record[:first]
        + struct.pack("<IHB", 0, len(record) - first, 4)
        + record[first:]
    )
    assert list(payloads(struct.pack("<4sHB", b":W&B", 0xBEE1, 0) + chunks)) == [record]
