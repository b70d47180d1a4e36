"""What is asked of a withheld figure, and what was found."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
LEAST_CHOICES = 3  # whole numbers that a coarse published rate must leave for its numerator


@dataclass(frozen=True, slots=True)
class Requirement:
    """An interval must reach ``share`` of the value, and at least ``least`` students, to both sides, as far as 0 and the
    published denominator allow; fewer than ``minimum`` students are a small group."""

    share: float = 0.3
    least: float = 3.0
    minimum: int = 10

    @staticmethod
    def of(manifest: Mapping[str, Any]) -> "Requirement":
        required = manifest.get("required", {})
        return Requirement(
            float(required.get("share", 0.3)), float(required.get("least", 3)), int(manifest.get("minimum", 10))
        )

    def sensitive(self, value: Floats, most: Floats, rate: Bools) -> Bools:
        """Whether a true value must be protected: a small group, or nearly nobody or nearly everybody of a published one."""
        small_group = ~rate & (value > 0) & (value < self.minimum)
        rest = np.where(np.isfinite(most), np.where(np.isfinite(most), most, 0.0) - value, np.inf)
        return np.asarray(small_group | (rate & ((value < self.minimum) | (rest < self.minimum))))

    def ends(self, value: Floats, most: Floats) -> tuple[Floats, Floats]:
        """The interval that a figure of this value must keep, where at most ``most`` is possible at all.

        Of a numerator and the rest of its published denominator the smaller one says how far that is.
        """
        smaller = np.where(np.isfinite(most), np.minimum(value, np.where(np.isfinite(most), most, 0.0) - value), value)
        distance = np.maximum(self.least, self.share * smaller)
        return np.ceil(np.maximum(value - distance, 0.0)), np.floor(
            np.minimum(value + distance, np.maximum(most, value))
        )

    def could_hold(self, low: Floats, high: Floats, most: Floats, rate: Bools) -> Bools:
        """Whether an outsider, who does not know the value, must grant that the interval may be wide enough.

        It may where some value in it needs no protection, or keeps its interval.
        """
        top = self._least_top(low, most, rate)
        return np.asarray((high > low) & (high >= top) & np.isfinite(top))

    def _least_top(self, low: Floats, most: Floats, rate: Bools) -> Floats:
        """The least upper end of an interval that begins at ``low`` and may be wide enough; endless where there is none.

        Of values that need their interval, the lowest that reaches down to ``low`` needs least above it, so only that one is
        tried; among numerators that may be nobody.
        """
        free = np.maximum(low, self.minimum)
        value = np.where(low <= 0, np.where(rate, 0.0, 1.0), np.ceil(low + self.least))
        bottom, top = self.ends(value, most)
        harmless = np.where(self.sensitive(free, most, rate), np.inf, free)
        return np.asarray(np.minimum(harmless, np.where(bottom >= low, top, np.inf)))

    def nearest(self, low: Floats, high: Floats, seen: tuple[Floats, Floats], most: Floats, rate: Bools) -> Floats:
        """The interval (2 x figures) within ``low`` .. ``high`` that `could_hold` grants, holds what was ``seen`` and is the
        least wider; not a number where none at most as many steps lower as the smallest group that is not small is one."""
        found, least = np.full((2, len(low)), np.nan), np.full(len(low), np.inf)
        for steps in range(self.minimum + 1):
            bottom = np.maximum(low, seen[0] - steps)
            top = np.maximum(np.maximum(self._least_top(bottom, most, rate), seen[1]), bottom + 1)
            better = (top <= high) & (top - bottom < least)
            found[:, better], least[better] = np.stack([bottom, top])[:, better], (top - bottom)[better]
        return found

    def may_be_no_small_change(self, low: Floats, high: Floats) -> Bools:
        """Whether a correction that lies between these may be none at all, or one of a group that is not small."""
        return np.asarray(((low <= 0) & (high >= 0)) | (high >= self.minimum) | (low <= -self.minimum))


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure: its key (year, metric, level, entity, grade, period, group), its ``part`` (students or numerator), the interval
    that is left, and whether that is enough.

    ``low`` .. ``high`` are whole numbers that tables reach which fit (tables in whole numbers themselves where the audit was
    ``exact``), ``outer_low`` .. ``outer_high`` ends that nobody can exceed; where both agree the interval is exact.
    ``verdict``: "protected", "recovered" (one value is left), "under-protected", or "unproven" (no table was found that goes
    far enough, and none was excluded).
    """

    key: tuple[str, ...]
    part: str
    low: float
    high: float
    outer_low: float
    outer_high: float
    verdict: str

    @property
    def ok(self) -> bool:
        return self.verdict == "protected"


@dataclass(frozen=True, slots=True)
class Audit:
    """The findings for every withheld figure, and how many shown figures were looked at as well."""

    findings: tuple[Finding, ...]
    withheld: int
    shown: int

    @property
    def ok(self) -> bool:
        return not any(self.failed)

    @property
    def failed(self) -> Iterator[Finding]:
        return (finding for finding in self.findings if not finding.ok)

    def count(self, verdict: str) -> int:
        return sum(finding.verdict == verdict for finding in self.findings)
