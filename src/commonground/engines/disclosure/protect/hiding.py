"""What to hide in a large table: exchanges choose first, linear programs for whatever these do not help.

Both leave rows of all students alone as long as anything else helps, and so do exchanges with a whole city's large groups.
"""

from collections.abc import Callable, Iterator

import numpy as np

from commonground.engines.disclosure.protect.areas import Areas
from commonground.engines.disclosure.protect.choosing import Offer, choose
from commonground.engines.disclosure.protect.exchange import NEVER, Exchanges
from commonground.engines.disclosure.protect.places import ALL, AXES, Bools, Floats, Ints, Names
from commonground.engines.disclosure.protect.table import Table, possible, wanted
from commonground.engines.disclosure.protect.walk import Walk

_LARGE = (
    4000  # cells above which all groups beside open ones are hidden: tighter choices take long to find, and to audit
)

# Of interest, in small tables and in large ones, where programs take longer: what readers would miss more, such as a city's group
# of 10, or of 1,700 students, is hidden only where programs find nothing cheaper.
_DEAR = 300, 50_000

Judge = Callable[[Ints], Ints]


class Hiding:
    """What is ``hidden`` so far besides the sensitive cells of a table, and for whom (``protects``).

    ``proven`` cells are known to be uncertain enough.
    """

    def __init__(self, names: Names, table: Table, exchanges: Exchanges, walk: Walk) -> None:
        self.names, self.table, self.exchanges, self.walk = names, table, exchanges, walk
        self.hidden = np.zeros(len(table.low), bool)
        self.protects: dict[int, set[int]] = {}
        self.proven = np.zeros(0, np.int64)
        self.known = ~np.isnan(table.whole.value)
        self.all_students = names.part(table.whole.cells, "group") == names.groups.index(ALL)
        self.dear = self.all_students | (table.weight > _DEAR[int(len(self.hidden) > _LARGE)])

    def help(self, judge: Judge, asked: Ints, thorough: bool) -> Ints:
        """Hide until none of the cells is judged too narrow; those that are still. Programs help where it is ``thorough``."""
        open_ones = judge(asked)
        if len(open_ones):
            self._exchange(open_ones, thorough)
            open_ones = judge(open_ones)
        if thorough and len(self.hidden) > _LARGE and len(open_ones):
            self._hide(self._beside(open_ones), open_ones)
            open_ones = judge(open_ones)
        for may in (~self.all_students, self.known) if thorough else ():
            open_ones = self._choose(judge, open_ones, may)
        return open_ones

    def give_back(self, judge: Judge, asked: Ints) -> None:
        """Tell rows of all students after all, of most interest first, where none of the cells is judged too narrow then."""
        rows = np.flatnonzero(self.hidden & self.all_students)
        for row in rows[np.argsort(-self.table.weight[rows], kind="stable")].tolist():
            exchanges, room = self.exchanges, self.exchanges.room
            exchanges.up[row], exchanges.down[row] = room.up[row], room.down[row]
            if len(judge(asked)):
                exchanges.give_room(np.array([row]))
            else:
                self.hidden[row], self.proven = False, self.proven[:0]

    def _exchange(self, cells: Ints, thorough: bool) -> None:
        more, users = self.exchanges.hide(*wanted(self.table, cells), never=self.dear & thorough)
        self.hidden |= more
        for cell, mine in users.items():
            self.protects.setdefault(cell, set()).update(mine)

    def _beside(self, cells: Ints) -> Ints:
        """The other groups of these places in these grades and months."""
        names, codes = self.names, self.table.whole.cells
        place, plane = names.part(codes, "place"), codes % np.prod(names.sizes[1:]) // len(names.groups)
        beside = np.isin(place, place[cells]) & np.isin(plane, plane[cells]) & ~self.all_students
        return np.flatnonzero(beside & self.known & ~self.hidden & (self.exchanges.room.weight < NEVER))

    def _choose(self, judge: Judge, open_ones: Ints, may: Bools) -> Ints:
        """Hide what programs choose among the cells that ``may`` be hidden, near the open ones if that is enough."""
        left = self._promising(open_ones, self._offer(may))
        for area in self._areas(left):
            offer = self._offer(may).within(area)
            cells, by, sign = wanted(self.table, self._promising(left, offer))
            if len(cells):
                hidden, helped = choose(self.table.whole.relations, offer, cells, by, sign)
                self._hide(np.flatnonzero(hidden), np.unique(cells))
                proven = np.setdiff1d(cells, cells[~helped])
                self.proven, left = np.union1d(self.proven, proven), np.setdiff1d(left, proven)
            if not len(left):
                break
        return judge(open_ones)

    def _areas(self, cells: Ints) -> Iterator[Bools]:
        whole = self.table.whole
        if len(cells):
            yield from Areas(self.names, whole.cells, whole.value, cells).wider()

    def _offer(self, may: Bools) -> Offer:
        exchanges, room = self.exchanges, self.exchanges.room

        def known(one: Floats) -> Floats:
            return np.where(self.known, one, 0.0)

        may = may & self.known & ~self.hidden & (room.weight < NEVER)
        return Offer(
            known(exchanges.down), known(exchanges.up), known(room.hidden_down), known(room.hidden_up), room.weight, may
        )

    def _promising(self, cells: Ints, offer: Offer) -> Ints:
        """Those of the cells to which sums would leave enough if everything were hidden that may be."""
        asked, by, sign = wanted(self.table, cells)
        fits = possible(asked, by, sign, *self.walk.tightened(*offer.most))
        return np.setdiff1d(cells, asked[~fits])

    def _hide(self, cells: Ints, helped: Ints) -> None:
        self.exchanges.give_room(cells)
        self.hidden[cells] = True
        if len(cells):
            for cell, user in zip(cells.tolist(), self._nearest(cells, helped).tolist(), strict=True):
                self.protects.setdefault(cell, set()).add(user)

    def _nearest(self, cells: Ints, helped: Ints) -> Ints:
        """For each cell the one of those helped that has most in common with it."""
        codes = self.table.whole.cells
        common = np.zeros((len(cells), len(helped)), np.int64)
        for axis in AXES:
            common += np.equal.outer(self.names.part(codes[cells], axis), self.names.part(codes[helped], axis))
        return np.asarray(helped[common.argmax(axis=1)])
