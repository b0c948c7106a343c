"""The features that samples and data are compared in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

from src.scorecard.features_cache import digest, remembered
from src.scorecard.features_classifier import FeatureNetwork, new_network, train
from src.scorecard.features_inception import InceptionFeatures
from src.scorecard.pool import Images, Pool

Kind = Literal["classifier", "random", "inception"]
VERSION = 1
"""To be raised with every change to how the classifier is made."""
SEED = 0
"""The same for all runs, whatever their seeds: figures compare in the same features only."""
AT_ONCE = 256


@dataclass(frozen=True)
class Features:
    """A network that turns examples into features.

    - classifier: the last hidden layer of a small classifier, trained on the labels of the training images;
    - random: the same network as it was drawn, with no training, for data without labels (Naeem et al. 2020 find such
      features fair where no trained ones fit the data). Not PCA's: a linear map leaves means and covariances as they
      are, so that samples of a normal fitted in pixels would be at no Fréchet distance, whatever they look like;
    - inception: that of `InceptionFeatures`.
    """

    kind: Kind
    network: nn.Module

    @property
    def suffix(self) -> str:
        """What stands behind the names of figures in features other than a classifier's, so that they never mix."""
        return "" if self.kind == "classifier" else f"_in_{self.kind}"

    @torch.no_grad()
    def of(self, x: Tensor) -> Tensor:
        """(N, *shape) -> (N, F) float64."""
        return torch.cat([self.network(part).double() for part in x.split(AT_ONCE)])

    @torch.no_grad()
    def correct(self, images: Images) -> Tensor | None:
        """(N,) 0 or 1, whether the classifier names each image rightly; None where there is none, or no labels."""
        if self.kind != "classifier" or not isinstance(self.network, FeatureNetwork) or not images.labelled:
            return None
        named = torch.cat([self.network.scores(batch.x).argmax(1) for batch in images.batches(AT_ONCE)])
        return (named == images.y).float()


def features_of(pool: Pool, kind: Kind, most: int, cache: str | None) -> Features:
    """The features of a data set; random ones instead of a classifier's where its training images have no labels.

    Args:
        kind: which are asked for.
        most: training images that a classifier is trained on, at most.
        cache: the folder that classifiers are kept in, None for none.

    Raises:
        UserError: Inception's cannot be had.
    """
    if kind == "inception":
        return Features(kind, InceptionFeatures(pool.shape, pool.range))
    images = pool.train.some(most)
    if kind == "random" or not images.labelled:
        return Features("random", new_network(images, 1, SEED))
    classes = int(images.y.max()) + 1
    network = new_network(images, classes, SEED)
    key = digest(images, VERSION, SEED, pool.shape, pool.range, pool.classes)
    folder = None if cache is None else Path(cache).expanduser()
    remembered(folder, key, network, lambda: train(network, images, SEED))
    return Features("classifier", network)
