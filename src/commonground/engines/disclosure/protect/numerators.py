"""The numbers of students counted in the rates of one metric: told more coarsely, then withheld, until all stay uncertain."""

from dataclasses import dataclass

import numpy as np

from commonground.engines.disclosure.protect.bands import Band, coarse_bands, inside
from commonground.engines.disclosure.protect.places import Bools, Floats, Ints, complete
from commonground.engines.disclosure.protect.rows import Rows, Told, interest
from commonground.engines.disclosure.protect.settings import Effort, Settings
from commonground.engines.disclosure.protect.settling import kinds, narrow, settle
from commonground.engines.disclosure.protect.students import ENDLESS
from commonground.engines.disclosure.protect.table import Table

WHOLE = Band(0.0, 1.0, "–", "withheld")
_CHOICES = 3  # numbers of students counted that every rate must leave possible


@dataclass
class Rates:
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


class Numerators:
    """What an outsider knows of the numerators of one metric, while its rates become less certain."""

    def __init__(
        self, rows: Rows, metric: int, rates: Rates, told: Told, earlier: Told, settings: Settings, effort: Effort
    ) -> None:
        self.rows, self.rates, self.told, self.earlier = rows, rates, told, earlier
        self.settings, self.effort = settings, effort
        self.adds = rows.metrics[metric].adds
        self.whole = complete(rows.names, rates.cells, rates.counted, self.adds)
        self.at = self.whole.find(rates.cells)
        n, counted = rates.n, rates.counted
        self.small = (counted < settings.minimum) | (n - counted < settings.minimum)
        far = np.array([settings.distance(one) for one in n.tolist()], float)
        self.most = np.where(np.isnan(rates.told_low), n + far, n)
        self.weight = interest(rows.names, rates.cells, n, settings.interest)

    def settle(self) -> Ints:
        """Tell rates more coarsely where that is enough, withhold where it is not. Returns the rates that stay too narrow."""
        coarse = [self._coarser(place) for place in range(len(self.at))]
        stuck = self._hide_for(self.small, coarse, thorough=False)
        if len(stuck):
            stuck = self._hide_for(self._mask(stuck), None, thorough=True)
        if len(stuck):  # whoever is still too narrow is not told at all
            self._hide(self._mask(stuck), None, {})
            stuck = self._hide_for(self._mask(stuck), None, thorough=True)
        self._leave_choices()
        return stuck

    def _leave_choices(self) -> None:
        """Rates of larger numbers reveal those as well where too few fit: then others are hidden, or the rate itself."""
        told = np.array([band is not WHOLE for band in self.rates.bands], bool) & ~self.small
        cells = narrow(self.rows.names, self._table(told, None), self.adds, self.at[told])
        if len(cells):
            stuck = self._hide_for(np.isin(self.at, cells), None, thorough=True)
            self._hide(self._mask(stuck), None, {})

    def _hide_for(self, asked: Bools, coarse: list[Band] | None, thorough: bool) -> Ints:
        """Hide what the ``asked`` rates need, behind ``coarse`` bands or altogether. Returns those that stay too narrow."""
        table = self._table(asked, coarse)
        settled = settle(self.rows.names, table, self.adds, self.effort, among=self.at[asked], thorough=thorough)
        self._hide(settled.hidden[self.at], coarse, kinds(self.rows.names, table, settled))
        return np.flatnonzero(np.isin(self.at, settled.stuck))

    def _mask(self, places: Ints) -> Bools:
        return np.isin(np.arange(len(self.at)), places)

    def _hide(self, hidden: Bools, coarse: list[Band] | None, why: dict[int, str]) -> None:
        rates = self.rates
        for place in np.flatnonzero(hidden).tolist():
            rates.bands[place] = WHOLE if coarse is None else coarse[place]
            if rates.bands[place] is WHOLE:
                kind = why.get(int(self.at[place]), "group")
                self.told.withhold(np.array([rates.rows[place]]), "secondary", kind)

    def _coarser(self, place: int) -> Band:
        """The band that tells less, or the same one where an earlier release told it."""
        low, band = self.rates.told_low[place], self.rates.bands[place]
        bands = None if np.isnan(low) else coarse_bands(self.settings, int(low))
        if bands is None:
            return WHOLE
        coarse = bands.of(float(self.rates.counted[place]), float(self.rates.n[place]))
        return coarse if coarse.low <= band.low and coarse.high >= band.high else band

    def _table(self, asked: Bools, coarse: list[Band] | None) -> Table:
        """The numerators as a table in which the ``asked`` ones must stay uncertain, and others may be told by ``coarse``."""
        rates, kept = self.rates, self.small | asked
        coarse = coarse or [WHOLE] * len(self.at)
        shown, hidden = self._interval(rates.bands), self._interval(coarse)
        down, up = self._needs(asked, shown)
        fixed = [a is not WHOLE and a == b for a, b in zip(rates.bands, coarse, strict=True)]
        withheld = [band is WHOLE for band in rates.bands]
        total = np.nan_to_num(self.whole.value)
        return Table(
            whole=self.whole,
            low=self._spread(np.where(kept, shown[0], hidden[0]), np.zeros(len(total))),
            high=self._spread(np.where(kept, shown[1], hidden[1]), total + ENDLESS),
            shown_low=self._spread(shown[0], np.zeros(len(total))),
            shown_high=self._spread(shown[1], total + ENDLESS),
            weight=self._spread(self.weight, np.zeros(len(total))),
            sensitive=self._spread(kept, np.zeros(len(total))) > 0,
            down=self._spread(down, np.zeros(len(total))),
            up=self._spread(up, np.zeros(len(total))),
            fixed=self._spread(np.array(fixed, bool) | withheld, np.ones(len(total))) > 0,
        )

    def _spread(self, values: Floats | Bools, rest: Floats) -> Floats:
        rest[self.at] = values
        return rest

    def _interval(self, bands: list[Band]) -> tuple[Floats, Floats]:
        """The fewest and most that may be counted, after earlier releases too."""
        least, most = self.rates.interval(bands)
        most = np.where([band is WHOLE for band in bands], self.most, most)
        low, high = self.earlier.low[self.rates.rows], self.earlier.high[self.rates.rows]
        n, counted = self.rates.n, self.rates.counted
        with np.errstate(invalid="ignore"):
            holds = (low <= counted / n) & (counted / n <= high)
        least[holds] = np.maximum(least[holds], np.ceil(low[holds] * n[holds] - 1e-9))
        most[holds] = np.minimum(most[holds], np.floor(high[holds] * n[holds] + 1e-9))
        return np.minimum(least, counted), np.maximum(most, counted)

    def _needs(self, asked: Bools, shown: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
        """How far up and down each numerator must remain uncertain: small ones as far as they, or the rest of the group,
        need; of the others that are asked for, enough numbers must remain."""
        n, counted = self.rates.n, self.rates.counted
        smaller = np.where(counted < self.settings.minimum, counted, n - counted)
        distance = np.array([self.settings.distance(one) for one in smaller.tolist()], float)
        below = np.minimum(_CHOICES - 1, counted - shown[0])
        above = np.minimum(_CHOICES - 1, shown[1] - counted)
        down = np.clip(_CHOICES - 1 - above, np.minimum(1, below), below)
        up = np.clip(_CHOICES - 1 - below, np.minimum(1, above), above)
        down = np.where(self.small, np.minimum(distance, counted), np.where(asked, down, 0.0))
        return down, np.where(self.small, np.minimum(distance, self.most - counted), np.where(asked, up, 0.0))
