"""Attacking with linear programs: how far each withheld figure can move while everything that is published stays true.

One solution of a program is a whole table that fits the publication, so it shows at once how far every figure can
go. Programs are therefore asked for many figures together, in turns, and for single figures only where that is not enough.
Large systems are attacked region by region: some places move, all others stay as they are in one table that fits.
What is found from inside (tables that fit) no linear program can narrow; what is proven from outside (the optimum of a
program) nobody can exceed. ``exact`` asks for tables in whole numbers as well.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
TOLERANCE = 1e-5
FAR = 1e7
LARGE = 4000  # columns above which regions are attacked first
REGION = 1200  # columns of the places that move in one region


@dataclass(slots=True)
class Part:
    """A part of the system that nothing connects to the rest. ``asked`` are the columns to judge.

    ``place`` is the place of each column, ``above`` the place that each place is summed up in (-1: none).
    """

    place: Ints
    above: Ints
    rows: sparse.csr_matrix
    row_low: Floats
    row_high: Floats
    low: Floats
    high: Floats
    asked: Ints


@dataclass(slots=True)
class Reach:
    """For each asked column: reached from inside (``low`` .. ``high``), proven from outside (``outer_low`` .. ``outer_high``)."""

    low: Floats
    high: Floats
    outer_low: Floats
    outer_high: Floats


Enough = Callable[[Floats, Floats], Bools]  # whether inner intervals [low, high] of the asked columns are wide enough


def attack(part: Part, enough: Enough, goal_low: Floats, goal_high: Floats, exact: bool, programs: int) -> Reach | None:
    """Reach of the asked columns; None where no table at all fits, that is, where the publication contradicts itself.

    ``goal_low`` and ``goal_high`` are how far one wants each asked column to go. With ``exact`` each one is
    minimised and maximised to its end in whole numbers; otherwise only those that are not ``enough`` after the programs
    asked together. At most ``programs`` are solved for single columns.
    """
    attacker = _Attacker(part, exact)
    start = attacker.solve(np.zeros(len(part.low)))
    if start is None:
        return None
    if len(part.low) > LARGE:
        _by_region(attacker, start, enough, goal_low, goal_high)
    attacker.go_together(enough, goal_low, goal_high)
    open_ones = np.ones(len(part.asked), dtype=bool) if exact else ~enough(attacker.reach.low, attacker.reach.high)
    attacker.go_alone(np.flatnonzero(open_ones)[: max(programs // 2, 0)])
    return attacker.reach


def _by_region(attacker: "_Attacker", start: Floats, enough: Enough, goal_low: Floats, goal_high: Floats) -> None:
    """Let the places of one region move at a time, and all that they are summed up in."""
    part, reach = attacker.part, attacker.reach
    for region in _regions(part):
        inside = np.flatnonzero(np.isin(part.place, region))
        judged = np.flatnonzero(np.isin(part.asked, inside))

        def within(low: Floats, high: Floats, judged: Ints = judged) -> Bools:
            whole_low, whole_high = reach.low.copy(), reach.high.copy()
            whole_low[judged], whole_high[judged] = low, high
            return enough(whole_low, whole_high)[judged]

        smaller = _Attacker(_restricted(part, inside, judged, start), False)
        smaller.reach.low[:], smaller.reach.high[:] = reach.low[judged], reach.high[judged]
        smaller.go_together(within, goal_low[judged], goal_high[judged])
        reach.low[judged], reach.high[judged] = smaller.reach.low, smaller.reach.high


def _regions(part: Part) -> Iterator[Ints]:
    """Places next to each other in the order of what they are summed up in, with all that they are summed up in."""
    sizes = np.bincount(part.place, minlength=len(part.above))
    ends = np.setdiff1d(np.flatnonzero(sizes), part.above[np.flatnonzero(sizes)])
    ends = ends[np.lexsort((ends, part.above[ends]))]
    start = 0
    while start < len(ends):
        stop = start + 1
        while stop < len(ends) and sizes[ends[start : stop + 1]].sum() <= REGION:
            stop += 1
        yield _with_above(ends[start:stop], part.above)
        start = stop


def _with_above(places: Ints, above: Ints) -> Ints:
    found = np.unique(places)
    while True:
        more = np.union1d(found, above[found][above[found] >= 0])
        if len(more) == len(found):
            return found
        found = more


def _restricted(part: Part, inside: Ints, judged: Ints, start: Floats) -> Part:
    """The part with all but some columns held where they are."""
    held = start.copy()
    held[inside] = 0.0
    rows = part.rows[:, inside].tocsr()
    touched = np.flatnonzero(np.diff(rows.indptr))
    moved = part.rows @ held
    position = np.full(len(part.low), -1, dtype=np.int64)
    position[inside] = np.arange(len(inside))
    row_low, row_high = (part.row_low - moved)[touched], (part.row_high - moved)[touched]
    bounds = (part.low[inside], part.high[inside])
    return Part(part.place[inside], part.above, rows[touched], row_low, row_high, *bounds, position[part.asked[judged]])


class _Attacker:
    def __init__(self, part: Part, exact: bool) -> None:
        self.part = part
        self.exact = exact
        self.model = _model(part)
        asked = part.asked
        self.reach = Reach(
            np.full(len(asked), np.inf), np.full(len(asked), -np.inf), part.low[asked].copy(), part.high[asked].copy()
        )

    def solve(self, cost: Floats) -> Floats | None:
        """Minimise; note what the solution reaches. None where nothing fits."""
        n = len(cost)
        self.model.changeColsCost(n, np.arange(n, dtype=np.int32), cost)
        self.model.run()
        if self.model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = np.asarray(self.model.getSolution().col_value)
        self._note(self._in_whole_numbers(cost) if self.exact and not _whole(solution) else solution)
        return solution

    def _note(self, solution: Floats | None) -> None:
        if solution is None:
            return
        values = solution[self.part.asked]
        np.minimum(self.reach.low, np.ceil(values - TOLERANCE) + 0.0, out=self.reach.low)
        np.maximum(self.reach.high, np.floor(values + TOLERANCE) + 0.0, out=self.reach.high)

    def _in_whole_numbers(self, cost: Floats) -> Floats | None:
        """The same program in whole numbers, for a moment: the corner of the linear one was none."""
        model = _model(self.part)
        n = len(cost)
        model.changeColsCost(n, np.arange(n, dtype=np.int32), cost)
        model.changeColsIntegrality(n, np.arange(n, dtype=np.int32), np.ones(n, dtype=np.uint8))
        model.setOptionValue("time_limit", 5.0)
        model.setOptionValue("mip_rel_gap", 0.02)
        model.run()
        solution = np.asarray(model.getSolution().col_value)
        return solution if len(solution) == n and model.getInfo().primal_solution_status == 2 else None

    def go_together(self, enough: Enough, goal_low: Floats, goal_high: Floats) -> None:
        """Push all that is not wide enough yet, up and down by turns, as long as that helps."""
        generator = np.random.default_rng(len(self.part.low))
        idle = 0
        for turn in range(24):
            wanting = ~enough(self.reach.low, self.reach.high)
            if not wanting.any() or idle > 3:
                return
            up, down = self._directions(wanting, goal_low, goal_high, turn, generator)
            before = self.reach.high - self.reach.low
            self._push(up, down, goal_low, goal_high)
            idle = 0 if np.any((self.reach.high - self.reach.low)[wanting] > before[wanting]) else idle + 1

    def _directions(
        self, wanting: Bools, goal_low: Floats, goal_high: Floats, turn: int, generator: np.random.Generator
    ) -> tuple[Bools, Bools]:
        up = wanting & (self.reach.high < goal_high)
        down = wanting & (self.reach.low > goal_low)
        chance = generator.random(len(wanting)) < (0.5, 1.0, 0.0, 0.3)[turn % 4]
        both = up & down
        return (up & ~both) | (both & chance), (down & ~both) | (both & ~chance)

    def _push(self, up: Bools, down: Bools, goal_low: Floats, goal_high: Floats) -> None:
        """One program: those to go up count up to their goal only, so that they leave room for the others."""
        asked = self.part.asked
        cost = np.zeros(len(self.part.low))
        cost[asked[up]], cost[asked[down]] = -1.0, 1.0
        low, high = self.part.low.copy(), self.part.high.copy()
        high[asked[up]] = np.minimum(high[asked[up]], np.maximum(goal_high[up], self.reach.high[up]))
        low[asked[down]] = np.maximum(low[asked[down]], np.minimum(goal_low[down], self.reach.low[down]))
        self._bound(low, high)
        self.solve(cost)
        self._bound(self.part.low, self.part.high)

    def _bound(self, low: Floats, high: Floats) -> None:
        n = len(low)
        self.model.changeColsBounds(n, np.arange(n, dtype=np.int32), low, high)

    def go_alone(self, positions: Ints) -> None:
        """The ends of single columns: the optimum, rounded inwards, is an end that nobody can exceed."""
        for position in positions:
            column = self.part.asked[position]
            for sign in (1.0, -1.0):
                cost = np.zeros(len(self.part.low))
                cost[column] = sign
                solution = self.solve(cost)
                if solution is None:
                    continue
                if sign > 0:
                    self.reach.outer_low[position] = np.ceil(solution[column] - TOLERANCE) + 0.0
                else:
                    self.reach.outer_high[position] = np.floor(solution[column] + TOLERANCE)


def _whole(solution: Floats) -> bool:
    return bool(np.all(np.abs(solution - np.round(solution)) < TOLERANCE))


def _model(part: Part) -> highspy.Highs:
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(part.low), part.rows.shape[0]
    program.col_cost_ = np.zeros(len(part.low))
    program.col_lower_, program.col_upper_ = part.low, np.minimum(part.high, FAR)
    program.row_lower_, program.row_upper_ = part.row_low, part.row_high
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = part.rows.indptr.astype(np.int32)
    program.a_matrix_.index_ = part.rows.indices.astype(np.int32)
    program.a_matrix_.value_ = part.rows.data
    model = highspy.Highs()  # type: ignore[no-untyped-call]
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    model.passModel(program)
    return model
