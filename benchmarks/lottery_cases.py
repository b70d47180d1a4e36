"""Published and hand-made cases with their right answers: `lottery_cases.py FILE`.

One line a case: its id, then passed, failed (what was expected, what came) or not supported (and why). The last line is
JSON with the three counts. A case is read by what it holds, never by its id: fields that are not understood make it
"not supported" rather than wrongly passed.
"""

import json
import math
import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from itertools import islice, permutations, product
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.lottery_case_market import NotSupportedError, case_market, places

from commonground.engines.lottery import beacon
from commonground.engines.lottery.beacon import BeaconError, Chain
from commonground.engines.lottery.continuum import Kind, cutoffs_of
from commonground.engines.lottery.draw import Lottery
from commonground.engines.lottery.exact import probabilities, stable_matches
from commonground.engines.lottery.lines import Lines
from commonground.engines.lottery.mechanisms import (
    Outcome,
    efficiency_adjusted,
    immediate_acceptance,
    top_trading_cycles,
)
from commonground.engines.lottery.model import Market, Numbers, Rules
from commonground.engines.lottery.problems import MarketError

Case = dict[str, Any]
Found = list[tuple[str, Any, Any]]  # what, expected, found
MOST_LOTTERIES = 50_000


def lines_of(case: Case, market: Market) -> Lines:
    lottery = Lottery(market)
    return Lines(lottery.arrays, places(case, market))


def run_draw(case: Case, market: Market) -> dict[str, str | None]:
    """The whole draw: older siblings first, guaranteed seats, linked children."""
    turn = places(case, market)
    drawn = Lottery(market).draw_in_order(turn, np.zeros((len(turn), 8), np.uint32))
    return named(market, drawn.arrays.choice_program, drawn.choice)


def named(market: Market, programs: np.ndarray, choice: np.ndarray) -> dict[str, str | None]:
    return {
        application.number: None if x < 0 else market.programs[programs[x]].name
        for application, x in zip(market.applications, choice.tolist(), strict=True)
    }


def compared(mechanism: Callable[[Lines], Outcome]) -> Callable[[Case, Market], dict[str, str | None]]:
    def run(case: Case, market: Market) -> dict[str, str | None]:
        lines = lines_of(case, market)
        return named(market, lines.arrays.choice_program, mechanism(lines)[0])

    return run


def run_trading(case: Case, market: Market) -> dict[str, str | None]:
    """Top trading cycles, where a school's line may hold children who did not ask for it."""
    lines = lines_of(case, market)
    if any(len(program.pools) > 1 for program in market.programs):
        return named(market, lines.arrays.choice_program, top_trading_cycles(lines)[0])
    index = {application.number: at for at, application in enumerate(market.applications)}
    turn = places(case, market)
    priorities = {}
    for at, program in enumerate(market.programs):
        groups = [[index[child] for child in group] for group in case["schools"][program.name]["priority"]]
        priorities[at] = [child for group in groups for child in sorted(group, key=lambda child: turn[child])]
    return named(market, lines.arrays.choice_program, top_trading_cycles(lines, priorities)[0])


def run_efficiency(case: Case, market: Market) -> dict[str, str | None]:
    consenting = case.get(
        "consent", case.get("consenting", [application.number for application in market.applications])
    )
    yes = [
        consenting.get(a.number, False) if isinstance(consenting, dict) else a.number in consenting
        for a in market.applications
    ]
    lines = lines_of(case, market)
    return named(market, lines.arrays.choice_program, efficiency_adjusted(lines, np.array(yes, dtype=bool))[0])


# A mechanism's name holds one of these words; the first that fits decides.
MECHANISMS: tuple[tuple[str, Callable[[Case, Market], dict[str, str | None]]], ...] = (
    ("ttc", run_trading),
    ("top_trading", run_trading),
    ("boston", compared(immediate_acceptance)),
    ("immediate", compared(immediate_acceptance)),
    ("eada", run_efficiency),
    ("efficiency", run_efficiency),
    ("da", run_draw),
    ("deferred", run_draw),
    ("sibling", run_draw),
    ("secured", run_draw),
    ("guaranteed", run_draw),
    ("reserve", run_draw),
    ("quota", run_draw),
    ("precedence", run_draw),
)


