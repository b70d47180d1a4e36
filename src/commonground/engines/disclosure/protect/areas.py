"""Where hiding may help cells that nothing cheaper helps: wider and wider areas of places, grades and months."""

from collections.abc import Iterator

import numpy as np

from commonground.engines.disclosure.protect.places import ALL, YEAR, Bools, Floats, Ints, Names

_COMPANIONS = 2  # LEAs of each sector whose numbers may take back what changes


class Areas:
    """Areas around ``cells``, which are positions in ``codes``, the table's cells; ``value`` their numbers."""

    def __init__(self, names: Names, codes: Ints, value: Floats, cells: Ints) -> None:
        self.names, self.codes, self.value, self.cells = names, codes, value, cells
        self.place = names.part(codes, "place")
        self.own = self._mask(np.unique(self.place[cells]))

    def wider(self) -> Iterator[Bools]:
        """Each area holds the ones before it; the last one is everything."""
        family = self._family(self.own)
        together = family | self._family(self._companions(self.own))
        near = (together | self._roofs(together))[self.place]
        yield near & self._alike()
        yield near
        yield np.ones(len(self.codes), bool)

    def _alike(self) -> Bools:
        """Whole years, grades and months, as far as the cells are of some grade or month."""
        alike = np.ones(len(self.codes), bool)
        for axis, whole in self._wholes():
            part = self.names.part(self.codes, axis)
            if (part[self.cells] == whole).all():
                alike &= part == whole
        return alike

    def _wholes(self) -> tuple[tuple[str, int], ...]:
        return ("grade", self.names.grades.index(ALL)), ("period", self.names.periods.index(YEAR))

    def _mask(self, places: Ints) -> Bools:
        mask = np.zeros(len(self.names.places), bool)
        mask[places] = True
        return mask

    def _roofs(self, places: Bools) -> Bools:
        """Everything that the places are summed up in."""
        found = np.zeros_like(places)
        above = self.names.above[places]
        while (above >= 0).any():
            above = np.unique(above[above >= 0])
            found[above] = True
            above = self.names.above[above]
        return found

    def _family(self, places: Bools) -> Bools:
        """Schools with their LEA and its other schools; sectors with the city and its other sectors."""
        levels, above = self.names.levels, self.names.above
        low = np.isin(levels, ("school", "lea"))
        found = places | (self._roofs(places & (levels == "school")) & low)
        found |= (above >= 0) & found[above] & (levels == "school")
        return np.asarray(found | (~low & (places & ~low).any()))

    def _companions(self, places: Bools) -> Bools:
        """The LEAs with the largest numbers in the sectors of these places, which can take back what changes there."""
        levels, above = self.names.levels, self.names.above
        total = np.zeros(len(places))
        whole = self.names.part(self.codes, "group") == self.names.groups.index(ALL)
        for axis, one in self._wholes():
            whole &= self.names.part(self.codes, axis) == one
        total[self.place[whole]] = np.nan_to_num(self.value[whole])
        found = np.zeros_like(places)
        for sector in np.flatnonzero((places | self._roofs(places)) & (levels == "sector")).tolist():
            leas = np.flatnonzero((above == sector) & (levels == "lea") & ~self._family(places))
            found[leas[np.argsort(-total[leas], kind="stable")[:_COMPANIONS]]] = True
        return found
