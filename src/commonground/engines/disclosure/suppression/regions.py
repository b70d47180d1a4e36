"""Asking all targets of a large model at once, region by region.

Deviations that stay inside a region of some blocks, and leave every linking relation at zero, are deviations of the
whole model. So a target reached inside its region is protected; only the few others need larger regions, or the whole.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_matrix, diags

from commonground.engines.disclosure.suppression.attacker import Attacker
from commonground.engines.disclosure.suppression.blocks import Blocks, blocks_of, movable
from commonground.engines.disclosure.suppression.cuts import Cut, cut_from
from commonground.engines.disclosure.suppression.local import NARROW, Tableau
from commonground.engines.disclosure.suppression.model import Model
from commonground.engines.disclosure.suppression.primal import TINY
from commonground.engines.disclosure.suppression.problem import Bools, Floats, Ints

SIZES = (120, 450, 1500)  # hidden cells of a region: small ones first, larger ones for what they leave open
WHOLE = 600_000  # targets times hidden cells up to which the whole model is asked; more count as not reached
NEAR = 10.0  # how much more a relation of the target's own counts than one of its block
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
        self._linking = np.flatnonzero(blocks.linking)
        self._ties = self._tied()

    def _tied(self) -> csr_matrix:
        """blocks x linking relations: how much a relation ties a block to others, the more the rarer it is."""
        at = np.flatnonzero(self._can)
        inside = csr_matrix((np.ones(len(at)), (self.blocks.label[at], at)), shape=(self.blocks.count, self.model.n))
        ties = (inside @ abs(self.model.A[self._linking]).T).tocsr()
        ties.data[:] = 1.0
        rare = 1 / np.maximum(ties.sum(axis=0).A1, 1.0)
        return (ties @ diags(np.sqrt(rare))).tocsr()

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
        """Ask every target that `known` has not reached; with `routes`, these answer for the rest."""
        result = Survey(list(known.moves) if known else [None] * len(self.model.target))
        loose = self._loose(hidden)
        for size in SIZES:
            lacking = np.array(result.lacking, np.int64)
            if not len(lacking):
                return result
            for region in self.regions(loose, size):
                self._ask(region[loose[region]], hidden, lacking, result)
        if routes:
            for t in result.lacking:
                result.moves[t] = routes.moves[t]
        lacking = np.array(result.lacking, np.int64)
        if 0 < len(lacking) * loose.sum() <= WHOLE:
            self._ask_whole(np.flatnonzero(loose), hidden, result)
        return result

    def by_block(self, targets: list[int]) -> list[list[int]]:
        """The targets that lie in one block together."""
        block = self.block_of_target[targets]
        return [[t for t, at in zip(targets, block, strict=True) if at == one] for one in np.unique(block)]

    def around(self, targets: list[int], size: int) -> Ints:
        """Blocks of about `size` movable cells: the targets' own, and those that rare linking relations tie to them.

        A rare relation has few cells that can make up for one another, so who shares it is needed most.
        """
        own = np.unique(self.block_of_target[targets])
        tied = self._ties @ (self._ties.T @ np.isin(np.arange(self.blocks.count), own))
        direct = self.model.A[self._linking][:, self.model.target[targets]]
        tied += NEAR * (self._ties @ (abs(direct).sum(axis=1).A1 > 0))
        tied[own] = np.inf
        order = np.lexsort((np.arange(self.blocks.count), -tied))
        filled = np.cumsum([self._can[self.blocks.cells[block]].sum() for block in order])
        near = order[: max(len(own), int(np.searchsorted(filled, size)))]
        return np.sort(np.concatenate([self.blocks.cells[block] for block in near]))

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