def check_match(case: Case) -> Found:
    run = next((run for word, run in MECHANISMS if word in case["mechanism"]), None)
    if run is None:
        raise NotSupportedError(f"mechanism {case['mechanism']}")
    market = case_market(case)
    found = [("match", case["expected"], run(case, market))]
    for name, expected in case.get("also", {}).items():
        checker = ALSO.get(name)
        if checker is not None:
            found.append((name, expected, checker(case, market)))
    return found


def without_reserve(case: Case, market: Market) -> dict[str, str | None]:
    plain = {
        name: {"capacity": school["capacity"], "priority": school["priority"]}
        for name, school in case["schools"].items()
    }
    return run_draw(case, case_market({**case, "schools": plain}))


def strict_lines(case: Case) -> dict[str, list[str]]:
    order = {name: at for at, name in enumerate(case.get("lottery", case["students"]))}
    return {
        name: [student for group in school["priority"] for student in sorted(group, key=order.__getitem__)]
        for name, school in case["schools"].items()
    }


def stable(case: Case) -> list[dict[str, str | None]]:
    seats = {name: school["capacity"] for name, school in case["schools"].items()}
    return stable_matches(case["students"], strict_lines(case), seats)


def school_optimal(case: Case, market: Market) -> dict[str, str | None]:
    """The stable match that every child likes least."""

    def places_of(match: dict[str, str | None]) -> int:
        return sum(
            len(own) if (got := match[child]) is None else own.index(got) for child, own in case["students"].items()
        )

    return max(stable(case), key=places_of)


def efficient(case: Case, market: Market) -> bool:
    """Could some children do better and none worse? Trading cycles from the match itself would find it."""
    match = run_draw(case, market)
    owned = {name: [[child for child, got in match.items() if got == name]] for name in case["schools"]}
    rest = {
        name: [*owned[name], [child for child in case["students"] if child not in owned[name][0]]] for name in owned
    }
    own = {
        name: {"capacity": len(owned[name][0]), "priority": [group for group in rest[name] if group]} for name in owned
    }
    free = {name: case["schools"][name]["capacity"] - len(owned[name][0]) for name in owned}
    for name, seats in free.items():
        own[name]["capacity"] += seats
    traded = run_trading({**case, "schools": own}, case_market({**case, "schools": own}))
    return traded == match


def other_lottery(case: Case, market: Market) -> dict[str, str | None]:
    """The case does not say which other lottery it means: look for one, among all, that gives this answer."""
    expected = case["also"]["other_lottery"]
    orders = islice(permutations(case["lottery"]), MOST_LOTTERIES)
    matches = (run_draw({**case, "lottery": list(order)}, market) for order in orders)
    return next((match for match in matches if match == expected), run_draw(case, market))


def weakly_stable(case: Case, match: dict[str, str | None]) -> bool:
    """Nobody prefers a school that has a free seat, or one that holds a child of a lower tie group."""
    level = {
        name: {child: at for at, group in enumerate(school["priority"]) for child in group}
        for name, school in case["schools"].items()
    }
    held = {name: [child for child, got in match.items() if got == name] for name in level}
    for child, own in case["students"].items():
        got = match.get(child)
        for name in own if got is None else own[: own.index(got)]:
            room = len(held[name]) < case["schools"][name]["capacity"]
            passed_over = any(level[name][other] > level[name].get(child, math.inf) for other in held[name])
            if child in level[name] and (room or passed_over):
                return False
    return all(
        len(children) <= case["schools"][name]["capacity"] and set(children) <= set(level[name])
        for name, children in held.items()
    )


