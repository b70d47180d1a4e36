"""The mechanisms beside deferred acceptance, and what is known about how they differ."""

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given

from commonground.engines.lottery.arrays import Arrays, starts
from commonground.engines.lottery.draw import Lottery
from commonground.engines.lottery.lines import Lines
from commonground.engines.lottery.mechanisms import (
    deferred_acceptance,
    efficiency_adjusted,
    immediate_acceptance,
    top_trading_cycles,
)
from commonground.engines.lottery.model import Application, Choice, Linked, Market, Mechanism, Program, Rules
from commonground.engines.lottery.simulate import left_out
from tests.engines.lottery.markets import markets


def every_strict_market_of_three() -> Arrays:
    """All 46,656 markets of three children and three one-seat schools with strict lists and lines, side by side as one."""
    orders = np.array(list(permutations(range(3))))
    lists = np.array(list(product(range(6), repeat=3)))  # one order a child
    choices = orders[np.repeat(lists, len(lists), axis=0)]  # market x child x place -> school
    lines = np.tile(lists, (len(lists), 1))
    place = np.argsort(orders, axis=1)  # order x child -> place
    rank = place[lines]  # market x school x child -> place
    count = len(lists) ** 2
    market, child = np.arange(count)[:, None, None], np.arange(3)[None, :, None]
    return Arrays(
        choice_start=starts(np.full(count * 3, 3, np.int32)),
        choice_program=(market * 3 + choices).ravel().astype(np.int32),
        rank_start=np.arange(count * 9, dtype=np.int32),
        rank=rank[market, choices, child].ravel().astype(np.uint32),
        pool_start=np.arange(count * 3 + 1, dtype=np.int32),
        seat_start=np.arange(count * 3 + 1, dtype=np.int32),
    )


def test_the_census_of_all_strict_markets_of_three() -> None:
    arrays = every_strict_market_of_three()
    lines = Lines(arrays, np.arange(arrays.applications, dtype=np.uint32))
    everyone = np.ones(arrays.applications, dtype=bool)
    outcomes = (deferred_acceptance(lines), top_trading_cycles(lines), efficiency_adjusted(lines, everyone))
    accepted, traded, adjusted = (outcome[0].reshape(-1, 3) for outcome in outcomes)
    assert len(accepted) == 46_656
    assert (accepted == traded).all(axis=1).sum() == 42_336
    assert ((traded <= accepted).all(axis=1) & (traded < accepted).any(axis=1)).sum() == 1_080
    assert (adjusted != accepted).any(axis=1).sum() == 1_296
    assert (adjusted <= accepted).all()


def market_of(lists: dict[str, str], lines: dict[str, str]) -> Lines:
    """Children's lists and schools' lines written as words; every school has one seat."""
    programs = tuple(Program(name, name, "9", 1, classes=tuple(line)) for name, line in lines.items())
    children = tuple(
        Application(child, "9", tuple(Choice(school, frozenset(child)) for school in listed))
        for child, listed in lists.items()
    )
    lottery = Lottery(Market(programs, children))
    return Lines(lottery.arrays, np.arange(len(children), dtype=np.uint32))


def schools(lines: Lines, choice: np.ndarray, names: str) -> str:
    return "".join("-" if x < 0 else names[lines.arrays.choice_program[x]] for x in choice)


@pytest.fixture
def roth() -> Lines:
    """Abdulkadiroğlu & Sönmez 2003, example 1: stability costs two children their best."""
    return market_of({"i": "BAC", "j": "ABC", "k": "ABC"}, {"A": "ikj", "B": "jik", "C": "jik"})


def test_trading_improves_on_deferred_acceptance_where_stability_costs_two_children_their_best(roth: Lines) -> None:
    assert schools(roth, deferred_acceptance(roth)[0], "ABC") == "ABC"
    assert schools(roth, top_trading_cycles(roth)[0], "ABC") == "BAC"


def test_efficiency_adjustment_waits_for_the_consent_of_the_child_whose_priority_it_sets_aside(roth: Lines) -> None:
    everyone = np.ones(3, dtype=bool)
    assert schools(roth, efficiency_adjusted(roth, everyone)[0], "ABC") == "BAC"
    without_k = np.array([True, True, False])
    assert schools(roth, efficiency_adjusted(roth, without_k)[0], "ABC") == "ABC"


def test_immediate_acceptance_punishes_a_child_who_ranks_a_popular_school_first() -> None:
    lines = market_of({"i": "AB", "j": "AB", "k": "B"}, {"A": "ijk", "B": "jik"})
    assert schools(lines, immediate_acceptance(lines)[0], "AB") == "A-B"
    assert schools(lines, deferred_acceptance(lines)[0], "AB") == "AB-"


def test_what_a_comparison_does_not_follow_is_said_where_it_matters() -> None:
    programs = (Program("P-6", "P", "6", 2, ("sibling",)), Program("P-7", "P", "7", 2))
    old = Application("old", "7", (Choice("P-7"),))
    young = Application("young", "6", (Choice("P-6"),), older_siblings=("old",), linked="t", guaranteed="P-6")
    twin = Application("twin", "6", (Choice("P-6"),), linked="t")
    full = Rules(grades=("7", "6"), sibling_offered="sibling", linked=Linked.TOGETHER)
    market = Market(programs, (old, young, twin), full)
    words = {mechanism: left_out(market, replace(full, mechanism=mechanism)) for mechanism in Mechanism}
    assert {mechanism: len(found) for mechanism, found in words.items()} == {
        Mechanism.DEFERRED_ACCEPTANCE: 0,
        Mechanism.TOP_TRADING_CYCLES: 3,
        Mechanism.IMMEDIATE_ACCEPTANCE: 3,
        Mechanism.EFFICIENCY_ADJUSTED: 2,
    }
    assert words[Mechanism.EFFICIENCY_ADJUSTED][1] == "linked children may be parted"
    simple = Market(programs, (old,), Rules(mechanism=Mechanism.TOP_TRADING_CYCLES))
    assert left_out(simple, simple.rules) == ()


@given(markets(guarantees=False))
def test_nobody_is_worse_off_under_efficiency_adjustment_when_all_consent(market: Market) -> None:
    lottery = Lottery(market)
    lines = Lines(lottery.arrays, np.arange(len(market.applications), dtype=np.uint32))
    before = deferred_acceptance(lines)[0]
    after = efficiency_adjusted(lines, np.ones(len(before), dtype=bool))[0]
    assert all(a >= 0 and a <= b for a, b in zip(after, before, strict=True) if b >= 0)


@given(markets(guarantees=False))
def test_every_mechanism_keeps_to_the_seats_and_to_who_may_enter(market: Market) -> None:
    lottery = Lottery(market)
    lines = Lines(lottery.arrays, np.arange(len(market.applications), dtype=np.uint32))
    everyone = np.ones(lottery.arrays.applications, dtype=bool)
    for choice, pool in (
        immediate_acceptance(lines),
        top_trading_cycles(lines),
        efficiency_adjusted(lines, everyone),
        deferred_acceptance(lines),
    ):
        assert ((choice < 0) == (pool < 0)).all()
        seated = pool[pool >= 0]
        assert (
            np.bincount(seated, minlength=len(lottery.arrays.seat_start) - 1) <= np.diff(lottery.arrays.seat_start)
        ).all()
        assert all(lines.key(int(x), int(k)) is not None for x, k in zip(choice, pool, strict=True) if x >= 0)
