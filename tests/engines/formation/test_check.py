"""The checker passes what is right and names what is not."""

import json
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonground.engines.formation import Group, Market, Rules, Scorer, Solution, check, pairs, solve, violations

from .markets import PLENTY, leaves, market_of

RULES = Rules(size_min=2, size_max=3, sector_min={"charter": 1}, unplaced_penalty=2.0)


def solved(n: int = 9, seed: int = 1) -> tuple[Market, Solution]:
    market = market_of(n, seed=seed)
    return market, solve(market, RULES, seconds=PLENTY)


def all_groupings(members: list[int], groups: dict[frozenset[int], float], alone: float) -> float:
    """The slow obvious twin: the first member alone, or in every group that it can be in, and the rest likewise."""
    if not members:
        return 0.0
    first, rest = members[0], members[1:]
    best = alone + all_groupings(rest, groups, alone)
    for group, value in groups.items():
        if first in group and group <= set(members):
            best = max(best, value + all_groupings([i for i in rest if i not in group], groups, alone))
    return best


def best_by_hand(market: Market, rules: Rules) -> float:
    scorer = Scorer(market, rules)
    groups: dict[frozenset[int], float] = {}
    for size in range(rules.size_min, rules.size_max + 1):
        for rows in combinations(range(len(market)), size):
            for area in market.areas():
                group = Group(tuple(market.members[i].id for i in rows), area)
                broken = [why.code for why in violations(market, rules, [group])]
                if set(broken) <= {"not_placed"}:
                    value = scorer.group(group).total
                    groups[frozenset(rows)] = max(value, groups.get(frozenset(rows), -np.inf))
    return all_groupings(list(range(len(market))), groups, -(rules.unplaced_penalty or 0.0))


@settings(max_examples=12)
@given(st.integers(3, 8), st.integers(0, 10**6))
def test_no_set_of_groups_is_better_and_the_certificate_shows_it(n: int, seed: int) -> None:
    market = market_of(n, seed=seed)
    solution = solve(market, RULES, seconds=PLENTY)
    verdict = check(market, RULES, json.loads(json.dumps(solution.to_json())))
    best = best_by_hand(market, RULES)
    assert verdict.problems == ()
    assert solution.status == "optimal"
    assert solution.score == pytest.approx(best, abs=1e-6)
    assert verdict.bound >= best - 1e-6


@settings(max_examples=8)
@given(st.integers(0, 10**6), st.integers(0, 6), st.integers(0, 6))
def test_a_blackout_never_raises_the_best_score(seed: int, first: int, second: int) -> None:
    market = market_of(7, seed=seed)
    if first == second:
        return
    apart = replace(RULES, blackouts=pairs((market.members[first].id, market.members[second].id)))
    assert solve(market, apart, seconds=PLENTY).score <= solve(market, RULES, seconds=60).score + 1e-6


def test_a_stated_score_that_is_too_high_is_found() -> None:
    market, solution = solved()
    verdict = check(market, RULES, replace(solution, score=solution.score + 1, bound=solution.bound + 1))
    assert any("not" in problem and "as stated" in problem for problem in verdict.problems)


def test_a_bound_that_the_prices_do_not_prove_is_found() -> None:
    market, solution = solved()
    assert check(market, RULES, replace(solution, bound=solution.bound - 1)).problems
    assert not check(market, RULES, replace(solution, bound=solution.bound + 1)).problems


def lower_prices(leaf: dict[str, Any]) -> dict[str, Any]:
    return {**leaf, "prices": {member: price - 0.5 for member, price in leaf["prices"].items()}}


def test_prices_that_are_too_low_prove_nothing() -> None:
    market, solution = solved()
    forged = replace(solution, certificate={"proof": leaves(dict(solution.certificate["proof"]), lower_prices)})
    assert check(market, RULES, forged).bound >= solution.score - 1e-6


def test_broken_rules_are_found() -> None:
    market, solution = solved(6)
    everybody = tuple(member.id for member in market.members)
    wrong = replace(solution, groups=(Group(everybody, "steam"), Group(everybody[:1], "steam")))
    text = " ".join(check(market, RULES, wrong).problems)
    assert "is in 2 groups" in text
    assert "has 6 members" in text
    assert "of charter" not in " ".join(check(market, RULES, solution).problems)
    stranger = replace(solution, groups=(Group(("nobody", everybody[0]), "steam"),))
    assert check(market, RULES, stranger).problems == ("nobody is not a member of the market.",)


def test_data_of_another_kind_is_refused() -> None:
    market, _ = solved(3)
    with pytest.raises(ValueError, match="not a saved solution"):
        check(market, RULES, {"format": "something else"})


def test_fixed_pinned_and_counted_groups_pass_the_check() -> None:
    market = market_of(12, seed=4)
    kept = Group((market.members[0].id, market.members[1].id), _common(market, 0, 1))
    rules = replace(RULES, sector_min={}, fixed=(kept,), group_count=4, together=(frozenset({"s002", "s003"}),))
    rules = replace(rules, share_area=False)
    solution = solve(market, rules, seconds=PLENTY)
    assert check(market, rules, solution).problems == ()
    assert violations(market, rules, solution.groups) == ()
    assert len(solution.groups) == 4


def _common(market: Market, first: int, second: int) -> str | None:
    areas = [area for area in market.members[first].areas if area in market.members[second].areas]
    return areas[0] if areas else market.members[first].areas[0]
