"""How long the best assignment of facilitators takes, beside a general solver on the same costs.

    python benchmarks/facilitators.py --groups 250 --people 60 --seed 1

An invented region: groups of four schools, people with a place, a radius, expertise, languages, a caseload of 3 to
8, and some who are employed at a member. The last line is JSON: the cost in points, whether the independent check
finds the assignment optimal, and the seconds of the assignment with its proof and reasons.
"""

import argparse
import json
import time

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from commonground.engines.formation.facilitators import Assignment, Case, Facilitator, FacilitatorRules, assign, check
from commonground.engines.formation.facilitators.cost import UNIT, costs, unserved_cost

TOPICS = [f"topic {k}" for k in range(40)]
AREAS = [f"area {k}" for k in range(8)]
LANGUAGES = ["English", "Spanish", "Hmong", "Punjabi"]


def region(groups: int, people: int, seed: int) -> tuple[list[Case], list[Facilitator]]:
    """An invented region of 300 km by 300 km."""
    rng = np.random.default_rng(seed)

    def some(names: list[str], low: int, high: int) -> list[str]:
        return sorted(rng.choice(names, size=rng.integers(low, high + 1), replace=False).tolist())

    def place() -> tuple[float, float]:
        return 36.0 + 2.7 * rng.random(), -120.0 + 3.4 * rng.random()

    cases = []
    for g in range(groups):
        lat, lon = place()
        places = tuple((lat + 0.1 * rng.standard_normal(), lon + 0.1 * rng.standard_normal()) for _ in range(4))
        members = {f"s{g}-{k}": f"School {g}-{k}" for k in range(4)}
        needs = {topic: float(rng.integers(1, 4)) for topic in some(TOPICS, 4, 10)}
        languages = dict.fromkeys(["English", *some(LANGUAGES[1:], 0, 1)], 4.0)
        area = AREAS[rng.integers(len(AREAS))]
        cases.append(Case(f"g{g}", f"Group {g}", members, {}, places, area, needs, languages))
    schools = [id for case in cases for id in case.members]
    offers = []
    for p in range(people):
        lat, lon = place()
        offers.append(
            Facilitator(
                f"p{p}",
                f"Person {p}",
                lat,
                lon,
                radius_km=float(rng.integers(80, 250)),
                expertise=frozenset([*some(AREAS, 1, 4), *some(TOPICS, 5, 15)]),
                languages=frozenset(["English", *some(LANGUAGES[1:], 0, 2)]),
                caseload=int(rng.integers(3, 9)),
                worked_with=frozenset(some(schools, 0, 12)),
                employers=frozenset(some(schools, 0, 4)),
            )
        )
    return cases, offers


def general_solver(cases: list[Case], people: list[Facilitator]) -> tuple[float, int, float]:
    """Cost in points, unserved cases and seconds of the same problem as a linear program (its optimum is whole)."""
    table = costs(cases, people, FacilitatorRules())
    start = time.perf_counter()
    pair_case, pair_person = np.nonzero(table.allowed)
    place_person = np.repeat(np.arange(len(people)), [p.caseload for p in people])
    place_cost = np.concatenate([table.load * np.arange(p.caseload) for p in people])
    n, pairs, places = len(cases), len(pair_case), len(place_person)
    cost = np.concatenate([table.points[pair_case, pair_person], place_cost, np.full(n, unserved_cost(table))])
    rows = np.concatenate([pair_case, n + pair_person, n + place_person, np.arange(n)])
    columns = np.concatenate(
        [np.arange(pairs), np.arange(pairs), pairs + np.arange(places), pairs + places + np.arange(n)]
    )
    signs = np.concatenate([np.ones(2 * pairs), -np.ones(places), np.ones(n)])
    matrix = coo_array((signs, (rows, columns)), shape=(n + len(people), len(cost))).tocsr()
    right = np.concatenate([np.ones(n), np.zeros(len(people))])
    found = linprog(cost, A_eq=matrix, b_eq=right, bounds=(0, 1), method="highs")
    unserved = round(found.x[pairs + places :].sum())
    return (found.fun - unserved * unserved_cost(table)) / UNIT, unserved, time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=int, default=250)
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    cases, people = region(asked.groups, asked.people, asked.seed)
    start = time.perf_counter()
    answer: Assignment = assign(cases, people)
    seconds = time.perf_counter() - start
    optimal = not check(cases, people, FacilitatorRules(), answer)
    cost, unserved, peer_seconds = general_solver(cases, people)
    print(f"this engine:              cost {answer.cost:10.3f}, {answer.unserved} unserved, {seconds:.3f} s")
    print(f"linear program (HiGHS):   cost {cost:10.3f}, {unserved} unserved, {peer_seconds:.3f} s")
    print(json.dumps({"cost": answer.cost, "optimal": optimal, "seconds": round(seconds, 4)}))


if __name__ == "__main__":
    main()
