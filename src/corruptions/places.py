"""Random places, one draw an example."""

from torch import Tensor

from src.contracts import Noise


def draw_places(noise: Noise, x: Tensor, n: int, room: float | Tensor) -> Tensor:
    """(B, n) whole numbers from 0 to `room`, each as likely as the next; in float32 whatever the type of x.

    Half precision cannot count the pixels of a large image.
    """
    u = noise.uniform(x.new_empty((len(x), n)).float())
    return (u * (room + 1)).floor().clamp(max=room)
