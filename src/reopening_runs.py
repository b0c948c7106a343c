"""The same test examples through the model of each variant: the part of a comparison that opens checkpoints."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from src.comparison.examples import SameExamples
from src.comparison.records import Run, Variant
from src.contracts import Autoencoding
from src.data import DataModule
from src.errors import UserError
from src.pca import PCA, images_at_once
from src.run_folder import open_run

MOST_VARIANTS = 24
"""Variants up to which each is shown, best first; more would be a picture that nobody can read."""
MOST_MAPS = 12
AT_ONCE = 256


def same_examples(variants: Sequence[Variant], images: int, points: int) -> tuple[SameExamples | None, list[str]]:
    """Open the first run of each variant; None where none can be opened. Beside it, a sentence for what is not shown.

    Args:
        variants: best first.
        images: how many test examples are reconstructed.
        points: of how many test examples codes are taken; 0 for none.
    """
    seen = _Seen(images, points)
    for variant in variants[:MOST_VARIANTS]:
        seen.add(variant)
    if len(variants) > MOST_VARIANTS:
        seen.notes.append(f"Pictures of test examples show the best {MOST_VARIANTS} of {len(variants)} variants.")
    if seen.has_unmapped:
        seen.notes.append(f"Codes are mapped of the best {MOST_MAPS} variants that encode, and not of the others.")
    return seen.examples(), seen.notes


class _Seen:
    """What the models make of the examples; those are taken from the first run that opens, and are the same in all."""

    def __init__(self, images: int, points: int) -> None:
        self.images, self.points = images, points
        self.notes: list[str] = []
        self.data: DataModule | None = None
        self.reconstructions: dict[str, Tensor] = {}
        self.codes: dict[str, np.ndarray] = {}
        self.sizes: dict[int, bool] = {}
        self.has_unmapped = False

    def add(self, variant: Variant) -> None:
        """Reconstructions and codes of a variant, or a note that says why there are none."""
        run: Run = variant.runs[0]
        try:
            model, data, _ = open_run(run.folder)
            if self.data is None:
                assert isinstance(data, DataModule)
                data.setup()
                self.data = data
        except UserError as error:
            self.notes.append(f"{variant.name} is not among the pictures of test examples: {error}")
            return
        able: Autoencoding = model
        if "reconstruct" in able.capabilities and self.images:
            x, y = self._first(self.images)
            self.reconstructions[variant.name] = _in_parts(lambda x, y: able.reconstruct(x, y), x, y)
            self.sizes[int(model.code_size)] = True
        if "encode" in able.capabilities and self.points:
            if len(self.codes) == MOST_MAPS:
                self.has_unmapped = True
                return
            x, y = self._first(self.points)
            self.codes[variant.name] = _in_parts(lambda x, y: able.encode(x, y).z.flatten(1), x, y).float().numpy()

    def _first(self, n: int) -> tuple[Tensor, Tensor]:
        assert self.data is not None
        test_set = self.data.test_set
        x, y, _ = test_set.__getitems__(torch.arange(min(n, len(test_set))))
        return x, y

    def examples(self) -> SameExamples | None:
        """All of it, PCA of each code size in front."""
        if self.data is None:
            return None
        x, _ = self._first(self.images)
        points, y = self._first(self.points)
        outputs, codes = dict(self.reconstructions), dict(self.codes)
        for pca in self._fitted():
            name = f"PCA-{len(pca.components)}"
            outputs = {name: pca.reconstruct(x), **outputs}
            if self.codes:
                codes = {name: pca.encode(points).numpy(), **codes}
        low, high = self.data.range
        classes = list(self.data.test_set.classes)
        return SameExamples(x, (float(low), float(high)), outputs, y.numpy(), classes, codes)

    def _fitted(self) -> list[PCA]:
        """PCA of each code size, the longest code first: one fit gives all, as shorter codes are its first numbers."""
        assert self.data is not None
        train_set, at_once = self.data.train_set, images_at_once(self.data.shape)
        if not self.sizes:
            return []
        whole = PCA.fit(lambda: (batch.x for batch in train_set.batches(at_once)), max(self.sizes))
        lengths = sorted({min(size, len(whole.components)) for size in self.sizes}, reverse=True)
        return [PCA(whole.mean, whole.components[:length], whole.exact) for length in lengths]


@torch.no_grad()
def _in_parts(function: Any, x: Tensor, y: Tensor) -> Tensor:
    """The function of a few examples at a time: some models keep much of each."""
    return torch.cat([function(*part).cpu() for part in zip(x.split(AT_ONCE), y.split(AT_ONCE), strict=True)])
