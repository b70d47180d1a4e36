"""Scarce sectors and pins: nothing that the rules allow is missed, and what they forbid is never formed."""

import json
import math
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonground.engines.formation import Market, Rules, check, solve, violations
from commonground.engines.formation.columns import price
from commonground.engines.formation.instance import Arrays, Instance
from commonground.engines.formation.kernels.cover import mix_is_right
from commonground.engines.formation.sectors import most_groups

from .markets import PLENTY, leaves, market_of

SCARCE = Rules(size_min=3, size_max=4, sector_min={"charter": 1, "district": 1}, unplaced_penalty=20.0)


def scarce_market(n: int, charters: int, seed: int) -> Market:
    members = market_of(n, seed=seed).members
    sectors = ["charter"] * charters + ["district"] * (n - charters)
    return Market(tuple(replace(member, sector=sector) for member, sector in zip(members, sectors, strict=True)))


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(0, 2), st.integers(1, 3), st.floats(-30, 30), st.floats(-30, 30))
def test_a_listing_holds_every_allowed_group_whatever_the_sectors_cost(
    seed: int, low: int, high: int, first_price: float, second_price: float
) -> None:
    """The slow obvious twin lists all groups of nine members."""
    rng = np.random.default_rng(seed)
    pair = rng.normal(0, 5, (9, 9))
    kind = (np.arange(9) > 2).astype(np.int64)
    limits = {"kind_min": np.array([min(low, high), 1]), "kind_max": np.array([high, 3])}
    arrays = Arrays.of(
        Instance(pair=pair + pair.T, size_min=3, size_max=4, kind=kind, leave=np.full(9, 20.0), **limits)
    )
    prices = np.where(kind == 0, first_price, second_price) + rng.normal(0, 2, 9)
    priced = price(arrays, prices, 0.0, 1e-7)
    expected = {}
    for group in (group for size in (3, 4) for group in combinations(range(9), size)):
        ids = np.array(group)
        worth = arrays.pair[np.ix_(ids, ids)].sum() / 2 - prices[ids].sum()
        if worth > 1e-7 and mix_is_right(ids, len(ids), arrays.kind, arrays.kind_min, arrays.kind_max):
            expected[frozenset(group)] = worth
    rows = zip(priced.columns.members, priced.columns.size, priced.reduced, strict=True)
    found = {frozenset(row[:size].tolist()): worth for row, size, worth in rows}
    assert priced.complete
    assert found.keys() == expected.keys()
    assert all(abs(found[group] - expected[group]) < 1e-6 for group in expected)


def test_a_scarce_sector_limits_the_number_of_groups() -> None:
    pair, kind = np.zeros((12, 12)), np.array([0] * 2 + [1] * 10)
    arrays = Arrays.of(Instance(pair=pair, size_min=3, size_max=3, kind=kind, kind_min=np.array([1, 1])))
    assert most_groups(arrays, None) == 2
    assert most_groups(arrays, 3) == 3


def test_where_one_sector_is_scarce_the_best_groups_are_proven_and_the_proof_is_checked() -> None:
    market = scarce_market(40, 4, seed=2)
    solution = solve(market, SCARCE, seconds=PLENTY)
    verdict = check(market, SCARCE, json.loads(json.dumps(solution.to_json())))
    assert verdict.problems == ()
    assert solution.status == "optimal"
    assert len(solution.groups) <= 4
    assert any(bonuses(solution.certificate["proof"]))


def bonuses(proof: dict[str, Any]) -> list[dict[str, float]]:
    found: list[dict[str, float]] = []
    leaves(proof, lambda leaf: found.append(leaf["sector_bonus"]) or leaf)
    return found


def with_numbers(proof: dict[str, Any], **numbers: object) -> dict[str, Any]:
    return leaves(proof, lambda leaf: {**leaf, **numbers})


@settings(max_examples=10)
@given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_no_bonus_that_a_certificate_states_can_lower_what_the_check_finds(charter: float, district: float) -> None:
    market = scarce_market(14, 3, seed=5)
    solution = solve(market, SCARCE, seconds=PLENTY)
    bonus = {"charter": charter, "district": district}
    forged = {"proof": with_numbers(dict(solution.certificate["proof"]), sector_bonus=bonus)}
    verdict = check(market, SCARCE, replace(solution, certificate=forged))
    assert verdict.problems == ()
    assert verdict.bound == pytest.approx(check(market, SCARCE, solution).bound, abs=1e-6)


@pytest.mark.parametrize("number", [math.nan, math.inf, 1e300])
def test_numbers_that_drown_all_others_are_refused(number: float) -> None:
    market = scarce_market(8, 2, seed=1)
    solution = solve(market, SCARCE, seconds=PLENTY)
    proof = dict(solution.certificate["proof"])
    prices = dict.fromkeys((member.id for member in market.members), number)
    forgeries = [
        replace(solution, score=number),
        replace(solution, bound=number),
        replace(solution, certificate={"proof": with_numbers(proof, sector_bonus={"charter": number})}),
        replace(solution, certificate={"proof": with_numbers(proof, prices=prices)}),
        replace(solution, certificate={"proof": with_numbers(proof, count_price=number)}),
    ]
    for forged in forgeries:
        with pytest.raises(ValueError, match="no score, bound or price"):
            check(market, SCARCE, forged)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pinned_members_of_a_larger_market_stay_together_or_apart_from_all(seed: int) -> None:
    market = market_of(120, seed=seed)
    ids = [member.id for member in market.members]
    pins = tuple(frozenset(ids[k : k + 2]) for k in range(0, 60, 2))
    rules = Rules(size_min=3, size_max=4, share_area=False, unplaced_penalty=3.0, together=pins)
    rounds: list[float] = []
    solution = solve(
        market, rules, seconds=PLENTY, on_progress=lambda now: rounds.append(now.seconds) is None and len(rounds) < 10
    )
    assert violations(market, rules, solution.groups) == ()
    assert len([group for group in solution.groups if set(group.members) & set(ids[:60])]) > 10
