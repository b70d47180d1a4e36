"""The linear program over groups that are all listed, with rows for odd sets of members.

maximise  sum of value[c] x[c] - sum of leave[i] u[i]
subject to  sum of x[c] over groups c with member i, plus u[i], is 1 for every member i   (dual: the price of i)
            sum of x[c] is the number of groups, where that is given                      (dual: the count's price)
            sum of twos of set s in c times x[c] is at most half of s, rounded down       (dual: the price of s)
"""

from collections.abc import Iterable
from dataclasses import dataclass

import highspy
import numpy as np

from commonground.engines.formation.columns import Columns
from commonground.engines.formation.instance import Arrays, Floats, Ints
from commonground.engines.formation.master import EXACT
from commonground.engines.formation.odd import twos
from commonground.engines.formation.proof import Leaf, OddSet
from commonground.engines.formation.sectors import most_groups

PRECISE = 1e-9
FIRST, NEW = 10, 2  # groups per member that the program begins with, and takes in at once


@dataclass(frozen=True, eq=False)
class Optimum:
    """`leaf` proves its bound; `excess` is by how much each group is worth more than it pays, `shares`
    how much of each is taken."""

    leaf: Leaf
    excess: Floats
    shares: Floats


class Program:
    """`groups` have different members each. The program holds those that were worth their price at some time, and takes in others
    when they are."""

    def __init__(
        self, arrays: Arrays, count: int | None, groups: Columns, excess: Floats, odd: Iterable[OddSet]
    ) -> None:
        self.groups, self.n = groups, len(arrays.pair)
        self.odd: list[OddSet] = []
        self._twos: list[Floats] = []
        self._arrays, self._count = arrays, count
        self._most = most_groups(arrays, count)
        self._held = np.zeros(0, np.int64)
        self._lp = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off")):
            self._lp.setOptionValue(option, value)
        for option in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
            self._lp.setOptionValue(option, PRECISE)
        self._lp.changeObjectiveSense(highspy.ObjSense.kMaximize)
        self._lay_out()
        self._hold(np.argsort(-excess, kind="stable")[: FIRST * self.n])
        self.limit(odd)

    def limit(self, sets: Iterable[OddSet]) -> None:
        """Add rows for odd sets of members."""
        for odd in sets:
            each = twos(self.groups, odd, self.n)
            at = np.flatnonzero(each[self._held])
            places, values = (at + self._first).astype(np.int32), each[self._held[at]]
            self._lp.addRow(-np.inf, float(len(odd) // 2), len(at), places, values)
            self.odd.append(odd)
            self._twos.append(each)

    def solve(self) -> Optimum:
        """The best shares of the groups."""
        while True:
            self._lp.run()
            solution = self._lp.getSolution()
            leaf, excess = self._priced(np.array(solution.row_dual))
            missing = np.flatnonzero(excess > EXACT)
            missing = missing[~np.isin(missing, self._held)]
            if not len(missing):
                break
            self._hold(missing[np.argsort(-excess[missing], kind="stable")[: NEW * self.n]])
        shares = np.zeros(len(self.groups))
        shares[self._held] = np.array(solution.col_value)[self._first :]
        return Optimum(leaf, excess, shares)

    def _priced(self, dual: Floats) -> tuple[Leaf, Floats]:
        """What these duals prove, whatever they are."""
        n = self.n
        rows = n + (self._count is not None)
        prices = np.maximum(dual[:n], -self._arrays.leave)
        count_price = float(dual[n]) if rows > n else 0.0
        paid, bound = np.append(prices, 0.0)[self.groups.members].sum(axis=1) + count_price, float(prices.sum())
        odd = {}
        for members, each, price in zip(self.odd, self._twos, dual[rows:], strict=True):
            if price > 0.0:
                odd[members] = float(price)
                paid += price * each
                bound += price * (len(members) // 2)
        excess = self.groups.value - paid
        bound += count_price * (self._count or 0) + self._most * float(excess.max(initial=0.0))
        return Leaf(prices, count_price, bound, odd=odd), excess

    def _lay_out(self) -> None:
        """A row per member and one for the count; columns for members alone and for a count that is missed."""
        n, none = self.n, np.zeros(0, np.int32)
        alone = np.arange(n, dtype=np.int32)
        limits = np.ones(n) if self._count is None else np.append(np.ones(n), float(self._count))
        self._lp.addRows(len(limits), limits, limits, 0, np.zeros(len(limits), np.int32), none, np.zeros(0))
        self._lp.addCols(n, -self._arrays.leave, np.zeros(n), np.full(n, np.inf), n, alone, alone, np.ones(n))
        self._first = n
        if self._count is not None:
            far = n * float(np.abs(self.groups.value).max(initial=1.0) + self._arrays.leave.max())
            last, signs = np.full(2, n, np.int32), np.array([1.0, -1.0])
            self._lp.addCols(2, np.full(2, -far), np.zeros(2), np.full(2, np.inf), 2, alone[:2], last, signs)
            self._first = n + 2

    def _hold(self, fresh: Ints) -> None:
        """Take groups into the program."""
        many, rows = len(fresh), self.groups.members[fresh]
        entry = (rows >= 0).astype(np.float64)
        if self._count is not None:
            rows, entry = np.column_stack([rows, np.full(many, self.n)]), np.column_stack([entry, np.ones(many)])
        if self.odd:
            base = self.n + (self._count is not None)
            odd_rows = np.broadcast_to(np.arange(base, base + len(self.odd)), (many, len(self.odd)))
            rows = np.column_stack([rows, odd_rows])
            entry = np.column_stack([entry, *(each[fresh] for each in self._twos)])
        filled = entry > 0.0
        start = np.concatenate([[0], np.cumsum(filled.sum(axis=1))[:-1]]).astype(np.int32)
        index, value = rows[filled].astype(np.int32), entry[filled]
        zero, free = np.zeros(many), np.full(many, np.inf)
        self._lp.addCols(many, self.groups.value[fresh], zero, free, len(index), start, index, value)
        self._held = np.concatenate([self._held, fresh])
