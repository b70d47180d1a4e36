"""Chances come close to the exact ones and say how sure they are."""

import pytest

from commonground.engines.lottery.chances import (
    Threshold,
    chances_by_cutoffs,
    chances_by_draws,
    match_counts,
    thresholds,
    trial_seed,
    wilson,
)
from commonground.engines.lottery.exact import probabilities
from commonground.engines.lottery.model import Application, Choice, Market, Program

PROGRAMS = tuple(Program(name, name, "9", 1) for name in "ABC")
LISTS = {"0": "ABC", "1": "ACB", "2": "CBA"}
MARKET = Market(PROGRAMS, tuple(Application(name, "9", tuple(map(Choice, own))) for name, own in LISTS.items()))


def test_chances_from_draws_hold_the_exact_ones_in_their_intervals() -> None:
    exact, _ = probabilities(MARKET)
    counts = match_counts(MARKET, 2000, "trial", workers=2)
    for number, own in chances_by_draws(MARKET, counts, 2000).items():
        for chance in own:
            true = float(exact[number].get(chance.program, 0))
            assert chance.low - 0.005 <= true <= chance.high + 0.005


def test_chances_from_draws_are_the_same_however_many_work_on_them() -> None:
    one, two = (match_counts(MARKET, 50, "trial", workers=workers) for workers in (1, 2))
    assert one.tolist() == two.tolist()


def test_progress_is_told_draw_by_draw() -> None:
    told: list[int] = []
    match_counts(MARKET, 5, "trial", tell=told.append)
    assert told == [1] * 5


def test_every_trial_has_a_seed_of_its_own() -> None:
    assert len({trial_seed("trial", number) for number in range(100)}) == 100


def test_wilsons_interval_agrees_with_a_published_example() -> None:
    """Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)


def test_one_number_reaches_a_later_choice_only_where_it_admits_more() -> None:
    choices = [("A", Threshold(0.3, 1000)), ("B", Threshold(0.2, 1000)), ("C", Threshold(0.8, 1000))]
    assert [round(chance.chance, 9) for chance in chances_by_cutoffs(choices)] == [0.3, 0.0, 0.5]
    fresh = [round(chance.chance, 9) for chance in chances_by_cutoffs(choices, single=False)]
    assert fresh == [0.3, 0.14, 0.448]


def test_a_class_of_few_children_makes_a_wide_interval() -> None:
    (few,), (many,) = (chances_by_cutoffs([("A", Threshold(0.5, asked))]) for asked in (5, 5000))
    assert few.high - few.low > 10 * (many.high - many.low)


def test_last_years_cutoffs_are_read_as_shares() -> None:
    rows = [
        {"program": "A", "pool": "open", "priority": "zone", "admits": "all", "last_number": "", "asked": "25"},
        {"program": "A", "pool": "open", "priority": "no priority", "admits": "up to", "last_number": "4" * 64, "asked": "<10"},
        {"program": "A", "pool": "aside", "priority": "no priority", "admits": "none", "last_number": "", "asked": "50"},
    ]  # fmt: skip
    found = thresholds(rows)
    assert found["A", "zone"] == Threshold(1.0, 25)
    assert found["A", "no priority"].share == pytest.approx(4 / 15)
    assert found["A", "no priority"].asked == 10
