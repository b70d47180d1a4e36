"""Exact chances of small markets, and cutoffs of very large ones."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonground.engines.lottery.continuum import Kind, admitted, cutoffs_of, demand
from commonground.engines.lottery.exact import TooManyOrdersError, probabilities
from commonground.engines.lottery.model import Application, Choice, Market, Numbers, Program, Rules, SeatPool


def market(numbers: Numbers) -> Market:
    """The lists of a public test suite: three children, three schools with a seat each, nobody has priority."""
    programs = tuple(Program(name, name, "9", 1) for name in "ABC")
    lists = {"0": "ABC", "1": "ACB", "2": "CBA"}
    children = tuple(Application(name, "9", tuple(map(Choice, listed))) for name, listed in lists.items())
    return Market(programs, children, Rules(numbers=numbers))


def test_chances_with_one_number_for_all_schools() -> None:
    chances, orders = probabilities(market(Numbers.SINGLE))
    assert orders == 6
    assert chances["1"] == {"A": Fraction(1, 2), "B": Fraction(1, 3), "C": Fraction(1, 6)}


def test_chances_with_a_number_for_each_school() -> None:
    chances, orders = probabilities(market(Numbers.PER_SCHOOL))
    assert orders == 216
    assert chances["2"] == {"B": Fraction(1, 4), "C": Fraction(3, 4)}


def test_children_who_stand_apart_in_one_pool_but_alike_in_another_are_still_tried_in_every_order() -> None:
    pools = (SeatPool("aside", 1, "access"), SeatPool("open", 1))
    children = tuple(
        Application(name, "9", (Choice("P"),), frozenset(labels))
        for name, labels in (("a", {"access"}), ("b", {"access"}), ("c", set()), ("d", set()))
    )
    chances, _ = probabilities(
        Market((Program("P", "S", "9", 2, pools=pools),), children, Rules(numbers=Numbers.PER_SCHOOL))
    )
    # By hand: a has the better number of the two (1/2), or b and a are the first two of all four, in that order (1/12).
    assert chances["a"]["P"] == Fraction(1, 2) + Fraction(1, 12)
    assert chances["c"]["P"] == (1 - 2 * Fraction(1, 12)) / 2


def test_a_market_that_is_too_large_is_refused_with_the_way_out() -> None:
    children = tuple(Application(str(at), "9", (Choice("P"),)) for at in range(12))
    with pytest.raises(TooManyOrdersError, match="repeated draws"):
        probabilities(Market((Program("P", "S", "9", 1),), children))


def test_a_crowd_of_one_kind_fills_the_better_school_first() -> None:
    cutoffs = cutoffs_of([Kind(1.0, (("A", 0), ("B", 0)))], {"A": 0.25, "B": 0.25})
    assert cutoffs == pytest.approx({"A": 0.25, "B": 0.5})


def test_with_a_number_for_each_school_those_turned_away_draw_afresh() -> None:
    cutoffs = cutoffs_of([Kind(1.0, (("A", 0), ("B", 0)))], {"A": 0.25, "B": 0.25}, single=False)
    assert cutoffs == pytest.approx({"A": 0.25, "B": 1 / 3})


def test_a_class_before_another_takes_its_seats_first() -> None:
    kinds = [Kind(0.3, (("A", 0),)), Kind(0.7, (("A", 1),))]
    assert cutoffs_of(kinds, {"A": 0.65}) == pytest.approx({"A": 1.5})
    assert cutoffs_of(kinds, {"A": 0.15}) == pytest.approx({"A": 0.5})


def test_a_school_with_room_for_all_closes_to_nobody() -> None:
    assert cutoffs_of([Kind(0.2, (("A", 0),))], {"A": 1.0}) == {"A": 1.0}


@st.composite
def crowds(draw: st.DrawFn) -> tuple[list[Kind], dict[str, float]]:
    names = "ABC"
    kinds = [
        Kind(draw(st.floats(0.05, 1)), tuple((name, draw(st.integers(0, 2))) for name in draw(st.permutations(names))))
        for _ in range(draw(st.integers(1, 4)))
    ]
    return kinds, {name: draw(st.floats(0.05, 1)) for name in names}


@given(crowds(), st.booleans())
@settings(max_examples=60)
def test_cutoffs_clear_the_market(crowd: tuple[list[Kind], dict[str, float]], single: bool) -> None:
    kinds, seats = crowd
    cutoffs = cutoffs_of(kinds, seats, single=single)
    for program, places in seats.items():
        asked = demand(kinds, program, cutoffs, single)
        assert asked <= places + 1e-6
        assert asked >= places - 1e-6 or cutoffs[program] == 1 + max(p for kind in kinds for _, p in kind.choices)
    for kind in kinds:
        assert sum(admitted(kind, cutoffs, single).values()) <= 1 + 1e-9


def test_the_crowds_cutoff_is_what_a_large_draw_comes_to() -> None:
    """Abdulkadiroğlu, Che & Yasuda 2015: a finite lottery approaches the continuum as it grows."""
    from commonground.engines.lottery.draw import draw

    programs = (Program("A", "A", "9", 500), Program("B", "B", "9", 500))
    lists = ["AB"] * 1500 + ["BA"] * 500
    children = tuple(Application(f"n{at}", "9", tuple(map(Choice, listed))) for at, listed in enumerate(lists))
    drawn = draw(Market(programs, children), "large")
    cutoffs = cutoffs_of([Kind(0.75, (("A", 0), ("B", 0))), Kind(0.25, (("B", 0), ("A", 0)))], {"A": 0.25, "B": 0.25})
    for at, name in enumerate("AB"):
        last = drawn.turn[drawn.pool == at].max() / len(children)
        assert last == pytest.approx(cutoffs[name], abs=0.03)
