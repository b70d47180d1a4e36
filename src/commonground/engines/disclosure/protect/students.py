"""Numbers of students, one population at a time: which are told, and how exactly."""

from dataclasses import dataclass

import numpy as np

from commonground.engines.disclosure.protect.bands import inside, rate_bands
from commonground.engines.disclosure.protect.places import Adds, Bools, Floats, Ints, Names, Whole, complete
from commonground.engines.disclosure.protect.rows import Rows, Texts, Told, interest
from commonground.engines.disclosure.protect.settings import Effort, Settings
from commonground.engines.disclosure.protect.settling import kinds, settle
from commonground.engines.disclosure.protect.table import Table

ENDLESS = 1000.0  # how far above its value an outsider must think a hidden number possible, for the programs' sake


class FiguresDisagreeError(ValueError):
    """Two metrics of one population have different numbers of students; the message names the place."""


@dataclass(frozen=True)
class Students:
    """What is told of a population's numbers. Arrays over ``whole``'s cells; NaN and a reason where nothing is told."""

    whole: Whole
    low: Floats
    high: Floats
    reason: Texts
    protects: Texts
    stuck: Ints

    def at(self, cells: Ints) -> Ints:
        return self.whole.find(cells)


def tell_students(rows: Rows, members: Ints, earlier: Told, settings: Settings, effort: Effort) -> Students:
    """Protect the numbers of students of the metrics at ``members``, which share one population."""
    exact = any(rows.metrics[m].kind == "count" for m in members)
    mine = np.flatnonzero(np.isin(rows.metric, members) & ~np.isnan(rows.count(np.arange(len(rows.metric)))))
    adds = adds_of(rows, members)
    cells, count = once(rows, mine)
    whole = complete(rows.names, cells, count, adds)
    low, high = steps(whole.value, 1 if exact else settings.rounding, settings.minimum)
    known = _known(rows, mine, earlier, whole)
    low, high, kept = _as_before(whole.value, low, high, known)
    reason = _primary(rows.names, whole, settings)
    gone = (reason == "") & known.hidden & whole.reported
    table = _table(rows, members, whole, (low, high), reason != "", settings, kept, gone)
    reason[gone] = "secondary"
    settled = settle(rows.names, table, adds, effort)
    protects = np.full(len(reason), "", object)
    protects[gone] = "release"
    for cell, kind in kinds(rows.names, table, settled).items():
        reason[cell], protects[cell] = "secondary", kind
    _tell_what_follows(whole, reason, protects, low == high)
    hidden = (reason != "") | ~whole.reported
    return Students(
        whole, np.where(hidden, np.nan, low), np.where(hidden, np.nan, high), reason, protects, settled.stuck
    )


def _tell_what_follows(whole: Whole, reason: Texts, protects: Texts, exact: Bools) -> None:
    """Tell what is withheld in vain: no small group, and the only number of some sum that is not told anyway."""
    unknown = ~(exact & (reason == "") & whole.reported)
    touched = abs(whole.relations)
    while True:
        single = np.flatnonzero(touched @ unknown.astype(np.float64) == 1)
        follows = np.unique(touched[single].multiply(unknown[None, :]).tocoo().col)
        follows = follows[unknown[follows] & np.isin(reason[follows], ("secondary", ""))]
        if not len(follows):
            return
        reason[follows], protects[follows], unknown[follows] = "", "", False


def adds_of(rows: Rows, members: Ints) -> Adds:
    """How the numbers of students of a population add up."""
    every = [rows.metrics[m].adds for m in members]
    return Adds(*(any(getattr(one, axis) for one in every) for axis in ("place", "grade", "period", "group")))


def once(rows: Rows, mine: Ints) -> tuple[Ints, Floats]:
    """Each cell once, with its number; the metrics of a population must agree on it."""
    cells, first, where = np.unique(rows.cell[mine], return_index=True, return_inverse=True)
    count = rows.count(mine)
    differs = count != count[first][where]
    if differs.any():
        bad = mine[np.flatnonzero(differs)[0]]
        name, population = rows.metrics[rows.metric[bad]].name, rows.metrics[rows.metric[bad]].population
        raise FiguresDisagreeError(
            f"{rows.names.name(int(rows.cell[bad]))}: {name} has other numbers of students than another metric of "
            f"the population {population}. Give them populations of their own in the rules, or correct the figures."
        )
    return cells, count[first]


def steps(count: Floats, step: int, minimum: int) -> tuple[Floats, Floats]:
    """The step in which each number is told; none reaches from below the minimum to above it."""
    low = np.floor(count / step) * step
    return np.where(count >= minimum, np.maximum(low, min(minimum, 10**9)), low), low + step - 1


@dataclass(frozen=True)
class _Known:
    """What earlier releases told of each cell; NaN where nothing. ``hidden``: an earlier release withheld it."""

    low: Floats
    high: Floats
    hidden: Bools


