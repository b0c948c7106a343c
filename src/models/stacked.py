"""A deep autoencoder, its layers shrinking towards the code."""

from functools import partial
from typing import Any, Literal, Unpack, cast, final

import torch
from torch import Tensor

from src.activations import Activation
from src.bottlenecks import Deterministic
from src.contracts import Batch, full_precision
from src.errors import UserError
from src.models.base import Parts, ReconstructionModule
from src.networks import MlpNetwork
from src.noise import FreshNoise
from src.ranges import Fraction, PositiveInt


@final
class StackedAutoencoder(ReconstructionModule):
    """x_hat = g_1(...g_L(f_L(...f_1(x)))): `layers` hidden layers each way, mirrored, narrower towards the code.

    min loss(x, x_hat). Its four dials are the code size, the number of layers, the nodes per layer and the loss.

    With `pretrain="layerwise"` (Bengio et al., "Greedy layer-wise training of deep networks", NIPS 2006) the first
    `pretrain_epochs` epochs train f_1 and g_1 alone, min loss(x, g_1(f_1(x))); the next f_2 and g_2, min ||h_1 -
    g_2(f_2(h_1))||^2 on h_1 = f_1(x) held fixed; and so on to the code; what is left fine-tunes all of them. A share
    `pretrain_masking` of each layer's inputs is set to 0 in that (Vincent et al., "Stacked denoising autoencoders",
    JMLR 2010). Until then `train/reconstruction` is that of the layer `train/layer` (0: fine-tuning), regularizers and
    corruptions rest, `val/loss` is of the whole stack as it stands and early stopping waits.

    Args:
        layers: hidden layers of the encoder, and of the decoder.
        nodes: units of the outermost hidden layer, halved from layer to layer, or a list with one number a layer.
        pretrain: "layerwise" trains one layer after another before all of them.
        pretrain_epochs: epochs of each layer; there are `layers` + 1 of them.
        pretrain_masking: share of a layer's inputs that it must do without in that.

    Raises:
        UserError: `nodes` is a list of another length than `layers`, a layer would have no unit, or `network.hidden`
            names layers too; training would end before it comes to fine-tuning.
    """

    network_type = MlpNetwork

    def __init__(
        self,
        latent_dim: PositiveInt,
        layers: PositiveInt = 3,
        nodes: PositiveInt | list[PositiveInt] = 512,
        code_activation: Activation = "identity",
        pretrain: Literal["none", "layerwise"] = "none",
        pretrain_epochs: PositiveInt = 2,
        pretrain_masking: Fraction = 0.0,
        **parts: Unpack[Parts],
    ) -> None:
        hidden = [nodes >> level for level in range(layers)] if isinstance(nodes, int) else list(nodes)
        if len(hidden) != layers or 0 in hidden:
            raise UserError(
                f"model.nodes={nodes} does not make {layers} layers: give one number that can be halved "
                f"{layers - 1} times, or a list of {layers} numbers, or change model.layers."
            )
        if getattr(parts["network"], "func", None) is MlpNetwork:
            if (typed := cast(Any, parts["network"]).keywords.get("hidden")) is not None:
                raise UserError(
                    f"model=stacked makes its layers from model.layers and model.nodes, so network.hidden={typed} has "
                    "no place. Leave it out and set those two, or use model=undercomplete, which takes it."
                )
            parts["network"] = partial(cast(Any, parts["network"]), hidden=hidden)
        super().__init__(Deterministic(latent_dim, code_activation), parts)
        self.pretrain_epochs, self.pretrain_masking = pretrain_epochs, pretrain_masking
        self.phases = layers + 1 if pretrain == "layerwise" else 0
        self.layer = 0  # which one is trained alone, from 1; 0 while all of them are

    @property
    def preparing(self) -> bool:
        return self.layer > 0

    @property
    def leaves_parameters_out(self) -> bool:
        return self.phases > 0

    def on_fit_start(self) -> None:
        super().on_fit_start()
        epochs, spent = self.trainer.max_epochs or -1, self.phases * self.pretrain_epochs
        if self.phases and 0 <= epochs <= spent:
            raise UserError(
                f"model.pretrain=layerwise trains {self.phases} layers for {self.pretrain_epochs} epochs each "
                f"(model.pretrain_epochs), so trainer.max_epochs={epochs} leaves none to fine-tune: set it to "
                f"{spent + 1} or more, or model.pretrain=none."
            )

    def on_train_epoch_start(self) -> None:
        phase = self.current_epoch // self.pretrain_epochs
        self.layer = phase + 1 if phase < self.phases else 0

    def step_terms(self, batch: Batch) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        if not self.phases:
            return super().step_terms(batch)
        terms, _ = (self._layer_terms(batch), {}) if self.layer else super().step_terms(batch)
        return terms, {"layer": torch.tensor(float(self.layer))}

    def _layer_terms(self, batch: Batch) -> dict[str, Tensor]:
        """The reconstruction of one layer's input by that layer alone."""
        with torch.no_grad():
            target = batch.x
            for below in self.network.encoder.layers[: self.layer - 1]:
                target = below(target)
        kept = FreshNoise().uniform(target) >= self.pretrain_masking
        h = self.network.encoder.layers[self.layer - 1](target * kept)
        z = self.bottleneck(h).z if self.layer == self.phases else h
        raw = self.network.decoder.layers[-self.layer](z)
        if self.layer == 1:
            return {"reconstruction": self.objective.loss(raw, target)}
        return {"reconstruction": (full_precision(raw) - full_precision(target)).square().sum(1)}
