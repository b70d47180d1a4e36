"""Whole numbers: children do not come in halves, and an attacker knows that.

Linear programs reach a sensitive cell's need in fractions; in tables of three and more dimensions whole numbers may reach
less (J.A. De Loera and S. Onn, "The complexity of three-way statistical tables", SIAM J. Comput. 33, 2004). So every
target gets deviations in whole numbers:

1. Linear programs of one target, region by region, end in whole numbers nearly always. The deviations and their
   opposites, as often as they fit, answer for every target that they reach.
2. Where one ends between whole numbers, an integer program in the blocks that it moves, and then in the whole.
3. What is not reached has further cells hidden, by the integer program that finds the cheapest. What nobody needs any
   more beside these is shown again.
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
CROWD = 100  # targets that use a cell, beyond which it stays hidden
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
        self.mended = np.zeros(model.n, bool)  # cells around which more are hidden than before
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
        self._shown_again(np.flatnonzero(self.mended))

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
        x = self._found(t, cells, more, seconds)
        if x is not None:
            moves = cells[self._beyond(cells, x)]
            if not self.hidden[moves].all():
                self.mended[cells] = True
                self.hidden[moves] = True
                self._bound()
            self._settle(cells, x)

    def _found(self, t: int, cells: Ints, more: bool, seconds: float) -> Floats | None:
        part = self.model.part(cells, touching(self.model, cells))
        place = int(np.searchsorted(np.flatnonzero(np.isin(self.model.target, cells)), t))
        return moved_in_whole_numbers(part, place, self.hidden[cells], more=more, seconds=seconds)

    def _shown_again(self, cells: Ints) -> None:
        """Show, dearest first, what all targets can do without since further cells are hidden."""
        model = self.model
        tries = cells[(self.hidden & model.free)[cells]]
        for cell in tries[np.lexsort((tries, -model.weight[tries]))].tolist():
            users = [t for t, moves in enumerate(self.moves) if moves is not None and cell in moves]
            self.hidden[cell] = False
            fresh = self._renewed(users, cells) if len(users) <= CROWD else None
            self.hidden[cell] = fresh is None
            for t, moves in (fresh or {}).items():
                self.moves[t] = moves

    def _renewed(self, users: list[int], cells: Ints) -> dict[int, Ints] | None:
        """Other deviations of these targets; None when one of them falls short."""
        fresh = {}
        for t in users:
            x = self._found(t, cells, False, AROUND) if self.model.target[t] in cells else None
            if x is None:
                return None
            fresh[t] = cells[self._beyond(cells, x)]
        return fresh

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
        moves = np.sort(cells[self._beyond(cells, shift)])
        for cell, by in zip(cells.tolist(), shift.tolist(), strict=True):
            t = self.at.get((cell, by > 0))
            if t is not None and self.moves[t] is None and abs(by) >= model.need[t] * (1 - NARROW):
                self.moves[t] = moves

    def _beyond(self, cells: Ints, x: Floats) -> Bools:
        """Which of the cells move further than they could if they were shown."""
        return np.asarray((x > self.model.shown_up[cells] + EVEN) | (-x > self.model.shown_down[cells] + EVEN))


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
