"""The expectations that a case may hold beside its match, each worked out with as little of the engine as possible."""

import re
from collections.abc import Callable
from fractions import Fraction
from itertools import islice, permutations, product
from math import factorial, inf, prod
from typing import Any

import numpy as np
from benchmarks.lottery_case_market import (
    GRADE_SIGN,
    RESERVES,
    NotSupportedError,
    case_market,
    places,
    plain,
    secured_of,
    with_strict_lines,
)

from commonground.engines.lottery.draw import Lottery
from commonground.engines.lottery.exact import stable_matches
from commonground.engines.lottery.lines import Lines
from commonground.engines.lottery.mechanisms import (
    efficiency_adjusted,
    immediate_acceptance,
    top_trading_cycles,
)
from commonground.engines.lottery.model import Market

Case = dict[str, Any]
Match = dict[str, str | None]
Run = Callable[[Case], Match]
MOST_LOTTERIES = 50_000


def run_draw(case: Case) -> Match:
    """The whole draw: older siblings first, guaranteed seats, linked children."""
    market = case_market(case)
    turn = places(case, market)
    drawn = Lottery(market).draw_in_order(turn, np.zeros((len(turn), 8), np.uint32))
    return _named(market, drawn.arrays.choice_program, drawn.choice)


def _named(market: Market, programs: np.ndarray, choice: np.ndarray) -> Match:
    return {
        application.number: None if x < 0 else market.programs[programs[x]].name.split(GRADE_SIGN)[0]
        for application, x in zip(market.applications, choice.tolist(), strict=True)
    }


def _lines(case: Case) -> tuple[Market, Lines]:
    if not plain(case):
        raise NotSupportedError(
            "reserves, quotas, secured seats, siblings or links under another mechanism than deferred acceptance"
        )
    market = case_market(case)
    return market, Lines(Lottery(market).arrays, places(case, market))


def run_boston(case: Case) -> Match:
    market, lines = _lines(case)
    return _named(market, lines.arrays.choice_program, immediate_acceptance(lines)[0])


def run_trading(case: Case) -> Match:
    """Top trading cycles, where a school's line may hold children who did not ask for it."""
    case = with_strict_lines(case) if "lotteries" in case else case
    market, lines = _lines(case)
    index = {application.number: at for at, application in enumerate(market.applications)}
    priorities = {at: [index[child] for child in line] for at, line in enumerate(strict_lines(case).values())}
    return _named(market, lines.arrays.choice_program, top_trading_cycles(lines, priorities)[0])


def run_efficiency(case: Case) -> Match:
    market, lines = _lines(case)
    yes = case.get("consent", case.get("consenting", list(case["students"])))
    consents = [bool(yes.get(a.number)) if isinstance(yes, dict) else a.number in yes for a in market.applications]
    return _named(market, lines.arrays.choice_program, efficiency_adjusted(lines, np.array(consents, dtype=bool))[0])


def run_school_proposing(case: Case) -> Match:
    """The stable match that every child likes least."""

    def places_of(match: Match) -> int:
        return sum(_place(case, child, match[child]) for child in case["students"])

    return max(stable(case), key=places_of)


def run_serial(case: Case) -> Match:
    """One line for all schools, the lottery's."""
    everyone = {name: {**school, "priority": [list(case["students"])]} for name, school in case["schools"].items()}
    if not plain(case):
        raise NotSupportedError("reserves or secured seats under serial dictatorship")
    return run_draw({**case, "schools": everyone})


def strict_lines(case: Case) -> dict[str, list[str]]:
    order = case.get("lottery", list(case["students"]))
    return {
        name: [child for group in school["priority"] for child in sorted(group, key=order.index)]
        for name, school in case["schools"].items()
    }


def stable(case: Case) -> list[Match]:
    if not plain(case):
        raise NotSupportedError("all stable matches with reserves, secured seats or siblings")
    if prod(len(own) + 1 for own in case["students"].values()) > 20 * MOST_LOTTERIES:
        raise NotSupportedError("a market too large to try every match")
    case = with_strict_lines(case) if "lotteries" in case else case
    seats = {name: school["capacity"] for name, school in case["schools"].items()}
    return stable_matches(case["students"], strict_lines(case), seats)


def _place(case: Case, child: str, got: str | None) -> int:
    own = case["students"][child]
    return len(own) if got is None else own.index(got)


def dominates(case: Case, one: Match, other: Match) -> bool:
    """Nobody is worse off in `one`, and somebody better."""
    gaps = [_place(case, child, one[child]) - _place(case, child, other[child]) for child in case["students"]]
    return max(gaps) <= 0 and min(gaps) < 0


