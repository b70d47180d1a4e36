"""Whole numbers: children do not come in halves, and an attacker knows that.

Linear programs reach a sensitive cell's need in fractions; in tables of three and more dimensions whole numbers may reach
less (J.A. De Loera and S. Onn, "The complexity of three-way statistical tables", SIAM J. Comput. 33, 2004). So every
target gets deviations in whole numbers:

1. Linear programs of one target, region by region, end in whole numbers nearly always. The deviations and their
   opposites, as often as they fit, answer for every target that they reach.
2. Where one ends between whole numbers, an integer program in the blocks that it moves, and then in the whole.
3. What is not reached has further cells hidden, by the integer program that finds the cheapest.
"""

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_matrix

from commonground.engines.disclosure.suppression.attacker import Pusher
from commonground.engines.disclosure.suppression.blocks import Blocks
from commonground.engines.disclosure.suppression.integers import moved_in_whole_numbers
from commonground.engines.disclosure.suppression.local import NARROW, Tableau
from commonground.engines.disclosure.suppression.model import Model
from commonground.engines.disclosure.suppression.outcome import Outcome, moved
from commonground.engines.disclosure.suppression.problem import Bools, Floats, Ints
from commonground.engines.disclosure.suppression.regions import SIZES, Region, Surveyor, touching

FEW = 3  # blocks: of fewer, all are asked at once
DENSE = 650  # cells up to which a tableau is quicker than sparse programs
EVEN = 1e-6  # of a whole number: as near as a program's answer comes
AROUND = 30.0  # seconds for an integer program in some blocks, or without hiding more, before all is asked
KIN = ((1.0, 300), (1.0, 600), (2.0, 300), (2.0, 600), (1.0, 1500))  # how much rare relations count; hidden cells


class Kin:
    """Which blocks can give and take: those with movable cells in the same linking relations."""

    def __init__(self, model: Model, blocks: Blocks, loose: Bools) -> None:
        self.blocks, self.loose = blocks, loose
        at = np.flatnonzero(loose & (blocks.label >= 0))
        member = csr_matrix((np.ones(len(at)), (at, blocks.label[at])), shape=(model.n, blocks.count))
        self.shares = (abs(model.A[blocks.linking]) @ member).tocsc()
        self.shares.data[:] = 1.0
        self.common = np.maximum(np.asarray(self.shares.sum(axis=1)).ravel(), 1.0)
        self.size = np.array([loose[cells].sum() for cells in blocks.cells], np.int64)

    def region(self, block: int, rarity: float, size: int) -> Ints:
        """The block's loose cells and those of its nearest kin, about `size` of them."""
        rare = self.shares[:, [block]].toarray().ravel() / self.common**rarity
        near = (self.shares.T @ rare) / np.sqrt(np.maximum(self.size, 1))
        near[block] = np.inf
        order = np.argsort(-near, kind="stable")
        chosen = order[np.cumsum(self.size[order]) <= max(size, int(self.size[block]))]
        cells: Ints = np.sort(np.concatenate([self.blocks.cells[k] for k in chosen]))
        return cells[self.loose[cells]]


