"""How far members are from each other: great circle, an estimate of the road, or a table that the user supplies.

Every measure answers `matrix(rows, columns)`, symmetric and zero between a member and itself. Its `unit` is "km" or
"min" (minutes of driving); travel limits and the travel weight are in that unit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from commonground.engines.formation.reasons import MarketError

if TYPE_CHECKING:
    from commonground.engines.formation.model import Member

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
# Road length over straight length. Published circuity of road networks lies between 1.2 and 1.4, higher where roads are
# few; these are estimates for planning, not measurements, and a travel table replaces them.
ROAD_FACTORS: Mapping[str, float] = {"city": 1.25, "suburb": 1.3, "town": 1.3, "rural": 1.35, "": 1.3}

Floats = NDArray[np.float64]


class Travel(Protocol):
    """A measure of travel between members."""

    @property
    def unit(self) -> str: ...

    @property
    def is_estimate(self) -> bool: ...

    def matrix(self, rows: Sequence["Member"], columns: Sequence["Member"]) -> Floats:
        """Travel of each row member to each column member, shape (rows, columns); infinite where there is no way."""
        ...

    def check(self, members: Sequence["Member"]) -> None:
        """Raise MarketError unless every pair of these members has an answer."""
        ...


def great_circle_km(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> Floats:
    """Haversine kilometres between places in degrees; the arguments broadcast.

    Source: R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68 (1984).
    """
    phi1, phi2 = np.radians(lat1), np.radians(lat2)
    half = np.sin((phi1 - phi2) / 2) ** 2
    half = half + np.cos(phi1) * np.cos(phi2) * np.sin(np.radians(lon1 - lon2) / 2) ** 2
    km: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    return km


def _degrees(members: Sequence["Member"]) -> tuple[Floats, Floats]:
    lat = np.array([np.nan if m.latitude is None else m.latitude for m in members])
    lon = np.array([np.nan if m.longitude is None else m.longitude for m in members])
    return lat, lon


def _check_places(members: Sequence["Member"]) -> None:
    for member in members:
        if member.latitude is None:
            raise MarketError("no_place", member=member.id, name=member.name)


@dataclass(frozen=True, slots=True)
class GreatCircle:
    """Straight-line kilometres."""

    unit: str = field(default="km", init=False)
    is_estimate: bool = field(default=False, init=False)

    def matrix(self, rows: Sequence["Member"], columns: Sequence["Member"]) -> Floats:
        (lat1, lon1), (lat2, lon2) = _degrees(rows), _degrees(columns)
        return great_circle_km(lat1[:, None], lon1[:, None], lat2, lon2)

    def check(self, members: Sequence["Member"]) -> None:
        _check_places(members)


@dataclass(frozen=True, slots=True)
class RoadEstimate:
    """Straight-line kilometres times a road factor: the mean of the factors of the two members' locales.

    An estimate, and labelled as one wherever it is shown.
    """

    factors: Mapping[str, float] = field(default_factory=lambda: dict(ROAD_FACTORS), hash=False)
    unit: str = field(default="km", init=False)
    is_estimate: bool = field(default=True, init=False)

    def __post_init__(self) -> None:
        for locale, factor in self.factors.items():
            if not 1.0 <= factor < np.inf:
                raise MarketError("road_factor", locale=locale or "unknown", factor=factor)

    def matrix(self, rows: Sequence["Member"], columns: Sequence["Member"]) -> Floats:
        factor1, factor2 = self._factor(rows), self._factor(columns)
        return GreatCircle().matrix(rows, columns) * ((factor1[:, None] + factor2) / 2)

    def check(self, members: Sequence["Member"]) -> None:
        _check_places(members)

    def _factor(self, members: Sequence["Member"]) -> Floats:
        return np.array([self.factors.get(m.locale, ROAD_FACTORS[""]) for m in members])


@dataclass(frozen=True, slots=True, eq=False)
class TravelTable:
    """Travel that the user supplies: `table[i, j]` is the way from ids[i] to ids[j], NaN where there is no way.

    The two directions may differ; a pair counts the longer one, because somebody has to drive it.
    """

    ids: tuple[str, ...]
    table: Floats
    unit: str = "min"
    is_estimate: bool = field(default=False, init=False)
    _row: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        table = np.array(self.table, dtype=np.float64)
        size = len(self.ids)
        if table.shape != (size, size):
            rows, columns = (*table.shape, 1, 1)[:2]
            raise MarketError("table_shape", rows=rows, columns=columns, ids=size)
        row = {name: i for i, name in enumerate(self.ids)}
        if len(row) < size:
            twice = next(name for i, name in enumerate(self.ids) if row[name] != i)
            raise MarketError("table_id_twice", member=twice)
        if (table < 0).any():
            i, j = (int(x) for x in np.argwhere(table < 0)[0])
            raise MarketError("table_negative", value=float(table[i, j]), first=self.ids[i], second=self.ids[j])
        table[np.isnan(table)] = np.inf
        table = np.maximum(table, table.T)
        np.fill_diagonal(table, 0.0)
        table.flags.writeable = False
        object.__setattr__(self, "table", table)
        object.__setattr__(self, "_row", row)

    def matrix(self, rows: Sequence["Member"], columns: Sequence["Member"]) -> Floats:
        i = [self._row[m.id] for m in rows]
        j = [self._row[m.id] for m in columns]
        return self.table[np.ix_(i, j)]

    def check(self, members: Sequence["Member"]) -> None:
        for member in members:
            if member.id not in self._row:
                raise MarketError("table_missing", member=member.id, name=member.name)
