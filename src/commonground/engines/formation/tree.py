"""Proving the best set of groups.

1. List every group that can be part of anything better than the best groups so far: the others lose more against the prices
   of the linear program than the whole has left to gain. 2. Limit how many twos of odd sets of members the program takes, and
drop the groups that lose too much against its new prices. 3. Where it still takes parts of groups, some two members share a
group by a broken share. Either they share one in the answer or they do not: two cases (D. M. Ryan and B. A. Foster, "An integer
programming approach to scheduling", 1981), and so on. The prices of the cases are the proof, and a checker needs nothing else.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from math import inf

import numpy as np

from commonground.engines.formation.columns import Columns, price
from commonground.engines.formation.instance import Arrays, Floats, Ints
from commonground.engines.formation.master import Relaxation
from commonground.engines.formation.odd import broken_sets
from commonground.engines.formation.program import Optimum, Program
from commonground.engines.formation.proof import Leaf, Narrowed, OddSet, Proof, Split

BROKEN = 1e-5
SLACK = 1e-6  # the checker computes in another order: what is this close to a limit stays in the list
MOST = 200_000  # groups listed per area and size
WORK = 5_000_000  # stages of that listing
LIMITS = 60  # odd sets found at once
CASES = 12_000  # numbers given to cases before the search goes on without a proof
SPARED = 0.7  # share of the groups below which a smaller program is made
STALL, LAST = 0.02, 2  # cases come when the bound falls by less than this share of what is left, in so many rounds


@dataclass(eq=False)
class Case:
    """One case: `rows` are the groups that it allows, `odd` the sets to begin with, `leaf` proves its bound. `parts` are the same
    case with fewer groups, or the two cases that `pair` share a group and that they do not, for all that is better than `value`."""

    rows: Ints
    excess: Floats
    odd: Collection[OddSet]
    leaf: Leaf
    value: float = 0.0
    pair: tuple[int, int] = (-1, -1)
    parts: "tuple[Case, ...]" = ()

    def proof(self) -> Proof:
        if not self.parts:
            return self.leaf
        first, *second = (part.proof() for part in self.parts)
        return Narrowed(self.leaf, self.value, Split(*self.pair, first, second[0]) if second else first)


class Tree:
    """The best groups met so far and the proof that none are better, as far as `go_on` lets it come."""

    def __init__(
        self, arrays: Arrays, groups: int | None, best: Columns, value: float, go_on: Callable[[float], bool]
    ) -> None:
        self.best, self.value = best, value
        self._arrays, self._count, self._go_on = arrays, groups, go_on
        self._groups = best

    def prove(self, relaxed: Relaxation) -> Proof:
        """The proof for the whole problem, from its own relaxation."""
        leaf, value = relaxed.leaf(self._arrays), self.value
        least = value - relaxed.bound - SLACK
        priced = price(self._arrays, relaxed.prices, relaxed.count_price, least, work=WORK, table=MOST)
        if self._met(relaxed.bound) or not priced.complete:
            return leaf
        self._groups, excess = distinct(priced.columns, priced.reduced)
        root = Case(np.arange(len(excess)), excess, (), leaf)
        self._work_off(root)
        return Narrowed(leaf, value, root.proof())

    def _work_off(self, root: Case) -> None:
        """Divide cases, the one that leaves most room first."""
        turn, open_ = count(1), [(-root.leaf.bound, 0, root)]
        while open_ and not self._met(-open_[0][0]) and self._go_on(-open_[0][0]) and next(turn) < CASES:
            _, _, case = heappop(open_)
            self._divide(case)
            for part in case.parts:
                heappush(open_, (-part.leaf.bound, next(turn), part))

    def _divide(self, case: Case) -> None:
        """Rows for odd sets until they help little, then fewer groups or two cases, unless nothing better is left."""
        program = Program(self._arrays, self._count, self._groups[case.rows], case.excess, case.odd)
        found, sets = self._limited(program)
        if found.leaf.bound < case.leaf.bound or not self._closed(program, found):
            case.leaf = found.leaf
        if self._closed(program, found):
            return
        kept = self._matter(found)
        rows, excess, odd = case.rows[kept], found.excess[kept], tuple(found.leaf.odd)
        case.value = self.value
        if len(rows) < SPARED * len(case.rows):
            case.parts = (Case(rows, excess, (*odd, *sets), found.leaf),)
            return
        case.pair = broken_pair(program.groups, found.shares, program.n)
        first, second = ((self._groups.members[rows] == i).any(axis=1) for i in case.pair)
        cases = (first == second, ~(first & second))
        case.parts = tuple(Case(rows[fits], excess[fits], odd, found.leaf) for fits in cases)

    def _limited(self, program: Program) -> tuple[Optimum, list[OddSet]]:
        """The optimum under rows for odd sets, and sets that were found but are not among the rows yet."""
        bounds: list[float] = []
        while True:
            found = program.solve()
            bounds.append(found.leaf.bound)
            if self._closed(program, found):
                return found, []
            sets = broken_sets(program.groups, found.shares, program.n, LIMITS)
            few = len(self._matter(found)) < SPARED * len(program.groups)
            if few or not sets or self._stalls(bounds) or not self._go_on(inf):
                return found, sets
            program.limit(sets)

    def _matter(self, found: Optimum) -> Ints:
        """The groups that can still be part of anything better."""
        return np.flatnonzero(found.excess >= self.value - found.leaf.bound - SLACK)

    def _stalls(self, bounds: list[float]) -> bool:
        return len(bounds) > LAST and bounds[-1 - LAST] - bounds[-1] < STALL * (bounds[-1] - self.value)

    def _closed(self, program: Program, found: Optimum) -> bool:
        """Whether nothing better is left in a case. The groups that the program took whole may be the best so far."""
        whole = np.flatnonzero(found.shares > 1.0 - BROKEN)
        groups = program.groups[whole]
        alone = np.ones(len(self._arrays.pair) + 1, bool)
        alone[groups.members] = False
        value = float(groups.value.sum() - self._arrays.leave[alone[:-1]].sum())
        if value > self.value and self._count in (None, len(groups)):
            self.best, self.value = groups, value
        broken = (found.shares > BROKEN) & (found.shares < 1.0 - BROKEN)
        return self._met(found.leaf.bound) or not broken.any()

    def _met(self, bound: float) -> bool:
        return bound <= self.value + tolerance(self.value)


def tolerance(value: float) -> float:
    """How far a bound may lie above a value that it proves best: rounding only."""
    return 1e-6 * max(1.0, abs(value))


def broken_pair(groups: Columns, shares: Floats, n: int) -> tuple[int, int]:
    """The two members whose share of common groups is nearest to a half."""
    common = np.zeros((n, n))
    for c in np.flatnonzero(shares > BROKEN):
        ids = groups.members[c, : groups.size[c]]
        common[np.ix_(ids, ids)] += shares[c]
    off = np.abs(np.triu(common, 1) - 0.5)
    off[np.tril_indices(n)] = 0.5
    place = int(off.argmin())
    return place // n, place % n


def distinct(groups: Columns, reduced: Floats) -> tuple[Columns, Floats]:
    """Of groups with the same members, the one whose area is worth most, and its reduced value."""
    rows = np.sort(groups.members, axis=1)
    order = np.lexsort((-groups.value, *rows.T))
    rows = rows[order]
    first = np.ones(len(rows), bool)
    first[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    kept = np.sort(order[first])
    return groups[kept], reduced[kept]
