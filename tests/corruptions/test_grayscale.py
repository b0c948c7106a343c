"""Colour that is lost."""

import pytest
import torch

from src.corruptions import Grayscale
from src.errors import UserError
from tests.corruptions.every import examples, indexed


def test_every_channel_becomes_the_luma() -> None:
    x = examples(5, (3, 4, 6))
    grey, kept = Grayscale()(x, indexed(5))
    assert kept is None
    luma = 0.299 * x[:, 0] + 0.587 * x[:, 1] + 0.114 * x[:, 2]
    for channel in range(3):
        torch.testing.assert_close(grey[:, channel], luma)


def test_what_is_grey_stays_as_it_is() -> None:
    x = examples(5, (1, 4, 6)).expand(-1, 3, -1, -1)
    torch.testing.assert_close(Grayscale()(x, indexed(5))[0], x)


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_images_without_three_channels_are_refused(channels: int) -> None:
    with pytest.raises(UserError, match=rf"3 channels .* is \[{channels}, 8, 8\]\. Use data in colour"):
        Grayscale().check((channels, 8, 8))
