"""Bands of rates: how coarsely a rate is told, depending on the number of students that is told, never on the rate.

The bands of the settings are a beginning. They are joined from both ends until every number of students below the
minimum, counted or not counted, keeps the required interval inside its band; and elsewhere until enough numerators fit.
Where no two bands are left, the rate is not told at all.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor

from commonground.engines.disclosure.protect.settings import Settings, Step

_EPSILON = 1e-9


@dataclass(frozen=True)
class Band:
    """One band: ``low`` <= rate <= ``high``; ``text`` and ``status`` as published."""

    low: float
    high: float
    text: str
    status: str


@dataclass(frozen=True)
class Bands:
    """All bands for one number of students. ``starts`` are rounded rates in units of 1/``units``."""

    units: int
    starts: tuple[int, ...]

    def of(self, numerator: float, denominator: float) -> Band:
        """The band of a rate, rounded half up. Whole numbers are rounded exactly."""
        rounded = floor(numerator * self.units / denominator + 0.5 + _EPSILON)
        return self.band(bisect_right(self.starts, rounded) - 1)

    def band(self, at: int) -> Band:
        first, last = at == 0, at == len(self.starts) - 1
        start = self.starts[at]
        end = self.units if last else self.starts[at + 1] - 1
        low = 0.0 if first else round((start - 0.5) / self.units, 6)
        high = 1.0 if last else round((end + 0.5) / self.units, 6)
        return Band(low, high, self._text(start, end), "bottom" if first else "top" if last else "range")

    def _text(self, start: int, end: int) -> str:
        if start == 0:
            return f"≤ {self._number(end)} %"
        if end == self.units:
            return f"≥ {self._number(start)} %"
        if start == end:
            return f"{self._number(start)} %"
        return f"{self._number(start)}–{self._number(end)} %"

    def _number(self, units: int) -> str:
        return str(units) if self.units == 100 else f"{units / 10:.1f}"


def inside(band: Band, students: int) -> tuple[int, int]:
    """The fewest and the most that may be counted among so many students, for an outsider who knows how we round."""
    low = 0 if band.low <= 0 else ceil(band.low * students - _EPSILON)
    high = students if band.high >= 1 else ceil(band.high * students - _EPSILON) - 1
    return low, high


def step_at(steps: Sequence[Step], students: float) -> float:
    """The step that holds from so many students on."""
    return [step.per_cent for step in steps if step.students <= max(students, steps[0].students)][-1]


@lru_cache(maxsize=4096)
def rate_bands(settings: Settings, students: int, counted: bool = True) -> Bands | None:
    """The bands for a rate of at least so many students, or None where a rate cannot be told.

    ``counted``: the numerator counts students, so small numbers of them need their interval; otherwise (days) only the
    codes hold.
    """
    if students < settings.minimum:
        return None
    width = step_at(settings.bands, students)
    units = 1000 if width < 1 else 100
    starts = _starts(round(width * units / 100), units)
    code = round(step_at(settings.codes, students) * units / 100)
    reach = settings.reach if counted else 0
    first = next((s for s in starts[1:] if s - 1 >= code and _bottom(s, units, students) >= reach), None)
    last = next((s for s in starts[:0:-1] if s <= units - code and _top(s, units, students) >= reach), None)
    if first is None or last is None or first > last:
        return None
    middle = _joined([s for s in starts if first <= s <= last], units, students, settings.choices)
    return Bands(units, (0, *middle))


@lru_cache(maxsize=4096)
def coarse_bands(settings: Settings, students: int) -> Bands | None:
    """The same bands, joined to at least ten per cents each: for rates that would reveal others."""
    fine = rate_bands(settings, students)
    if fine is None:
        return None
    ten = fine.units // 10
    kept = [0]
    for start in fine.starts:
        if start - kept[-1] >= ten and start <= fine.units - ten:
            kept.append(start)
    return Bands(fine.units, tuple(kept)) if len(kept) > 1 else None


def _starts(width: int, units: int) -> tuple[int, ...]:
    """0 to width, then up to twice the width, and so on; the last band begins at its whole width before the end."""
    if 2 * width == units:
        return (0, width)
    return (0, width + 1, *range(2 * width, units - width + 1, width))


def _bottom(start: int, units: int, students: int) -> int:
    """The most students counted below the band that begins at ``start``."""
    return ceil((start - 0.5) / units * students - _EPSILON) - 1


def _top(start: int, units: int, students: int) -> int:
    """The most students not counted in a band from ``start`` to the end."""
    return students - ceil((start - 0.5) / units * students - _EPSILON)


def _joined(starts: list[int], units: int, students: int, choices: int) -> tuple[int, ...]:
    """Bands so wide that enough numerators fit into each but the first and last, which are wide already."""
    kept = [starts[0]]
    for start in starts[1:]:
        if (start - kept[-1]) / units * students + _EPSILON >= choices:
            kept.append(start)
    if kept[-1] != starts[-1]:
        kept[-1] = starts[-1]
    return tuple(kept)


def unknown_bands(settings: Settings) -> Bands:
    """The bands for rates of an unknown number of students, where they may be told at all."""
    return Bands(100, _starts(round(settings.unknown_per_cent), 100))
