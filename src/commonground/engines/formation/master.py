"""The linear program over candidate groups, and column generation until no group is missing from it.

    maximise  sum of value[c] x[c] - sum of leave[i] u[i]
    subject to  sum of x[c] over groups c with member i, plus u[i], is 1 for every member i  (dual: the price of i)
                sum of x[c] is the number of groups, where that is given                     (dual: the count's price)

Its optimum bounds every set of groups from above. Prices p bound it even before the optimum: with `over` the greatest
reduced value of any group, sum of p + count price x count + groups x max(over, 0). Stabilised as in O. du Merle, D.
Villeneuve, J. Desrosiers and P. Hansen, "Stabilized column generation", Discrete Mathematics 194 (1999): prices that
leave a box around the last centre are charged, and both box and charge go away towards the end.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import highspy
import numpy as np

from commonground.engines.formation.columns import Columns, Priced, price
from commonground.engines.formation.instance import Arrays, Floats, Ints
from commonground.engines.formation.kernels.pricing import lift
from commonground.engines.formation.proof import Leaf
from commonground.engines.formation.sectors import most_groups, sector_bonus

EXACT = 1e-7  # reduced values up to this count as zero
CHARGE, BOX = 0.2, 1.0  # stabilisation: share of a group's worth charged outside the box, and the box's half width
FEW = 200
ROUNDS = 400


class Master:
    """The linear program over the rows of `members` (all by default). Where `still()` turns False, a solution ends early and is
    no optimum; prices bound all groups whatever they are."""

    def __init__(
        self, arrays: Arrays, count: int | None, members: Ints | None = None, *, still: Callable[[], bool]
    ) -> None:
        self.n = len(arrays.pair)
        self.members = np.arange(self.n) if members is None else members
        self.row = np.full(self.n, -1, np.int64)
        self.row[self.members] = np.arange(len(self.members))
        self.columns: list[Columns] = []
        self.known: set[bytes] = set()
        self.counted = count is not None
        self._lp = highspy.Highs()
        self._lp.setOptionValue("output_flag", False)
        self._lp.setOptionValue("threads", 1)
        self._lp.changeObjectiveSense(highspy.ObjSense.kMaximize)
        self._lp.cbSimplexInterrupt += lambda event: None if still() else event.interrupt()
        ones = np.ones(len(self.members))
        self._rows(ones)
        if count is not None:
            self._rows(np.full(1, float(count)))
        self._unit_columns(-arrays.leave[self.members], np.inf, 1.0)
        self.first = len(self.members)  # position of the first group's column

    def add(self, columns: Columns) -> int:
        """Add the columns not known yet; returns how many."""
        fresh = []
        for place, key in enumerate(columns.keys()):
            if key not in self.known:
                self.known.add(key)
                fresh.append(place)
        if fresh:
            self._add(columns[np.array(fresh)])
        return len(fresh)

    def solve(self) -> tuple[float, Floats, float]:
        """(optimum, price of every member, price of the count); members outside have price 0."""
        self._lp.run()
        dual = np.array(self._lp.getSolution().row_dual)
        prices = np.zeros(self.n)
        prices[self.members] = dual[: len(self.members)]
        return self._lp.getObjectiveValue(), prices, float(dual[-1]) if self.counted else 0.0

    def shares(self) -> Floats:
        """Value of every group's column in the last optimum."""
        return np.array(self._lp.getSolution().col_value)[self.first :]

    def all_columns(self, size_max: int) -> Columns:
        return Columns.join(self.columns, size_max)

    def fix(self, positions: Ints) -> None:
        """Take these groups' columns as chosen."""
        ones = np.ones(len(positions))
        self._lp.changeColsBounds(len(positions), (positions + self.first).astype(np.int32), ones, ones)

    def box(self, centre: Floats, width: float, charge: float) -> None:
        """Charge prices outside centre +- width (a second call moves the box)."""
        m = len(self.members)
        at = centre[self.members]
        profit = np.concatenate([at - width, -(at + width)])
        if self.first == m:
            self._unit_columns(profit[:m], charge, 1.0)
            self._unit_columns(profit[m:], charge, -1.0)
            self.first = 3 * m
        places = np.arange(m, 3 * m, dtype=np.int32)
        self._lp.changeColsCost(2 * m, places, profit)
        self._lp.changeColsBounds(2 * m, places, np.zeros(2 * m), np.full(2 * m, charge))

    def charged(self) -> float:
        """How much the box holds the last optimum: 0 when it does not."""
        m = len(self.members)
        if self.first == m:
            return 0.0
        return float(np.array(self._lp.getSolution().col_value)[m : 3 * m].sum())

    def _rows(self, limits: Floats) -> None:
        none = np.zeros(0, np.int32)
        self._lp.addRows(len(limits), limits, limits, 0, np.zeros(len(limits), np.int32), none, np.zeros(0))

    def _unit_columns(self, profit: Floats, upper: float, sign: float) -> None:
        m = len(self.members)
        rows = np.arange(m, dtype=np.int32)
        self._lp.addCols(m, profit, np.zeros(m), np.full(m, upper), m, rows, rows, np.full(m, sign))

    def _add(self, columns: Columns) -> None:
        self.columns.append(columns)
        filled = columns.members >= 0
        rows = self.row[columns.members]
        length = columns.size.copy()
        if self.counted:
            filled = np.column_stack([filled, np.ones(len(columns), bool)])
            rows = np.column_stack([rows, np.full(len(columns), len(self.members))])
            length = length + 1
        start = np.concatenate([[0], np.cumsum(length)[:-1]]).astype(np.int32)
        index = rows[filled].astype(np.int32)
        many = len(columns)
        zero, free = np.zeros(many), np.full(many, np.inf)
        self._lp.addCols(many, columns.value, zero, free, len(index), start, index, np.ones(len(index)))


