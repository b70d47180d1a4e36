"""A quick choice of what to hide so that numbers stay uncertain.

An exchange moves some students of a place from one group to another, and takes the opposite step in a second place, so
that every sum above the two stays; or it takes the opposite step in another grade or month. If everything that is
published allows the exchange, an outsider cannot exclude it. Where a cell stands in the way, hiding it has a cost, and
the cheapest exchange says what to hide (the hypercube method of S. Giessing and D. Repsilber, "Tools and strategies to
protect multiple tables with the GHQUAR cell suppression engine", 2002, along the tree of places).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from commonground.engines.disclosure.protect.kernels import add_costs, chain
from commonground.engines.disclosure.protect.moves import Moves, alone, moves, opposites
from commonground.engines.disclosure.protect.places import ALL, AXES, YEAR, Adds, Bools, Floats, Ints, Names, family_of

NEVER = 1e15  # the cost of what cannot be hidden
_MOST_ROUNDS = 400
_FEW, _MANY = 2, 6  # other grades or months in which a step may be taken back; the second where the first do not help


@dataclass(frozen=True)
class Room:
    """By cell: how far it may move ``up`` and ``down`` from its true number as things are told now, and how far if it is
    hidden, which costs ``weight`` (NEVER or more: cannot be)."""

    cells: Ints
    up: Floats
    down: Floats
    hidden_up: Floats
    hidden_down: Floats
    weight: Floats


class Exchanges:
    """Exchanges among the cells of one table. Planes are pairs of grade and period, the first of them all in all."""

    def __init__(self, names: Names, room: Room, size: Floats, adds: Adds) -> None:
        self.names, self.adds, self.room = names, adds, room
        self.place, grade, period, group = (names.part(room.cells, axis) for axis in AXES)
        plane = grade * len(names.periods) + period
        main = names.grades.index(ALL) * len(names.periods) + names.periods.index(YEAR)
        self.planes = [main, *(one for one in np.unique(plane).tolist() if one != main)]
        number = {one: at for at, one in enumerate(self.planes)}
        self.plane = np.array([number[one] for one in plane.tolist()], np.int64)
        present = np.unique(group)
        self.groups = [names.groups[one] for one in present]
        self.group = np.searchsorted(present, group)
        totals = np.bincount(self.group, size, len(present)).astype(np.float64)
        self.moves = moves(self.groups, totals) if adds.group else alone(len(present))
        self.position = np.full((len(self.planes), names.sizes[0], len(present)), -1)
        self.position[self.plane, self.place, self.group] = np.arange(len(room.cells))
        kinds = [tuple(family_of(part) for part in name.split("*")) for name in self.groups]
        self.kinds = [np.flatnonzero([one == kind for one in kinds]) for kind in sorted(set(kinds))]
        self.up, self.down = room.up.copy(), room.down.copy()
        self.lines = [self._line_of(plane) for plane in range(len(self.planes))]
        self.weight = room.weight
        self.untold = self._untold()
        self.frames: dict[tuple[tuple[int, ...], bool], _Frame] = {}

    def _untold(self) -> Bools:
        """By plane, place and group: whether places of that level tell no group of that family in any such grade or month.

        Where a level tells them, a place that leaves one out has no such students.
        """
        untold = np.zeros(self.position.shape, bool)
        levels = self.names.levels
        lines = np.array(["", *self.lines[1:]])
        for line, level, same in product(np.unique(lines), np.unique(levels), self.kinds):
            part = np.ix_(np.flatnonzero(lines == line), np.flatnonzero(levels == level), same)
            untold[part] = not (self.position[part] >= 0).any()
        return untold

    def hide(
        self, cells: Ints, by: Floats, sign: Ints, never: Bools | None = None
    ) -> tuple[Bools, dict[int, set[int]]]:
        """Hide cells until each of ``cells`` can move ``by`` in the direction ``sign``, wherever hiding helps.

        Cells that ``never`` marks stay as they are. Returns what is hidden, and for each hidden cell the cells that wanted
        it. In each round the cheapest exchange of every place, grade and month is carried out.
        """
        self.weight = self.room.weight if never is None else np.where(never, NEVER, self.room.weight)
        hidden = np.zeros(len(self.up), bool)
        wanted: dict[int, set[int]] = {}
        open_ones = np.arange(len(cells))
        for _ in range(_MOST_ROUNDS):
            costs, plans, steps = self._cheapest(cells[open_ones], by[open_ones], sign[open_ones])
            worth = np.flatnonzero((costs > 0) & (costs < NEVER))
            if not len(worth):
                break
            for at in _first_of_each(self._spot(cells[open_ones[worth]]), costs[worth]).tolist():
                cell = int(cells[open_ones[worth[at]]])
                for one in plans[worth[at]].in_the_way(self, int(self.place[cell]), int(steps[worth[at]])):
                    hidden[one] = True
                    wanted.setdefault(one, set()).add(cell)
            self.give_room(np.flatnonzero(hidden))
            open_ones = open_ones[worth]
        return hidden, wanted

    def _spot(self, cells: Ints) -> Ints:
        """The place and plane of each cell."""
        return np.asarray(self.place[cells] * len(self.planes) + self.plane[cells])

    def give_room(self, cells: Ints) -> None:
        """Take these cells for hidden."""
        self.up[cells], self.down[cells] = self.room.hidden_up[cells], self.room.hidden_down[cells]

    def _cheapest(self, cells: Ints, by: Floats, sign: Ints) -> "tuple[Floats, list[_Plan], Ints]":
        """For each cell the cost of its cheapest exchange, the plan that holds it, and the step."""
        found = _Cheapest(len(cells))
        for others in (_FEW, _MANY):
            hopeless = np.flatnonzero(found.costs >= NEVER)
            if len(hopeless):
                self._try(cells, by, sign, hopeless, others, found)
        return found.costs, found.plans, found.steps

    def _try(self, cells: Ints, by: Floats, sign: Ints, among: Ints, others: int, found: "_Cheapest") -> None:
        """The cheapest exchange of each cell ``among`` the cells that takes its step back in one of so many ``others``."""
        for distance in np.unique(by[among]):
            asked = among[by[among] == distance]
            for frame, at in self._frames(cells[asked], others):
                at = asked[at][found.costs[asked[at]] > 0]
                if not len(at):
                    continue
                plan = self._plan(frame, float(distance))
                for direction in (1, -1):
                    mine = at[sign[at] == direction]
                    found.note(mine, plan, *plan.best(self, cells[mine], direction))

    def _frames(self, cells: Ints, others: int = _MANY) -> "Iterator[tuple[_Frame, Ints]]":
        """Ways to try, cheap ones first, and positions of the cells that each may help; steps are taken back in at most
        so many ``others`` of the grades or months."""
        planes = self.plane[cells]
        if (planes == 0).any():
            yield self._frame((0,), False), np.flatnonzero(planes == 0)
        for detail in np.unique(planes[planes > 0]).tolist():
            line = [one for one in range(1, len(self.planes)) if self.lines[one] == self.lines[detail]]
            after = line.index(detail) + 1
            for other in [*line[after:], *line[: after - 1]][:others]:
                yield self._frame((detail, other), True), np.flatnonzero(planes == detail)
        for detail in range(1, min(len(self.planes), 1 + others)):
            told = (self.position[detail] >= 0).any(axis=1)
            alike = np.flatnonzero((planes == detail) | ((planes == 0) & told[self.place[cells]]))
            if len(alike):
                yield self._frame((0, detail), False), alike

    def _line_of(self, plane: int) -> str:
        """Whether a plane is a grade or a month; a month of a grade is neither."""
        periods = len(self.names.periods)
        (grade, period), (all_grades, year) = divmod(self.planes[plane], periods), divmod(self.planes[0], periods)
        return "grade" if period == year else "month" if grade == all_grades else f"{plane}"

    def _frame(self, planes: tuple[int, ...], turned: bool) -> "_Frame":
        if (planes, turned) not in self.frames:
            self.frames[planes, turned] = _Frame(self, planes, turned)
        return self.frames[planes, turned]

    def _plan(self, frame: "_Frame", distance: float) -> "_Plan":
        cost = np.zeros((len(frame.places), len(frame.moves)))
        for plane, turned in zip(frame.planes, (False, frame.turned), strict=False):
            up, down = (self._cell_costs(plane, frame.places, distance, sign) for sign in (1, -1))
            add_costs(up, down, *(frame.turned_steps if turned else frame.steps), cost)
        cost += frame.forbidden
        return _Plan(frame, np.minimum(cost, 10 * NEVER), distance)

    def _cell_costs(self, plane: int, places: Ints, distance: float, sign: int) -> Floats:
        """By place and group: nothing where there is room, the weight where hiding makes room, NEVER else."""
        now, then = (self.up, self.room.hidden_up) if sign > 0 else (self.down, self.room.hidden_down)
        position = self.position[plane, places]
        cost = np.where(then[position] >= distance, self.weight[position], NEVER)
        cost = np.where(now[position] >= distance, 0.0, cost)
        cost[position < 0] = NEVER
        cost[self.untold[plane, places]] = 0.0
        return np.asarray(cost)


class _Cheapest:
    """For each cell the cost of the cheapest exchange so far, the plan that holds it, and the step."""

    def __init__(self, cells: int) -> None:
        self.costs, self.steps = np.full(cells, np.inf), np.zeros(cells, np.int64)
        self.plans: list[_Plan] = [None] * cells  # type: ignore[list-item]

    def note(self, cells: Ints, plan: "_Plan", costs: Floats, steps: Ints) -> None:
        for at in np.flatnonzero(costs < self.costs[cells]).tolist():
            self.costs[cells[at]], self.steps[cells[at]], self.plans[cells[at]] = costs[at], steps[at], plan


def _first_of_each(spots: Ints, costs: Floats) -> Ints:
    """Positions of the cheapest entry of each spot."""
    order = np.lexsort((np.arange(len(costs)), costs))
    _, first = np.unique(spots[order], return_index=True)
    return np.asarray(order[first])


class _Frame:
    """What a place does at once: a step in each of the planes, or in the second plane the opposite step (``turned``).

    Only places that tell something there, and moves that differ there.
    """

    def __init__(self, of: Exchanges, planes: tuple[int, ...], turned: bool) -> None:
        self.planes, self.turned = planes, turned
        told = of.position[list(planes)] >= 0
        self.places = np.flatnonzero(told.any(axis=(0, 2)))
        # A group that is told nowhere beside others of its family has no students: a step must not lean on it.
        touched = np.concatenate([same for same in of.kinds if told[:, :, same].any()])
        steps = of.moves[:, touched]
        _, first = np.unique(steps, axis=0, return_index=True)
        kept = np.sort(first[np.abs(steps[first]).sum(axis=1) > 0])
        self.moves = np.where(np.isin(np.arange(of.moves.shape[1]), touched), of.moves[kept], 0)
        self.opposite = opposites(self.moves)
        self.steps = _listed(self.moves)
        self.turned_steps = _listed(self.moves[self.opposite])
        self.forbidden = self._forbidden(of)
        self.row = np.full(of.names.sizes[0], -1)
        self.row[self.places] = np.arange(len(self.places))
        above = np.array([self.row[one] if one >= 0 else -1 for one in of.names.above[self.places]], np.int64)
        self.above = above if of.adds.place else np.full(len(self.places), -1)
        levels = of.names.levels[self.places]
        ladder = [np.flatnonzero(levels == level) for level in ("school", "lea", "sector", "city")]
        self.upwards = np.concatenate(ladder).astype(np.int64)
        self.below = [np.flatnonzero(self.above == one) for one in range(len(self.places))]

    def fits(self, of: Exchanges, cells: Ints, sign: int) -> Bools:
        """By cell and move: whether the move shifts the cell in the direction."""
        shift = np.where((of.plane[cells] == self.planes[-1]) & self.turned, -sign, sign)
        return np.equal(self.moves[:, of.group[cells]].T, shift[:, None])

    def _forbidden(self, of: Exchanges) -> Floats:
        """A step in all grades (or months) together must happen in one of them as well, where they are told."""
        cost = np.zeros((len(self.places), len(self.moves)))
        lines = {of.lines[plane] for plane in self.planes[1:]}
        for plane in range(1, len(of.planes)) if 0 in self.planes else ():
            if of.lines[plane] not in lines:
                there = of.position[plane][self.places] >= 0
                touched = np.abs(self.moves[:, there.any(axis=0)]).sum(axis=1) > 0
                cost[np.ix_(there.any(axis=1), touched)] = NEVER
        return cost


class _Plan:
    """The costs of all exchanges of a frame, by place and move: ``cost`` at the place alone, ``down`` with a chain of
    places below it, ``total`` with what takes the step back above it."""

    def __init__(self, frame: _Frame, cost: Floats, distance: float) -> None:
        self.frame, self.cost, self.distance = frame, cost, distance
        self.down, self.up = cost.copy(), np.zeros_like(cost)
        chain(cost, frame.opposite, frame.above, frame.upwards, self.down, self.up)
        self.total = self.down + self.up

    def best(self, of: Exchanges, cells: Ints, sign: int) -> tuple[Floats, Ints]:
        """The cost of the cheapest exchange for each cell, and its move."""
        fits = self.frame.fits(of, cells, sign)
        mine = np.where(fits, self.total[self.frame.row[of.place[cells]]], np.inf)
        return np.asarray(mine.min(axis=1)), np.asarray(mine.argmin(axis=1))

    def in_the_way(self, of: Exchanges, place: int, step: int) -> list[int]:
        """Cells that must be hidden for the cheapest exchange that begins with this step at this place."""
        frame, found = self.frame, set()
        for at, taken in self._steps(int(frame.row[place]), step):
            for plane, turned in zip(frame.planes, (False, frame.turned), strict=False):
                vector = frame.moves[frame.opposite[taken] if turned else taken]
                for group in np.flatnonzero(vector).tolist():
                    cell = int(of.position[plane, frame.places[at], group])
                    room = of.up if vector[group] > 0 else of.down
                    if cell >= 0 and room[cell] < self.distance:
                        found.add(cell)
        return sorted(found)

    def _steps(self, place: int, step: int) -> list[tuple[int, int]]:
        """The places and moves of the cheapest exchange."""
        frame, found = self.frame, self._chain(place, step)
        while frame.above[place] >= 0:
            roof, back = int(frame.above[place]), int(frame.opposite[step])
            others = frame.below[roof][frame.below[roof] != place]
            taken = self.down[others, back].min() if len(others) else np.inf
            if taken <= self.cost[roof, step] + self.up[roof, step]:
                return found + self._chain(int(others[self.down[others, back].argmin()]), back)
            found.append((roof, step))
            place = roof
        return found

    def _chain(self, place: int, step: int) -> list[tuple[int, int]]:
        chain = [(place, step)]
        while len(self.frame.below[place]):
            inner = self.frame.below[place]
            place = int(inner[self.down[inner, step].argmin()])
            chain.append((place, step))
        return chain


def _listed(moves: Moves) -> tuple[Ints, Ints, Ints]:
    """Where each move begins in the lists that follow; the groups of all moves; and whether each goes up (1) or down (-1)."""
    at, group = np.nonzero(moves)
    starts = np.searchsorted(at, np.arange(len(moves) + 1)).astype(np.int64)
    return starts, group.astype(np.int64), np.sign(moves[at, group]).astype(np.int64)
