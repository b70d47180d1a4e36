"""Rates, days and medians of a population whose data were corrected: which are told anew."""

import numpy as np

from commonground.engines.disclosure.protect.bands import Band, inside, rate_bands
from commonground.engines.disclosure.protect.before import Before, Interval, Row
from commonground.engines.disclosure.protect.corrections import Corrected, far
from commonground.engines.disclosure.protect.numerators import WHOLE, Numerators, Rates
from commonground.engines.disclosure.protect.places import Bools, Ints
from commonground.engines.disclosure.protect.rates import median_step
from commonground.engines.disclosure.protect.rows import Rows, Told
from commonground.engines.disclosure.protect.settings import Effort, Settings

_TOLERANCE = 1e-6


def tell_rates_again(
    rows: Rows, metric: int, corrected: Corrected, before: Before, told: Told, settings: Settings, effort: Effort
) -> Ints:
    """Write into ``told`` what is told anew of a metric, and what is withheld at new places; only these rows are ``kept``.

    Returns rows whose numerators stay too narrow.
    """
    mine = rows.of(metric)
    mine = mine[(rows.students[mine] > 0) & ~np.isnan(rows.value[mine])]
    if not len(mine):
        return mine
    return _Again(rows, metric, mine, corrected, before, settings).tell(told, effort)


class _Again:
    def __init__(
        self, rows: Rows, metric: int, mine: Ints, corrected: Corrected, before: Before, settings: Settings
    ) -> None:
        self.rows, self.metric, self.mine = rows, metric, mine
        self.name, self.kind = rows.metrics[metric].name, rows.metrics[metric].kind
        self.corrected, self.before, self.settings = corrected, before, settings
        self.cells = rows.cell[mine].tolist()
        self.places = rows.names.part(rows.cell[mine], "place").tolist()
        self.n = rows.students[mine]
        self.counted = rows.numerator[mine] if self.kind == "rate" else rows.value[mine] * self.n
        self.students = [corrected.students.get(cell) for cell in self.cells]
        self.first = [self.name not in before.metrics or place in corrected.new_places for place in self.places]

    def tell(self, told: Told, effort: Effort) -> Ints:
        bands = [self._band(at) for at in range(len(self.cells))]
        again = np.array([bands[at] is not WHOLE and self._may_be_told(at, bands[at]) for at in range(len(bands))])
        stuck = np.zeros(0, np.int64)
        if self.kind == "rate":
            bands, stuck = self._protected(bands, again, effort)
        for at in np.flatnonzero(again | self.first).tolist():
            self._write(told, at, bands[at] if again[at] else WHOLE)
        return np.asarray(self.mine[stuck])

    def _band(self, at: int) -> Band:
        """What the corrected figure would be told as, were it told."""
        students = self.students[at]
        if students is None:
            return WHOLE
        if self.kind == "median":
            return median_step(float(self.rows.value[self.mine[at]]), students[0], self.settings)
        bands = rate_bands(self.settings, int(students[0]), self.kind == "rate")
        return WHOLE if bands is None else bands.of(float(self.counted[at]), float(self.n[at]))

    def _may_be_told(self, at: int, band: Band) -> bool:
        """Whether telling it tells of no small correction: it is far from all that was told, or none may have been made."""
        if self.first[at]:
            return True
        cell = self.cells[at]
        last = self.before.row(self.name, cell)
        if last is None:
            return self.kind != "rate" or self._apart((0.0, 0.0), at, band)
        if last["low"] is None or self._holds(last, at):
            return False
        return all(self._differs(row, at, band) for row in self.before.rows(self.name, cell) if row["low"] is not None)

    def _holds(self, row: Row, at: int) -> bool:
        """Whether what was told is so in the corrected data."""
        value = self.rows.value[self.mine[at]]
        same = (row["students_low"], row["students_high"]) == self.students[at]
        return bool(same and row["low"] - _TOLERANCE <= value <= row["high"] + _TOLERANCE)

    def _differs(self, row: Row, at: int, band: Band) -> bool:
        if self.kind == "rate":
            return self._apart((row["numerator_low"], row["numerator_high"]), at, band)
        if self.cells[at] in self.corrected.anew:
            return True
        value = self.rows.value[self.mine[at]]
        gap = max(row["low"] - value, value - row["high"])
        few = row["high"] - row["low"] if self.kind == "median" else self.settings.minimum / self.n[at]
        return bool(gap >= few)

    def _apart(self, before: Interval, at: int, band: Band) -> bool:
        """Whether the students counted are far from what was told; or may be as many, so that only their share changed."""
        low, high = inside(band, int(self.n[at]))
        may_be_same = self.cells[at] in self.corrected.anew and low <= before[1] and high >= before[0]
        return may_be_same or far(float(self.counted[at]), before, self.settings)

    def _protected(self, bands: list[Band], again: Bools, effort: Effort) -> tuple[list[Band], Ints]:
        """The bands told more coarsely, or not at all, until small numbers of students counted stay uncertain. Where that
        does not help, all that was told before stands."""
        bands, stuck = self._settled(bands, again, effort)
        if len(stuck):
            _, already = self._settled(bands, np.zeros(len(again), bool), effort)
            stuck = np.setdiff1d(stuck, already)
        if len(stuck):
            again &= np.array(self.first)
        else:
            again &= np.array([band is not WHOLE for band in bands])
        return bands, stuck

    def _settled(self, bands: list[Band], again: Bools, effort: Effort) -> tuple[list[Band], Ints]:
        low = np.array([one[0] if one else np.nan for one in self.students])
        known = Told.nothing(len(self.rows.cell))
        begin = [bands[at] if again[at] else self._standing(at, known) for at in range(len(bands))]
        rates = Rates(self.mine, self.rows.cell[self.mine], self.n, self.counted, low, begin)
        ignored = Told.nothing(len(self.rows.cell))
        stuck = Numerators(self.rows, self.metric, rates, ignored, known, self.settings, effort).settle()
        return rates.bands, stuck

    def _standing(self, at: int, known: Told) -> Band:
        """What an outsider who takes a figure that stands for unchanged believes of the corrected one, if it is true."""
        row = None if self.first[at] else self.before.row(self.name, self.cells[at])
        if row is None or row["low"] is None or not self._holds(row, at):
            return WHOLE
        known.low[self.mine[at]], known.high[self.mine[at]] = row["low"], row["high"]
        return Band(row["low"], row["high"], row["text"], row["status"])

    def _write(self, told: Told, at: int, band: Band) -> None:
        row, students = self.mine[at], self.students[at]
        told.kept[row] = True
        if students:
            told.students_low[row], told.students_high[row] = students
        if band is WHOLE:
            told.withhold(np.array([row]), "complement" if students else "small")
            return
        told.status[row], told.text[row], told.low[row], told.high[row] = band.status, band.text, band.low, band.high
        told.reason[row] = "coded" if band.status in ("top", "bottom") else ""
