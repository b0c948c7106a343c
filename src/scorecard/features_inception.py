"""The features of a large network trained on photographs."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from src.errors import UserError

SIDE = 299
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class InceptionFeatures(nn.Module):
    """x (B, C, H, W) -> (B, 2048): what torchvision's inception_v3 hands its last layer, with its ImageNet weights.

    Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016. Images are clamped to their
    range, brought to 299 x 299 and to three channels. Published FIDs are of other weights (TensorFlow's of 2015), so
    these figures compare with each other and not with those.

    Args:
        shape: of one image.
        value_range: of black and white.

    Raises:
        UserError: the examples are no images of one or three channels, or the weights cannot be downloaded.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, shape: tuple[int, ...], value_range: tuple[float, float]) -> None:
        super().__init__()
        if len(shape) != 3 or shape[0] not in (1, 3) or value_range[1] - value_range[0] == float("inf"):
            raise UserError(
                "features=inception reads images of one or three channels between two ends, and these examples are "
                f"{list(shape)}. Use features=classifier."
            )
        self.low, self.high = value_range
        self.network = _published()
        self.register_buffer("mean", torch.tensor(MEAN).view(3, 1, 1))
        self.register_buffer("std", torch.tensor(STD).view(3, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = ((x - self.low) / (self.high - self.low)).clamp(0, 1).expand(-1, 3, -1, -1)
        x = F.interpolate(x, size=(SIDE, SIDE), mode="bilinear", align_corners=False, antialias=True)
        out: Tensor = self.network((x - self.mean) / self.std)
        return out


def _published() -> nn.Module:
    from torchvision.models import Inception_V3_Weights, inception_v3

    try:  # and not torchvision's own way, which unpickles what was downloaded
        state = torch.hub.load_state_dict_from_url(
            Inception_V3_Weights.IMAGENET1K_V1.url,
            map_location="cpu",
            progress=False,
            check_hash=True,
            weights_only=True,
        )
        network = inception_v3(weights=None, init_weights=False, aux_logits=True)
        network.load_state_dict(state)
    except Exception as error:  # the network, the disk, or a damaged file: half a dozen unrelated types
        why = (str(error).strip().split("\n") or [""])[0] or type(error).__name__
        raise UserError(
            f"the weights of features=inception could not be downloaded ({why}). Use features=classifier, which needs "
            "no network."
        ) from error
    network.fc = nn.Identity()
    return network.eval()
