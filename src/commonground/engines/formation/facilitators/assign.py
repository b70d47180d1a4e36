"""The cheapest assignment that serves as many cases as possible, exactly, with prices that prove it.

1. Pinned cases take their places first.
2. A person with room for k more groups becomes k columns, each dearer than the one before by the cost of load; as many
   columns again stand for "nobody", at a cost so high that no saving elsewhere is worth an unserved case.
3. The rectangular assignment problem is solved exactly (scipy's shortest augmenting paths after Jonker and Volgenant;
   D. F. Crouse, "On implementing 2D rectangular assignment algorithms", IEEE Trans. Aerospace 52, 2016).
4. Prices come from shortest paths between people in the residual network: what one more group costs each person. The
   paths end exactly when no chain of exchanges lowers the cost, so their end is a second witness that step 3 is right.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from commonground.engines.formation.facilitators.cost import UNIT, Costs, Ints, costs, unserved_cost
from commonground.engines.formation.facilitators.explain import reasons_for
from commonground.engines.formation.facilitators.model import (
    Assigned,
    Assignment,
    Case,
    Facilitator,
    FacilitatorError,
    FacilitatorRules,
    wrong_input,
)

NOBODY = -1
_ENDLESS = np.iinfo(np.int64).max // 4


def assign(cases: Sequence[Case], people: Sequence[Facilitator], rules: FacilitatorRules | None = None) -> Assignment:
    """The best assignment of people to cases. Raises FacilitatorError for rules that cannot be met."""
    rules = rules or FacilitatorRules()
    for wrong in wrong_input(cases, people, rules):
        raise FacilitatorError(wrong.code, **wrong.data)
    table = costs(cases, people, rules)
    problem = _Problem.of(cases, people, rules, table)
    chosen = _solve(problem)
    prices = _prices(problem, chosen)
    order = _turn(chosen)
    rows = tuple(
        Assigned(
            case.id,
            None if j == NOBODY else people[j].id,
            0.0 if j == NOBODY else (int(table.points[i, j]) + table.load * order[i]) / UNIT,
            reasons_for(i, j, cases, people, rules, table),
        )
        for i, (case, j) in enumerate(zip(cases, chosen, strict=True))
    )
    total = sum(round(row.cost * UNIT) for row in rows)
    return Assignment(rows, total / UNIT, {p.id: int(price) for p, price in zip(people, prices, strict=True)})


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """The cases that are not pinned: allowed costs, and how many groups each person has and may still take."""

    table: Costs
    pinned: Ints  # per case: the person, or NOBODY
    had: Ints  # per person: pinned groups
    room: Ints  # per person: groups beyond these
    nobody: int  # cost of leaving a case unserved

    @staticmethod
    def of(cases: Sequence[Case], people: Sequence[Facilitator], rules: FacilitatorRules, table: Costs) -> "_Problem":
        column = {p.id: j for j, p in enumerate(people)}
        pinned = np.array([column[rules.pins[c.id]] if c.id in rules.pins else NOBODY for c in cases], dtype=np.int64)
        had = np.bincount(pinned[pinned != NOBODY], minlength=len(people)).astype(np.int64)
        free = np.count_nonzero(pinned == NOBODY)
        room = np.minimum(np.array([p.caseload for p in people], dtype=np.int64) - had, free)
        return _Problem(table, pinned, had, room, unserved_cost(table))


def _solve(problem: _Problem) -> Ints:
    """Per case the person's position, or NOBODY."""
    from scipy.optimize import linear_sum_assignment  # half a second to load, and few pages assign anybody

    free = np.flatnonzero(problem.pinned == NOBODY)
    owner = np.repeat(np.arange(len(problem.room)), problem.room)
    turn = np.arange(len(owner)) - np.repeat(np.cumsum(problem.room) - problem.room, problem.room)
    step = problem.table.load * (problem.had[owner] + turn)
    grid = np.full((len(free), len(owner) + len(free)), float(problem.nobody))
    own = problem.table.points[free][:, owner] + step
    grid[:, : len(owner)] = np.where(problem.table.allowed[free][:, owner], own, np.inf)
    rows, columns = linear_sum_assignment(grid)
    chosen = problem.pinned.copy()
    chosen[free[rows]] = [owner[c] if c < len(owner) else NOBODY for c in columns]
    return chosen


def _turn(chosen: Ints) -> list[int]:
    """For every case, how many cases before it have the same person."""
    seen: dict[int, int] = {}
    turns = []
    for j in chosen.tolist():
        turns.append(seen.get(j, 0))
        seen[j] = turns[-1] + 1
    return turns


def _prices(problem: _Problem, chosen: Ints) -> Ints:
    """What one more group would cost each person (Bellman-Ford from "nobody", whose price is 0).

    `way[b, a]` is the most that the price of a may exceed the price of b. The last position stands for nobody.
    """
    people = len(problem.room)
    way = _exchanges(problem, chosen)
    load = np.bincount(chosen[(chosen != NOBODY) & (problem.pinned == NOBODY)], minlength=people)
    for j in np.flatnonzero(problem.room):
        step = problem.table.load * (problem.had[j] + load[j])
        if load[j] < problem.room[j]:
            way[people, j] = min(way[people, j], step)
        way[j, people] = min(way[j, people], -max(step - problem.table.load, 0) if load[j] else 0)
    price = way[people].copy()
    price[people] = 0
    for _ in range(people + 1):
        better = np.minimum(price, (price[:, None] + way).min(axis=0))
        if (better == price).all():
            return np.where(price[:people] < _ENDLESS // 2, price[:people], 0)
        price = better
    raise ArithmeticError("The assignment is not optimal: a chain of exchanges lowers its cost for ever.")


def _exchanges(problem: _Problem, chosen: Ints) -> Ints:
    """The cheapest way to hand a case from one person to another, shape (people + 1, people + 1)."""
    people = len(problem.room)
    way = np.full((people + 1, people + 1), _ENDLESS, dtype=np.int64)
    free = np.flatnonzero(problem.pinned == NOBODY)
    usable = problem.table.allowed[free] & (problem.room > 0)
    cost = np.full((len(free), people + 1), problem.nobody, dtype=np.int64)
    cost[:, :people] = np.where(usable, problem.table.points[free], _ENDLESS // 2)
    holder = np.where(chosen[free] == NOBODY, people, chosen[free])
    change = cost - cost[np.arange(len(free)), holder][:, None]
    np.minimum.at(way.T, holder, change)
    np.fill_diagonal(way, 0)
    return way
