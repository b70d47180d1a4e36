"""Asking all targets of a large model at once, region by region.

Deviations that stay inside a region of some blocks, and leave every linking relation at zero, are deviations of the
whole model. So a target reached inside its region is protected; only the few others need larger regions, or the whole.
"""

from dataclasses import dataclass, field

import numpy as np

from commonground.engines.disclosure.suppression.attacker import Attacker
from commonground.engines.disclosure.suppression.blocks import Blocks, blocks_of, movable
from commonground.engines.disclosure.suppression.cuts import Cut, cut_from
from commonground.engines.disclosure.suppression.local import NARROW, Tableau
from commonground.engines.disclosure.suppression.model import Model
from commonground.engines.disclosure.suppression.primal import TINY
from commonground.engines.disclosure.suppression.problem import Bools, Floats, Ints

SIZES = (120, 450, 1500)  # hidden cells of a region: small ones first, larger ones for what they leave open
WHOLE = 60  # targets that are asked of the whole model; more count as not reached
TOGETHER = 20  # targets of a region from which they are first asked together


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

    def __init__(self, model: Model, blocks: Blocks) -> None:
        self.model, self.blocks = model, blocks
        coarse = blocks_of(model, 40 * max(1, int(np.mean([len(c) for c in blocks.cells] or [1]))))
        first = np.array([coarse.label[cells[0]] for cells in blocks.cells], np.int64)
        self.order = np.lexsort((np.arange(blocks.count), first))
        self.block_of_target = blocks.label[model.target]
        self._can = movable(model)

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

    def survey(self, hidden: Bools, known: Survey | None = None) -> Survey:
        """Ask every target (those that `known` has reached are taken over)."""
        result = Survey(list(known.moves) if known else [None] * len(self.model.target))
        loose = self._loose(hidden)
        for size in SIZES:
            lacking = np.array(result.lacking, np.int64)
            if not len(lacking):
                return result
            for region in self.regions(loose, size):
                self._ask(region[loose[region]], hidden, lacking, result)
        if 0 < len(result.lacking) <= WHOLE:
            self._ask_whole(np.flatnonzero(loose), hidden, result)
        return result

    def by_region(self, targets: list[int], size: int) -> list[tuple[Ints, list[int]]]:
        """Regions of about `size` movable cells, each with those of the targets that lie in it."""
        place = np.full(self.model.n, -1)
        regions = self.regions(self._can, size)
        for number, region in enumerate(regions):
            place[region] = number
        mine: list[list[int]] = [[] for _ in regions]
        for t in targets:
            mine[place[self.model.target[t]]].append(t)
        return [(region, own) for region, own in zip(regions, mine, strict=True) if own]

    def _loose(self, hidden: Bools) -> Bools:
        shown = (self.model.shown_down > 0) | (self.model.shown_up > 0)
        return self._can & (hidden | shown)

    def _ask(self, cells: Ints, hidden: Bools, lacking: Ints, result: Survey) -> None:
        mine = lacking[np.isin(self.model.target[lacking], cells)]
        if not len(mine):
            return
        part = self.model.part(cells, touching(self.model, cells))
        tableau = Tableau(part)
        below, above = part.bounds(hidden[cells].astype(float))
        inside = np.flatnonzero(np.isin(self.model.target, cells))
        open_ = np.isin(inside, mine)

        def settle(x: Floats) -> int:
            reached = np.flatnonzero(open_ & (part.sign * x[part.target] >= part.need * (1 - NARROW)))
            moved = cells[beyond(part, x)]
            for place in reached:
                result.moves[inside[place]] = moved
            open_[reached] = False
            return len(reached)

        for sign in (-1.0, 1.0):
            while len(pushed := np.flatnonzero(open_ & (part.sign == sign))) > TOGETHER:
                if settle(tableau.together(pushed, below, above)) < len(pushed) / 4:
                    break
        for place in np.flatnonzero(open_):
            if open_[place]:
                settle(tableau.reach(int(place), below, above)[1])

    def _ask_whole(self, cells: Ints, hidden: Bools, result: Survey) -> None:
        rows = touching(self.model, cells)
        part = self.model.part(cells, rows)
        attacker = Attacker(part)
        attacker.show(hidden[cells].astype(float))
        inside = np.flatnonzero(np.isin(self.model.target, cells))
        for t in result.lacking:
            place = int(np.searchsorted(inside, t))
            value, x = attacker.reach(place)
            if attacker.reached(place, value):
                result.moves[t] = cells[beyond(part, x)]
                continue
            multipliers = np.zeros(self.model.A.shape[0])
            multipliers[rows] = attacker.multipliers()
            cut = cut_from(self.model, t, multipliers)
            if cut is not None:
                result.cuts.append(cut)


def beyond(model: Model, x: Floats) -> Ints:
    """Cells moved further than they could be if they were shown."""
    return np.flatnonzero((x > model.shown_up + TINY) | (-x > model.shown_down + TINY))
