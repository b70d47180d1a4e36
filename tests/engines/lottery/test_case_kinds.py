"""Random cases of the kinds that the published ones leave out, each answered by a slow reader of its own.

The reference shares nothing with the engine: it takes a case's JSON, lets children ask round by round, and lets each school choose
seat by seat the way a textbook words the rule. The case reader must pass what the reference answers, and fail anything else.
"""

import random
from collections.abc import Callable, Collection
from fractions import Fraction
from itertools import permutations, product
from typing import Any

import pytest
from benchmarks import lottery_cases
from hypothesis import given, settings
from hypothesis import strategies as st

Case = dict[str, Any]
Match = dict[str, str | None]
Choose = Callable[[str, list[str]], list[str]]  # school, those who ask, first in line first -> those it keeps


def lists_of(chance: random.Random, children: list[str], schools: list[str]) -> dict[str, list[str]]:
    return {child: chance.sample(schools, chance.randint(0, len(schools))) for child in children}


def tie_groups(chance: random.Random, children: list[str]) -> list[list[str]]:
    """The children in up to three tie groups; some are not acceptable."""
    groups: list[list[str]] = [[], [], []]
    for child in chance.sample(children, len(children)):
        if chance.random() < 0.9:
            groups[chance.randrange(3)].append(child)
    return [group for group in groups if group]


def base(chance: random.Random, most: int = 6) -> Case:
    """Children, schools with ties, a lottery, and types."""
    children = [f"c{at}" for at in range(chance.randint(1, most))]
    schools = [f"s{at}" for at in range(chance.randint(1, 3))]
    return {
        "id": "random",
        "mechanism": "student_da",
        "students": lists_of(chance, children, schools),
        "types": {child: chance.choice(("minority", "majority")) for child in children},
        "schools": {
            name: {"capacity": chance.randint(0, 4), "priority": tie_groups(chance, children)} for name in schools
        },
        "lottery": chance.sample(children, len(children)),
    }


def line(case: Case, school: str, asking: list[str], first: Collection[str] = ()) -> list[str]:
    """Those whom a school accepts, in its order: `first` before all, then by tie group and lottery."""
    place = {child: at for at, group in enumerate(case["schools"][school]["priority"]) for child in group}
    able = [child for child in asking if child in place or child in first]
    return sorted(able, key=lambda c: (c not in first, -1 if c in first else place[c], case["lottery"].index(c)))


def by_rounds(lists: dict[str, list[str]], schools: list[str], choose: Choose) -> Match:
    """Everyone asks at the best school that has not turned it away; all schools choose; repeat until nobody is turned away."""
    left = {child: list(own) for child, own in lists.items()}
    while True:
        asking = {name: [child for child, own in left.items() if own[:1] == [name]] for name in schools}
        kept = {name: choose(name, asking[name]) for name in schools}
        turned = [(child, name) for name in schools for child in asking[name] if child not in kept[name]]
        if not turned:
            return {child: next((name for name in schools if child in kept[name]), None) for child in lists}
        for child, name in turned:
            left[child].remove(name)


def slots_chosen(case: Case, school: str, slots: list[str], asking: list[str]) -> list[str]:
    """Slot by slot: one set aside takes the first of its type, or else the first of all."""
    chosen: list[str] = []
    for slot in slots:
        waiting = [child for child in line(case, school, asking) if child not in chosen]
        own = [child for child in waiting if slot in ("open", case["types"][child])]
        chosen += (own or waiting)[:1]
    return chosen


def rotating(chance: random.Random) -> tuple[Case, Match]:
    case = base(chance)
    for school in case["schools"].values():
        school["slots_in_precedence_order"] = [
            chance.choice(("open", *case["types"].values())) for _ in range(school["capacity"])
        ]
    case["mechanism"] = "student_da_slot_precedence"
    slots = {name: school["slots_in_precedence_order"] for name, school in case["schools"].items()}
    match = by_rounds(case["students"], list(slots), lambda name, asking: slots_chosen(case, name, slots[name], asking))
    return case, match