def _known(rows: Rows, mine: Ints, earlier: Told, whole: Whole) -> _Known:
    low, high = np.full(len(whole.cells), -np.inf), np.full(len(whole.cells), np.inf)
    at = whole.find(rows.cell[mine])
    np.maximum.at(low, at, np.nan_to_num(earlier.students_low[mine], nan=-np.inf))
    np.minimum.at(high, at, np.nan_to_num(earlier.students_high[mine], nan=np.inf))
    hidden = np.zeros(len(whole.cells), bool)
    told = ~np.isnan(earlier.students_low[mine])
    hidden[at[(earlier.status[mine] == "withheld") & ~told]] = True
    hidden[at[told]] = False
    return _Known(low, high, hidden)


def _as_before(count: Floats, low: Floats, high: Floats, known: _Known) -> tuple[Floats, Floats, Bools]:
    """What an earlier release told is told again where it is still true: hiding it now would help nobody."""
    with np.errstate(invalid="ignore"):
        kept = np.isfinite(known.low) & (known.low <= count) & (count <= known.high)
    return np.where(kept, known.low, low), np.where(kept, known.high, high), kept


def _primary(names: Names, whole: Whole, settings: Settings) -> Texts:
    """Reasons of the first rule: fewer students than the minimum, or one LEA behind almost all of them."""
    count = np.nan_to_num(whole.value)
    small = whole.reported & (count > 0) & (count < settings.minimum)
    reason = np.where(small, "small", "").astype(object)
    reason[(reason == "") & whole.reported & dominated(names, whole, small, settings.dominant)] = "dominant"
    return reason


def dominated(names: Names, whole: Whole, withheld: Bools, share: float) -> Bools:
    """Sector and city cells in which one LEA whose own figure is withheld has at least this share, but not all."""
    place = names.part(whole.cells, "place")
    found = np.zeros(len(whole.cells), bool)
    cells = np.flatnonzero(withheld & (names.levels[place] == "lea"))
    above = names.above[place[cells]]
    while (above >= 0).any():
        cells, above = cells[above >= 0], above[above >= 0]
        wanted = names.moved(whole.cells[cells], "place", above)
        there = np.isin(wanted, whole.cells)
        at = whole.find(wanted[there])
        part, total = whole.value[cells[there]], whole.value[at]
        found[at[(part >= share * total) & (part < total)]] = True
        above = names.above[above]
    return found


def _table(
    rows: Rows,
    members: Ints,
    whole: Whole,
    told: tuple[Floats, Floats],
    sensitive: Bools,
    settings: Settings,
    kept: Bools,
    gone: Bools,
) -> Table:
    count = np.nan_to_num(whole.value)
    shown_low, shown_high = _implied(rows, members, whole, told, settings)
    virtual = ~whole.reported | gone
    shown_low[virtual], shown_high[virtual] = 0.0, count[virtual] + ENDLESS
    distance = np.array([settings.distance(one) for one in count.tolist()], float)
    high = count + ENDLESS
    low = np.zeros(len(count))
    low[kept], high[kept] = told[0][kept], told[1][kept]
    return Table(
        whole=whole,
        low=low,
        high=high,
        shown_low=np.clip(shown_low, low, count),
        shown_high=np.clip(shown_high, count, high),
        weight=interest(rows.names, whole.cells, count, settings.interest),
        sensitive=sensitive,
        down=np.where(sensitive, np.minimum(distance, count - low), 0.0),
        up=np.where(sensitive, np.minimum(distance, high - count), 0.0),
        fixed=virtual | (count == 0) | kept,
    )


def _implied(
    rows: Rows, members: Ints, whole: Whole, told: tuple[Floats, Floats], settings: Settings
) -> tuple[Floats, Floats]:
    """What the steps and the bands of the rates leave of each number when the numerators stay as they are."""
    low, high = told[0].copy(), told[1].copy()
    for metric in members:
        if rows.metrics[metric].kind != "rate":
            continue
        mine = rows.of(int(metric))
        mine = mine[(rows.students[mine] > 0) & ~np.isnan(rows.numerator[mine])]
        at = whole.find(rows.cell[mine])
        for row, cell in zip(mine.tolist(), at.tolist(), strict=True):
            bands = rate_bands(settings, int(told[0][cell]))
            if bands is None:
                continue
            band = bands.of(rows.numerator[row], rows.students[row])
            low[cell] = max(low[cell], np.ceil(rows.numerator[row] / band.high - 1e-9))
            if band.low > 0:
                high[cell] = min(high[cell], np.floor(rows.numerator[row] / band.low + 1e-9))
    return low, high


__all__ = ["FiguresDisagreeError", "Students", "adds_of", "dominated", "inside", "once", "steps", "tell_students"]
