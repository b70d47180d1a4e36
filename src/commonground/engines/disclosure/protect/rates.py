"""Rates, one metric at a time: in which band each is told, and which are withheld."""

import numpy as np

from commonground.engines.disclosure.protect.bands import Band, rate_bands, step_at
from commonground.engines.disclosure.protect.numerators import WHOLE, Numerators, Rates
from commonground.engines.disclosure.protect.places import Ints
from commonground.engines.disclosure.protect.rows import Rows, Told
from commonground.engines.disclosure.protect.settings import Effort, Settings
from commonground.engines.disclosure.protect.students import Students


def tell_rates(
    rows: Rows, metric: int, students: Students, told: Told, earlier: Told, settings: Settings, effort: Effort
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
        stuck = Numerators(rows, metric, rates, told, earlier, settings, effort).settle()
    _write(rates, students, told)
    return np.asarray(rates.rows[stuck])


def _begin(rows: Rows, mine: Ints, students: Students, settings: Settings, counted: bool) -> Rates:
    low = students.low[students.at(rows.cell[mine])]
    numerator = rows.numerator[mine] if counted else rows.value[mine] * rows.students[mine]
    bands = []
    for at, (told_low, n) in enumerate(zip(low.tolist(), rows.students[mine].tolist(), strict=True)):
        possible = None if told_low != told_low else rate_bands(settings, int(told_low), counted)
        bands.append(WHOLE if possible is None else possible.of(float(numerator[at]), n))
    return Rates(mine, rows.cell[mine], rows.students[mine], numerator, low, bands)


def _as_before(rates: Rates, earlier: Told) -> Ints:
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


def _withheld_by_students(rates: Rates, students: Students, told: Told) -> None:
    at = students.at(rates.cells)
    for row, cell, band, low in zip(
        rates.rows.tolist(), at.tolist(), rates.bands, rates.told_low.tolist(), strict=True
    ):
        if low != low:
            told.withhold(np.array([row]), students.reason[cell], students.protects[cell])
        elif band is WHOLE:
            told.withhold(np.array([row]), "complement")


def _write(rates: Rates, students: Students, told: Told) -> None:
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
        band = median_step(float(rows.value[row]), float(students.low[cell]), settings)
        told.status[row], told.text[row], told.low[row], told.high[row] = band.status, band.text, band.low, band.high


def median_step(value: float, students: float, settings: Settings) -> Band:
    """The step that a median lies in: whole numbers are rounded half up, wider steps begin at their multiples."""
    step = step_at(settings.medians, students)
    if step <= 1:
        middle = np.floor(value + 0.5)
        return Band(middle - 0.5, middle + 0.5, f"{middle:g}", "range")
    first = np.floor(value / step) * step
    return Band(first, first + step, f"{first:g}–{first + step:g}", "range")