def improved(case: Case, market: Market) -> dict[str, str | None]:
    """After stable improvement cycles: a stable match that no other betters for some and worsens for none.

    Which one depends on the cycle picked first, so the expected one is right if it is among them.
    """
    expected = case["also"]["after_stable_improvement_cycle"]
    options = [[*own, None] for own in case["students"].values()]
    if math.prod(map(len, options)) > MOST_LOTTERIES:
        raise NotSupportedError("a market too large to try every match")
    start = run_draw(case, market)
    matches = [match for pick in product(*options) if weakly_stable(case, match := dict(zip(start, pick, strict=True)))]
    better = [match for match in matches if dominates(case, match, start)] or [start]
    best = [match for match in better if not any(dominates(case, other, match) for other in better)]
    return expected if expected in best else best[0]


def dominates(case: Case, one: dict[str, str | None], other: dict[str, str | None]) -> bool:
    """Nobody is worse off in `one`, and somebody better."""

    def place(child: str, got: str | None) -> int:
        own = case["students"][child]
        return len(own) if got is None else own.index(got)

    gaps = [place(child, one[child]) - place(child, other[child]) for child in case["students"]]
    return max(gaps) <= 0 and min(gaps) < 0


def both_weakly_stable(case: Case, market: Market) -> bool:
    after = case["also"].get("after_stable_improvement_cycle")
    if after is None:
        raise NotSupportedError("both_weakly_stable without a second match")
    return weakly_stable(case, run_draw(case, market)) and weakly_stable(case, after)


ALSO: dict[str, Callable[[Case, Market], Any]] = {
    "ttc": run_trading,
    "boston": compared(immediate_acceptance),
    "eadam_all_consent": lambda case, market: run_efficiency({**case, "consent": list(case["students"])}, market),
    "without_reserve": without_reserve,
    "number_of_stable_matchings": lambda case, market: len(stable(case)),
    "school_optimal": school_optimal,
    "da_is_pareto_efficient": efficient,
    "walk_zone_admitted": lambda case, market: sum(
        got is not None and case["types"][child] == "walk" for child, got in run_draw(case, market).items()
    ),
    "other_lottery": other_lottery,
    "after_stable_improvement_cycle": improved,
    "both_weakly_stable": both_weakly_stable,
}
# Words for the reader, and counts that `check_probabilities` looks at.
NO_MATCH = {"property", "stb_orders", "mtb_orders"}
CROWD_FIELDS = {
    "id", "mechanism", "students", "types", "schools", "tiebreak", "tie_breaking", "convention", "expected_cutoffs",
    "expected", "source", "confirmed_by", "note", "description", "comment",
}  # fmt: skip
KIND_FIELDS = {"name", "list", "preferences", "mass", "classes", "priority"}


def check_probabilities(case: Case) -> Found:
    found: Found = []
    orders = {"single_tiebreak": "stb_orders", "multiple_tiebreak": "mtb_orders"}
    for name, expected in case["expected_probabilities"].items():
        if name not in orders:
            raise NotSupportedError(f"tie-breaking {name}")
        rules = Rules(numbers=Numbers.SINGLE if name == "single_tiebreak" else Numbers.PER_SCHOOL)
        market = case_market(case)
        chances, count = probabilities(Market(market.programs, market.applications, rules))
        given = {child: _shares(own) for child, own in expected.items()}
        got = {}
        for child, own in chances.items():
            no_seat_named = "none" in given.get(child, {})
            got[child] = {school or "none": share for school, share in own.items() if school or no_seat_named}
        found.append((name, given, got))
        if orders[name] in case.get("also", {}):
            found.append((orders[name], case["also"][orders[name]], count))
    return found


def _shares(own: dict[str, str]) -> dict[str, Fraction]:
    return {school: Fraction(share) for school, share in own.items() if Fraction(share)}


def check_beacon(case: Case) -> Found:
    given = case["chain"]
    chain = Chain(given["hash"], given["public_key"], given["period_s"], given["genesis_time"])
    signed = [key for key in case if key.startswith("round_") and key.endswith("_signature")]
    signatures = {key.split("_")[1]: case[key] for key in signed}
    found: Found = []
    for name, expected in case["expected"].items():
        parts = name.split("_")
        if name.startswith("round_at_"):
            found.append((name, expected, chain.round_at(datetime.fromisoformat(name.removeprefix("round_at_")))))
        elif name.endswith("_randomness"):
            found.append((name, expected, beacon.randomness(signatures[parts[1]])))
            found.append(
                (f"round {parts[1]} verifies", True, beacon.verify(int(parts[1]), signatures[parts[1]], chain))
            )
        elif expected == "must fail":
            found.append(
                (name, False, any(_verifies(int(parts[1]), signature, chain) for signature in signatures.values()))
            )
        else:
            raise NotSupportedError(f"expectation {name}")
    return found


