"""What samples are held against: the data, in features and in pixels."""

from dataclasses import dataclass

from torch import Tensor

from src.metrics.frechet import frechet_distance
from src.metrics.manifold import ManifoldFigures, manifold_figures
from src.metrics.nearest import nearest
from src.scorecard.features import Features
from src.scorecard.findings import Findings, Measured, mean_of
from src.scorecard.pool import Pool, evenly_spaced

UNTRAINED = (
    "The training images have no labels for a classifier to learn, so samples are compared in the features of a "
    "network that is not trained, and their figures end in _in_random."
)


@dataclass(frozen=True, eq=False)
class Reference:
    """The same for every contender; `found` holds the figures of the data and of the features themselves."""

    features: Features
    test: Tensor
    """(N, F), features of the test images."""
    nearest_of_test: Measured
    found: Findings

    @classmethod
    def of(cls, pool: Pool, features: Features, asked: str, n: int) -> "Reference":
        """The reference of a pool.

        Args:
            asked: the kind of features that were asked for.
            n: how many samples it is for; the floor is of as many training images.
        """
        test, found = features.of(pool.test.x), Findings()
        if (correct := features.correct(pool.test)) is not None:
            found.scores["features_accuracy"] = mean_of(correct, seed=pool.seed)
        elif asked == "classifier":
            found.skipped["features_accuracy"] = (
                "The test images have no labels to tell how good the classifier is."
                if features.kind == asked
                else UNTRAINED
            )
        some = features.of(pool.train.some(n).x)
        found.scores[f"frechet_floor{features.suffix}"] = Measured(frechet_distance(some, test), "lower", n=len(some))
        of_test = mean_of(nearest(pool.test.x, pool.train.x).se, seed=pool.seed)
        found.scores["nearest_train_of_test"] = of_test
        return cls(features, test, of_test, found)

    def named(self, way: str, figure: str) -> str:
        """The name of a figure in these features."""
        return f"{way}{figure}{self.features.suffix}"

    def manifold(self, way: str, samples: Tensor, k: int, seed: int) -> Findings:
        """Precision, recall, density and coverage of the features of samples (M, F), on as many of each set."""
        n = min(len(samples), len(self.test))
        if n <= k:
            why = f"Of {n} examples none has a neighbour number {k}."
            return Findings(skipped={self.named(way, figure): why for figure in ManifoldFigures._fields})
        real = self.test[evenly_spaced(len(self.test), n)]
        figures = manifold_figures(real, samples[:n], k)._asdict()
        return Findings({self.named(way, name): mean_of(v, "higher", seed=seed) for name, v in figures.items()})
