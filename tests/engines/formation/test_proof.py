"""The best groups are proven for any instance, and no forged proof shows less than the best."""

import json
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonground.engines.formation import Market, RuleError, Rules, Solution, check, solve
from commonground.engines.formation.columns import Columns
from commonground.engines.formation.grouping import solve_instance
from commonground.engines.formation.instance import Instance
from commonground.engines.formation.odd import broken_sets

from .markets import PLENTY, leaves, market_of


def halves(*groups: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Odd sets found where half of each of these groups of two is taken."""
    many = len(groups)
    columns = Columns(np.array(groups), np.full(many, 2), np.zeros(many, np.int64), np.zeros(many))
    return broken_sets(columns, np.full(many, 0.5), 1 + max(map(max, groups)), 10)


def test_half_of_three_groups_among_three_members_is_too_much() -> None:
    assert halves((0, 1), (1, 2), (0, 2)) == [(0, 1, 2)]
    assert halves((0, 1), (1, 2), (2, 3), (0, 3)) == []


def test_where_every_two_of_three_would_pair_one_pair_is_proven_best() -> None:
    """A program over shares of groups alone would promise one and a half."""
    instance = Instance(pair=np.ones((3, 3)) - np.eye(3), size_min=2, size_max=2, leave=np.zeros(3))
    found = solve_instance(instance, seconds=PLENTY)
    assert (found.objective, found.status) == (1.0, "optimal")
    assert found.bound == pytest.approx(1.0, abs=1e-6)


def best_of(instance: Instance, members: tuple[int, ...], groups: int) -> float:
    """The slow obvious twin: the first member alone, or in every group that it can be in, and the rest likewise."""
    if not members:
        return 0.0 if instance.count in (None, groups) else -np.inf
    first, rest = members[0], members[1:]
    best = best_of(instance, rest, groups) - instance.leave[first]
    for size in range(instance.size_min, instance.size_max + 1):
        for others in combinations(rest, size - 1):
            value = max(instance.value((first, *others), option) for option in range(instance.cost.shape[1]))
            left = tuple(i for i in rest if i not in others)
            best = max(best, value + best_of(instance, left, groups + 1))
    return best


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from([None, 2, 3]))
def test_any_small_instance_is_proven_best(seed: int, count: int | None) -> None:
    rng = np.random.default_rng(seed)
    pair = np.triu(rng.integers(-3, 6, (8, 8)).astype(float), 1)
    instance = Instance(
        pair=pair + pair.T, size_min=2, size_max=3, cost=rng.integers(0, 3, (8, 2)).astype(float), leave=np.ones(8), count=count
    )  # fmt: skip
    found = solve_instance(instance, seconds=PLENTY)
    assert found.status == "optimal"
    assert found.objective == pytest.approx(best_of(instance, tuple(range(8)), 0), abs=1e-6)


RULES = Rules(size_min=3, size_max=4, sector_min={"charter": 1, "district": 1}, unplaced_penalty=20.0)


@pytest.fixture(scope="module")
def proven() -> tuple[Market, Solution]:
    """Forty schools, whose proof needs cases."""
    market = market_of(40, seed=4, spread_km=200.0)
    return market, solve(market, RULES, seconds=PLENTY)


def test_a_proof_by_cases_is_checked(proven: tuple[Market, Solution]) -> None:
    market, solution = proven
    assert solution.status == "optimal"
    assert "better_than" in solution.certificate["proof"]
    assert check(market, RULES, json.loads(json.dumps(solution.to_json()))).problems == ()


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6), size=st.sampled_from([0.01, 1.0, 30.0]))
def test_no_prices_show_less_than_the_best(proven: tuple[Market, Solution], seed: int, size: float) -> None:
    market, solution = proven
    rng = np.random.default_rng(seed)

    def shifted(leaf: dict[str, Any]) -> dict[str, Any]:
        return {**leaf, "prices": {member: price + size * rng.normal() for member, price in leaf["prices"].items()}}

    forged = replace(solution, certificate={"proof": leaves(dict(solution.certificate["proof"]), shifted)})
    assert check(market, RULES, forged).bound >= solution.score - 1e-5


def test_a_proof_that_passes_over_better_groups_shows_a_higher_bound(proven: tuple[Market, Solution]) -> None:
    market, solution = proven
    proof = dict(solution.certificate["proof"])
    forged = replace(solution, certificate={"proof": {**proof, "better_than": solution.score + 5.0}})
    assert check(market, RULES, forged).problems


def test_a_set_of_members_with_a_price_below_zero_proves_nothing(proven: tuple[Market, Solution]) -> None:
    market, solution = proven
    odd = [{"members": [member.id for member in market.members[:3]], "price": -5.0}]
    proof = leaves(dict(solution.certificate["proof"]), lambda leaf: {**leaf, "odd": odd})
    with pytest.raises(ValueError, match="price of 0 or more"):
        check(market, RULES, replace(solution, certificate={"proof": proof}))


def test_rules_that_no_set_of_groups_obeys_are_refused_before_the_time_is_up() -> None:
    """Four pinned pairs and one more member make no three groups of three."""
    market = market_of(9, seed=1)
    ids = [member.id for member in market.members]
    pins = tuple(frozenset(ids[k : k + 2]) for k in range(0, 8, 2))
    with pytest.raises(RuleError) as refused:
        solve(market, Rules(size_min=3, size_max=3, share_area=False, together=pins), seconds=PLENTY)
    assert refused.value.code == "no_feasible_groups"