def _verifies(number: int, signature: str, chain: Chain) -> bool:
    try:
        return beacon.verify(number, signature, chain)
    except BeaconError:
        return False


def check_continuum(case: Case) -> Found:
    """Kinds of children with masses; expected cutoffs in lottery numbers (smaller first), or scores when the case says so."""
    if set(case) - CROWD_FIELDS:
        raise NotSupportedError(f"fields {', '.join(sorted(set(case) - CROWD_FIELDS))}")
    schools = case["schools"].items()
    seats = {name: _number(school["capacity"] if isinstance(school, dict) else school) for name, school in schools}
    kinds = case.get("students", case.get("types", []))
    read = [_kind(kind) for kind in (kinds.values() if isinstance(kinds, dict) else kinds)]
    single = "multiple" not in str(case.get("tiebreak", case.get("tie_breaking", "single")))
    cutoffs = cutoffs_of(read, seats, single=single)
    expected = {name: _number(value) for name, value in case.get("expected_cutoffs", case.get("expected")).items()}
    last = 1.0 + max((priority for kind in read for _, priority in kind.choices), default=0)
    scores = "score" in str(case.get("convention", ""))
    found = {name: last - cutoffs[name] if scores else cutoffs[name] for name in expected}
    return [("cutoffs", *({name: round(value, 6) for name, value in side.items()} for side in (expected, found)))]


def _kind(kind: Any) -> Kind:
    order = kind.get("list", kind.get("preferences")) if isinstance(kind, dict) else None
    if order is None or "mass" not in kind or set(kind) - KIND_FIELDS:
        raise NotSupportedError("children without a list or a mass, or with more than these")
    classes = kind.get("classes", kind.get("priority", {}))
    return Kind(_number(kind["mass"]), tuple((name, int(classes.get(name, 0))) for name in order))


def _number(value: Any) -> float:
    return float(Fraction(str(value)))


def check(case: Case) -> Found:
    mechanism = case.get("mechanism", "")
    unread = sorted(set(case.get("also", {})) - set(ALSO) - NO_MATCH)
    if unread:
        raise NotSupportedError(f"also {', '.join(unread)}")
    if mechanism == "beacon" or "chain" in case:
        return check_beacon(case)
    if "expected_probabilities" in case:
        return check_probabilities(case)
    if "continuum" in mechanism or "expected_cutoffs" in case:
        return check_continuum(case)
    return check_match(case)


def report(case: Case) -> str:
    """Print the case's line and say which of the three it was."""
    name = case.get("id", "a case without an id")
    try:
        wrong = [(what, expected, found) for what, expected, found in check(case) if expected != found]
    except NotSupportedError as reason:
        print(f"{name}: not supported ({reason})")
        return "not_supported"
    except (ArithmeticError, AttributeError, LookupError, MarketError, TypeError, ValueError) as error:
        # A case of another shape than those known here: reading on would be guessing.
        print(f"{name}: not supported (its form is not understood: {type(error).__name__}: {error})")
        return "not_supported"
    for what, expected, found in wrong:
        print(f"{name}: failed: {what}: expected {expected}, found {found}")
    if not wrong:
        prose = " (not looked at: property, which is prose)" if "property" in case.get("also", {}) else ""
        print(f"{name}: passed{prose}")
    return "failed" if wrong else "passed"


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("Usage: lottery_cases.py FILE")
    cases = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["cases"]
    counts = Counter(report(case) for case in cases)
    print(json.dumps({name: counts[name] for name in ("passed", "failed", "not_supported")}))
    sys.exit(1 if counts["failed"] else 0)


if __name__ == "__main__":
    main()