@dataclass(frozen=True, eq=False)
class Relaxation:
    """What column generation proved: `bound` holds for every set of groups; `exact` if it is the program's optimum.

    `shares` is how much of each column the last optimum takes.
    """

    prices: Floats
    count_price: float
    bound: float
    columns: Columns
    shares: Floats
    exact: bool

    def leaf(self, arrays: Arrays) -> Leaf:
        """The bound with what proves it."""
        return Leaf(self.prices, self.count_price, self.bound, bonus=sector_bonus(arrays, self.prices))


def proven(
    arrays: Arrays, count: int | None, prices: Floats, count_price: float, priced: Priced
) -> tuple[Floats, float]:
    """Prices and the bound they prove, from all groups priced above EXACT at `prices`.

    Where all of them are listed, raising their members' prices until none is left is cheaper than counting the greatest
    reduced value once per group.
    """
    groups = most_groups(arrays, count)
    fixed = count_price * (count or 0)
    plain = float(prices.sum()) + groups * max(priced.best, EXACT) + fixed
    if not priced.complete:
        return prices, plain
    order = np.argsort(-priced.reduced, kind="stable")
    lifted = lift(prices, priced.columns.members, priced.columns.size, priced.reduced, order)
    raised = float(lifted.sum()) + groups * EXACT + fixed
    return (lifted, raised) if raised < plain else (prices, plain)


def relax(
    arrays: Arrays,
    count: int | None,
    start: Columns,
    centre: Floats,
    *,
    go_on: Callable[[float], bool],
    still: Callable[[], bool],
    work: int = 2**62,
    charge: float = CHARGE,
) -> Relaxation | None:
    """Column generation from the groups of `start` and prices near `centre`. None if pricing is too much work.

    `go_on(bound)` is asked after every round, `still()` within; when one says no, the best bound so far is the answer. A
    `charge` of 0 leaves out the stabilisation, which pays only where the first prices are far off.
    """
    master = Master(arrays, count, still=still)
    if charge:
        master.box(centre, BOX, charge)
    master.add(start)
    prices, count_price, settled = np.maximum(centre, -arrays.leave), 0.0, False
    best: Relaxation | None = None
    dual = prices
    for turn in range(ROUNDS):
        priced = price(arrays, prices, count_price, EXACT, work=work, still=still)
        if not priced.sure:
            break
        sound, bound = proven(arrays, count, prices, count_price, priced)
        few = len(priced.columns) <= FEW
        if best is None or bound < best.bound or (settled and not len(priced.columns)):
            done = settled and not len(priced.columns)
            best = Relaxation(sound, count_price, bound, Columns.join([], arrays.size_max), np.zeros(0), done)
        if best.exact or not go_on(best.bound):
            break
        master.add(priced.spread(len(prices), 6, 5000 + 2 * len(prices)))
        if charge and (few or turn % 3 == 2):
            charge = charge if not few else charge * 0.3 if charge > 0.01 else 0.0
            master.box(dual, BOX, charge)
        _, dual, dual_count = master.solve()
        settled = charge == 0.0
        share = 1.0 if few or settled else 0.5
        prices, count_price = prices + share * (dual - prices), count_price + share * (dual_count - count_price)
    return None if best is None else replace(best, columns=master.all_columns(arrays.size_max), shares=master.shares())
