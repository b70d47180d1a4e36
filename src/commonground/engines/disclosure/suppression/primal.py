"""Patterns that protect: repair one that does not, then show again what need not be hidden."""

import highspy
import numpy as np
from scipy.sparse import hstack

from commonground.engines.disclosure.suppression.attacker import TOLERANCE, Attacker
from commonground.engines.disclosure.suppression.model import Model
from commonground.engines.disclosure.suppression.problem import Bools, Floats, Ints
from commonground.engines.disclosure.suppression.watch import Watch

TINY = 1e-7


class Router:
    """The cheapest further cells that would let one target reach its need, by weight per unit moved."""

    def __init__(self, model: Model) -> None:
        self.model = model
        n = self.n = model.n
        self._all = np.arange(2 * n, dtype=np.int32)
        self._lp = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off")):
            self._lp.setOptionValue(option, value)
        none, zero = np.zeros(0, np.int32), np.zeros(2 * n)
        hidden = (~model.never).astype(float)
        below, above = model.bounds(hidden)
        self.limit = np.concatenate([above, below])
        self._lp.addCols(2 * n, zero, zero, self.limit, 0, np.zeros(2 * n, np.int32), none, np.zeros(0))
        A = model.A
        rows = A.shape[0]
        twice = hstack([A, -A]).tocsr()
        self._lp.addRows(
            rows, np.zeros(rows), np.zeros(rows), twice.nnz, twice.indptr[:-1].astype(np.int32),
            twice.indices.astype(np.int32), twice.data,
        )  # fmt: skip

    def route(self, t: int, hidden: Bools, cost: Floats) -> Floats | None:
        """Deviations that reach target t, cheap in the cells not hidden yet (`cost`, per cell); None if none do."""
        model, n = self.model, self.n
        need, cell = float(model.need[t]), int(model.target[t])
        column = cell if model.sign[t] > 0 else n + cell
        other = n + cell if model.sign[t] > 0 else cell
        if self.limit[column] < need * (1 - TOLERANCE):
            return None
        up = np.minimum(self.limit[:n], need)
        down = np.minimum(self.limit[n:], need)
        price = np.concatenate([cost / np.maximum(up, TINY), cost / np.maximum(down, TINY)])
        price[np.concatenate([hidden, hidden])] = 0.0
        price = price * need / max(float(cost.max(initial=0.0)), TINY) + TINY
        self._lp.clearSolver()  # no deviations are nearer to the answer than those of another target
        self._lp.changeColsCost(2 * n, self._all, price)
        self._lp.changeColBounds(column, need, max(need, self.limit[column]))
        self._lp.changeColBounds(other, 0.0, 0.0)
        self._lp.run()
        good = self._lp.getModelStatus() == highspy.HighsModelStatus.kOptimal
        x = np.array(self._lp.getSolution().col_value)
        for at in (column, other):
            self._lp.changeColBounds(at, 0.0, self.limit[at])
        return x[:n] - x[n:] if good else None


class Witnesses:
    """For every target, which cells its deviations move beyond what they may when shown."""

    def __init__(self, attacker: Attacker) -> None:
        self.attacker, self.model = attacker, attacker.model
        self.uses = np.zeros((len(self.model.target), self.model.n), bool)

    def check(self, hidden: Bools) -> dict[int, float]:
        """Targets that the pattern leaves too narrow, and how far each gets; the others' deviations are kept."""
        self.attacker.show(hidden.astype(float))
        reach = {t: self._asked(t) for t in range(len(self.model.target))}
        return {t: value for t, value in reach.items() if not self.attacker.reached(t, value)}

    def renew(self, t: int) -> bool:
        """Whether the target is reached under the pattern now shown; if so, keep how."""
        return self.attacker.reached(t, self._asked(t))

    def moves(self) -> list[Ints]:
        """For every target the cells that it uses."""
        return [np.flatnonzero(uses) for uses in self.uses]

    def _asked(self, t: int) -> float:
        value, x = self.attacker.reach(t)
        if self.attacker.reached(t, value):
            self.keep(t, x)
        return value

    def keep(self, t: int, x: Floats) -> None:
        self.uses[t] = (x > self.model.shown_up + TINY) | (-x > self.model.shown_down + TINY)


def repaired(router: Router, witnesses: Witnesses, hidden: Bools, cost: Floats) -> Bools:
    """The pattern and what it lacks, target by target, greatest need first."""
    model, hidden = router.model, hidden.copy()
    lacking = witnesses.check(hidden)
    for t in sorted(lacking, key=lambda t: (-model.need[t], t)):
        if witnesses.renew(t):
            continue
        x = router.route(t, hidden, cost)
        if x is not None:
            witnesses.keep(t, x)
            fresh = witnesses.uses[t] & ~hidden & ~model.never
            hidden |= fresh
            witnesses.attacker.show(hidden.astype(float))
    return hidden


def cleaned(witnesses: Witnesses, hidden: Bools, watch: Watch) -> Bools:
    """Show again, dearest first, each secondary cell that every target can do without."""
    model, hidden = witnesses.model, hidden.copy()
    attacker = witnesses.attacker
    attacker.show(hidden.astype(float))
    secondary = np.flatnonzero(hidden & model.free)
    for cell in secondary[np.lexsort((secondary, -model.weight[secondary]))]:
        if watch.over():
            break
        needed_by = np.flatnonzero(witnesses.uses[:, cell])
        attacker.reveal(int(cell), True)
        before = witnesses.uses[needed_by].copy()
        if all(witnesses.renew(int(t)) for t in needed_by):
            hidden[cell] = False
        else:
            witnesses.uses[needed_by] = before
            attacker.reveal(int(cell), False)
    return hidden
