"""Linear programs that choose what to hide for cells that exchanges do not help.

How far cells may move as things are told now costs nothing; each student further, which is possible once a cell is hidden,
costs the cell's weight. Of all tables in which many open cells at once are as far from the truth as they need, one with the
least cost is sought, and whatever costs something in it is hidden (J. Kelly, B. Golden and A. Assad, "Cell suppression:
disclosure protection for sensitive tabular data", Networks 22, 1992).
"""

from dataclasses import dataclass

import highspy
import numpy as np
from scipy.sparse import csr_matrix, hstack

from commonground.engines.disclosure.protect.places import Bools, Floats, Ints
from commonground.engines.disclosure.protect.reach import model_of, push

_TURNS = 3  # cells pushed together may stand in each other's way: those that are left are pushed again
_ENOUGH = 1e-6
_LIGHTEST, _HEAVIEST = 1e-3, 1e5  # costs against the usual one, beyond which programs lose their precision


@dataclass(frozen=True)
class Offer:
    """By cell: how far it may be ``down`` and ``up`` from the truth now; how far once it is hidden, where ``may`` says that
    it may be; and what hiding costs (``weight``)."""

    down: Floats
    up: Floats
    hidden_down: Floats
    hidden_up: Floats
    weight: Floats
    may: Bools

    @property
    def most(self) -> tuple[Floats, Floats]:
        """How far down and up if everything is hidden that may be."""
        return np.where(self.may, self.hidden_down, self.down), np.where(self.may, self.hidden_up, self.up)

    def within(self, area: Bools) -> "Offer":
        """Nothing moves outside the area."""
        down, up = np.where(area, self.down, 0.0), np.where(area, self.up, 0.0)
        return Offer(down, up, self.hidden_down, self.hidden_up, self.weight, self.may & area)


def choose(relations: csr_matrix, offer: Offer, cells: Ints, by: Floats, sign: Ints) -> tuple[Bools, Bools]:
    """What to hide, by cell, so that the ``cells`` can be ``by`` away from the truth in the direction ``sign``; and for
    which of them that is enough. All that go up are moved at once, then all that go down."""
    program, helped = _Program(relations, offer), np.zeros(len(cells), bool)
    for way in (1, -1):
        for _ in range(_TURNS):
            helped |= program.opposite(cells, by, sign)
            left = np.flatnonzero(~helped & (sign == way))
            together = left if program.pay(cells[left], by[left], sign[left]) else program.apart(left, cells, by, sign)
            helped[together] = True
            if len(together) == len(left):
                break
    return program.hidden, helped


class _Program:
    """One column for each cell that moves, and two for each that may be hidden: what it moves further up, and down."""

    def __init__(self, relations: csr_matrix, offer: Offer) -> None:
        self.offer, self.hidden = offer, np.zeros(len(offer.down), bool)
        self.paid = np.flatnonzero(offer.may)
        moving = np.flatnonzero((offer.down > 0) | (offer.up > 0) | offer.may)
        self.column = np.full(len(offer.down), -1)
        self.column[moving] = np.arange(len(moving))
        self.at = np.zeros(len(moving))
        further = [offer.hidden_up - offer.up, offer.hidden_down - offer.down]
        self.low = np.concatenate([-offer.down[moving], np.zeros(2 * len(self.paid))])
        self.high = np.concatenate([offer.up[moving], *(np.maximum(one[self.paid], 0.0) for one in further)])
        usual = np.median(offer.weight[self.paid]) if len(self.paid) else 1.0
        weight = np.clip(offer.weight[self.paid] / usual, _LIGHTEST, _HEAVIEST)
        self.cost = np.concatenate([np.zeros(len(moving)), weight, weight])
        every = relations.tocsc()
        columns = hstack([every[:, moving], every[:, self.paid], -every[:, self.paid]])
        self.model = model_of(columns.tocsr(), self.low, self.high)

    def pay(self, cells: Ints, by: Floats, sign: Ints) -> bool:
        """Hide what costs something where the cells move so far together, at the least cost; false where they cannot."""
        low, high, columns = self.low.copy(), self.high.copy(), self.column[cells]
        low[columns[sign > 0]], high[columns[sign < 0]] = by[sign > 0], -by[sign < 0]
        every = np.arange(len(low), dtype=np.int32)
        self.model.changeColsCost(len(low), every, self.cost)
        self.model.changeColsBounds(len(low), every, low, high)
        self.model.clearSolver()
        self.model.run()
        if self.model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return False
        self._hide(np.asarray(self.model.getSolution().col_value))
        return True

    def apart(self, left: Ints, cells: Ints, by: Floats, sign: Ints) -> Ints:
        """Those of the cells at ``left`` that can move so far together, after hiding for them."""
        columns = self.column[cells[left]]
        moved = push(self.model, columns, by[left], sign[left], self.low, self.high)[columns]
        there: Ints = left[sign[left] * moved >= by[left] - _ENOUGH]
        return there if len(there) and self.pay(cells[there], by[there] - _ENOUGH, sign[there]) else there[:0]

    def opposite(self, cells: Ints, by: Floats, sign: Ints) -> Bools:
        """Which of the cells have moved so far when everything moves the opposite way, as long as all has room for it."""
        back = -self.at
        fits = (back >= self.low[: len(back)] - _ENOUGH).all() and (back <= self.high[: len(back)] + _ENOUGH).all()
        return np.asarray((sign * back[self.column[cells]] >= by - _ENOUGH) & fits)

    def _hide(self, x: Floats) -> None:
        """What is hidden moves for nothing from now on."""
        further = x[len(self.at) :].reshape(2, -1)
        cells = self.paid[(further > _ENOUGH).any(axis=0)]
        self.at = x[: len(self.at)].copy()
        self.at[self.column[self.paid]] += further[0] - further[1]
        self.hidden[cells] = True
        self.low[self.column[cells]] = -self.offer.hidden_down[cells]
        self.high[self.column[cells]] = self.offer.hidden_up[cells]