def _acceptable(case: Case) -> list[Match]:
    """Every match in which nobody has a school that it, or the school, finds unacceptable, and no school is overfull."""
    ranked = {name: {c for group in school["priority"] for c in group} for name, school in case["schools"].items()}
    options = [[*(s for s in own if child in ranked[s]), None] for child, own in case["students"].items()]
    if prod(map(len, options)) > MOST_LOTTERIES:
        raise NotSupportedError("a market too large to try every match")
    found = (dict(zip(case["students"], pick, strict=True)) for pick in product(*options))
    seats = {name: school["capacity"] for name, school in case["schools"].items()}
    return [m for m in found if all(sum(got == name for got in m.values()) <= seats[name] for name in seats)]


def efficient(case: Case, match: Match) -> bool:
    """Could some children do better and none worse?"""
    if not plain(case):
        raise NotSupportedError("efficiency with reserves, secured seats or siblings")
    return not any(dominates(case, other, match) for other in _acceptable(case))


def weakly_stable(case: Case, match: Match) -> bool:
    """Nobody prefers a school that has a free seat, or one that holds a child of a lower tie group."""
    if not plain(case):
        raise NotSupportedError("stability with reserves, secured seats or siblings")
    level = {
        name: {child: at for at, group in enumerate(school["priority"]) for child in group}
        for name, school in case["schools"].items()
    }
    held = {name: [child for child, got in match.items() if got == name] for name in level}
    for child, own in case["students"].items():
        for name in own[: _place(case, child, match.get(child))]:
            room = len(held[name]) < case["schools"][name]["capacity"]
            passed_over = any(level[name][other] > level[name].get(child, inf) for other in held[name])
            if child in level[name] and (room or passed_over):
                return False
    return all(
        len(children) <= case["schools"][name]["capacity"] and set(children) <= set(level[name])
        for name, children in held.items()
    )


def improved(case: Case, expected: Match) -> Match:
    """After stable improvement cycles: a stable match that no other betters for some and worsens for none.

    Which one depends on the cycle picked first, so the expected one is right if it is among them.
    """
    start = run_draw(case)
    matches = [match for match in _acceptable(case) if weakly_stable(case, match)]
    better = [match for match in matches if dominates(case, match, start)] or [start]
    best = [match for match in better if not any(dominates(case, other, match) for other in better)]
    return expected if expected in best else best[0]


def other_lottery(case: Case, expected: Match) -> Match:
    """The case does not say which other lottery it means: look for one, among all, that gives this answer."""
    orders = islice(permutations(case["students"]), MOST_LOTTERIES)
    matches = (run_draw({**case, "lottery": list(order)}) for order in orders)
    return next((match for match in matches if match == expected), run_draw(case))


def never_unassigned(case: Case, prose: str) -> bool | None:
    """Do the children whom a sentence names get a seat under every lottery? None when the sentence says something else."""
    found = re.match(r"\s*(.+?)\s+(?:is|are)\s+(?:never unassigned|always assigned)\b", prose)
    names = re.split(r"\s*,\s*|\s+and\s+", found[1]) if found else []
    if not names or not set(names) <= set(case["students"]) or factorial(len(case["students"])) > MOST_LOTTERIES:
        return None
    return all(
        match[name] is not None
        for order in permutations(case["students"])
        for match in [run_draw({**case, "lottery": list(order)})]
        for name in names
    )


def without(case: Case, fields: set[str]) -> Case:
    """A case whose schools have none of these fields."""
    schools = {
        name: {key: value for key, value in school.items() if key not in fields}
        for name, school in case["schools"].items()
    }
    return {**case, "schools": schools}


def admitted(case: Case, name: str) -> int:
    """How many children of a type get a seat."""
    kind = name.removesuffix("_admitted").removesuffix("_zone").removesuffix("_students")
    types = case.get("types", {})
    members = {child for child, own in types.items() if kind in ([own] if isinstance(own, str) else own)}
    if not members:
        raise NotSupportedError(f"{name}, since no child is of that type")
    return sum(got is not None for child, got in run_draw(case).items() if child in members)


def in_order(case: Case, precedence: str) -> Match:
    """The same seats set aside, in another order of precedence."""
    schools = {}
    for name, school in case["schools"].items():
        slots = school.get("slots_in_precedence_order")
        if slots is not None:
            aside = {kind: slots.count(kind) for kind in slots if kind != "open"}
            school = {key: value for key, value in school.items() if key != "slots_in_precedence_order"} | {
                "reserves": aside
            }
        own = RESERVES & set(school) - {"precedence", "hard"}
        schools[name] = {**school, "precedence": precedence} if own else school
    return run_draw({**case, "schools": schools})


