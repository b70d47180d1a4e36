"""Asking all targets of a large model at once, region by region.

Deviations that stay inside a region of some blocks, and leave every linking relation at zero, are deviations of the
whole model. So a target reached inside its region is protected; only the few others need larger regions, or the whole.
"""

from dataclasses import dataclass, field

import numpy as np

from commonground.engines.disclosure.suppression.attacker import Pusher
from commonground.engines.disclosure.suppression.blocks import Blocks, blocks_of, movable
from commonground.engines.disclosure.suppression.cuts import Cut
from commonground.engines.disclosure.suppression.local import NARROW, Tableau
from commonground.engines.disclosure.suppression.model import Model
from commonground.engines.disclosure.suppression.primal import TINY
from commonground.engines.disclosure.suppression.problem import Bools, Floats, Ints
from commonground.engines.disclosure.suppression.watch import Watch

DENSE = 400  # cells up to which one tableau serves a whole model
SIZES = (120, 450)  # hidden cells of a region: small ones first, larger ones for what they leave open
LARGER = (1500, 5000, 20_000)  # of the regions that are asked by sparse programs, before the whole
TOGETHER = 20  # targets of a small region from which they are first asked together
ENOUGH = 0.25  # of the targets pushed together: if fewer are reached, they are not pushed again
LEARNING = 0.2  # of the time left: for these inequalities
REASONS = 6  # inequalities that one target which falls short gives at most


def touching(model: Model, cells: Ints) -> Ints:
    """Relations that the cells stand in."""
    return np.unique(model.A[:, cells].tocsc().indices).astype(np.int64)


@dataclass
class Survey:
    """For each target the cells that its deviations move (None: not reached), and duals of those not reached."""

    moves: list[Ints | None]
    cuts: list[Cut] = field(default_factory=list)

    @property
    def lacking(self) -> list[int]:
        return [t for t, cells in enumerate(self.moves) if cells is None]


class Surveyor:
    """Regions of one model, in an order that keeps blocks together that short relations link."""

    def __init__(self, model: Model, blocks: Blocks, watch: Watch | None = None) -> None:
        self.model, self.blocks, self.watch = model, blocks, watch or Watch(np.inf)
        coarse = blocks_of(model, 40 * max(1, int(np.mean([len(c) for c in blocks.cells] or [1]))))
        first = np.array([coarse.label[cells[0]] for cells in blocks.cells], np.int64)
        self.order = np.lexsort((np.arange(blocks.count), first))
        self._can = movable(model)
        self._whole: Region | None = None

    def regions(self, counted: Bools, size: int) -> list[Ints]:
        """Blocks packed until a region has `size` of the counted cells."""
        packed: list[list[Ints]] = [[]]
        filled = 0
        for block in self.order:
            many = int(counted[self.blocks.cells[block]].sum())
            if filled and filled + many > size:
                packed.append([])
                filled = 0
            packed[-1].append(self.blocks.cells[block])
            filled += many
        return [np.sort(np.concatenate(cells)) for cells in packed if cells]

    def survey(self, hidden: Bools, known: Survey | None = None, routes: Survey | None = None) -> Survey:
        """Ask every target that `known` has not reached; with `routes`, these answer for what is far from its place."""
        result = Survey(list(known.moves) if known else [None] * len(self.model.target))
        loose = self._loose(hidden)
        for size in SIZES:
            self._ask_all(self.regions(loose, size), loose, hidden, result, Tableau)
        if routes:
            for t in result.lacking:
                result.moves[t] = routes.moves[t]
        for size in LARGER:
            regions = self.regions(loose, size)
            if len(regions) > 1:
                self._ask_all(regions, loose, hidden, result, Pusher)
        if result.lacking:
            self._ask_whole(hidden, result)
        return result

    def _ask_all(
        self, regions: list[Ints], loose: Bools, hidden: Bools, result: Survey, kind: type[Tableau] | type[Pusher]
    ) -> None:
        lacking = np.array(result.lacking, np.int64)
        for region in regions if len(lacking) else ():
            cells = region[loose[region]]
            if np.isin(self.model.target[lacking], cells).any():
                asked = Asked(Region(self.model, cells, kind), hidden, result)
                asked.together(TOGETHER if kind is Tableau else 0)
                if kind is Tableau:
                    asked.one_by_one()

    def whole(self) -> "Region":
        """All cells that can deviate."""
        if self._whole is None:
            cells = np.flatnonzero(self._can)
            self._whole = Region(self.model, cells, Tableau if len(cells) <= DENSE else Pusher)
        return self._whole

    def _ask_whole(self, hidden: Bools, result: Survey) -> None:
        """The last instance: who is not reached here gives inequalities that say why, as long as there is time."""
        asked = Asked(self.whole(), hidden, result)
        asked.together(TOGETHER)
        asked.one_by_one()
        watch = self.watch.until(LEARNING * self.watch.left())
        for t in result.lacking:
            if watch.over():
                break
            asked.learn(t)

    def _loose(self, hidden: Bools) -> Bools:
        shown = (self.model.shown_down > 0) | (self.model.shown_up > 0)
        return self._can & (hidden | shown)


