"""The module that every variant shares: one pass, and what is measured of it."""

from collections.abc import Mapping
from typing import ClassVar, TypedDict

from torch import Tensor, nn

from src.bottlenecks import Bottleneck
from src.conditioning import Conditioning
from src.contracts import Batch, Code, Noise, Reconstruction, StochasticCode, full_precision
from src.corruptions import Corruption
from src.errors import UserError
from src.losses import Likelihood, ReconstructionLoss
from src.metrics import ReconstructionFigures
from src.models.optimization import OptimizerFactory, SchedulerFactory
from src.models.training_module import TrainingModule
from src.networks import Network, NetworkFactory, Transposed
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


class ReconstructionModule(TrainingModule):
    """x -> corrupt -> encode -> draw -> decode -> loss + terms.

    A variant is a final subclass whose constructor names its bottleneck, the terms that make it what it is and, if it
    can make new images, its prior.

    Args:
        reconstruction: weight of the loss, see `Objective`.
        conditioning: tells encoder and decoder the class of each image.

    Raises:
        UserError: the parts do not fit together; the message says what to change.
    """

    network_type: ClassVar[type[Network]] = Network
    """The kind of network that this variant is about."""
    hidden_only: ClassVar[bool] = False
    """Whether the loss counts only pixels that the encoder does not see."""

    def __init__(
        self,
        bottleneck: Bottleneck,
        parts: Parts,
        terms: Mapping[str, Regularizer] | None = None,
        prior: Prior | None = None,
        reconstruction: float | None = 1.0,
        conditioning: Conditioning | None = None,
    ) -> None:
        objective = Objective(parts["loss"], terms or {}, parts["regularizers"], reconstruction, self.hidden_only)
        super().__init__(objective, parts["optimizer"], parts["scheduler"], parts["seed"])
        self.shape, self.data_range = tuple(parts["shape"]), tuple(parts["data_range"])
        self.latent_dim = bottleneck.latent_dim
        parts["loss"].check_range(*self.data_range)
        parts["loss"].check_shape(self.shape)
        if parts["corruption"]:
            parts["corruption"].check(self.shape)
        self.objective.check(bottleneck.code_type, bottleneck.code_range)
        self.network = self._fitted(parts, bottleneck, conditioning)
        self.bottleneck, self.prior, self.corruption = bottleneck, prior, parts["corruption"]
        self.damages = self.corruption is not None  # whether the encoder sees less than the image
        self.conditioning = conditioning
        self.code_size = bottleneck.code_size(self.network.grid)
        self.capabilities = self._capabilities()
        self.objective.check_capabilities(self.capabilities)
        self.figures = ReconstructionFigures(self.shape, self.data_range)
        self.denoised, self.noisy = (ReconstructionFigures(self.shape, self.data_range) for _ in range(2))

    def _fitted(self, parts: Parts, bottleneck: Bottleneck, conditioning: Conditioning | None) -> Network:
        """The network in the sizes that data, loss and bottleneck leave it."""
        channels, *rest = self.shape
        raw_channels = parts["loss"].raw_channels(channels)
        seen, told = (conditioning.seen, conditioning.classes) if conditioning else (0, 0)
        sizes = Sizes(
            (channels + seen, *rest), bottleneck.features, bottleneck.reads + told, raw_channels, bottleneck.maps
        )
        chosen = getattr(parts["network"], "func", parts["network"])  # the class, where it is a partial of one
        if isinstance(chosen, type) and issubclass(chosen, Network) and not issubclass(chosen, self.network_type):
            raise UserError(
                f"{type(self).__name__} is made of network={self.network_type.config_name}, but network="
                f"{chosen.config_name} was chosen. Use network={self.network_type.config_name}, or another model."
            )
        return parts["network"](sizes)

    def _capabilities(self) -> frozenset[str]:
        can = {"encode", "reconstruct", "restore"} | ({"conditional"} if self.conditioning else set())
        can |= set() if self.network.unit_norm else {"shrink"}
        if not self.network.skips:  # a decoder that reads the encoder's hidden layers cannot start from a code
            can |= {"decode"} | ({"sample"} if self.prior and self.prior.ready else set())
            code, loss = self.bottleneck.code_type, self.objective.loss
            if self.prior and issubclass(code, StochasticCode) and isinstance(loss, Likelihood):
                can |= {"likelihood"} | ({"binary"} if loss.binary else set())
        return frozenset(can)

    # What the rest of the house sees ---------------------------------------------------------------------------------

    def encode(self, x: Tensor, y: Tensor | None = None) -> Code:
        return self.bottleneck(self.network.encoder(self._seen(x, y)))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        if self.network.skips:
            raise UserError(
                f"network={self.network.config_name} decodes from its encoder's layers too, so there is nothing to "
                "decode a code alone with. Use another network, e.g. network=conv."
            )
        return self.network.decoder(self._told(z, y))

    def image(self, raw: Tensor) -> Tensor:
        return self.objective.loss.image(raw)

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        features, hidden = self.network.encoder.trace(self._seen(x, y))
        return self.image(self.network.back(self._told(self.bottleneck(features).z, y), hidden)[0])

    def restored(self, out: Reconstruction) -> Tensor:
        return self.reconstruct(out.seen, out.y)

    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        if self.prior is None:
            raise UserError(f"{type(self).__name__} has no prior to draw codes from. Use one that has: model=vae")
        if self.conditioning:
            y = self.conditioning.asked_for(n, y)
        return self.image(self.decode(self.prior.sample(n), y))

    def log_joint(self, x: Tensor, z: Tensor, y: Tensor | None = None, raw: Tensor | None = None) -> Tensor:
        loss = self.objective.loss
        if not isinstance(loss, Likelihood) or self.prior is None:
            raise UserError(
                f"{type(self).__name__} with this loss has no likelihood; model=vae has, with loss=bce or loss=gaussian"
            )
        k = len(z)
        raw = self.decode(z.flatten(0, 1), None if y is None else y.repeat(k)) if raw is None else raw
        log_x = loss.log_prob(raw, x.repeat(k, *[1] * (x.dim() - 1)))
        return log_x.view(k, -1) + self.prior.log_prob(z)

    def jacobian_sq_norm(self, x: Tensor) -> Tensor | None:
        matrix = None if self.conditioning else self.network.encoder_matrix()
        slope = None if matrix is None else self.bottleneck.slope(self.encode(x))
        if matrix is None or slope is None:
            return None
        rows = full_precision(matrix).square().sum(1)  # ||W_j||^2; a Gaussian bottleneck's second half is no code
        return full_precision(slope).square() @ rows[: slope.shape[1]]

    def encoder_weights(self) -> list[Tensor]:
        return _matrices(self.network.encoder)

    def decoder_weights(self) -> list[Tensor]:
        return _matrices(self.network.decoder)

    # The pass --------------------------------------------------------------------------------------------------------

    def noise(self, batch: Batch) -> Noise:
        """Where a pass takes its random numbers from."""
        return FreshNoise() if self.training else IndexedNoise(self.seed, batch.index)

    def forward(self, batch: Batch) -> Reconstruction:
        noise = self.noise(batch)
        seen, kept = self.corruption(batch.x, noise) if self.corruption else (batch.x, None)
        features, hidden = self.network.encoder.trace(self._seen(seen, batch.y))
        code = self.bottleneck(features).drawn(noise)
        raw, more = self.network.back(self._told(code.z, batch.y), hidden)
        return Reconstruction(batch.x, batch.y, seen, kept, code, (*hidden, *more), raw, self.image, noise)

    def test_step(self, batch: Batch, batch_idx: int) -> None:
        out = self(batch)
        self.eval_terms.add(self.measured(out), len(batch.x), self.global_step)
        if "reconstruct" in self.capabilities:
            self.figures.update(self.reconstruct(batch.x, batch.y), batch.x)
        if self.damages:
            self.denoised.update(self.restored(out), batch.x)
            self.noisy.update(out.seen, batch.x)

    def on_test_epoch_end(self) -> None:
        super().on_test_epoch_end()
        prefixes = {"": self.figures} if "reconstruct" in self.capabilities else {}
        prefixes |= {"denoised_": self.denoised, "noisy_": self.noisy} if self.damages else {}
        for prefix, figures in prefixes.items():
            self.log_dict({f"test/{prefix}{name}": value for name, value in figures.compute().items()})
            figures.reset()

    def watch(self, out: Reconstruction) -> dict[str, Tensor]:
        return self.bottleneck.watch(out.code)

    def on_progress(self, progress: float) -> None:
        super().on_progress(progress)
        self.bottleneck.progress = progress
        if self.corruption:
            self.corruption.progress = progress

    @property
    def scheduled(self) -> bool:
        corruption = self.corruption is not None and self.corruption.scheduled
        return super().scheduled or self.bottleneck.scheduled or corruption

    def on_fit_start(self) -> None:
        super().on_fit_start()
        if self.conditioning:
            data = self.trainer.datamodule  # type: ignore[attr-defined]
            for images in (data.train_set, data.val_set, data.test_set):
                self.conditioning.check(images.classes, images.labels)

    def _seen(self, x: Tensor, y: Tensor | None) -> Tensor:
        return self.conditioning.see(x, y) if self.conditioning else x

    def _told(self, z: Tensor, y: Tensor | None) -> Tensor:
        z = z[:, : self.bottleneck.reads].to(self.dtype)  # a posterior is float32 in a bf16 model too
        return self.conditioning.tell(z, y) if self.conditioning else z


def _matrices(part: nn.Module) -> list[Tensor]:
    """The weights of affine and convolutional layers, (out, in) each."""
    weights = []
    for layer in part.modules():
        if isinstance(layer, nn.Linear | Transposed | nn.modules.conv._ConvNd):
            turned = isinstance(layer, nn.modules.conv._ConvTransposeNd)  # torch keeps those as (in, out, ...)
            weights.append((layer.weight.transpose(0, 1) if turned else layer.weight).flatten(1))
    return weights