RUNS: dict[str, Run] = {
    "da": run_draw,
    "student_da": run_draw,
    "student_optimal": run_draw,
    "deferred_acceptance": run_draw,
    "ttc": run_trading,
    "top_trading_cycles": run_trading,
    "boston": run_boston,
    "immediate_acceptance": run_boston,
    "eada": run_efficiency,
    "eadam": run_efficiency,
    "eada_all_consent": lambda case: run_efficiency({**case, "consent": list(case["students"])}),
    "eadam_all_consent": lambda case: run_efficiency({**case, "consent": list(case["students"])}),
    "eada_no_consent": lambda case: run_efficiency({**case, "consent": []}),
    "eadam_no_consent": lambda case: run_efficiency({**case, "consent": []}),
    "school_optimal": run_school_proposing,
    "school_da": run_school_proposing,
    "serial_dictatorship": run_serial,
    "without_reserve": lambda case: run_draw(without(case, RESERVES)),
    "without_reserves": lambda case: run_draw(without(case, RESERVES)),
    "without_quota": lambda case: run_draw(without(case, RESERVES)),
    "open_first": lambda case: in_order(case, "open_first"),
    "walk_first": lambda case: in_order(case, "walk_first"),
    "reserve_first": lambda case: in_order(case, "reserve_first"),
    "rotating": lambda case: in_order(case, "rotating"),
}
_RUN = "|".join(sorted(RUNS, key=len, reverse=True))
_IS = re.compile(rf"({_RUN})_is_(stable|pareto_efficient|efficient)")
_BETTERS = re.compile(rf"({_RUN})_(?:pareto_)?dominates_({_RUN})")


def also(case: Case, name: str, expected: Any) -> Any:
    """What a further expectation of a case comes to.

    Raises:
        NotSupportedError: its name is not known.
    """
    if name in RUNS:
        return RUNS[name](case)
    if found := _IS.fullmatch(name):
        return (weakly_stable if found[2] == "stable" else efficient)(case, RUNS[found[1]](case))
    if found := _BETTERS.fullmatch(name):
        return dominates(case, RUNS[found[1]](case), RUNS[found[2]](case))
    if name.endswith("_admitted"):
        return admitted(case, name)
    if name == "number_of_stable_matchings":
        return len(stable(case))
    if name == "other_lottery":
        return other_lottery(case, expected)
    if name == "after_stable_improvement_cycle":
        return improved(case, expected)
    if name == "both_weakly_stable" and "after_stable_improvement_cycle" in case["also"]:
        return weakly_stable(case, run_draw(case)) and weakly_stable(
            case, case["also"]["after_stable_improvement_cycle"]
        )
    raise NotSupportedError(f"also {name}")


def chances(case: Case, run: Run, single: bool) -> dict[str, dict[str | None, Fraction]]:
    """Each child's exact chance of each school under a mechanism, by every order of the ties."""
    counts: dict[str, dict[str | None, int]] = {child: {} for child in case["students"]}
    total = 0
    for tried in _single_orders(case) if single else _orders_per_school(case):
        total += 1
        for child, got in run(tried).items():
            counts[child][got] = counts[child].get(got, 0) + 1
    return {child: {got: Fraction(times, total) for got, times in own.items()} for child, own in counts.items()}


def _single_orders(case: Case):
    if factorial(len(case["students"])) > MOST_LOTTERIES:
        raise NotSupportedError("too many orders of the lottery to try them all")
    return ({**case, "lottery": list(order)} for order in permutations(case["students"]))


def _orders_per_school(case: Case):
    ties = [(name, at) for name, school in case["schools"].items() for at in range(len(school["priority"]))]
    groups = [case["schools"][name]["priority"][at] for name, at in ties]
    if prod(factorial(len(group)) for group in groups) > MOST_LOTTERIES:
        raise NotSupportedError("too many orders of the lotteries to try them all")
    for orders in product(*(permutations(group) for group in groups)):
        lines: dict[str, list[list[str]]] = {name: [] for name in case["schools"]}
        for (name, _), order in zip(ties, orders, strict=True):
            lines[name] += [[child] for child in order]
        schools = {name: {**school, "priority": lines[name]} for name, school in case["schools"].items()}
        yield {**case, "schools": schools}


def tied(case: Case) -> bool:
    """Does a lottery decide anything: is there a tie among children who may come to one school?"""
    asks = {name: {c for c, own in case["students"].items() if name in own} for name in case["schools"]}
    for child, name in secured_of(case).items():
        asks[name].add(child)
    return any(len(group) > 1 for name in asks for group in case["schools"][name]["priority"])
