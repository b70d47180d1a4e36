"""Chance exchanges that prove in a moment what linear programs prove slowly: see `kernels`."""

import numpy as np
from scipy.sparse import csc_matrix, csr_matrix

from commonground.engines.disclosure.protect.kernels import tighten, wander
from commonground.engines.disclosure.protect.mending import mend
from commonground.engines.disclosure.protect.places import (
    ALL,
    AXES,
    YEAR,
    Adds,
    Bools,
    Floats,
    Ints,
    Names,
    Whole,
    family_of,
)

_ENDLESS = 10**6
_PASSES = 50  # over all sums, to tighten what each leaves
_ROUNDS = (30, 100)  # exchanges tried for each target that is left
_TRIES = 2  # searches for each that is still left
_LOOSE = 6  # one in so many cells may break in each exchange of a search


class Walk:
    """Walks among the tables that an outsider cannot tell from the true one, always in whole students."""

    def __init__(self, names: Names, whole: Whole, adds: Adds) -> None:
        self.names, self.adds = names, adds
        known = ~np.isnan(whole.value)
        self.coordinates = np.column_stack([names.part(whole.cells, axis) for axis in AXES])
        self.position = np.full(names.sizes, -1, np.int32)
        self.position[tuple(self.coordinates[known].T)] = np.flatnonzero(known)
        by_cell = whole.relations.tocsc()
        self.relations, self.by_sum = _whole(by_cell), _whole(whole.relations)
        self.sums = whole.relations.shape[0]
        self.geography = self._geography()
        self.groups = self._groups()

    def tightened(self, down: Floats, up: Floats) -> tuple[Floats, Floats]:
        """What the sums leave of how far each whole number may be ``down`` and ``up`` from the truth."""
        low, high = (np.floor(np.minimum(one, _ENDLESS) + 1e-9).astype(np.int64) for one in (down, up))
        tighten(low, high, *self.by_sum, _PASSES)
        return low.astype(np.float64), high.astype(np.float64)

    def reached(self, down: Floats, up: Floats, cells: Ints, by: Floats, sign: Ints) -> Bools:
        """Which of the ``cells`` were ``by`` away from the truth in the direction ``sign``; others may be able to.

        ``down`` and ``up`` are whole numbers: how far each cell may be from the truth.
        """
        all_students = self.names.groups.index(ALL)
        room = (up.astype(np.int64), down.astype(np.int64))
        table = (*room, self.position, *self.relations, self.coordinates, self.sums, all_students)
        found = np.zeros(len(cells), bool)
        for turn, tries in enumerate(_ROUNDS):
            left = np.flatnonzero(~found)
            if not len(left):
                break
            asked = (cells[left], np.ceil(by[left] - 1e-9).astype(np.int64), sign[left])
            found[left] = wander(table, self.geography, self.groups, asked, tries, turn)
        left = np.flatnonzero(~found)
        if len(left):
            asked = (cells[left], np.ceil(by[left] - 1e-9).astype(np.int64), sign[left])
            loose = self._loose(*room)
            found[left] = mend(table, self.by_sum, loose, self.geography, self.groups, asked, _TRIES, len(left))
        return found

    def _loose(self, up: Ints, down: Ints) -> tuple[Ints, Ints]:
        """The room of all cells, several times, each time without limit in some of the cells."""
        loose = np.arange(len(up)) % _LOOSE == np.arange(_LOOSE)[:, None]
        return np.where(loose, _ENDLESS, up), np.where(loose, _ENDLESS, down)

    def _geography(self) -> tuple[Ints, Ints, Ints, Ints]:
        names = self.names
        above = names.above if self.adds.place else np.full(len(names.above), -1)
        inside: list[list[int]] = [[] for _ in above]
        for leaf in np.setdiff1d(np.arange(len(above)), above).tolist():
            place = leaf
            while place >= 0:
                inside[place].append(leaf)
                place = int(above[place])
        first = np.cumsum([0, *map(len, inside)])
        wholes = (names.grades.index(ALL), names.periods.index(YEAR), names.groups.index(ALL))
        adds = (self.adds.grade, self.adds.period, self.adds.group)
        whole = np.array([one if holds else -1 for one, holds in zip(wholes, adds, strict=True)], np.int64)
        return above, first, np.array([one for part in inside for one in part], np.int64), whole

    def _groups(self) -> tuple[Ints, Ints, Ints, Ints]:
        groups = self.names.groups
        parts = [[] if name == ALL else name.split("*") for name in groups]
        members = sorted({part for several in parts for part in several}, key=lambda part: (family_of(part), part))
        families = sorted({family_of(part) for part in members})
        most = max([1, *map(len, parts)])
        family, member = np.full((len(groups), most), -1), np.full((len(groups), most), -1)
        for at, several in enumerate(parts):
            family[at, : len(several)] = [families.index(family_of(part)) for part in several]
            member[at, : len(several)] = [members.index(part) for part in several]
        first = np.searchsorted([family_of(part) for part in members], [*families, "\uffff"])
        single = np.array([groups.index(part) if part in groups else -1 for part in members], np.int64)
        return family, member, np.asarray(first), single


def _whole(matrix: csr_matrix | csc_matrix) -> tuple[Ints, Ints, Ints]:
    """Where each line begins, what it holds, and how often."""
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), np.rint(matrix.data).astype(np.int64)
