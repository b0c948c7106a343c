"""Windows of sound, from recordings or made on the spot, as waves or as pictures of pitch over time."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, Unpack

import torch
from torch import Tensor

from src.data.examples import Examples
from src.data.module import DataModule, Dials
from src.data.roots import located
from src.data.seeds import generator_for
from src.data.signals import tones
from src.data.signals.log_mel import LogMel
from src.data.signals.sound_folder import sound_folder
from src.data.standardise import fitted
from src.errors import UserError
from src.ranges import Fraction, NonNegativeInt, OpenFraction, PositiveFloat, PositiveInt

WINDOWS_AT_ONCE = 2**20
"""Samples of overlapping windows that are copied at once."""


class Audio(DataModule):
    """Windows of recordings, or tones, as waveforms (1, length) or log-mel pictures (1, mels, frames), low pitch below.

    Recordings may have any rate, depth and number of channels; they are mixed to one channel and resampled. No
    recording is in two sets: folders train, val and test make the split, and what is missing of it is cut by
    `split_seed`, recording by recording and stratified. The first folders below are the classes. All this is as in
    `ImageFolder`. Without a folder, tones of three timbres are made, see `tones`; the timbre is the label.

    Waveforms are standardised, log-mel pictures each band by itself, on what is trained on only; with a `range` that
    has ends, the lowest and highest value go there. Other parameters: `DataModule`; `range` is None where not given.

    Args:
        root: the folder of .wav and .flac files, at any depth; None for tones.
        sample_rate: samples a second that all are brought to.
        length: of a window, in samples.
        seconds: the same in seconds, which then counts.
        stride: samples from one window to the next; None for `length`, so that they do not overlap.
        features: what an example is.
        mels, window, hop: bands, samples a frame and samples from frame to frame of a log-mel picture, see `LogMel`.
        val_fraction: of the recordings that are not the test's.
        test_fraction: of all recordings.
        max_bad: how many recordings may be unusable: a share (with a decimal point) or a count.
        n_train, n_val, n_test: how many tones to make.

    Raises:
        UserError: a window is shorter than a frame; at `setup()`: the recordings cannot be used.
    """

    def __init__(
        self,
        *,
        root: str | None = None,
        sample_rate: PositiveInt = 16_000,
        length: PositiveInt = 2048,
        seconds: PositiveFloat | None = None,
        stride: PositiveInt | None = None,
        features: Literal["waveform", "log_mel"] = "waveform",
        mels: PositiveInt = 40,
        window: PositiveInt = 512,
        hop: PositiveInt = 128,
        val_fraction: OpenFraction = 0.1,
        test_fraction: OpenFraction = 0.1,
        max_bad: NonNegativeInt | Fraction = 0.05,
        n_train: PositiveInt = 2_000,
        n_val: PositiveInt = 250,
        n_test: PositiveInt = 500,
        **dials: Unpack[Dials],
    ) -> None:
        dials.setdefault("range", None)
        self.root = None if root is None else located(root)
        if self.root is None:
            self.class_names = tones.TIMBRES
        super().__init__(**dials)
        self.sample_rate = sample_rate
        self.length = length if seconds is None else max(round(seconds * sample_rate), 1)
        self.stride = stride or self.length
        self.val_fraction, self.test_fraction, self.max_bad = val_fraction, test_fraction, max_bad
        self.sizes = {"train": n_train, "val": n_val, "test": n_test}
        self.log_mel = LogMel(sample_rate, mels, window, hop) if features == "log_mel" else None
        self.bands = [f"band {i}" for i in reversed(range(mels))] if self.log_mel else ["sound"]
        if self.log_mel and self.length < window:
            raise UserError(
                f"windows of {self.length} samples are shorter than one frame, data.window={window}; type a larger "
                "data.length, or a smaller data.window."
            )

    def load(self) -> tuple[Examples, Examples, Examples]:
        """The windows of three sets of recordings, or three sets of tones."""
        (train, val, test), heard = self._made() if self.root is None else self._recorded(self.root)
        if self.log_mel is None:
            self.shift, self.scale = fitted(heard, 1, self.range, self.bands)
            return train, val, test
        train, val, test = (_pictures(examples, self.log_mel) for examples in (train, val, test))
        self.shift, self.scale = fitted([train.values], 2, self.range, self.bands)
        return train, val, test

    def _made(self) -> tuple[list[Examples], Iterable[Tensor]]:
        sets = []
        for name, n in self.sizes.items():
            generator = generator_for("tones", name, self.split_seed)
            sound, factors = tones.draw(n, self.length, self.sample_rate, generator)
            sets.append(Examples(sound[:, None], factors["timbre"], factors))
        return sets, [sets[0].values]

    def _recorded(self, root: Path) -> tuple[list[Examples], Iterable[Tensor]]:
        sets, heard, self.class_names = sound_folder(
            root,
            self.sample_rate,
            self.length,
            self.stride,
            val_fraction=self.val_fraction,
            test_fraction=self.test_fraction,
            max_bad=self.max_bad,
            seed=self.split_seed,
        )
        return sets, heard


def _pictures(examples: Examples, log_mel: LogMel) -> Examples:
    """The same examples as log-mel pictures (N, 1, mels, frames) float32, the highest band on top."""
    rows = torch.arange(len(examples.values)) if examples.rows is None else examples.rows
    at_once = max(WINDOWS_AT_ONCE // examples.values.shape[-1], 1)
    pictures = torch.cat([log_mel(examples.values[some, 0]) for some in rows.split(at_once)])
    return Examples(pictures.flip(1)[:, None], examples.labels, examples.factors)
