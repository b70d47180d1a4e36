"""Proving the best set of groups: split the problem into cases until the bound of every case is met.

Where the linear program takes parts of groups, some two members share a group by a broken share. Either they share a group
in the answer or they do not: two cases, each with its own linear program (D. M. Ryan and B. A. Foster, "An integer
programming approach to scheduling", 1981). The cases and their prices are the proof, and a checker needs nothing else.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from commonground.engines.formation.columns import Columns
from commonground.engines.formation.instance import CLOSED, Arrays, Flags, Floats
from commonground.engines.formation.master import Relaxation, relax
from commonground.engines.formation.proof import Leaf, Split

BROKEN = 1e-5
WORK = 3_000_000  # stages of one pricing inside a case


class Tree:
    """The cases of one problem, and the best groups met on the way."""

    def __init__(
        self,
        arrays: Arrays,
        count: int | None,
        best: Columns,
        value: float,
        go_on: Callable[[], bool],
        still: Callable[[], bool],
    ) -> None:
        self.count, self.best, self.value, self._go_on, self._still = count, best, value, go_on, still
        self._root = arrays

    def prove(self, relaxed: Relaxation) -> Leaf | Split:
        """The proof for the whole problem, from its own relaxation."""
        return self._split(self._root, relaxed)

    def _case(self, arrays: Arrays, parent: Relaxation) -> Leaf | Split:
        """The proof of one case. Prices of the case around it hold here too, so they serve where the search must end."""
        if not self._go_on():
            return parent.leaf(arrays)
        fits = _fits(arrays, parent.columns)
        relaxed = relax(
            arrays,
            self.count,
            parent.columns[fits],
            parent.prices,
            go_on=self._worth_it,
            still=self._still,
            work=WORK,
            charge=0.0,
        )
        if relaxed is None or relaxed.bound > parent.bound:
            return parent.leaf(arrays)
        return self._split(arrays, relaxed)

    def _split(self, arrays: Arrays, relaxed: Relaxation) -> Leaf | Split:
        leaf = relaxed.leaf(arrays)
        if self._met(relaxed.bound) or not relaxed.exact:
            return leaf
        pair = _broken_pair(relaxed.columns, relaxed.shares, len(arrays.pair))
        if pair is None:
            self._take(relaxed, arrays)
            return leaf
        first, second = pair
        together = self._case(_joined(arrays, first, second), relaxed)
        return Split(first, second, together, self._case(_parted(arrays, first, second), relaxed))

    def _worth_it(self, bound: float) -> bool:
        return not self._met(bound) and self._go_on()

    def _met(self, bound: float) -> bool:
        return bound <= self.value + tolerance(self.value)

    def _take(self, relaxed: Relaxation, arrays: Arrays) -> None:
        """The program took whole groups: they are the best of this case."""
        if relaxed.bound > self.value:
            whole = relaxed.columns[np.flatnonzero(relaxed.shares > 0.5)]
            placed = np.zeros(len(arrays.pair), bool)
            for row, size in zip(whole.members, whole.size, strict=True):
                placed[row[:size]] = True
            value = float(whole.value.sum() - self._root.leave[~placed].sum())
            if value > self.value:
                self.best, self.value = whole, value


def tolerance(value: float) -> float:
    """How far a bound may lie above a value that it proves best: rounding only."""
    return 1e-6 * max(1.0, abs(value))


def _broken_pair(columns: Columns, shares: Floats, n: int) -> tuple[int, int] | None:
    """The two members whose share of common groups is nearest to a half; None where all are whole."""
    common = np.zeros((n, n))
    for c in np.flatnonzero(shares > BROKEN):
        ids = columns.members[c, : columns.size[c]]
        common[np.ix_(ids, ids)] += shares[c]
    off = np.abs(np.triu(common, 1) - 0.5)
    off[np.tril_indices(n)] = 0.5
    place = int(off.argmin())
    return None if off.flat[place] > 0.5 - BROKEN else (place // n, place % n)


def _joined(arrays: Arrays, first: int, second: int) -> Arrays:
    """The case in which two members share a group: pinned."""
    pin = arrays.pin.copy()
    same = {int(pin[i]) for i in (first, second) if pin[i] >= 0}
    new = int(pin.max()) + 1
    pin[np.isin(pin, list(same))] = new
    pin[[first, second]] = new
    return replace(arrays, pin=pin, pin_size=np.bincount(pin[pin >= 0], minlength=new + 1))


def _parted(arrays: Arrays, first: int, second: int) -> Arrays:
    """The case in which they do not."""
    pair = arrays.pair.copy()
    pair[first, second] = pair[second, first] = -CLOSED
    return replace(arrays, pair=pair)


def _fits(arrays: Arrays, columns: Columns) -> Flags:
    """Which columns obey the pins and closed pairs of a case."""
    fits = np.ones(len(columns), bool)
    for c, (row, size) in enumerate(zip(columns.members, columns.size, strict=True)):
        ids = row[:size]
        pins = arrays.pin[ids]
        whole = all((pins == p).sum() == arrays.pin_size[p] for p in pins[pins >= 0])
        fits[c] = whole and arrays.pair[np.ix_(ids, ids)].min() > -CLOSED / 2
    return fits
