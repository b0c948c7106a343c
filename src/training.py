"""One run, from its config to its summary."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lightning.pytorch import seed_everything
from lightning.pytorch.trainer.states import TrainerStatus
from omegaconf import DictConfig, OmegaConf, open_dict
from rich.console import Console

from src import tracking
from src.baseline import pca_baseline
from src.build import Run, build_callbacks, build_loggers, build_model, build_trainer
from src.callbacks import EarlyStopping, PictureCallback, Record
from src.checkpoints import read_checkpoint
from src.data import DataModule
from src.display import result_table
from src.distributed import is_first_process
from src.errors import UserError
from src.holding import held
from src.models.term_log import NonFiniteLoss
from src.run_folder import RunFolder
from src.surroundings import quiet_lightning, sigterm_as_interrupt, versions
from src.sweeps.shared import Shared
from src.validation import validate

STAND_INS = {"shape": [1, 8, 8], "classes": 2}
"""What a config may leave to the data, and what stands there while the rest of it is checked."""


def train(
    cfg: DictConfig,
    folder: RunFolder,
    *,
    overrides: list[str] | None = None,
    labels: tuple[str, ...] = (),
    group: str | None = None,
    shared: Shared | None = None,
) -> dict[str, Any]:
    """Train what `cfg` describes and fill the run folder; with `cfg.resume`, go on from its last checkpoint.

    Args:
        overrides: what was typed, kept in the folder.
        labels: what the run is called by in W&B and is tagged with, e.g. ("vae", "mnist").
        group: the sweep that this run belongs to.
        shared: what the runs of a sweep have in common; None for a run alone.

    Returns:
        The summary, as it stands in summary.json.

    Raises:
        UserError: the config, the data or the checkpoint cannot be used, or the loss is no longer finite.
        KeyboardInterrupt: interrupted; the folder is in order and can be resumed.
    """
    if is_first_process() and not cfg.get("resume"):
        folder.check_new()
    with open_dict(cfg):
        cfg.folder = str(folder.path)
    run = _Run(cfg, folder, overrides or [], labels, group, shared or Shared())
    with held(folder.path), run.summarised(), sigterm_as_interrupt(), quiet_lightning():
        run.check()
        run.build()
        run.fit()
        run.test()
    if is_first_process():
        console = Console(soft_wrap=True, highlight=False)
        console.print(result_table(run.summary))
        figures = folder.path / "figures"
        shown = f"pictures: {figures}" if figures.is_dir() else f"run folder: {folder.path}"
        console.print(f"{shown}\n{tracking.how_to_see(run.loggers)}", markup=False)
    return run.summary


class _Run:
    """The stations of a run, and the summary that grows along them."""

    def __init__(
        self,
        cfg: DictConfig,
        folder: RunFolder,
        overrides: list[str],
        labels: tuple[str, ...],
        group: str | None,
        shared: Shared,
    ) -> None:
        self.cfg, self.folder, self.overrides, self.labels = cfg, folder, overrides, labels
        self.group, self.shared = group, shared
        self.summary: dict[str, Any] = {"status": "running", "seed": cfg.get("seed"), **versions()}
        self.previous = folder.summary() if cfg.get("resume") else {}
        self.begun = False  # until then nothing has happened that a run that goes on should forget its figures for
        self.loggers: list[Any] = []
        self.record = Record()
        self.data: DataModule | None = None

    @contextmanager
    def summarised(self) -> Iterator[None]:
        """Whatever happens inside ends with a summary that says so, and with the W&B run closed."""
        try:
            yield
        except BaseException as error:
            if self.previous and not self.begun:
                self.summary = self.previous
                raise
            interrupted = isinstance(error, KeyboardInterrupt)
            self._count()
            self.summary |= {"status": "interrupted" if interrupted else "failed"}
            if not interrupted:
                self.summary["error"] = str(error) or type(error).__name__
            elif is_first_process():
                done = f"interrupted after {self.record.epochs} epochs"
                go_on = f"; go on with: python -m src.train resume='{self.folder.path}'"
                alone = self.group is None  # the end of a sweep says how to go on with all of it
                print(done + (go_on if alone and self.folder.last.exists() else ""), file=sys.stderr)
            raise
        finally:
            try:
                self._save()
            finally:
                tracking.finish(self.loggers, exit_code=int(self.summary["status"] in ("failed", "interrupted")))

    def check(self) -> None:
        """The config is checked before anything is built; what it leaves to the data (`null`), the data then tell."""
        left_open = [key for key in STAND_INS if key in (self.cfg.get("data") or {}) and self.cfg.data[key] is None]
        if left_open:
            stood_in = self.cfg.copy()
            stood_in.data.update({key: STAND_INS[key] for key in left_open})
            validate(stood_in, takes=Run)
            self.data = self.shared.data(self.cfg)
            told = self.data.told()
            self.cfg.data.update({key: told[key] for key in left_open})
        validate(self.cfg, takes=Run)

    def build(self) -> None:
        """Model first: what does not fit together is told before data or device is touched."""
        seed_everything(self.cfg.seed, workers=True, verbose=False)
        self.model = build_model(self.cfg)
        if self.cfg.get("compile"):
            self.model.compile_steps()
        if self.cfg.resume:
            read_checkpoint(self.folder.last, self.model)
        self.data = self.data or self.shared.data(self.cfg)
        if is_first_process():
            self.folder.save_config(self.cfg, self.overrides)
        labels = self.labels or (type(self.model).__name__, type(self.data).__name__)
        config: Any = OmegaConf.to_container(self.cfg, resolve=True)
        self.loggers = tracking.start(
            build_loggers(self.cfg),
            config,
            folder=self.folder.path,
            name="-".join([*labels, f"seed{self.cfg.seed}"]),
            labels=labels,
            group=self.group,
            resume=bool(self.cfg.resume),
        )
        callbacks = build_callbacks(self.cfg)
        self.trainer = build_trainer(self.cfg, self.model, [self.record, *callbacks], self.loggers)
        parameters = sum(p.numel() for p in self.model.parameters() if p.requires_grad)
        self.summary |= {"model/name": type(self.model).__name__, "data/name": type(self.data).__name__}
        self.summary |= {"model/parameters": parameters, "model/latent_dim": self.model.latent_dim}
        self.summary["model/code_size"] = self.model.code_size

    def fit(self) -> None:
        """Train; an interruption and a loss that is no longer finite are told as what they are."""
        resumed_from = self.folder.last if self.cfg.resume else None
        self.begun = True
        self._save()
        try:
            with self._interruptible():
                self.trainer.fit(self.model, datamodule=self.data, ckpt_path=resumed_from, weights_only=True)
        except NonFiniteLoss as error:
            good = [str(file) for file in (self.folder.best, self.folder.last) if file.exists()]
            raise UserError(
                f"{error} (epoch {self.trainer.current_epoch + 1}). The last good checkpoint is "
                f"{good[0] if good else 'not kept: callbacks.last_checkpoint is off'}. "
                "Try a smaller optimizer.lr, or trainer.gradient_clip_val=1."
            ) from error
        stoppers = [c for c in self.trainer.callbacks if isinstance(c, EarlyStopping)]  # type: ignore[attr-defined]
        stopped = any(c.stopped_epoch > 0 for c in stoppers)
        self.summary["status"] = "stopped early" if stopped else "finished"
        self._count()

    def test(self) -> None:
        """Test figures of the best weights, and PCA's beside them."""
        status = self.summary.pop("status")
        self.summary["status"] = "running"
        with self._interruptible():
            self.trainer.test(self.model, datamodule=self.data, verbose=False)
        figures = {name: float(value) for name, value in self.trainer.callback_metrics.items()}
        self.summary |= {name: value for name, value in figures.items() if name.startswith("test/")}
        if is_first_process() and self.data and "reconstruct" in self.model.capabilities:
            data, size = self.data, self.model.code_size
            self.summary |= self.shared.baseline(self.cfg, size, lambda: pca_baseline(data, size))
        for logger in self.loggers:
            logger.log_metrics({k: v for k, v in self.summary.items() if k.startswith("baseline/pca_") and _number(v)})
        tracking.log_summary(self.loggers, {k: v for k, v in self.summary.items() if "/" in k and _number(v)})
        self.summary["status"] = status

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Lightning answers Ctrl-C with an exit of its own; here it becomes an interruption again."""
        try:
            yield
        except SystemExit as error:
            if self.trainer.state.status == TrainerStatus.INTERRUPTED:
                raise KeyboardInterrupt from error
            raise

    def _count(self) -> None:
        pictures = [c for c in self._callbacks() if isinstance(c, PictureCallback)]
        self.summary |= {
            "train/epochs": self.record.epochs,
            "train/seconds": round(self.record.seconds, 3),
            "train/images_per_second": self.record.images_per_second,
            "pictures/seconds": round(sum(c.seconds for c in pictures), 3),
        }

    def _callbacks(self) -> list[Any]:
        return list(self.trainer.callbacks) if hasattr(self, "trainer") else []  # type: ignore[attr-defined]

    def _save(self) -> None:
        if is_first_process():
            self.folder.write_summary(self.summary)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
