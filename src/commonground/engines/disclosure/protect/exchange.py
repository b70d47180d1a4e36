"""A quick proof that numbers stay uncertain: students who might as well have been others.

A move takes some students of a place from one group to another (or adds them), and takes the opposite step in a second
place, so that every sum above the two stays. If everything that is published allows the move, an outsider cannot exclude
it. Moves prove most figures in a large city safe with a few matrix products; only the rest needs linear programs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from commonground.engines.disclosure.protect.places import ALL, YEAR, Adds, Bools, Floats, Ints, Names, family_of

Moves = NDArray[np.int8]


def moves(groups: Sequence[str], totals: Floats) -> Moves:
    """Steps of one student, one row each with +1 and -1 by group, that keep all sums of groups at one place.

    Every row's opposite is there too. ``totals``: the size of each group, to add students to the usual ones.
    """
    found = set(_steps(list(groups), totals))
    both = found | {tuple(-one for one in step) for step in found}
    return np.array(sorted(both), np.int8).reshape(-1, len(groups))


def _steps(groups: list[str], totals: Floats) -> Iterator[tuple[int, ...]]:
    singles: dict[str, list[str]] = {}
    for name in groups:
        if "*" not in name and name != ALL:
            singles.setdefault(family_of(name), []).append(name)
    crossed = sorted({tuple(family_of(part) for part in name.split("*")) for name in groups if "*" in name})
    partners = {
        family: sorted({g for pair in crossed if family in pair for g in pair if g != family}) for family in singles
    }
    size = dict(zip(groups, totals, strict=True))
    usual = [
        {
            family: sorted(members, key=lambda g: (-size[g], g))[min(rank, len(members) - 1)]
            for family, members in singles.items()
        }
        for rank in (0, 1)
    ]
    for family, members in singles.items():
        for others in product(*(singles.get(partner, []) for partner in partners[family])):
            fixed = dict(zip(partners[family], others, strict=True))
            for plus, minus in permutations(members, 2):
                yield _vector(groups, [({**fixed, family: plus}, 1), ({**fixed, family: minus}, -1)])
            for member, base in product(members, usual):
                yield _vector(groups, [({**base, **fixed, family: member}, 1)])
    if not singles and ALL in groups:
        yield _vector(groups, [({}, 1)])


def _vector(groups: Sequence[str], students: Sequence[tuple[dict[str, str], int]]) -> tuple[int, ...]:
    """What happens to every group when students with these memberships come or go."""
    step = dict.fromkeys(groups, 0)
    for member, sign in students:
        for name in groups:
            parts = [] if name == ALL else name.split("*")
            if all(member.get(family_of(part)) == part for part in parts):
                step[name] += sign
    return tuple(step[name] for name in groups)


@dataclass(frozen=True)
class Slack:
    """How far each cell of a table may move ``up`` and ``down`` from its true number while what is published stays true."""

    cells: Ints
    up: Floats
    down: Floats


class Exchanges:
    """Moves over the places of a city. Only cells of the whole year take part."""

    def __init__(self, names: Names, slack: Slack, size: Floats, adds: Adds) -> None:
        self.names, self.adds = names, adds
        self.every = names.grades.index(ALL)
        year = names.part(slack.cells, "period") == names.periods.index(YEAR)
        at = np.flatnonzero(year)
        self.position = np.full(len(slack.cells), -1)
        self.position[at] = np.arange(len(at))
        self.place, self.grade, group = (names.part(slack.cells[at], axis) for axis in ("place", "grade", "group"))
        present = np.unique(group)
        self.groups = [names.groups[g] for g in present]
        self.group = np.searchsorted(present, group)
        self._fill(slack.up[at], slack.down[at])
        monthly = np.unique(names.part(slack.cells[~year], "place"))
        self.up[monthly] = self.down[monthly] = 0.0  # a step there would have to happen in some month too
        totals = np.bincount(self.group, size[at], len(present)).astype(np.float64)
        self.moves = moves(self.groups, totals) if adds.group else _alone(len(present))
        self.opposite = _opposites(self.moves)
        self.ladder = [np.flatnonzero(names.levels == level) for level in ("school", "lea", "sector", "city")]
        self.known: dict[tuple[float, int], Bools] = {}

    def _fill(self, up: Floats, down: Floats) -> None:
        """Slack by place, grade and group: none where there are no such students, endless where nothing is told of them."""
        shape = self.names.sizes[0], len(self.names.grades), len(self.groups)
        there = np.zeros(shape, bool)
        there[self.place, self.grade, self.group] = True
        self.here: Bools = np.logical_or.reduce(there, axis=2)
        kinds = [tuple(family_of(part) for part in name.split("*")) for name in self.groups]
        told = np.zeros(shape, bool)
        for kind in set(kinds):
            same = np.flatnonzero([one == kind for one in kinds])
            told[:, :, same] = np.logical_or.reduce(there[:, :, same], axis=2)[:, :, None]
        self.up, self.down = np.where(told, 0.0, np.inf), np.where(told, 0.0, np.inf)
        self.up[self.place, self.grade, self.group] = up
        self.down[self.place, self.grade, self.group] = down

    def proven(self, cells: Ints, by: Floats, sign: int) -> Bools:
        """Which of these cells (positions in the table) can move by so much, up (1) or down (-1)."""
        answer: Bools = np.less_equal(by, 0)
        shifts = np.asarray(self.moves == sign, np.float32)
        for distance in np.unique(by[by > 0]):
            open_ones = np.flatnonzero((by == distance) & (self.position[cells] >= 0))
            for grade in self._grades():
                open_ones = open_ones[~answer[open_ones]]
                if not len(open_ones):
                    break
                here = self.position[cells[open_ones]]
                reach = np.asarray(self._closed(float(distance), grade), np.float32) @ shifts > 0
                fits = (self.grade[here] == grade) | ((self.grade[here] == self.every) & self.adds.grade)
                answer[open_ones] = fits & reach[self.place[here], self.group[here]]
        return answer

    def _grades(self) -> list[int]:
        return [self.every, *(g for g in range(len(self.names.grades)) if g != self.every and self.here[:, g].any())]

    def _free(self, distance: float, grade: int) -> Bools:
        """By place and move: whether the place may take the step in all grades together, and in this one where told."""
        allowed = self._allowed(grade, distance)
        if not self.adds.grade:
            return allowed
        plain: Bools = ~np.logical_or.reduce(np.delete(self.here, self.every, axis=1), axis=1)[:, None]
        if grade == self.every:
            return np.asarray(allowed & plain)
        return np.asarray(self._allowed(self.every, distance) & (allowed | plain))

    def _allowed(self, grade: int, distance: float) -> Bools:
        blocked_up = np.asarray(self.up[:, grade] < distance, np.float32)
        blocked_down = np.asarray(self.down[:, grade] < distance, np.float32)
        plus, minus = np.asarray(self.moves > 0, np.float32), np.asarray(self.moves < 0, np.float32)
        return np.asarray((blocked_up @ plus.T + blocked_down @ minus.T == 0) & self.here[:, grade, None])

    def _closed(self, distance: float, grade: int) -> Bools:
        """By place and move: whether some chain of places carries it, down to a school, and closed at some level above."""
        if (distance, grade) not in self.known:
            free = self._free(distance, grade)
            self.known[distance, grade] = self._carried(free) if self.adds.place else free
        return self.known[distance, grade]

    def _carried(self, free: Bools) -> Bools:
        above = self.names.above
        occupied = above[np.logical_or.reduce(self.here, axis=1)]
        downward, makers = free.copy(), np.zeros(free.shape, np.int32)
        for rung in self.ladder:
            has_below = np.isin(rung, occupied)
            downward[rung[has_below]] &= makers[rung[has_below]] > 0
            inner = rung[above[rung] >= 0]
            np.add.at(makers, above[inner], downward[inner])
        closed = np.ones(free.shape, bool)
        for rung in reversed(self.ladder):
            inner = rung[above[rung] >= 0]
            roof = above[inner]
            others = makers[roof] - downward[inner] > 0
            closed[inner] = others[:, self.opposite] | (free[roof] & closed[roof])
        return np.asarray(closed & downward)


def _alone(groups: int) -> Moves:
    return np.vstack([np.eye(groups, dtype=np.int8), -np.eye(groups, dtype=np.int8)])


def _opposites(steps: Moves) -> Ints:
    number = {tuple(step): at for at, step in enumerate(steps.tolist())}
    return np.array([number[tuple(-one for one in step)] for step in steps.tolist()], np.int64)