def alternating(chance: random.Random) -> tuple[Case, Match]:
    """Seats set aside and open ones by turns, said in a word."""
    case, slots = base(chance), {}
    for name, school in case["schools"].items():
        aside = chance.randint(0, school["capacity"])
        school |= {"reserves": {"minority": aside}, "precedence": "rotating"}
        both, free = [], school["capacity"] - aside
        while aside or free:
            both += (["minority"] if aside else []) + (["open"] if free else [])
            aside, free = max(0, aside - 1), max(0, free - 1)
        slots[name] = both
    case["mechanism"] = "student_da_rotating_precedence"
    match = by_rounds(case["students"], list(slots), lambda name, asking: slots_chosen(case, name, slots[name], asking))
    return case, match


def quota(chance: random.Random) -> tuple[Case, Match]:
    """Down the line, passing over the majority once its quota is used up."""
    case = base(chance)
    for school in case["schools"].values():
        school["majority_quota"] = chance.randint(0, school["capacity"])
    case["mechanism"] = "student_da_with_majority_quota"

    def choose(name: str, asking: list[str]) -> list[str]:
        school, chosen = case["schools"][name], []
        for child in line(case, name, asking):
            many = sum(case["types"][other] == "majority" for other in chosen)
            if case["types"][child] != "majority" or many < school["majority_quota"]:
                chosen.append(child)
            if len(chosen) >= school["capacity"]:
                break
        return chosen[: school["capacity"]]

    return case, by_rounds(case["students"], list(case["schools"]), choose)


def reserve(chance: random.Random) -> tuple[Case, Match]:
    """First the minority up to its reserve, then whoever stands first (Hafalir, Yenmez & Yildirim 2013)."""
    case = base(chance)
    for school in case["schools"].values():
        school["minority_reserve"] = chance.randint(0, school["capacity"])
    case["mechanism"] = "student_da_with_minority_reserve"

    def choose(name: str, asking: list[str]) -> list[str]:
        school, waiting = case["schools"][name], line(case, name, asking)
        aside = [child for child in waiting if case["types"][child] == "minority"][: school["minority_reserve"]]
        return aside + [child for child in waiting if child not in aside][: school["capacity"] - len(aside)]

    return case, by_rounds(case["students"], list(case["schools"]), choose)


def secured(chance: random.Random) -> tuple[Case, Match]:
    """A child keeps its school's seat unless it gets one it ranked higher: the school is last on its list, and it first in line."""
    case = base(chance)
    case["secured"], seats = {}, {name: school["capacity"] for name, school in case["schools"].items()}
    for child in case["students"]:
        name = chance.choice(list(seats))
        if seats[name] and chance.random() < 0.5:
            case["secured"][child] = name
            seats[name] -= 1
    case["mechanism"] = "student_da_with_secured_seats"
    lists = {child: list(dict.fromkeys([*own, case["secured"].get(child)])) for child, own in case["students"].items()}
    lists = {child: [name for name in own if name] for child, own in lists.items()}

    def choose(name: str, asking: list[str]) -> list[str]:
        first = {child for child, own in case["secured"].items() if own == name}
        return line(case, name, asking, first)[: case["schools"][name]["capacity"]]

    return case, by_rounds(lists, list(case["schools"]), choose)


def siblings(chance: random.Random) -> tuple[Case, Match]:
    """Grade by grade from the oldest: whoever has an older sibling just placed at a school comes first there."""
    case = base(chance, most=7)
    children, grades = list(case["students"]), ["9", "7", "5"]
    case["grades"] = {child: chance.choice(grades) for child in children}
    order = chance.sample(children, len(children))
    case["siblings"] = [family for family in (order[:3], order[3:5]) if len(family) > 1]
    for school in case["schools"].values():
        school["capacity"] = {grade: chance.randint(0, 2) for grade in grades}
    case["mechanism"] = "student_da_dynamic_siblings"
    match: Match = {}
    for grade in grades:
        lists = {child: own for child, own in case["students"].items() if case["grades"][child] == grade}

        older = dict(match)

        def choose(name: str, asking: list[str], grade: str = grade, older: Match = older) -> list[str]:
            families = [family for family in case["siblings"] if any(older.get(child) == name for child in family)]
            acceptable = {child for group in case["schools"][name]["priority"] for child in group}
            first = {child for family in families for child in family} & acceptable
            return line(case, name, asking, first)[: case["schools"][name]["capacity"][grade]]

        match |= by_rounds(lists, list(case["schools"]), choose)
    return case, {child: match[child] for child in children}


