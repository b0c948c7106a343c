"""How good the images are that a model makes."""

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from torch import Tensor

from src.errors import UserError
from src.metrics.frechet import frechet_distance
from src.metrics.nearest import nearest
from src.ranges import PositiveInt
from src.scorecard.contenders import Contender
from src.scorecard.features import Kind, features_of
from src.scorecard.findings import Findings, Measured, mean_of
from src.scorecard.generation_pictures import ACROSS, rows_of_pairs, show_pairs, side_by_side
from src.scorecard.generation_reference import Reference
from src.scorecard.generation_samples import MIXTURE, NORMAL, PRIOR, Sampling
from src.scorecard.pool import Pool
from src.scorecard.section import Section

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Generation(Section):
    """Samples against the test images, in the features of a small classifier trained on the training images' labels.

    - `frechet`, lower is better: see `frechet_distance`; in per cent of the features' variance (see `FeatureNetwork`).
      `frechet_floor` is that of as many training images: about as low as samples that are like the data come.
    - `precision`, `recall`, `density`, `coverage`, higher is better: see `manifold_figures`, on as many samples as
      there are test images at most.
    - `nearest_train`: the squared distance in pixels to the nearest training image, mean over samples;
      `nearest_train_of_test` of test images, `nearest_train_ratio` the one by the other. Well under 1 it warns of
      copies; smooth samples are near to everything too, so the picture has the last word.

    Of samples from the model's prior, and with `mixture_` before them of samples decoded from a mixture of normals
    fitted to the codes of the training images (Ghosh et al., "From variational to deterministic autoencoders", ICLR
    2020). `normal_frechet` is of one normal fitted to them, with the mean and the spread of each number of the code.
    Without labels the features are those of an untrained network, and each such figure ends in `_in_random`. Samples
    are not clipped. All is measured on the pool: copies of training images outside of it are not seen.

    Args:
        samples: how many are drawn each way, and no more than there are training images: `max_samples` bounds them,
            and the floor is of as many.
        neighbours: k of precision, recall, density and coverage.
        components: normals in the mixture.
        widest: numbers in a code up to which the mixture is fitted; each of its covariances has the square of that.
        features: classifier | random | inception.
        train_images: the classifier is trained on so many at most.
        features_cache: the folder that classifiers are kept in, one for each data set; None keeps none.
    """

    name = "generation"
    needs: ClassVar[frozenset[str]] = frozenset({"decode"})

    def __init__(
        self,
        samples: PositiveInt = 2000,
        neighbours: PositiveInt = 5,
        components: PositiveInt = 10,
        widest: PositiveInt = 256,
        features: Kind = "classifier",
        train_images: PositiveInt = 4000,
        features_cache: str | None = "~/.cache/hourglass",
    ) -> None:
        self.sampling, self.neighbours = Sampling(samples, components, widest), neighbours
        self.features, self.train_images, self.features_cache = features, train_images, features_cache
        self._references: dict[Pool, Reference] = {}
        self._shown: dict[tuple[Contender, str], Tensor] = {}
        self._pairs: dict[Contender, Tensor] = {}

    def measure(self, who: Contender, pool: Pool) -> Findings:
        """Its figures of one contender; those of the data and of the features are given with a model's."""
        sampling = self._sampling(pool)
        if (fewest := min(len(pool.test), sampling.n)) < 2:
            return Findings(skipped={"*": f"Distributions are compared by two examples or more of each, not {fewest}."})
        reference = self._reference(pool)
        found = Findings()
        if who.model is not None:
            _add(found, reference.found)
        for way in (PRIOR, MIXTURE, NORMAL):
            try:
                samples = sampling.drawn(way, who, pool)
                self._compare(way, samples, reference, pool, found)
            except UserError as why:
                found.skipped[reference.named(way, "frechet")] = str(why)
                continue
            self._shown[who, way] = samples[: ACROSS**2]
            if way != NORMAL:
                self._search(way, who, samples, reference, pool, found)
        return found

    def _sampling(self, pool: Pool) -> Sampling:
        return replace(self.sampling, n=min(self.sampling.n, len(pool.train)))

    def _reference(self, pool: Pool) -> Reference:
        if pool not in self._references:
            features = features_of(pool, self.features, self.train_images, self.features_cache)
            self._references[pool] = Reference.of(pool, features, self.features, self._sampling(pool).n)
        return self._references[pool]

    def _compare(self, way: str, samples: Tensor, reference: Reference, pool: Pool, found: Findings) -> None:
        """Figures in features."""
        features = reference.features.of(samples)
        if not features.isfinite().all():
            raise UserError("The samples are so far from the data that their features are not finite.")
        distance = frechet_distance(features, reference.test)
        found.scores[reference.named(way, "frechet")] = Measured(distance, "lower", n=len(samples))
        if way != NORMAL:
            _add(found, reference.manifold(way, features, self.neighbours, pool.seed))

    def _search(
        self, way: str, who: Contender, samples: Tensor, reference: Reference, pool: Pool, found: Findings
    ) -> None:
        """Figures in pixels, and what the second picture shows."""
        neighbours = nearest(samples, pool.train.x)
        here, there = mean_of(neighbours.se, seed=pool.seed), reference.nearest_of_test.value
        found.scores[f"{way}nearest_train"] = here
        if there > 0:  # it is 0 where every test image is a training image too
            found.scores[f"{way}nearest_train_ratio"] = Measured(here.value / there, n=len(samples))
        self._pairs.setdefault(who, rows_of_pairs(samples, pool.train.x, neighbours))

    def pictures(self, model: Contender, rival: Contender, pool: Pool) -> dict[str, "Figure"]:
        """`samples`: each way beside PCA's and the data; `nearest`: samples above their nearest training images."""
        names = {PRIOR: "prior", NORMAL: "one normal", MIXTURE: f"mixture of {self.sampling.components} normals"}
        panels = {name: self._shown[model, way] for way, name in names.items() if (model, way) in self._shown}
        if not panels:
            return {}
        if (rival, PRIOR) in self._shown:
            panels[rival.name] = self._shown[rival, PRIOR]
        title = f"Samples of {model.name}"
        drawn = {"samples": side_by_side(panels | {"test images": pool.test.some(ACROSS**2).x}, pool.range, title)}
        if model in self._pairs:
            way = names[PRIOR if (model, PRIOR) in self._shown else MIXTURE]
            drawn["nearest"] = show_pairs(self._pairs[model], self._sampling(pool).n, pool.range, f"{title} ({way})")
        return drawn


def _add(found: Findings, more: Findings) -> None:
    found.scores |= more.scores
    found.skipped |= more.skipped
