"""Inequalities over patterns y in {0,1}: each holds for every pattern that protects.

By duality, with row multipliers g and z = sign * e[target] - g A, the target gets at most
sum of max(z, 0) * above(y) + max(-z, 0) * below(y). Where that must be at least the need, the terms are linear in y.
Coefficients above the right side may be cut down to it: a single hidden cell never helps more than enough.
"""

from dataclasses import dataclass

import numpy as np

from commonground.engines.disclosure.suppression.model import Model
from commonground.engines.disclosure.suppression.problem import Floats, Ints

NOISE = 1e-9
SNAPS = (1.0, 2.0, 60.0)  # multipliers of tables are fractions with few denominators; rounding removes solver noise


@dataclass(frozen=True)
class Cut:
    """sum of coefficient * y[cells] >= 1; all coefficients in (0, 1]."""

    cells: Ints
    coefficient: Floats

    def value(self, y: Floats) -> float:
        return float(self.coefficient @ y[self.cells])

    def key(self) -> bytes:
        return self.cells.tobytes() + np.round(self.coefficient, 9).tobytes()


def cut_from(model: Model, t: int, multipliers: Floats) -> Cut | None:
    """The cut of target t with these row multipliers, of the linear program that minimises -sign * x[target]."""
    z = -(_snapped(multipliers) @ model.A)
    z = np.asarray(z, np.float64)
    z[model.target[t]] -= model.sign[t]
    z[np.abs(z) < NOISE] = 0.0
    return proved(model, float(model.need[t]), np.maximum(-z, 0.0), np.maximum(z, 0.0))


def proved(model: Model, need: float, rise: Floats, fall: Floats) -> Cut | None:
    """The cut: sum of rise * above(y) + fall * below(y) >= need, made as strong as it goes; None where it is empty."""
    always = rise @ model.shown_up + fall @ model.shown_down
    gain = rise * (model.up - model.shown_up) + fall * (model.down - model.shown_down)
    right = need - always - gain[model.must].sum()
    if right <= NOISE * max(need, 1.0):
        return None
    cells = np.flatnonzero((gain > NOISE * need) & model.free)
    return Cut(cells, np.minimum(gain[cells] / right, 1.0))


def _snapped(multipliers: Floats) -> Floats:
    for parts in SNAPS:
        near = np.round(multipliers * parts) / parts
        if np.abs(near - multipliers).max(initial=0.0) < 1e-6:
            return near
    return multipliers


class Pool:
    """Cuts, each once."""

    def __init__(self) -> None:
        self.cuts: list[Cut] = []
        self._known: set[bytes] = set()

    def add(self, cut: Cut) -> bool:
        """Whether the cut is new."""
        key = cut.key()
        if key in self._known:
            return False
        self._known.add(key)
        self.cuts.append(cut)
        return True
