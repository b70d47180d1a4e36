"""The cheapest pattern of a small model, exactly: cuts from compiled attacks, choices by compiled branching."""

from dataclasses import dataclass

import numpy as np

from commonground.engines.disclosure.suppression.cuts import Cut, Pool, proved
from commonground.engines.disclosure.suppression.kernels import attack, choose, echelon, push
from commonground.engines.disclosure.suppression.master import solve_mip
from commonground.engines.disclosure.suppression.model import Model
from commonground.engines.disclosure.suppression.problem import Bools, Floats, Ints
from commonground.engines.disclosure.suppression.watch import Watch

BRANCHED, NODES = 45, 20_000  # cells and nodes of the compiled branching; beyond these HiGHS takes over
NARROW = 1e-6


@dataclass
class Local:
    """The cheapest pattern found of a part, the lower bound, and the cuts that prove it."""

    hidden: Bools
    bound: float
    pool: Pool


class Tableau:
    """Compiled attacks on one model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._T, self._basis = echelon(np.ascontiguousarray(model.A.toarray()))

    def reach(self, t: int, below: Floats, above: Floats) -> tuple[float, Floats, Floats]:
        """(how far target t gets, deviations, prices)."""
        model = self.model
        return attack(  # type: ignore[no-any-return]
            self._T, self._basis, below, above, int(model.target[t]), float(model.sign[t]), float(model.need[t])
        )

    def together(self, targets: Ints, below: Floats, above: Floats) -> Floats:
        """Deviations that push all these targets at once (at most one for each cell)."""
        x, _ = push(self._T, self._basis, *self.model.aim(targets, below, above))
        return x  # type: ignore[no-any-return]

    def cut(self, t: int, z: Floats) -> Cut | None:
        return proved(self.model, float(self.model.need[t]), np.maximum(z, 0.0), np.maximum(-z, 0.0))


def cheapest(model: Model, watch: Watch, pool: Pool | None = None) -> Local:
    """1. Choose cheaply under the cuts known. 2. Attack the choice; each target not reached gives a cut. 3. Repeat."""
    pool, tableau = pool or Pool(), Tableau(model)
    bound, hidden = model.cost(model.must), model.must.copy()
    while not watch.over():
        fresh, narrow = attacked(tableau, hidden, pool)
        if not narrow:
            return Local(hidden, bound, pool)
        if not fresh:
            break
        found, hidden, exact = _choice(model, pool, watch)
        bound = max(bound, found)
        if not exact:
            break
    return Local(minimal(tableau, ~model.never), bound, pool)


def minimal(tableau: Tableau, hidden: Bools) -> Bools:
    """The pattern without the cells, dearest first, that every target can do without."""
    model, hidden = tableau.model, hidden.copy()
    secondary = np.flatnonzero(hidden & model.free)
    for cell in secondary[np.lexsort((secondary, -model.weight[secondary]))]:
        hidden[cell] = False
        below, above = model.bounds(hidden.astype(float))
        for t in range(len(model.target)):
            if tableau.reach(t, below, above)[0] < model.need[t] * (1 - NARROW):
                hidden[cell] = True
                break
    return hidden


def attacked(tableau: Tableau, hidden: Bools, pool: Pool) -> tuple[int, int]:
    """(new cuts, targets not reached). After a cut all its cells count as hidden, so a target's cuts share none."""
    model, fresh, narrow = tableau.model, 0, 0
    for t in range(len(model.target)):
        y = hidden.astype(float)
        for again in range(model.n):
            value, _, z = tableau.reach(t, *model.bounds(y))
            if value >= model.need[t] * (1 - NARROW):
                break
            narrow += again == 0
            cut = tableau.cut(t, z)
            if cut is None or not len(cut.cells):
                break
            fresh += pool.add(cut)
            y[cut.cells] = 1.0
    return fresh, narrow


def _choice(model: Model, pool: Pool, watch: Watch) -> tuple[float, Bools, bool]:
    """(lower bound, cheapest pattern under the cuts, whether proven)."""
    cells = np.unique(np.concatenate([cut.cells for cut in pool.cuts]))
    if len(cells) <= BRANCHED:
        hidden, exact = _chosen(model, cells, pool)
        if exact:
            return model.cost(hidden), hidden, True
    low = model.must.astype(float)
    bound, hidden, exact, _ = solve_mip(
        model.weight, low, (~model.never).astype(float), pool.cuts, seconds=min(20.0, watch.left())
    )
    return bound, hidden, exact


def _chosen(model: Model, cells: Ints, pool: Pool) -> tuple[Bools, bool]:
    G = np.zeros((len(pool.cuts), len(cells)))
    for row, cut in enumerate(pool.cuts):
        G[row, np.searchsorted(cells, cut.cells)] = cut.coefficient
    _, y, exact = choose(G, model.weight[cells], NODES)
    hidden = model.must.copy()
    hidden[cells] |= y > 0
    return hidden, exact
