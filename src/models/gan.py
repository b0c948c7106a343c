"""A decoder without an encoder, against a critic."""

from typing import Unpack, final

from torch import Tensor, nn

from src.bottlenecks import Deterministic
from src.contracts import Batch, Code, Reconstruction
from src.errors import UserError
from src.models.base import Parts, ReconstructionModule
from src.networks.base import Layers
from src.networks.critics import image_critic
from src.networks.tied import Transposed
from src.priors import StandardNormal
from src.ranges import NonNegativeFloat, PositiveFloat, PositiveInt
from src.regularizers import ImageAdversary
from src.regularizers.adversary import Contest

CAPABILITIES = frozenset({"decode", "sample", "shrink"})


@final
class GenerativeAdversarialNetwork(ReconstructionModule):
    """min over g, max over D of E_x log s(D(x)) + E_z log(1 - s(D(g(z)))), z ~ N(0, I), in its non-saturating form.

    Goodfellow et al., "Generative adversarial nets", NIPS 2014; with convolutions Radford, Metz & Chintala,
    "Unsupervised representation learning with deep convolutional generative adversarial networks", ICLR 2016 (DCGAN);
    with objective "wasserstein" Gulrajani et al., "Improved training of Wasserstein GANs", NIPS 2017 (WGAN-GP). What
    autoencoders are compared with: it makes images and has no encoder, so it reconstructs none and has no `test/se`.

    The network's decoder is g, its encoder is left out. The loss is not measured; it says what the decoder's output is
    as an image, e.g. with bce its sigmoid. No figure tells the best epoch: the last is kept.

    Args:
        objective: "non_saturating" or "wasserstein".
        penalty: weight of the penalty on the critic's slope, with "wasserstein".
        critic: output channels of each convolution of the critic (units of each layer where examples are vectors).
        critic_rate: its learning rate; None for that of the model.
        critic_steps: steps of the critic for each step of the model; None for 1, or 5 with "wasserstein".

    Raises:
        UserError: something was chosen that needs an encoder.
    """

    selection_metric = None

    def __init__(
        self,
        latent_dim: PositiveInt,
        objective: Contest = "non_saturating",
        penalty: NonNegativeFloat = 10.0,
        critic: list[PositiveInt] | None = None,
        critic_rate: PositiveFloat | None = None,
        critic_steps: PositiveInt | None = None,
        **parts: Unpack[Parts],
    ) -> None:
        _check_that_nothing_needs_an_encoder(parts)
        spectral = objective == "non_saturating"
        judge = image_critic(parts["shape"], [16, 32, 64] if critic is None else critic, spectral)
        terms = {"adversarial": ImageAdversary(1.0, judge, objective, penalty, critic_rate, critic_steps)}
        prior = StandardNormal(latent_dim)
        super().__init__(Deterministic(latent_dim), parts, terms, prior=prior, reconstruction=None)
        self._leave_out_the_encoder()

    def _leave_out_the_encoder(self) -> None:
        if self.network.skips or any(isinstance(layer, Transposed) for layer in self.network.decoder.modules()):
            how = "network.tied=true" if not self.network.skips else f"network={self.network.config_name}"
            raise UserError(f"{how} decodes by what its encoder has, and a GAN has no encoder. Use network=conv.")
        self.network.encoder = Layers([nn.Identity()])

    def _capabilities(self) -> frozenset[str]:
        return CAPABILITIES - ({"shrink"} if self.network.unit_norm else set())

    def encode(self, x: Tensor, y: Tensor | None = None) -> Code:
        raise UserError(
            "GenerativeAdversarialNetwork has no encoder, so no image has a code. Use a model with both, e.g. "
            "model=vaegan or model=aae."
        )

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.image(self.decode(self.encode(x).z))

    def forward(self, batch: Batch) -> Reconstruction:
        noise = self.noise(batch)
        z = noise.normal(batch.x.new_empty(len(batch.x), self.latent_dim))
        raw, hidden = self.network.decoder.trace(self._told(z, None))
        return Reconstruction(batch.x, batch.y, batch.x, None, Code(z), hidden, raw, self.image, noise)


def _check_that_nothing_needs_an_encoder(parts: Parts) -> None:
    """Before there is a code: what a term asks of codes that nobody makes would be bad advice."""
    if parts["corruption"]:
        raise UserError("a corruption changes what an encoder sees, and a GAN has no encoder. Use corruption=none.")
    check_that_the_loss_learns_nothing(parts)
    for name, term in parts["regularizers"].items():
        term.check_capabilities(name, CAPABILITIES)


def check_that_the_loss_learns_nothing(parts: Parts) -> None:
    """Raise `UserError` where a loss that has no weight in the objective has something to learn."""
    if any(True for _ in parts["loss"].parameters()):
        raise UserError(
            "this model's loss has no weight, so its variance would never be learned: use loss.variance=fixed"
        )
