"""Sampling without a noisy code."""

from pathlib import Path
from typing import Literal, Unpack, final

import torch

from src.bottlenecks import Deterministic
from src.checkpoints import write_checkpoint
from src.models.base import Parts, ReconstructionModule
from src.pca import images_at_once
from src.priors import GaussianMixture
from src.ranges import PositiveInt
from src.regularizers import DecoderL2, GradientPenalty, L2Activity, Regularizer
from src.schedules import Weight


@final
class RegularizedAutoencoder(ReconstructionModule):
    """min loss(x, g(f(x))) + code_l2 ||f(x)||^2 + smoothness * R(g), R(g) = sum_W ||W||_F^2 or ||dg/dz||_F^2.

    Ghosh et al., "From variational to deterministic autoencoders", ICLR 2020: a VAE's noise on the code does no more
    than smooth the decoder, so smooth it outright (RAE-L2 and RAE-GP; their code term is half of ours at equal weight).
    When training ends a mixture of normals is fitted to the codes of up to `fit_on` training images, in the best
    checkpoint's weights, and kept in that checkpoint (the last where there is no best): from then on it can sample.

    Args:
        decoder: "l2" for its weights, term `decoder_l2`; "gradient" for its Jacobian, term `gradient_penalty`.
        smoothness: weight of that term.
        code_l2: weight of the code's squared norm, logged as `l2`.
        components: normals of the mixture.
        fit_on: how many training images at most.
    """

    def __init__(
        self,
        latent_dim: PositiveInt,
        decoder: Literal["l2", "gradient"] = "l2",
        smoothness: Weight = 1e-4,
        code_l2: Weight = 1e-2,
        components: PositiveInt = 10,
        fit_on: PositiveInt = 10_000,
        **parts: Unpack[Parts],
    ) -> None:
        smooth: dict[str, Regularizer] = (
            {"decoder_l2": DecoderL2(smoothness)}
            if decoder == "l2"
            else {"gradient_penalty": GradientPenalty(smoothness, probes=1)}
        )
        terms = {"l2": L2Activity(code_l2), **smooth}
        super().__init__(Deterministic(latent_dim), parts, terms, prior=GaussianMixture(latent_dim, components))
        self.fit_on = fit_on
        self.register_load_state_dict_post_hook(RegularizedAutoencoder._look_again)

    def _look_again(self, _: object) -> None:
        self.capabilities = self._capabilities()

    @torch.no_grad()
    def on_train_end(self) -> None:
        """Fit the mixture; the best weights are back in place by now, since callbacks come first."""
        assert isinstance(self.prior, GaussianMixture)
        train_set = self.trainer.datamodule.train_set  # type: ignore[attr-defined]
        self.eval()
        codes, seen = [], 0
        for batch in train_set.batches(images_at_once(self.shape)):
            codes.append(self.encode(batch.x.to(self.device, self.dtype)).z)
            if (seen := seen + len(batch.x)) >= self.fit_on:
                break
        if not codes:
            return
        self.prior.fit(torch.cat(codes)[: self.fit_on], self.seed)
        self._look_again(None)
        folder = Path(self.trainer.default_root_dir) / "checkpoints"
        kept = next((folder / name for name in ("best.ckpt", "last.ckpt") if (folder / name).exists()), None)
        self.trainer.strategy.barrier()
        if kept:
            write_checkpoint(self.trainer, kept)