KINDS = (rotating, alternating, quota, reserve, secured, siblings)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=80)
def test_the_reader_passes_what_the_slow_reference_answers_and_fails_all_else(
    kind: Callable[[random.Random], tuple[Case, Match]], seed: int
) -> None:
    case, match = kind(random.Random(seed))
    case["expected"] = match
    assert lottery_cases.report(case) == "passed", case
    child = next(iter(match))
    case["expected"] = match | {child: "nowhere" if match[child] is None else None}
    assert lottery_cases.report(case) == "failed"


def plain_match(case: Case) -> Match:
    seats = {name: school["capacity"] for name, school in case["schools"].items()}
    return by_rounds(case["students"], list(seats), lambda name, asking: line(case, name, asking)[: seats[name]])


def shares(matches: list[Match]) -> dict[str, dict[str, str]]:
    return {
        child: {
            name or "none": str(Fraction(sum(match[child] == name for match in matches), len(matches)))
            for name in {match[child] for match in matches}
        }
        for child in matches[0]
    }


@given(seed=st.integers(0, 2**32))
@settings(max_examples=25)
def test_exact_probabilities_are_those_of_every_order_tried_the_slow_way(seed: int) -> None:
    case = base(random.Random(seed), most=4)
    del case["lottery"]
    children = list(case["students"])
    single = [plain_match({**case, "lottery": list(order)}) for order in permutations(children)]
    several = []
    for orders in product(permutations(children), repeat=len(case["schools"]) if len(children) < 4 else 1):
        lotteries = dict(zip(case["schools"], orders * len(case["schools"]), strict=False))
        strict = {
            name: {
                **school,
                "priority": [[c] for group in school["priority"] for c in sorted(group, key=lotteries[name].index)],
            }
            for name, school in case["schools"].items()
        }
        several.append(plain_match({**case, "schools": strict, "lottery": children}))
    expected = {"single_tiebreak": shares(single)}
    if len(children) < 4:
        expected["multiple_tiebreak"] = shares(several)
    case |= {"mechanism": "assignment_probabilities", "expected_probabilities": expected}
    assert lottery_cases.report(case) == "passed", case


@given(seed=st.integers(0, 2**32))
@settings(max_examples=25)
def test_continuum_cutoffs_are_those_of_a_crowd_of_very_many_children(seed: int) -> None:
    """Each kind is 400 children with evenly spaced numbers; cutoffs fall, school by school, until nobody is too many."""
    chance, many = random.Random(seed), 400
    schools = {name: {"capacity": chance.randint(1, 12) / 10} for name in "ABC"[: chance.randint(1, 3)]}
    kinds = [
        {
            "mass": chance.randint(1, 10) / 10,
            "list": chance.sample(list(schools), len(schools)),
            "classes": {name: chance.randrange(2) for name in schools},
        }
        for _ in range(chance.randint(1, 3))
    ]
    worst = 1 + max(place for kind in kinds for place in kind["classes"].values())
    people = [(kind, (at + 0.5) / many) for kind in kinds for at in range(many)]
    cutoffs = dict.fromkeys(schools, float(worst))
    moved = True
    while moved:
        moved = False
        for name, school in schools.items():
            keys = []
            for kind, number in people:
                got = next((s for s in kind["list"] if kind["classes"][s] + number <= cutoffs[s]), None)
                if got == name:
                    keys.append((kind["classes"][name] + number, kind["mass"] / many))
            held, seats = sum(mass for _, mass in keys), school["capacity"]
            for key, mass in sorted(keys, reverse=True):
                if held <= seats + 1e-9:
                    break
                held, cutoffs[name], moved = held - mass, key - 0.5 / many, True
    case = {
        "id": "crowd", "mechanism": "continuum_cutoffs", "students": kinds, "schools": schools, "expected_cutoffs": cutoffs,
    }  # fmt: skip
    ((_, _, found),) = lottery_cases.check(case)
    assert found == pytest.approx(cutoffs, abs=0.05)
