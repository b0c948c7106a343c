"""What the codes are worth: what can be read from them, what they keep, and what their units do."""

from typing import TYPE_CHECKING

from torch import Tensor

from src.metrics import neighbourhoods, spectra, units
from src.ranges import PositiveInt
from src.scorecard.code_factors import factor_figures
from src.scorecard.code_labels import label_figures
from src.scorecard.code_pictures import kl_by_unit, spectra_side_by_side
from src.scorecard.code_posterior import posterior_figures
from src.scorecard.contenders import Contender
from src.scorecard.findings import Findings, Measured, mean_of
from src.scorecard.pool import Pool, evenly_spaced
from src.scorecard.section import Section

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDEST, SPECTRUM_OF = 512, 1000
"""Singular values of codes wider than the one are of so many images as the other says: their time grows with D^3."""


class Codes(Section):
    """Figures of the codes of clean images, at the mean where they are stochastic, maps flattened.

    Fitted on the pool's training codes and scored on its test codes:

    - `linear_probe`, `nearest_neighbours`: the share of classes told right (`src/metrics/probes.py`);
    - `mig`, `disentanglement`, `completeness`, `informativeness`, where the factors of the data are known
      (`src/metrics/disentanglement.py`); of the test codes alone the first.

    Of the test codes:

    - `nmi`, `ari`: whether k-means finds the classes;
    - `trustworthiness`, `continuity`: whether near codes are near images, and the other way round;
    - `effective_rank`, `varying_units`, and for posteriors `active_units` (`spectra.py`, `units.py`);
    - `l0`: units of a code that are not exactly 0; `dead_units`: that are 0 in all codes, the training codes too;
    - `kl`: the divergence of the posterior from N(0, I), whatever prior the model has (of categorical codes: from the
      uniform one), mean over images, in nats; `kl_units`: how many units (variables) hold over 0.01 of it.

    Wide codes: what is fitted to classes sees at most 256 principal components of a code, singular values of wider
    codes are of 1,000 test images, and no forest reads a code of more than `forest_units`.

    Args:
        neighbours: of each code or image that count as near.
        neighbourhood_images: trustworthiness and continuity are of so many test images at most: time grows with their
            square.
        forest_units: codes wider than that have no disentanglement, completeness and informativeness.

    Example:
        code:
          _target_: src.scorecard.code.Codes
          neighbours: 5
          neighbourhood_images: 1000
          forest_units: 128
    """

    name = "code"
    needs = frozenset({"encode"})

    def __init__(
        self,
        neighbours: PositiveInt = 5,
        neighbourhood_images: PositiveInt = 1000,
        forest_units: PositiveInt = 128,
    ) -> None:
        self.neighbours, self.neighbourhood_images = neighbours, neighbourhood_images
        self.forest_units = forest_units
        self._spectra: dict[Contender, Tensor] = {}
        self._kl: dict[Contender, Tensor] = {}

    def measure(self, who: Contender, pool: Pool) -> Findings:
        z, z_test = who.codes(pool.train), who.codes(pool.test)
        broken = int((~z.isfinite()).any(1).sum() + (~z_test.isfinite()).any(1).sum())
        if broken:
            return Findings(skipped={"*": f"{broken} codes of {who.name} are not finite."})
        found = Findings()
        of_posterior, kl = posterior_figures(who, pool)
        if kl is not None:
            self._kl[who] = kl
        parts = [
            label_figures(z, z_test, pool, self.neighbours),
            self._of_neighbourhoods(pool.test.x, z_test),
            self._of_units(who, z, z_test, pool.seed),
            of_posterior,
            factor_figures(z, z_test, pool, self.forest_units),
        ]
        for part in parts:
            found.scores |= part.scores
            found.skipped |= part.skipped
        return found

    def _of_units(self, who: Contender, z: Tensor, z_test: Tensor, seed: int) -> Findings:
        n = len(z_test)
        some = evenly_spaced(n, SPECTRUM_OF if z_test.shape[1] > WIDEST else n)
        self._spectra[who] = spectra.singular_values(z_test[some])
        rank = spectra.effective_rank(self._spectra[who])
        return Findings(
            {
                "effective_rank": Measured(rank, n=len(some)),
                "varying_units": Measured(units.varying_units(z_test), n=n),
                "l0": mean_of(units.awake_units(z_test), seed=seed),
                "dead_units": Measured(units.dead_units(z, z_test), "lower", n=n + len(z)),
            }
        )

    def _of_neighbourhoods(self, x: Tensor, z: Tensor) -> Findings:
        some, k = evenly_spaced(len(x), self.neighbourhood_images), self.neighbours
        n, x, z = len(some), x[some], z[some]
        if n <= 2 * k:
            why = f"{k} neighbours need more than {2 * k} test images, and there are {n}."
            return Findings(skipped={"trustworthiness": why, "continuity": why})
        return Findings(
            {
                "trustworthiness": Measured(neighbourhoods.trustworthiness(x, z, k), "higher", n=n),
                "continuity": Measured(neighbourhoods.continuity(x, z, k), "higher", n=n),
            }
        )

    def pictures(self, model: Contender, rival: Contender, pool: Pool) -> dict[str, "Figure"]:
        """The singular values of both codes; the divergence by unit, where there is one."""
        both = {who.name: self._spectra[who] for who in (model, rival) if who in self._spectra}
        pictures = {"singular_values": spectra_side_by_side(both)} if both else {}
        if model in self._kl:
            pictures["kl_per_unit"] = kl_by_unit(self._kl[model].mean(0))
        return pictures
