"""What a section of the score card is."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from src.scorecard.contenders import Contender
from src.scorecard.findings import Findings
from src.scorecard.pool import Pool

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Section(ABC):
    """One part of the card. It measures any contender in the same way, so that PCA's figures stand beside a model's."""

    name: ClassVar[str]
    """What stands before each of its figures: "<name>/<figure>"."""
    needs: ClassVar[frozenset[str]] = frozenset()
    """What a contender must be able to do; one that cannot has no such section, and the card says why."""
    models_only: ClassVar[bool] = False
    """Whether PCA has no such figures."""

    @abstractmethod
    def measure(self, who: Contender, pool: Pool) -> Findings:
        """Its figures of one contender; called for the model first, then for PCA."""

    def pictures(self, model: Contender, rival: Contender, pool: Pool) -> dict[str, "Figure"]:
        """Its pictures by name, drawn after both were measured; none unless a section has some."""
        return {}
