"""How little disturbs it: the encoder's Jacobian, and what is made of corrupted images."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from torch import Tensor

from src.ranges import PositiveInt
from src.scorecard.contenders import Contender
from src.scorecard.findings import Findings
from src.scorecard.pool import Pool
from src.scorecard.robustness_denoising import CorruptionFactory, Denoising
from src.scorecard.robustness_jacobian import jacobian_figures
from src.scorecard.robustness_pictures import gains_side_by_side, spectra_side_by_side
from src.scorecard.section import Section

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Robustness(Section):
    """Figures of how the code and the reconstruction answer to changes of the image.

    Of the Jacobian dz/dx at clean test images (`src/scorecard/robustness_jacobian.py`):

    - `jacobian_norm`: ||dz/dx||_F, mean over images, in the units of the code, which are arbitrary; PCA's is the square
      root of its code size;
    - `relative_jacobian_norm`: that times (how far images lie from their mean) / (how far codes do), root mean squares:
      free of units, for comparing models.

    Of each corruption of the test images that their shape allows (`src/scorecard/robustness_denoising.py`), the noise
    seeded by (seed, image), unclipped:

    - `<corruption>/psnr`: of what is made of the corrupted image; `<corruption>/se` where values have no ends;
    - `<corruption>/gain`: how many dB that is above the corrupted image itself;
    - `<corruption>/gain_over_linear`: how many dB above the best linear denoiser, below 0 where it loses to it;
    - `<corruption>/linear_psnr`: of that denoiser, fitted to `linear_images` pairs of the pool's training images and
      the same corrupted by noise of their own: with more of them it would do better. It is unclipped too; clipping to
      [0, 1] gives it half a dB on MNIST, and nothing to a model whose output ends there by itself. A blur without noise
      a linear map undoes nearly exactly.

    Args:
        corruptions: by name; each takes whatever `range` and `shape` it asks for from the data.
        jacobian_images: how many test images the Jacobian is of, evenly spaced.
        exact_up_to: numbers of a code up to which the whole Jacobian is computed, with its singular values.
        probes: random directions by which the norm is estimated of wider codes, where it has no closed form.
        linear_up_to: numbers of an example up to which the linear denoiser is fitted: its time grows with the cube.

    Example:
        robustness:
          _target_: src.scorecard.robustness.Robustness
          jacobian_images: 100
          exact_up_to: 32
          probes: 16
          linear_up_to: 1024
          corruptions:
            gaussian: {_target_: src.corruptions.GaussianNoise, _partial_: true, std: 0.25}
            half: {_target_: src.corruptions.Half, _partial_: true}
    """

    name = "robustness"
    needs = frozenset({"encode"})

    def __init__(
        self,
        corruptions: Mapping[str, CorruptionFactory],
        jacobian_images: PositiveInt = 100,
        exact_up_to: PositiveInt = 32,
        probes: PositiveInt = 16,
        linear_up_to: PositiveInt = 1024,
    ) -> None:
        self.jacobian_images, self.exact_up_to, self.probes = jacobian_images, exact_up_to, probes
        self._denoising = Denoising(corruptions, linear_up_to)
        self._found: dict[Contender, Findings] = {}
        self._spectra: dict[Contender, Tensor] = {}

    def measure(self, who: Contender, pool: Pool) -> Findings:
        found, spectrum = jacobian_figures(who, pool, self.jacobian_images, self.exact_up_to, self.probes)
        if spectrum is not None:
            self._spectra[who] = spectrum
        denoised = self._denoising.measure(who, pool)
        self._found[who] = denoised
        return Findings(found.scores | denoised.scores, found.skipped | denoised.skipped)

    def pictures(self, model: Contender, rival: Contender, pool: Pool) -> dict[str, "Figure"]:
        """The Jacobians' singular values, where they were computed, and the gain by corruption."""
        pictures = {}
        if model in self._spectra:
            both = {who.name: self._spectra[who] for who in (model, rival) if who in self._spectra}
            pictures["jacobian_singular_values"] = spectra_side_by_side(both)
        scores = {who.name: self._found[who].scores for who in (model, rival) if who in self._found}
        names = [name for name in self._denoising.names if f"{name}/gain" in scores.get(model.name, {})]
        if names:
            pictures["denoising_gain"] = gains_side_by_side(names, scores)
        return pictures
