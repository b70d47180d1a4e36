"""From rounded rates to whole students: how many may stand behind a rate, and which numbers fit each other.

A rate with three decimals among 250 students comes from one number of students only; among 90,000 it may come from 90. Parts
must add up to their whole all the same, so the numbers of a place are chosen together, each inside its interval.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor

_EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Span:
    """Whole numbers from `low` to `high`; `near` is the likeliest of them."""

    low: int
    high: int
    near: int

    def clipped(self, low: int, high: int) -> "Span | None":
        """What of it lies between two numbers; None where nothing does."""
        low, high = max(self.low, low), min(self.high, high)
        return Span(low, high, min(max(self.near, low), high)) if low <= high else None


def span_of(rate: float, whole: int, digits: int) -> Span | None:
    """The numbers of students whose share of `whole` rounds to `rate`; None where no number does."""
    half = 0.5 * 10.0**-digits
    low = max(0, ceil((rate - half) * whole - _EPSILON))
    high = min(whole, floor((rate + half) * whole + _EPSILON))
    return Span(low, high, min(max(round(rate * whole), low), high)) if low <= high else None


@dataclass(frozen=True, slots=True)
class Family:
    """The published parts of one family of groups, and how many students of it were not published."""

    parts: Mapping[str, Span]
    rest: int

    @property
    def low(self) -> int:
        return sum(part.low for part in self.parts.values())

    @property
    def high(self) -> int:
        return sum(part.high for part in self.parts.values()) + self.rest


def fitted(total: Span, families: Mapping[str, Family]) -> tuple[int, dict[str, tuple[dict[str, int], int]]]:
    """A total, and for each family its parts and the rest, that add up to it. Families that cannot are left out.

    1. Narrow the total to what every family allows, in the order of the families; one that allows nothing is left out.
    2. Choose the total nearest to what was published.
    3. Begin with the likeliest parts, and shift them inside their intervals until the rest fits.
    """
    kept: dict[str, Family] = {}
    for name, family in families.items():
        narrower = total.clipped(family.low, family.high)
        if narrower is not None:
            total, kept[name] = narrower, family
    return total.near, {name: _split(total.near, family) for name, family in kept.items()}


def _split(total: int, family: Family) -> tuple[dict[str, int], int]:
    parts = {name: part.near for name, part in family.parts.items()}
    rest = total - sum(parts.values())
    for name, part in family.parts.items():
        shift = (
            max(rest, part.low - parts[name]) if rest < 0 else min(max(rest - family.rest, 0), part.high - parts[name])
        )
        parts[name] += shift
        rest -= shift
    return parts, rest
