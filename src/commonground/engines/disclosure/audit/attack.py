"""Attacking with linear programs: how far each withheld figure can move while everything that is published stays true.

One solution of a program is a whole table that fits the publication, so it shows at once how far every figure can
go. Programs are therefore asked for many figures together, in turns, then for few near one table (`near`), and for single
figures only where that is not enough. In large systems a walk from table to table (`walk`) comes first and shows nearly
everything; it begins at the true one where that is known, and else at another one (`whole`). What is found from inside (tables
that fit) no linear program can narrow; what is proven from outside (the optimum of a program) nobody can exceed. ``exact`` asks
for tables in whole numbers as well.
"""

from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from commonground.engines.disclosure.audit.near import Near
from commonground.engines.disclosure.audit.programs import (
    TOLERANCE,
    Part,
    around,
    held,
    holds,
    is_whole,
    middle,
    model_of,
)
from commonground.engines.disclosure.audit.walk import Walk
from commonground.engines.disclosure.audit.whole import whole_table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
WALKED = 300, 1000  # columns above which a walk comes first, where the true table is known and where it is not
LARGE = 8000  # columns above which the first program looks for a table away from all corners, which is quicker there
FEW, COLUMNS = 20, 300  # figures pushed by a program near the table: at least so many, and one for so many columns
TURNS, IDLE = 48, 8  # programs for many figures at once, and how many in a row may show nothing new
WORK = 500_000  # columns of programs for single columns together
STEPS = 2, 3  # steps from a column to rows that are asked where programs for all are too many
SHARES = (1.0, 0.3, 0.1)  # of the figures that want to go further, so many are pushed at once, by turns


@dataclass(slots=True)
class Reach:
    """For each asked column: reached from inside (``low`` .. ``high``), proven from outside (``outer_low`` .. ``outer_high``)."""

    low: Floats
    high: Floats
    outer_low: Floats
    outer_high: Floats


Goals = Callable[[Floats, Floats], tuple[Floats, Floats]]  # how far to go down and up from what was seen
Enough = Callable[[Floats, Floats], Bools]  # whether inner intervals [low, high] of the asked columns are wide enough


