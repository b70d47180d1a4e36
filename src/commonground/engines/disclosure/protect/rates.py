"""Rates, one metric at a time: in which band each is told, and which are withheld."""

from dataclasses import dataclass

import numpy as np

from commonground.engines.disclosure.protect.bands import Band, coarse_bands, inside, rate_bands, step_at
from commonground.engines.disclosure.protect.places import Bools, Floats, Ints, complete
from commonground.engines.disclosure.protect.rows import Rows, Told, interest
from commonground.engines.disclosure.protect.settings import Settings
from commonground.engines.disclosure.protect.settling import Table, kinds, settle
from commonground.engines.disclosure.protect.students import ENDLESS, Students

WHOLE = Band(0.0, 1.0, "–", "withheld")


@dataclass
class _Rates:
    """The rates of one metric. ``rows`` in the order of cells; ``n`` and ``counted`` are true numbers of students."""

    rows: Ints
    cells: Ints
    n: Floats
    counted: Floats
    told_low: Floats
    bands: list[Band]

    def interval(self, bands: list[Band]) -> tuple[Floats, Floats]:
        """The fewest and most that may be counted, with the true number of students."""
        ends = [inside(band, int(n)) for band, n in zip(bands, self.n.tolist(), strict=True)]
        return np.array([low for low, _ in ends], float), np.array([high for _, high in ends], float)


def tell_rates(
    rows: Rows, metric: int, students: Students, told: Told, earlier: Told, settings: Settings, seconds: float
) -> Ints:
    """Write what is told of a metric's rates into ``told``. Returns rows whose numerators stay too narrow."""
    mine = rows.of(metric)
    mine = mine[(rows.students[mine] > 0) & ~np.isnan(rows.value[mine])]
    if not len(mine):
        return mine
    counted = rows.metrics[metric].kind == "rate"
    rates = _begin(rows, mine, students, settings, counted)
    gone = _as_before(rates, earlier)
    _withheld_by_students(rates, students, told)
    told.withhold(rates.rows[gone], "secondary", "release")
    stuck = np.zeros(0, np.int64)
    if counted:
        stuck = _settle(rows, metric, rates, told, earlier, settings, seconds)
    _write(rates, students, told)
    return np.asarray(rates.rows[stuck])


def _begin(rows: Rows, mine: Ints, students: Students, settings: Settings, counted: bool) -> _Rates:
    low = students.low[students.at(rows.cell[mine])]
    numerator = rows.numerator[mine] if counted else rows.value[mine] * rows.students[mine]
    bands = []
    for at, (told_low, n) in enumerate(zip(low.tolist(), rows.students[mine].tolist(), strict=True)):
        possible = None if told_low != told_low else rate_bands(settings, int(told_low), counted)
        bands.append(WHOLE if possible is None else possible.of(float(numerator[at]), n))
    return _Rates(mine, rows.cell[mine], rows.students[mine], numerator, low, bands)


def _as_before(rates: _Rates, earlier: Told) -> Ints:
    """A rate that an earlier release told, and that is still in that band, is told in the same band again.

    Returns those that an earlier release withheld: they stay withheld.
    """
    gone = []
    for at, row in enumerate(rates.rows.tolist()):
        low, high, value = earlier.low[row], earlier.high[row], rates.counted[at] / rates.n[at]
        if rates.bands[at] is WHOLE:
            continue
        if earlier.status[row] == "withheld":
            rates.bands[at] = WHOLE
            gone.append(at)
        elif low <= value <= high:
            rates.bands[at] = Band(low, high, str(earlier.text[row]), str(earlier.status[row]))
    return np.array(gone, np.int64)


def _withheld_by_students(rates: _Rates, students: Students, told: Told) -> None:
    at = students.at(rates.cells)
    for row, cell, band, low in zip(
        rates.rows.tolist(), at.tolist(), rates.bands, rates.told_low.tolist(), strict=True
    ):
        if low != low:
            told.withhold(np.array([row]), students.reason[cell], students.protects[cell])
        elif band is WHOLE:
            told.withhold(np.array([row]), "complement")


def _settle(
    rows: Rows, metric: int, rates: _Rates, told: Told, earlier: Told, settings: Settings, seconds: float
) -> Ints:
    """Tell rates more coarsely where that is enough, withhold where it is not."""
    table, at, coarse = _table(rows, metric, rates, settings, earlier)
    settled = settle(rows.names, table, rows.metrics[metric].adds, seconds, last=False)
    _hide(rows, rates, settled.hidden[at], kinds(rows.names, table, settled), at, told, coarse)
    for last in (False, True):
        if not len(settled.stuck):
            break
        if last:  # whoever is still too narrow is not told at all
            _hide(rows, rates, np.isin(at, settled.stuck), {}, at, told, None)
        table, at, _ = _table(rows, metric, rates, settings, earlier, withhold=True)
        settled = settle(rows.names, table, rows.metrics[metric].adds, seconds, among=settled.stuck, last=last)
        _hide(rows, rates, settled.hidden[at], kinds(rows.names, table, settled), at, told, None)
    return np.flatnonzero(np.isin(at, settled.stuck))


def _hide(
    rows: Rows,
    rates: _Rates,
    hidden: Bools,
    why: dict[int, str],
    at: Ints,
    told: Told,
    coarse: list[Band] | None,
) -> None:
    for place in np.flatnonzero(hidden).tolist():
        rates.bands[place] = WHOLE if coarse is None else coarse[place]
        if rates.bands[place] is WHOLE:
            told.withhold(np.array([rates.rows[place]]), "secondary", why.get(int(at[place]), "group"))


