"""A deep autoencoder, its layers shrinking towards the code."""

from functools import partial
from typing import Any, Unpack, cast, final

from src.activations import Activation
from src.bottlenecks import Deterministic
from src.errors import UserError
from src.models.base import Parts, ReconstructionModule
from src.networks import MlpNetwork
from src.ranges import PositiveInt


@final
class StackedAutoencoder(ReconstructionModule):
    """x_hat = g_1(...g_L(f_L(...f_1(x)))): `layers` hidden layers each way, mirrored, narrower towards the code.

    min loss(x, x_hat). Its four dials are the code size, the number of layers, the nodes per layer and the loss.
    Bengio et al., "Greedy layer-wise training of deep networks", NIPS 2006 (here trained as a whole).

    Args:
        layers: hidden layers of the encoder, and of the decoder.
        nodes: units of the outermost hidden layer, halved from layer to layer, or a list with one number a layer.

    Raises:
        UserError: `nodes` is a list of another length than `layers`, a layer would have no unit, or `network.hidden`
            names layers too.
    """

    network_type = MlpNetwork

    def __init__(
        self,
        latent_dim: PositiveInt,
        layers: PositiveInt = 3,
        nodes: PositiveInt | list[PositiveInt] = 512,
        code_activation: Activation = "identity",
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
