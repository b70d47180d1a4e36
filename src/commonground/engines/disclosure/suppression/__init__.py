"""Cell suppression: the cheapest set of cells to hide so that no sensitive one can be worked out from the rest."""

from commonground.engines.disclosure.suppression.problem import (
    Pattern,
    Problem,
    ProblemError,
    UnprotectableError,
)
from commonground.engines.disclosure.suppression.solve import suppress
from commonground.engines.disclosure.suppression.watch import Progress

__all__ = ["Pattern", "Problem", "ProblemError", "Progress", "UnprotectableError", "suppress"]