def _table(
    rows: Rows, metric: int, rates: _Rates, settings: Settings, earlier: Told, withhold: bool = False
) -> tuple[Table, Ints, list[Band]]:
    """The numerators as a table; where each rate is in it; and the coarser band of each."""
    whole = complete(rows.names, rates.cells, rates.counted, rows.metrics[metric].adds)
    at = whole.find(rates.cells)
    coarse = [WHOLE] * len(at) if withhold else [_coarser(rates, place, settings) for place in range(len(at))]
    shown, hidden = rates.interval(rates.bands), rates.interval(coarse)
    most = np.where(np.isnan(rates.told_low), rates.n + [settings.distance(n) for n in rates.n.tolist()], rates.n)
    shown[1][:] = np.where([band is WHOLE for band in rates.bands], most, shown[1])
    hidden[1][:] = np.where([band is WHOLE for band in coarse], most, hidden[1])
    small = (rates.counted < settings.minimum) | (rates.n - rates.counted < settings.minimum)
    _limit(rows, metric, rates, (shown, hidden), earlier)
    down, up = _needs(rates, most, settings)
    narrow = np.array([a is not WHOLE and a == b for a, b in zip(rates.bands, coarse, strict=True)], bool)
    withheld = np.array([band is WHOLE for band in rates.bands], bool)

    def spread(values: Floats | Bools, rest: Floats | float) -> Floats:
        full = np.zeros(len(whole.cells)) + rest
        full[at] = values
        return full

    total = np.nan_to_num(whole.value)
    table = Table(
        whole=whole,
        low=spread(np.where(small, shown[0], hidden[0]), np.zeros(len(total))),
        high=spread(np.where(small, shown[1], hidden[1]), total + ENDLESS),
        shown_low=spread(shown[0], np.zeros(len(total))),
        shown_high=spread(shown[1], total + ENDLESS),
        weight=spread(interest(rows.names, rates.cells, rates.n, settings.interest), 0.0),
        sensitive=spread(small, 0.0) > 0,
        down=spread(np.where(small, down, 0.0), 0.0),
        up=spread(np.where(small, up, 0.0), 0.0),
        fixed=spread(narrow | withheld, 1.0) > 0,
    )
    return table, at, coarse


def _coarser(rates: _Rates, place: int, settings: Settings) -> Band:
    """The band that tells less, or the same one where an earlier release told it."""
    low, band = rates.told_low[place], rates.bands[place]
    bands = None if np.isnan(low) else coarse_bands(settings, int(low))
    if bands is None:
        return WHOLE
    coarse = bands.of(float(rates.counted[place]), float(rates.n[place]))
    return coarse if coarse.low <= band.low and coarse.high >= band.high else band


def _needs(rates: _Rates, most: Floats, settings: Settings) -> tuple[Floats, Floats]:
    """How far up and down each numerator must remain uncertain: as far as it, or the rest of the group, needs."""
    rest = rates.n - rates.counted
    own = np.array([settings.distance(one) for one in rates.counted.tolist()], float)
    other = np.array([settings.distance(one) for one in rest.tolist()], float)
    distance = np.where(rates.counted < settings.minimum, own, other)
    return np.asarray(np.minimum(distance, rates.counted)), np.asarray(np.minimum(distance, most - rates.counted))


def _limit(rows: Rows, metric: int, rates: _Rates, intervals: tuple[tuple[Floats, Floats], ...], earlier: Told) -> None:
    """What earlier releases and metrics around this one leave of the numerators."""
    low, high = earlier.low[rates.rows], earlier.high[rates.rows]
    n, counted = rates.n, rates.counted
    with np.errstate(invalid="ignore"):
        holds = (low <= counted / n) & (counted / n <= high)
    for least, most in intervals:
        least[holds] = np.maximum(least[holds], np.ceil(low[holds] * n[holds] - 1e-9))
        most[holds] = np.minimum(most[holds], np.floor(high[holds] * n[holds] + 1e-9))
        np.minimum(least, counted, out=least)
        np.maximum(most, counted, out=most)


def _write(rates: _Rates, students: Students, told: Told) -> None:
    at = students.at(rates.cells)
    for place, (row, band) in enumerate(zip(rates.rows.tolist(), rates.bands, strict=True)):
        told.students_low[row], told.students_high[row] = students.low[at[place]], students.high[at[place]]
        if band is not WHOLE:
            told.status[row], told.text[row], told.low[row], told.high[row] = (
                band.status,
                band.text,
                band.low,
                band.high,
            )
            told.reason[row] = "coded" if band.status in ("top", "bottom") else ""


def tell_medians(rows: Rows, metric: int, students: Students, told: Told, settings: Settings) -> None:
    """Medians of groups whose number is told, in steps."""
    mine = rows.of(metric)
    mine = mine[(rows.students[mine] > 0) & ~np.isnan(rows.value[mine])]
    for row, cell in zip(mine.tolist(), students.at(rows.cell[mine]).tolist(), strict=True):
        told.students_low[row], told.students_high[row] = students.low[cell], students.high[cell]
        if np.isnan(students.low[cell]):
            told.withhold(np.array([row]), students.reason[cell], students.protects[cell])
            continue
        step = step_at(settings.medians, students.low[cell])
        told.status[row] = "range"
        told.low[row], told.high[row], told.text[row] = _stepped(float(rows.value[row]), step)


def _stepped(value: float, step: float) -> tuple[float, float, str]:
    """The step that a number lies in: whole numbers are rounded half up, wider steps begin at their multiples."""
    if step <= 1:
        middle = np.floor(value + 0.5)
        return middle - 0.5, middle + 0.5, f"{middle:g}"
    first = np.floor(value / step) * step
    return first, first + step, f"{first:g}–{first + step:g}"
