"""What may be hidden around cells for which nothing cheaper helps: wider and wider rings of places, grades and months."""

from collections.abc import Iterator

import numpy as np

from commonground.engines.disclosure.protect.places import ALL, YEAR, Bools, Floats, Ints, Names

_COMPANIONS = 2  # LEAs of each sector that are hidden together with a cell


class Rings:
    """Rings around ``cells``, which are positions in ``codes``, the table's cells; ``value`` their numbers."""

    def __init__(self, names: Names, codes: Ints, value: Floats, cells: Ints) -> None:
        self.names, self.codes, self.value = names, codes, value
        self.place = names.part(codes, "place")
        self.all_students = names.part(codes, "group") == names.groups.index(ALL)
        plane = codes % int(np.prod(names.sizes[1:])) // len(names.groups)
        self.same_planes = np.isin(plane, plane[cells])
        self.own = self._mask(np.unique(self.place[cells]))

    def wider(self) -> Iterator[Bools]:
        """Each ring holds the ones before it: rows of all students come late, and the last one is everything."""
        groups, planes = ~self.all_students, self.same_planes
        family = self._family(self.own)
        together = family | self._family(self._companions(self.own))
        roofs = (together | self._roofs(together))[self.place]
        below = (together & np.isin(self.names.levels, ("school", "lea")))[self.place]
        yield self.own[self.place] & planes & groups
        yield family[self.place] & planes & groups
        yield together[self.place] & planes & groups
        yield roofs & planes & groups
        yield (roofs & planes & groups) | (below & planes)
        yield (roofs & groups) | (below & planes)
        yield roofs
        yield np.ones(len(self.codes), bool)

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
        whole = self.all_students & (self.codes == self._whole_year(self.codes))
        total[self.place[whole]] = np.nan_to_num(self.value[whole])
        found = np.zeros_like(places)
        for sector in np.flatnonzero((places | self._roofs(places)) & (levels == "sector")).tolist():
            leas = np.flatnonzero((above == sector) & (levels == "lea") & ~self._family(places))
            found[leas[np.argsort(-total[leas], kind="stable")[:_COMPANIONS]]] = True
        return found

    def _whole_year(self, codes: Ints) -> Ints:
        names = self.names
        for axis, whole in (("grade", names.grades.index(ALL)), ("period", names.periods.index(YEAR))):
            codes = names.moved(codes, axis, np.full(len(codes), whole))
        return codes