class WholeNumbers:
    """One pattern, target by target."""

    def __init__(self, model: Model, blocks: Blocks, hidden: Bools) -> None:
        self.model, self.blocks, self.hidden = model, blocks, hidden.copy()
        self.moves: list[Ints | None] = [None] * len(model.target)
        self.hopeless: dict[int, float] = {}
        self.at = {
            (cell, sign > 0): t
            for t, (cell, sign) in enumerate(zip(model.target.tolist(), model.sign.tolist(), strict=True))
        }
        self._bound()

    def run(self) -> None:
        loose = self._loose()
        if self.blocks.count > FEW:
            self._by_regions(loose)
            self._by_kin(loose)
        whole = self._region(np.flatnonzero(loose))
        for t in self._open():
            if self.moves[t] is None:
                self._insist(whole, t)

    def _bound(self) -> None:
        below, above = self.model.bounds(self.hidden.astype(float))
        self.below, self.above = np.floor(below + EVEN), np.floor(above + EVEN)

    def _open(self) -> Ints:
        return np.array([t for t, moves in enumerate(self.moves) if moves is None], np.int64)

    def _loose(self) -> Bools:
        return np.maximum(self.below, self.above) > 0

    def _region(self, cells: Ints) -> Region:
        return Region(self.model, cells, Tableau if len(cells) <= DENSE else Pusher)

    def _by_regions(self, loose: Bools) -> None:
        surveyor = Surveyor(self.model, self.blocks)
        for size in SIZES:
            for cells in surveyor.regions(loose, size):
                self._ask(self._region(cells[loose[cells]]))

    def _by_kin(self, loose: Bools) -> None:
        kin, home = Kin(self.model, self.blocks, loose), self.blocks.label[self.model.target]
        for rarity, size in KIN:
            for block in np.unique(home[self._open()]):
                region = self._region(kin.region(int(block), rarity, size))
                self._ask(region, home[region.targets] == block)

    def _ask(self, region: Region, only: Bools | None = None) -> None:
        below, above = self.below[region.cells], self.above[region.cells]
        for place in range(len(region.targets)) if only is None else np.flatnonzero(only).tolist():
            if self.moves[region.targets[place]] is None:
                self._settle(region.cells, region.program.reach(place, below, above)[1])

    def _insist(self, whole: Region, t: int) -> None:
        """All cells, then integer programs, then further cells."""
        around = np.isin(self.blocks.label, self._touched(whole, t))
        everything = np.ones(self.model.n, bool)
        for cells, more, seconds in (
            (around, False, AROUND), (everything, False, AROUND), (around, True, AROUND), (everything, True, np.inf)
        ):  # fmt: skip
            if self.moves[t] is None:
                self._integers(t, np.flatnonzero(cells), more, seconds)
        if self.moves[t] is None:
            self.hopeless[t] = self._most(t)

    def _touched(self, whole: Region, t: int) -> Ints:
        """The target's block and those that its deviations among all cells move; settles it where these are whole."""
        label = self.blocks.label
        places = np.flatnonzero(whole.targets == t)
        if not len(places):
            return label[self.model.target[[t]]]
        _, x, _ = whole.program.reach(int(places[0]), self.below[whole.cells], self.above[whole.cells])
        self._settle(whole.cells, x)
        return np.append(label[whole.cells[np.abs(x) > EVEN]], label[self.model.target[t]])

    def _most(self, t: int) -> float:
        """How far the target gets in whole numbers when everything is hidden that may be."""
        model, need = self.model, self.model.need.copy()
        for less in np.arange(need[t] - 1, 0, -1):
            need[t] = less
            if moved_in_whole_numbers(replace(model, need=need), t, self.hidden, more=True, seconds=np.inf) is not None:
                return float(less)
        return 0.0

    def _integers(self, t: int, cells: Ints, more: bool, seconds: float) -> None:
        """An integer program among the cells, with or without hiding more of them."""
        part = self.model.part(cells, touching(self.model, cells))
        place = int(np.searchsorted(np.flatnonzero(np.isin(self.model.target, cells)), t))
        found = moved_in_whole_numbers(part, place, self.hidden[cells], more=more, seconds=seconds)
        if found is not None:
            self.hidden[cells[_beyond(part, found)]] = True
            self._bound()
            self._settle(cells, found)

    def _settle(self, cells: Ints, x: Floats) -> None:
        """Every target that these deviations, or their opposites, reach in whole numbers as often as they fit."""
        at = np.flatnonzero(np.abs(x) > EVEN)
        step = np.round(x[at])
        if not len(at) or np.abs(x[at] - step).max() > EVEN:
            return
        step, cells = step / np.gcd.reduce(np.abs(step).astype(np.int64)), cells[at]
        for way in (step, -step):
            room = np.where(way > 0, self.above[cells], self.below[cells])
            shift = way * np.floor((room + EVEN) / np.abs(way)).min()
            self._note(cells, shift)

    def _note(self, cells: Ints, shift: Floats) -> None:
        model = self.model
        beyond = (shift > model.shown_up[cells] + EVEN) | (-shift > model.shown_down[cells] + EVEN)
        moves = np.sort(cells[beyond])
        for cell, by in zip(cells.tolist(), shift.tolist(), strict=True):
            t = self.at.get((cell, by > 0))
            if t is not None and self.moves[t] is None and abs(by) >= model.need[t] * (1 - NARROW):
                self.moves[t] = moves


def _beyond(part: Model, x: Floats) -> Ints:
    return np.flatnonzero((x > part.shown_up + EVEN) | (-x > part.shown_down + EVEN))


def in_whole_numbers(model: Model, blocks: Blocks, outcome: Outcome) -> Outcome:
    """The pattern with what protection in whole numbers needs besides, and without what it does not need."""
    model = replace(model, need=np.ceil(model.need - EVEN))
    whole = WholeNumbers(model, blocks, outcome.hidden)
    whole.run()
    if whole.hopeless:
        return Outcome(outcome.hidden, outcome.weight, outcome.bound, [], whole.hopeless)
    moves = [some for some in whole.moves if some is not None]
    hidden = moved(model.must, moves)
    return Outcome(hidden, model.cost(hidden), outcome.bound, moves)