def attack(part: Part, enough: Enough, goals: Goals, exact: bool, programs: int) -> Reach | None:
    """Reach of the asked columns; None where no table at all fits, that is, where the publication contradicts itself.

    ``goals`` says how far down and up one wants each asked column to go from what was seen. With ``exact`` each one is
    minimised and maximised to its end in whole numbers; otherwise only those that are not ``enough`` after the programs
    asked together. At most ``programs`` are solved for single columns; fewer in large systems, where only what stands near
    is asked of the others.
    """
    attacker = _Attacker(part, exact)
    walked = len(part.low) > WALKED[int(np.isnan(part.truth).any())] and not exact
    start = _start(part) if walked else attacker.solve(np.zeros(len(part.low)))
    if start is None:
        return None
    if walked:
        _show(attacker, start, enough, goals)
    attacker.go_together(start, enough, goals)
    if exact:
        attacker.go_alone(np.arange(len(part.asked))[: max(programs // 2, 0)])
    else:
        attacker.go_for_the_rest(enough, min(programs, WORK // len(part.low)))
    return attacker.reach


def _show(attacker: "_Attacker", start: Floats, enough: Enough, goals: Goals) -> None:
    """What a walk from the table shows."""
    part = attacker.part
    attacker.note(start)
    if len(np.unique(part.kind, axis=0)) == len(part.kind):
        walk = Walk(part.ground, part.kind, start, part.rows, (part.low, part.high), (part.row_low, part.row_high))
        trail = walk.prove(part.asked, enough, *goals(attacker.reach.low, attacker.reach.high), part.apart)
        attacker.note(trail.low)
        attacker.note(trail.high)


def _start(part: Part) -> Floats | None:
    """A table that fits: the true one, or else one in whole numbers away from all bounds, so that some have room while others
    stay; in fractions where none in whole numbers is found."""
    known = ~np.isnan(part.truth)
    if known.all() and holds(part, part.truth):
        return part.truth
    partly = held(part, known, part.truth)
    found = middle(partly) if known.any() else None
    if found is None:
        partly, found = part, middle(part)
    whole = None if found is None else whole_table(partly, found)
    return found if whole is None else whole


class _Attacker:
    def __init__(self, part: Part, exact: bool) -> None:
        self.part = part
        self.exact = exact
        self.inner = False
        self.model = model_of(part)
        asked = part.asked
        self.reach = Reach(
            np.full(len(asked), np.inf), np.full(len(asked), -np.inf), part.low[asked].copy(), part.high[asked].copy()
        )

    def solve(self, cost: Floats) -> Floats | None:
        """Minimise; note what the solution reaches. None where nothing fits."""
        n = len(cost)
        self.model.changeColsCost(n, np.arange(n, dtype=np.int32), cost)
        self.model.clearSolver()  # presolving anew is faster than beginning at the last corner
        self.model.run()
        if self.model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = np.asarray(self.model.getSolution().col_value)
        if self.inner and not holds(self.part, np.clip(solution, self.part.low, self.part.high)):
            return None
        self.note(self._in_whole_numbers(cost) if self.exact and not is_whole(solution) else solution)
        return solution

    def note(self, solution: Floats | None) -> None:
        if solution is None:
            return
        values = solution[self.part.asked]
        np.minimum(self.reach.low, np.ceil(values - TOLERANCE) + 0.0, out=self.reach.low)
        np.maximum(self.reach.high, np.floor(values + TOLERANCE) + 0.0, out=self.reach.high)

    def _in_whole_numbers(self, cost: Floats) -> Floats | None:
        """The same program in whole numbers, for a moment: the corner of the linear one was none."""
        model = model_of(self.part)
        n = len(cost)
        model.changeColsCost(n, np.arange(n, dtype=np.int32), cost)
        model.changeColsIntegrality(n, np.arange(n, dtype=np.int32), np.ones(n, dtype=np.uint8))
        model.setOptionValue("time_limit", 5.0)
        model.setOptionValue("mip_rel_gap", 0.02)
        model.run()
        solution = np.asarray(model.getSolution().col_value)
        return solution if len(solution) == n and model.getInfo().primal_solution_status == 2 else None

    def go_together(self, start: Floats, enough: Enough, goals: Goals) -> None:
        """Push all that is not wide enough yet, up and down by turns, as long as that helps; few from the table ``start``."""
        if enough(self.reach.low, self.reach.high).all():
            return
        near, generator, idle = Near(self.part, start), np.random.default_rng(len(start)), 0
        for turn in range(TURNS):
            wanting = ~enough(self.reach.low, self.reach.high)
            if not wanting.any() or idle > IDLE:
                return
            goal_low, goal_high = goals(self.reach.low, self.reach.high)
            up, down = self._directions(wanting, goal_low, goal_high, turn, generator)
            before = self.reach.high - self.reach.low
            if np.sum(up | down) > max(FEW, len(start) // COLUMNS):
                self._set_inner(turn == 0 and len(start) > LARGE)
                self._push(up, down, goal_low, goal_high)
                self._set_inner(False)
            else:
                self._push_near(near, np.where(up, goal_high, np.where(down, goal_low, start[self.part.asked])))
            idle = 0 if np.any((self.reach.high - self.reach.low)[wanting] > before[wanting]) else idle + 1

    def _set_inner(self, inner: bool) -> None:
        """Solve by an interior point, which is less precise, or from corner to corner."""
        self.inner = inner and not self.exact
        self.model.setOptionValue("solver", "ipm" if self.inner else "choose")
        self.model.setOptionValue("run_crossover", "off" if self.inner else "on")

    def _directions(
        self, wanting: Bools, goal_low: Floats, goal_high: Floats, turn: int, generator: np.random.Generator
    ) -> tuple[Bools, Bools]:
        up = wanting & (self.reach.high < goal_high)
        down = wanting & (self.reach.low > goal_low)
        chance = generator.random(len(wanting)) < (0.5, 1.0, 0.0, 0.3)[turn % 4]
        both, chosen = up & down, generator.random(len(wanting)) < SHARES[turn // 4 % len(SHARES)]
        return chosen & ((up & ~both) | (both & chance)), chosen & ((down & ~both) | (both & ~chance))

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

    def _push_near(self, near: Near, where: Floats) -> None:
        """Note a table near the first one with the asked columns as near as can be to where they should be."""
        wish = np.zeros(len(self.part.low))
        wish[self.part.asked] = where - near.table[self.part.asked]
        table = near.push(wish)
        if table is not None and (not self.exact or is_whole(table)):
            self.note(table)

    def go_for_the_rest(self, enough: Enough, programs: int) -> None:
        """The ends of what is not wide enough: of all if programs suffice for that, or else first of what may be after all."""
        left, most = np.flatnonzero(~enough(self.reach.low, self.reach.high)), max(programs // 2, 0)
        for steps in STEPS if len(left) > most else ():
            may_be = enough(self.reach.outer_low, self.reach.outer_high)[left]
            self.go_around(left[may_be], steps)
            may_be = enough(self.reach.outer_low, self.reach.outer_high)[left]
            left = np.concatenate([left[may_be], left[~may_be]])
        self.go_alone(left[:most])

    def go_around(self, positions: Ints, steps: int) -> None:
        """What the rows around single columns leave of them: all rows together leave no more."""
        part, links = self.part, self.part.rows.T.tocsr()
        for position in positions.tolist():
            near, at = around(part, links, int(part.asked[position]), steps)
            model = model_of(near)
            for sign, ends in ((1.0, self.reach.outer_low), (-1.0, self.reach.outer_high)):
                model.changeColCost(at, sign)
                model.run()
                if model.getModelStatus() == highspy.HighsModelStatus.kOptimal:
                    least = model.getInfo().objective_function_value
                    ends[position] = sign * np.ceil(least - TOLERANCE) + 0.0

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