class Region:
    """Some cells of a model, ready to be asked."""

    def __init__(self, model: Model, cells: Ints, kind: type[Tableau] | type[Pusher]) -> None:
        self.model, self.cells = model, cells
        self.rows = touching(model, cells)
        self.part = model.part(cells, self.rows)
        self.program = kind(self.part)
        self.targets = np.flatnonzero(np.isin(model.target, cells))


class Asked:
    """The targets of a region that are still open under a pattern, and what their answers settle."""

    def __init__(self, region: Region, hidden: Bools, result: Survey) -> None:
        self.region, self.part, self.program, self.result = region, region.part, region.program, result
        self.hidden = hidden[region.cells].astype(float)
        self.below, self.above = self.part.bounds(self.hidden)
        self.open = np.array([result.moves[t] is None for t in region.targets], bool)

    def together(self, least: int) -> None:
        """Push all down, then all up, as long as that reaches enough of more than `least`."""
        for sign in (-1.0, 1.0):
            reached, pushed = np.inf, np.flatnonzero(self.open & (self.part.sign == sign))
            while len(pushed) > least and reached >= ENOUGH * len(pushed):
                self._settle(self.program.together(pushed, self.below, self.above))
                reached = len(pushed) - self.open[pushed].sum()
                pushed = pushed[self.open[pushed]]

    def one_by_one(self) -> None:
        for place in np.flatnonzero(self.open):
            if self.open[place]:
                self._settle(self.program.reach(int(place), self.below, self.above)[1])

    def learn(self, t: int) -> None:
        """Inequalities that say why the target falls short. After each its cells count as hidden, so they share none."""
        place, y = int(np.searchsorted(self.region.targets, t)), self.hidden.copy()
        for _ in range(REASONS):
            value, _, prices = self.program.reach(place, *self.part.bounds(y))
            cut = self.program.cut(place, prices)
            if value >= self.part.need[place] * (1 - NARROW) or cut is None or not len(cut.cells):
                break
            self.result.cuts.append(Cut(self.region.cells[cut.cells], cut.coefficient))
            y[cut.cells] = 1.0

    def _settle(self, x: Floats) -> None:
        part = self.part
        reached = np.flatnonzero(self.open & (part.sign * x[part.target] >= part.need * (1 - NARROW)))
        moved = self.region.cells[beyond(part, x)]
        for place in reached:
            self.result.moves[self.region.targets[place]] = moved
        self.open[reached] = False


def beyond(model: Model, x: Floats) -> Ints:
    """Cells moved further than they could be if they were shown."""
    return np.flatnonzero((x > model.shown_up + TINY) | (-x > model.shown_down + TINY))
