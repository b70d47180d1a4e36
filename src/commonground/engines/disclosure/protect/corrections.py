"""Numbers of students of one population whose data were corrected: which are told anew.

1. A number may be told anew where it is far from everything told of it before: a correction of fewer students than the
   minimum is a small group itself. Numbers told in steps may also be told to be still in their step.
2. Exact numbers are told anew for places that hold no others (schools), and for places that are new. What is told must not
   give away small groups or smaller corrections; whatever would is not told anew.
3. Exact totals follow: the total told before, and the corrections that are told of its parts. So a total says nothing that
   its parts do not say. Numbers in steps are too coarse to be subtracted, so their totals are told like any other.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from commonground.engines.disclosure.protect.before import NOBODY, Before, Interval
from commonground.engines.disclosure.protect.places import Floats, Ints, complete
from commonground.engines.disclosure.protect.rows import Rows, interest
from commonground.engines.disclosure.protect.settings import Effort, Settings
from commonground.engines.disclosure.protect.settling import settle
from commonground.engines.disclosure.protect.students import ENDLESS, adds_of, once, steps
from commonground.engines.disclosure.protect.table import Table


@dataclass(frozen=True)
class Corrected:
    """``students``: what is told of the corrected number of each cell. ``anew``: those of them that were told otherwise
    before, or not at all. ``new_places`` were in no earlier release. ``stuck``: cells that an outsider can narrow too far."""

    students: dict[int, Interval]
    anew: frozenset[int]
    new_places: frozenset[int]
    stuck: Ints


def tell_corrections(rows: Rows, members: Ints, before: Before, settings: Settings, effort: Effort) -> Corrected:
    """Decide for the numbers of students of the metrics at ``members``, which share one population."""
    return _Population(rows, members, before, settings).decide(effort)


def far(number: float, told: Interval, settings: Settings) -> bool:
    """Whether a number is so far from what was told that its correction is no small group, whatever it was."""
    return max(told[0] - number, number - told[1]) >= settings.minimum


class _Population:
    def __init__(self, rows: Rows, members: Ints, before: Before, settings: Settings) -> None:
        self.names, self.before, self.settings = rows.names, before, settings
        self.weights, self.adds = settings.interest, adds_of(rows, members)
        self.exact = any(rows.metrics[m].kind == "count" for m in members)
        mine = np.flatnonzero(np.isin(rows.metric, members))
        known = ~np.isnan(rows.count(mine))
        cells, counts = once(rows, mine[known])
        unknown = set(rows.cell[mine[~known]].tolist()) - set(cells.tolist())
        found = dict.fromkeys(before.cells() - unknown, 0.0) | dict(zip(cells.tolist(), counts.tolist(), strict=True))
        self.count = dict(sorted(found.items()))
        self.place = dict(zip(self.count, self._places(np.array(list(self.count), np.int64)), strict=True))
        used = set(self.place.values())
        above = {place: int(rows.names.above[place]) for place in used} if self.adds.place else {}
        self.above = above
        self.roofs = {roof for roof in above.values() if roof >= 0}
        self.new_places = frozenset(used - before.places)

    def _places(self, cells: Ints) -> list[int]:
        return list(map(int, self.names.part(cells, "place")))

    def decide(self, effort: Effort) -> Corrected:
        told = {cell: one for cell in self.count if (one := self._may_be_told(cell))}
        anew = {cell for cell, one in told.items() if one != self._last(cell)}
        table = self._table(told, anew)
        settled = settle(self.names, table, self.adds, effort)
        hidden = set(table.whole.cells[settled.hidden].tolist())
        told = {cell: one for cell, one in told.items() if cell not in hidden}
        told |= self._totals(told, anew - hidden) if self.exact else {}
        again = frozenset(cell for cell, one in told.items() if one != self._last(cell))
        return Corrected(told, again, self.new_places, table.whole.cells[settled.stuck])

    def _last(self, cell: int) -> Interval | None:
        return self.before.last(cell, self.place[cell])

    def _may_be_told(self, cell: int) -> Interval | None:
        """What might be told of the corrected number, if nothing else were."""
        number, place, last = self.count[cell], self.place[cell], self._last(cell)
        if 0 < number < self.settings.minimum or (number == 0 and not self.exact):
            return None
        if place in self.new_places:
            return self._step(number) if self._is_new_throughout(place) else None
        if last is None or (self.exact and place in self.roofs):
            return None
        if not self.exact and last[0] <= number <= last[1]:
            return last
        every = self.before.every(cell, place)
        return self._step(number) if all(far(number, one, self.settings) for one in every) else None

    def _step(self, number: float) -> Interval:
        step = 1 if self.exact else self.settings.rounding
        low, high = steps(np.array([number]), step, self.settings.minimum)
        return float(low[0]), float(high[0])

    def _is_new_throughout(self, place: int) -> bool:
        """Whether a place that is new holds none that were there before, so that its totals are its own."""
        inner = [one for one, roof in self.above.items() if roof == place]
        return all(one in self.new_places and self._is_new_throughout(one) for one in inner)

    def _table(self, told: dict[int, Interval], anew: set[int]) -> Table:
        """What an outsider sees of the corrected numbers: of exact ones, only places of which some are told anew."""
        shown = {self.place[cell] for cell in anew} | self.new_places
        cells = [cell for cell in self.count if not self.exact or self.place[cell] in shown]
        whole = complete(self.names, np.array(cells, np.int64), np.array([self.count[one] for one in cells]), self.adds)
        count = np.nan_to_num(whole.value)
        low, high = np.zeros(len(count)), count + ENDLESS
        for at, cell in enumerate(whole.cells.tolist()):
            if cell in told:
                low[at], high[at] = told[cell]
        down, up = self._needs(whole.cells, count, told)
        sensitive = (down > 0) | (up > 0)
        kept = np.isin(whole.cells, [cell for cell in told if cell not in anew])
        return Table(
            whole=whole,
            low=np.where(kept, low, 0.0),
            high=np.where(kept, high, count + ENDLESS),
            shown_low=np.minimum(low, count),
            shown_high=np.maximum(high, count),
            weight=interest(self.names, whole.cells, count, self.weights),
            sensitive=sensitive,
            down=down,
            up=up,
            fixed=~np.isin(whole.cells, list(anew)) | (count == 0),
        )

    def _needs(self, cells: Ints, count: Floats, told: dict[int, Interval]) -> tuple[Floats, Floats]:
        """How far down and up each number must stay uncertain, for the sake of a small group or of a small correction."""
        down, up = np.zeros(len(cells)), np.zeros(len(cells))
        for at, (cell, number) in enumerate(zip(cells.tolist(), count.tolist(), strict=True)):
            if cell not in self.count or cell in told:
                continue
            if 0 < number < self.settings.minimum:
                distance = self.settings.distance(number)
                down[at], up[at] = min(distance, number), distance
            if self.exact and (last := self._last(cell)):
                down[at], up[at] = np.maximum((down[at], up[at]), self._apart(number, last))
        return down, up

    def _apart(self, number: float, last: Interval) -> tuple[float, float]:
        """How far a number must stay uncertain so that its correction might be none at all, or that of many more."""
        gap = max(last[0] - number, number - last[1], 0.0)
        if not 0 < gap < self.settings.minimum:
            return 0.0, 0.0
        back, on = gap, float(self.settings.distance(gap))
        return (back, on) if number > last[1] else (min(on, number), back)

    def _totals(self, told: dict[int, Interval], anew: set[int]) -> dict[int, Interval]:
        """The totals told before, with the corrections told of their parts."""
        change: dict[int, float] = {}
        for cell in sorted(anew):
            if self.place[cell] not in self.roofs:
                by = told[cell][0] - (self._last(cell) or NOBODY)[0]
                for total in self._totals_of(cell):
                    change[total] = change.get(total, 0.0) + by
        found = {}
        for cell, by in change.items():
            last = self._last(cell)
            if last and last[0] == last[1] and by and not 0 < last[0] + by < self.settings.minimum:
                found[cell] = (last[0] + by, last[0] + by)
        return found

    def _totals_of(self, cell: int) -> Iterator[int]:
        place = self.above.get(self.place[cell], -1)
        while place >= 0:
            total = int(self.names.moved(np.array([cell]), "place", np.array([place]))[0])
            if total in self.count and place not in self.new_places:
                yield total
            place = int(self.names.above[place])
