"""The attacker's linear program: how far a cell can deviate, and why no further.

    maximise  sign * x[cell]   subject to  A x = 0,  -below <= x <= above

The duals of its rows prove the answer, and give an inequality that every safe pattern meets (a Benders cut).
"""

import highspy
import numpy as np
from scipy.sparse import csr_matrix, hstack

from commonground.engines.disclosure.suppression.cuts import Cut, cut_from
from commonground.engines.disclosure.suppression.model import Model
from commonground.engines.disclosure.suppression.problem import Floats, Ints

TOLERANCE = 1e-6  # of a need, relative: reached up to this


class Attacker:
    """One warm linear program for all questions about a model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._all = np.arange(model.n, dtype=np.int32)
        self._lp = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off")):
            self._lp.setOptionValue(option, value)
        none, zero = np.zeros(0, np.int32), np.zeros(model.n)
        self._lp.addCols(model.n, zero, zero, zero, 0, np.zeros(model.n, np.int32), none, np.zeros(0))
        A, rows = model.A, model.A.shape[0]
        start = A.indptr[:-1].astype(np.int32)
        self._lp.addRows(rows, np.zeros(rows), np.zeros(rows), A.nnz, start, A.indices.astype(np.int32), A.data)
        self._below = self._above = zero
        self._asked = -1

    def believe(self, below: Floats, above: Floats) -> None:
        """Set how far each cell may lie below and above its value."""
        self._below, self._above = below, above
        self._lp.changeColsBounds(self.model.n, self._all, -below, above)

    def show(self, y: Floats, cap: float = np.inf) -> None:
        """Let the pattern y (0 shown, 1 hidden, or shares between) be published."""
        self.believe(*self.model.bounds(y, cap))

    def reveal(self, cell: int, shown: bool) -> None:
        """Show or hide one cell of the pattern last published."""
        model = self.model
        self._below[cell] = (model.shown_down if shown else model.down)[cell]
        self._above[cell] = (model.shown_up if shown else model.up)[cell]
        self._lp.changeColBounds(cell, -self._below[cell], self._above[cell])

    def reach(self, t: int) -> tuple[float, Floats]:
        """How far target t gets, at most its need, and deviations that get there."""
        cell, sign, need = int(self.model.target[t]), self.model.sign[t], self.model.need[t]
        if self._asked >= 0:
            self._lp.changeColCost(self._asked, 0.0)
        self._lp.changeColCost(cell, -sign)
        self._asked = cell
        low = max(-self._below[cell], -need) if sign < 0 else -self._below[cell]
        high = min(self._above[cell], need) if sign > 0 else self._above[cell]
        self._lp.changeColBounds(cell, low, high)
        self._run()
        x = np.array(self._lp.getSolution().col_value)
        self._lp.changeColBounds(cell, -self._below[cell], self._above[cell])
        return sign * x[cell], x

    def cut(self, t: int) -> Cut | None:
        """The inequality that the last question's duals prove, or None when it says nothing."""
        return cut_from(self.model, t, self.multipliers())

    def multipliers(self) -> Floats:
        """The last question's dual of each relation."""
        return np.array(self._lp.getSolution().row_dual)

    def reached(self, t: int, value: float) -> bool:
        return bool(value >= self.model.need[t] * (1 - TOLERANCE))

    def _run(self) -> None:
        self._lp.run()
        if self._lp.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            self._lp.clearSolver()  # x = 0 is feasible and everything is bounded, so only numbers can have failed
            self._lp.run()
        if self._lp.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise ArithmeticError("The linear program of an attack could not be solved; scale values and needs")


class Pusher:
    """Questions about a model of many thousand cells, each begun anew, when all cells still stand at their values.

    Many targets at once move nearly every cell, and most is saved by what a solver leaves out beforehand. One target alone
    moves few: its program has each cell twice, for up and for down, so that a basis of no deviations is at hand.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._many = _program(model.A, presolve="on")
        self._one: highspy.Highs | None = None

    def together(self, targets: Ints, below: Floats, above: Floats) -> Floats:
        """Deviations that push all these targets at once (at most one for each cell)."""
        low, high, gain = self.model.aim(targets, below, above)
        return _solved(self._many, -gain, low, high)

    def reach(self, t: int, below: Floats, above: Floats) -> tuple[float, Floats, Floats]:
        """(how far target t gets, deviations, the dual of each relation)."""
        if self._one is None:
            self._one = _program(hstack([self.model.A, -self.model.A]).tocsr(), presolve="off")
        n, cell, sign = self.model.n, int(self.model.target[t]), self.model.sign[t]
        limit, gain = np.concatenate([above, below]), np.zeros(2 * n)
        ahead, back = (cell, n + cell) if sign > 0 else (n + cell, cell)
        limit[ahead], limit[back], gain[ahead] = min(limit[ahead], self.model.need[t]), 0.0, 1.0
        y = _solved(self._one, -gain, np.zeros(2 * n), limit)
        x = y[:n] - y[n:]
        return float(sign * x[cell]), x, np.array(self._one.getSolution().row_dual)

    def cut(self, t: int, duals: Floats) -> Cut | None:
        """The inequality that these duals prove of target t."""
        return cut_from(self.model, t, duals)


def _program(A: csr_matrix, presolve: str) -> highspy.Highs:
    lp, (m, n) = highspy.Highs(), A.shape
    for option, value in (("output_flag", False), ("threads", 1), ("presolve", presolve)):
        lp.setOptionValue(option, value)
    lp.addCols(n, np.zeros(n), np.zeros(n), np.zeros(n), 0, np.zeros(n, np.int32), np.zeros(0, np.int32), np.zeros(0))
    start, index = A.indptr[:-1].astype(np.int32), A.indices.astype(np.int32)
    lp.addRows(m, np.zeros(m), np.zeros(m), A.nnz, start, index, A.data)
    return lp


def _solved(lp: highspy.Highs, cost: Floats, low: Floats, high: Floats) -> Floats:
    every = np.arange(len(cost), dtype=np.int32)
    lp.clearSolver()
    lp.changeColsCost(len(cost), every, cost)
    lp.changeColsBounds(len(cost), every, low, high)
    lp.run()
    if lp.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise ArithmeticError("The linear program of an attack could not be solved; scale values and needs")
    return np.array(lp.getSolution().col_value)
