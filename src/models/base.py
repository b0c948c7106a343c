"""The module that every variant shares: it owns the step."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypedDict, final

import torch
from lightning.pytorch import LightningModule
from torch import Tensor

from src.bottlenecks import Bottleneck
from src.contracts import Batch, Code, LossBreakdown, Reconstruction, full_precision
from src.corruptions import Corruption
from src.errors import UserError
from src.losses import ReconstructionLoss
from src.metrics import ReconstructionFigures
from src.models.optimization import OptimizerFactory, SchedulerFactory, configure, retune
from src.models.term_log import TermLog
from src.networks import Network, NetworkFactory
from src.networks.base import Sizes
from src.noise import FreshNoise, IndexedNoise
from src.objective import Objective
from src.priors import Prior
from src.ranges import Shape, ValueRange
from src.regularizers import Regularizer
from src.schedules import Schedule


class Parts(TypedDict):
    """What the configuration's other groups supply to every model; none of it is a dial of the model itself."""

    shape: Shape
    data_range: ValueRange
    network: NetworkFactory
    loss: ReconstructionLoss
    regularizers: Mapping[str, Regularizer]
    corruption: Corruption | None
    optimizer: OptimizerFactory
    scheduler: Schedule | SchedulerFactory | None
    seed: int


class ReconstructionModule(LightningModule):
    """x -> corrupt -> encode -> draw -> decode -> loss + terms.

    A variant is a final subclass whose constructor names its bottleneck, the terms that make it what it is and, if it
    can make new images, its prior.

    Raises:
        UserError: the parts do not fit together; the message says what to change.
    """

    selection_metric: ClassVar[str] = "val/loss"
    """The figure, smaller is better, by which the best checkpoint is chosen."""
    network_type: ClassVar[type[Network]] = Network
    """The kind of network that this variant is about."""

    def __init__(
        self,
        bottleneck: Bottleneck,
        parts: Parts,
        terms: Mapping[str, Regularizer] | None = None,
        prior: Prior | None = None,
    ) -> None:
        super().__init__()
        self.shape, self.data_range, self.seed = tuple(parts["shape"]), tuple(parts["data_range"]), parts["seed"]
        self.latent_dim = bottleneck.latent_dim
        parts["loss"].check_range(*self.data_range)
        self.objective = Objective(parts["loss"], terms or {}, parts["regularizers"])
        self.objective.check(bottleneck.code_type, bottleneck.code_range)
        raw_channels = parts["loss"].raw_channels(self.shape[0])
        self.network = parts["network"](Sizes(self.shape, bottleneck.features, self.latent_dim, raw_channels))
        if not isinstance(self.network, self.network_type):
            raise UserError(
                f"{type(self).__name__} is made of network={self.network_type.config_name}, but network="
                f"{self.network.config_name} was chosen. Use network={self.network_type.config_name}, or another model."
            )
        self.bottleneck, self.prior, self.corruption = bottleneck, prior, parts["corruption"]
        self.capabilities = frozenset({"encode", "decode"} | ({"sample"} if prior else set()))
        self._optimizer, self._scheduler = parts["optimizer"], parts["scheduler"]
        self._saved_rates: list[float] = []
        self.train_terms, self.eval_terms = TermLog(), TermLog()
        self.figures = ReconstructionFigures(self.shape, self.data_range)
        self.denoised, self.noisy = (ReconstructionFigures(self.shape, self.data_range) for _ in range(2))

    # What the rest of the house sees ---------------------------------------------------------------------------------

    def encode(self, x: Tensor, y: Tensor | None = None) -> Code:
        return self.bottleneck(self.network.encoder(x))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return self.network.decoder(z.to(self.dtype))

    def image(self, raw: Tensor) -> Tensor:
        return self.objective.loss.image(raw)

    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        if self.prior is None:
            raise UserError(f"{type(self).__name__} has no prior to draw codes from. Use one that has: model=vae")
        return self.image(self.decode(self.prior.sample(n), y))

    def jacobian_sq_norm(self, x: Tensor) -> Tensor | None:
        matrix = self.network.encoder_matrix()
        slope = None if matrix is None else self.bottleneck.slope(self.encode(x))
        if matrix is None or slope is None:
            return None
        rows = full_precision(matrix).square().sum(1)  # ||W_j||^2; a Gaussian bottleneck's second half is no code
        return full_precision(slope).square() @ rows[: slope.shape[1]]

    # The step --------------------------------------------------------------------------------------------------------

    def forward(self, batch: Batch) -> Reconstruction:
        noise = FreshNoise() if self.training else IndexedNoise(self.seed, batch.index)
        seen, kept = self.corruption(batch.x, noise) if self.corruption else (batch.x, None)
        features, hidden = self.network.encoder.trace(seen)
        code = self.bottleneck(features).drawn(noise)
        raw, more = self.network.decoder.trace(code.z.to(self.dtype))  # a posterior is float32 in a bf16 model too
        return Reconstruction(batch.x, seen, kept, code, (*hidden, *more), raw, self.image, noise)

    def losses(self, batch: Batch) -> LossBreakdown:
        """The objective of one batch."""
        return self.objective(self(batch), self)

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        if self.objective.scheduled:
            self.objective.progress = min(1.0, self.global_step / self.trainer.estimated_stepping_batches)
        losses = self.losses(batch)
        self.train_terms.add(losses, len(batch.x), self.global_step)
        return losses.total

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        self.eval_terms.add(self.losses(batch), len(batch.x), self.global_step)

    def test_step(self, batch: Batch, batch_idx: int) -> None:
        out = self(batch)
        self.eval_terms.add(self.objective(out, self), len(batch.x), self.global_step)
        self.figures.update(self.image(self.decode(self.encode(batch.x).z)), batch.x)
        if self.corruption:
            self.denoised.update(self.image(self.decode(self.encode(out.seen).z)), batch.x)
            self.noisy.update(out.seen, batch.x)

    # The epoch -------------------------------------------------------------------------------------------------------

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        if batch_idx == 0:  # the epoch's randomness follows from (seed, epoch, rank): a resumed run meets the same
            torch.manual_seed((self.seed * 1_000_003 + self.current_epoch) * 1_009 + self.global_rank)

    def on_train_batch_end(self, outputs: Any, batch: Any, batch_idx: int) -> None:
        if self.trainer.is_last_batch:
            self._log_training()

    def on_train_epoch_end(self) -> None:
        if not self.train_terms.empty:  # trainer.max_steps ended the epoch before its last batch
            self._log_training()

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["configured_rates"] = [float(optimizer.defaults["lr"]) for optimizer in self.trainer.optimizers]

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self._saved_rates = checkpoint.get("configured_rates", [])

    def on_train_start(self) -> None:
        schedulers = [config.scheduler for config in self.trainer.lr_scheduler_configs]
        for optimizer, rate in zip(self.trainer.optimizers, self._saved_rates, strict=False):
            retune(optimizer, [s for s in schedulers if s.optimizer is optimizer], rate)
        if self.objective.scheduled and self.trainer.estimated_stepping_batches == float("inf"):
            raise UserError("a scheduled weight needs an end to run to: set trainer.max_epochs, or a number for it")

    def _log_training(self) -> None:
        self._log_terms("train", self.train_terms)
        weights = {f"weight/{name}": weight for name, weight in self.objective.weights().items()}
        self.log_dict(weights, on_step=False, on_epoch=True, batch_size=1)

    def on_validation_start(self) -> None:
        self.objective.progress = 1.0

    on_test_start = on_validation_start

    def on_validation_epoch_end(self) -> None:
        self._log_terms("val", self.eval_terms)

    def on_test_epoch_end(self) -> None:
        self._log_terms("test", self.eval_terms)
        prefixes = {"": self.figures} | ({"denoised_": self.denoised, "noisy_": self.noisy} if self.corruption else {})
        for prefix, figures in prefixes.items():
            self.log_dict({f"test/{prefix}{name}": value for name, value in figures.compute().items()})
            figures.reset()

    def _log_terms(self, stage: str, terms: TermLog) -> None:
        """Log the mean of each term over all images of the epoch and all processes."""
        means = terms.finish(self._over_processes)
        values = {f"{stage}/{name}": value for name, value in means.items()}
        self.log_dict(values, on_step=False, on_epoch=True, batch_size=1)

    def _over_processes(self, sums: Tensor) -> Tensor:
        if self.trainer.world_size == 1:
            return sums
        return self.trainer.strategy.reduce(sums.to(self.device), reduce_op="sum").cpu()

    @final
    def configure_optimizers(self) -> Any:
        return configure(self, self._optimizer, self._scheduler)
