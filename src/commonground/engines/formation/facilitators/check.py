"""Verifies an assignment and its proof, without the code that found it.

The proof is one price per person. Charge every case the price of its facilitator, and pay every person the price for
each place, less what the place costs: whatever the prices are, no assignment can cost less than

    sum over cases of the cheapest (cost + price, or staying unserved)
    - sum over people and places of max(0, price - load cost of the place)

(Lagrangian duality). An assignment that costs exactly this is therefore best, and that is all there is to check.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from commonground.engines.formation.facilitators.cost import UNIT, Costs, costs, unserved_cost
from commonground.engines.formation.facilitators.model import Assignment, Case, Facilitator, FacilitatorRules
from commonground.engines.formation.reasons import Reason, reason


def check(
    cases: Sequence[Case], people: Sequence[Facilitator], rules: FacilitatorRules, answer: Assignment
) -> tuple[Reason, ...]:
    """What does not hold: a broken rule, a wrong cost, a proof that proves less. Empty when the assignment is best."""
    table = costs(cases, people, rules)
    broken = [*_shape(cases, people, answer)] or [*_rules(cases, people, answer, rules, table)]
    if broken:
        return tuple(broken)
    cost = _cost(cases, people, answer, table)
    if cost != round(answer.cost * UNIT):
        broken.append(reason("assignment_cost", stated=answer.cost, found=cost / UNIT))
    nobody = unserved_cost(table)
    bound = _bound(people, cases, rules, answer, table, nobody)
    if cost + nobody * answer.unserved != bound:
        gap = (cost + nobody * answer.unserved - bound) / UNIT
        broken.append(reason("assignment_unproven", gap=gap))
    return tuple(broken)


def _shape(cases: Sequence[Case], people: Sequence[Facilitator], answer: Assignment) -> Iterator[Reason]:
    if [row.case for row in answer.rows] != [case.id for case in cases]:
        yield reason("assignment_cases")
    known = {p.id for p in people}
    for stranger in sorted({row.facilitator for row in answer.rows if row.facilitator} - known):
        yield reason("rule_unknown_facilitator", rule="assignment", facilitator=stranger)
    if answer.prices.keys() != known:
        yield reason("assignment_unproven", gap=float("inf"))


def _rules(
    cases: Sequence[Case], people: Sequence[Facilitator], answer: Assignment, rules: FacilitatorRules, table: Costs
) -> Iterator[Reason]:
    column = {p.id: j for j, p in enumerate(people)}
    for i, row in enumerate(answer.rows):
        if row.facilitator is not None and not table.allowed[i, column[row.facilitator]]:
            yield reason("assignment_excluded", case=cases[i].name, name=people[column[row.facilitator]].name)
        if row.case in rules.pins and row.facilitator != rules.pins[row.case]:
            yield reason("assignment_pin", case=cases[i].name)
    for person, load in Counter(row.facilitator for row in answer.rows if row.facilitator).items():
        if load > people[column[person]].caseload:
            name, most = people[column[person]].name, people[column[person]].caseload
            yield reason("pin_caseload", name=name, pins=load, caseload=most)


def _cost(cases: Sequence[Case], people: Sequence[Facilitator], answer: Assignment, table: Costs) -> int:
    column = {p.id: j for j, p in enumerate(people)}
    served = [(i, column[row.facilitator]) for i, row in enumerate(answer.rows) if row.facilitator is not None]
    load = Counter(j for _, j in served)
    return sum(int(table.points[i, j]) for i, j in served) + sum(table.load * n * (n - 1) // 2 for n in load.values())


def _bound(
    people: Sequence[Facilitator],
    cases: Sequence[Case],
    rules: FacilitatorRules,
    answer: Assignment,
    table: Costs,
    nobody: int,
) -> int:
    price = np.array([answer.prices[p.id] for p in people], dtype=np.int64)
    pins = Counter(rules.pins.values())
    open_people = np.array([p.caseload > pins[p.id] for p in people], dtype=bool)
    column = {p.id: j for j, p in enumerate(people)}
    total, free = 0, 0
    for i, case in enumerate(cases):
        if case.id in rules.pins:
            total += int(table.points[i, column[rules.pins[case.id]]])
            continue
        free += 1
        usable = table.allowed[i] & open_people
        total += min([nobody, *(table.points[i, usable] + price[usable]).tolist()])
    for j, person in enumerate(people):
        had = pins[person.id]
        total += table.load * had * (had - 1) // 2
        places = range(had, min(person.caseload, had + free))
        total -= sum(max(0, int(price[j]) - table.load * k) for k in places)
    return total
