"""Cheapest pattern by cuts: exact on tables of some thousand cells, with a bound whenever it is stopped.

1. Inequalities of single relations, then linear programs with the attacker's cuts until none is violated.
2. Patterns: the linear program's choice repaired and cleaned, and the best one kept.
3. Cells whose reduced cost exceeds the gap are settled.
4. Integer programs; the attacker's answer to each adds cuts, until the cheapest choice protects everything.
The master grows by Benders cuts (M. Fischetti and J.J. Salazar, Management Science 47, 2001).
"""

import numpy as np

from commonground.engines.disclosure.suppression.attacker import Attacker
from commonground.engines.disclosure.suppression.cuts import Pool
from commonground.engines.disclosure.suppression.master import MasterLP, solve_mip
from commonground.engines.disclosure.suppression.model import Model
from commonground.engines.disclosure.suppression.outcome import EQUAL, Outcome, moved
from commonground.engines.disclosure.suppression.primal import Router, Witnesses, cleaned, repaired
from commonground.engines.disclosure.suppression.problem import Bools, Floats
from commonground.engines.disclosure.suppression.relations import relation_cuts
from commonground.engines.disclosure.suppression.watch import Watch

VIOLATED = 1e-4
ROUNDS = 400


class Search:
    """One model's search, from the first cut to the proof or the end of its time."""

    def __init__(self, model: Model, watch: Watch) -> None:
        self.model, self.watch = model, watch
        self.attacker = Attacker(model)
        self.router = Router(model)
        self.witnesses = Witnesses(self.attacker)
        self.pool = Pool()
        self.master = MasterLP(model.weight, model.free)
        self.base = model.cost(model.must)
        everything = ~model.never
        hopeless = self.witnesses.check(everything)
        self.best = Outcome(everything, model.cost(everything), self.base, self.witnesses.moves(), hopeless)
        self.low, self.high = model.must.astype(float), (~model.never).astype(float)
        self.duals: list[tuple[float, Floats]] = []

    def run(self) -> Outcome:
        if not len(self.model.target):
            return Outcome(self.model.must, self.base, self.base)
        if self.best.hopeless:
            return self.best
        self._improve(self.low > 0.5, self.model.weight)
        self.master.add([cut for cut in relation_cuts(self.model) if self.pool.add(cut)])
        self._root()
        self._rounds()
        return self.best

    def _tell(self, stage: str) -> None:
        self.watch.tell(stage, self.best.weight, self.best.bound)

    def _root(self) -> None:
        last, still = -1.0, 0
        for round_ in range(ROUNDS):
            bound, y = self.master.solve(self.watch.left())
            self._bound(self.base + bound)
            self._tell("bounding")
            y = y + self.model.must
            if round_ % 10 == 5 or (round_ < 5 and round_ % 2):
                self._from_fraction(y)
            self._settle(bound)
            still = still + 1 if bound <= last + 1e-4 * abs(last) else 0
            last = max(bound, last)
            if still >= 8 or self.best.proven or self.watch.over():
                break
            if round_ % 5 == 4:
                self.master.drop_slack()
            if not self._separate(y, 1.0):
                break
        if not self.watch.over():
            self._from_fraction(y)

    def _separate(self, y: Floats, cap: float) -> int:
        """Add the cuts that y violates; how many."""
        found = []
        for t in range(len(self.model.target)):
            self.attacker.show(y, float(self.model.need[t]) * cap)
            value, _ = self.attacker.reach(t)
            if self.attacker.reached(t, value):
                continue
            cut = self.attacker.cut(t)
            if cut is not None and cut.value(y) < 1 - VIOLATED:
                self.pool.add(cut)  # perhaps known, but dropped from the master since
                found.append(cut)
            if self.watch.over():
                break
        self.master.add(found)
        return len(found)

    def _rounds(self) -> None:
        seconds = 5.0
        while not self.best.proven and not self.watch.over():
            bound, y, exact, met = solve_mip(
                self.model.weight,
                self.low,
                self.high,
                self.master.cuts,
                seconds=min(seconds, self.watch.left()),
                start=self.best.hidden,
            )
            self._bound(min(bound, self.best.weight))
            fresh = sum(self._separate(pattern.astype(float), np.inf) for pattern in [y, *met[-4:]])
            self._improve(y, self.model.weight)
            self._tell("choosing")
            if not fresh:
                if exact:
                    break
                seconds *= 2

    def _bound(self, bound: float) -> None:
        self.best.bound = max(self.best.bound, min(bound, self.best.weight))

    def _from_fraction(self, y: Floats) -> None:
        self._improve(y > 0.999, self.model.weight * (1 - np.minimum(y, 1.0)) + 1e-6 * self.model.weight)
        self._improve(self.low > 0.5, self.model.weight * (1 - np.minimum(y, 1.0)) + 1e-6 * self.model.weight)

    def _improve(self, hidden: Bools, cost: Floats) -> None:
        """Make a pattern protect, clean it, and keep it when it is the best."""
        hidden = repaired(self.router, self.witnesses, hidden | self.model.must, cost)
        hidden = cleaned(self.witnesses, hidden, self.watch)
        weight = self.model.cost(hidden)
        if weight < self.best.weight and not self.witnesses.check(hidden):
            self._take(hidden)

    def _take(self, hidden: Bools) -> None:
        """The best so far. Cells that no deviation moves are shown: nobody's room runs through them."""
        moves = self.witnesses.moves()
        hidden = hidden & moved(self.model.must, moves)
        self.best = Outcome(hidden, self.model.cost(hidden), self.best.bound, moves)

    def _settle(self, bound: float) -> None:
        """Settle cells that no pattern cheaper than the best can have otherwise."""
        spare = self.best.weight - (self.base + bound) * (1 + EQUAL)
        reduced = self.master.reduced()
        free = self.model.free
        self.high[free & (reduced > spare) & (self.low < 1)] = 0.0
        self.low[free & (-reduced > spare) & (self.high > 0)] = 1.0
        self.master.forbid(self.low, self.high)


def exact(model: Model, watch: Watch) -> Outcome:
    """The best pattern found within the time, with its bound, or the targets that nothing protects."""
    return Search(model, watch).run()
