"""Corruptions: what a denoising model's encoder sees instead of the clean example; the target stays clean.

    base.py              what every corruption is
    strength.py          a dial that may follow a schedule
    chain.py             several, one after another

on all data:
    gaussian.py          additive normal noise
    masking.py           values that are lost
    salt_and_pepper.py   values that jump to an end of their range
    poisson.py           shot noise: light is counted
    speckle.py           noise that grows with the signal

on images and series:
    blur.py              out of focus
    downsample.py        fewer pixels, brought back to the size there was

on images:
    patches.py           square holes
    half.py              one half is hidden
    lines.py             scratches
    watermark.py         a text or a logo laid over (made in stamp.py)
    jpeg.py              what JPEG loses
    grayscale.py         colour is lost

on series:
    background.py        noise behind a sound
    gaps.py              stretches of time that are missing

what several share:
    places.py            random places, one draw an example
    separable.py         linear maps that act on each axis by itself
    colour.py            brightness and colour apart
"""

from src.corruptions.background import Background
from src.corruptions.base import Corruption
from src.corruptions.blur import Blur
from src.corruptions.chain import Chain
from src.corruptions.downsample import Downsample
from src.corruptions.gaps import Gaps
from src.corruptions.gaussian import GaussianNoise
from src.corruptions.grayscale import Grayscale
from src.corruptions.half import Half
from src.corruptions.jpeg import Jpeg
from src.corruptions.lines import Lines
from src.corruptions.masking import Masking
from src.corruptions.patches import Patches
from src.corruptions.poisson import PoissonNoise
from src.corruptions.salt_and_pepper import SaltAndPepper
from src.corruptions.speckle import Speckle
from src.corruptions.watermark import Watermark

__all__ = [
    "Background",
    "Blur",
    "Chain",
    "Corruption",
    "Downsample",
    "Gaps",
    "GaussianNoise",
    "Grayscale",
    "Half",
    "Jpeg",
    "Lines",
    "Masking",
    "Patches",
    "PoissonNoise",
    "SaltAndPepper",
    "Speckle",
    "Watermark",
]
