"""Published grouping problems, large groups and large markets run through the same door."""

from pathlib import Path

import numpy as np
import pytest

from commonground.engines.formation import Rules, check, solve, violations
from commonground.engines.formation.columns import price
from commonground.engines.formation.grouping import read_grouping, solve_instance
from commonground.engines.formation.instance import Arrays, Instance
from commonground.engines.formation.smooth import relax_smoothly
from commonground.engines.formation.state import first_state

from .markets import PLENTY, market_of

TWO_PAIRS = "4 2 ss 2 2 2 2\n0 1 1\n0 2 5\n0 3 1\n1 2 1\n1 3 4\n2 3 1\n"


def test_the_worked_example_by_hand() -> None:
    answer = solve_instance(read_grouping(TWO_PAIRS), seconds=PLENTY)
    assert {frozenset(group) for group in answer.groups} == {frozenset({0, 2}), frozenset({1, 3})}
    assert (answer.objective, answer.status) == (9.0, "optimal")


def test_groups_of_unlike_sizes_keep_their_sizes() -> None:
    rng = np.random.default_rng(4)
    lines = [f"{i} {j} {rng.integers(1, 100)}" for i in range(12) for j in range(i + 1, 12)]
    instance = read_grouping("\n".join(["12 3 ds 2 3 3 4 5 6", *lines]))
    rounds: list[float] = []
    answer = solve_instance(
        instance, seconds=PLENTY, on_progress=lambda *now: len(rounds) < 4 and not rounds.append(now[1])
    )
    small, middle, large = sorted(len(group) for group in answer.groups)
    assert (small in (2, 3), middle in (3, 4), large in (5, 6)) == (True, True, True)
    assert sorted(member for group in answer.groups for member in group) == list(range(12))
    assert answer.bound >= answer.objective


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("4 2 xx 2 2 2 2", 1),
        ("4 2 ss 2 2", 1),
        ("4 2 ss 2 2 2 2\n0 9 1", 2),
        ("4 2 ss 2 2 2 2\n0 1 1\n1 1 3", 3),
    ],
)
def test_a_file_of_another_format_is_refused_by_line(text: str, line: int) -> None:
    with pytest.raises(ValueError, match=f"Line {line} must"):
        read_grouping(text)


@pytest.mark.public_data
@pytest.mark.parametrize(("name", "best"), [("Geo_n010_ss_01", 3660.67), ("Geo_n012_ss_01", 716.46)])
def test_small_published_instances_reach_their_optimum(public_data: Path, name: str, best: float) -> None:
    instance = read_grouping((public_data / "formation" / f"{name}.txt").read_text())
    answer = solve_instance(instance, seconds=PLENTY)
    assert answer.objective == pytest.approx(best, abs=0.01)
    assert answer.status == "optimal"


def test_networks_of_eight_obey_the_rules_and_their_loose_bound_is_checked() -> None:
    market = market_of(26, seed=6)
    rules = Rules(size_min=7, size_max=9, size_target=8, sector_min={"charter": 1}, share_area=False, group_count=3)
    heard: list[float | None] = []
    solution = solve(
        market, rules, seconds=PLENTY, on_progress=lambda now: heard.append(now.score) is None and len(heard) < 3
    )
    assert violations(market, rules, solution.groups) == ()
    assert check(market, rules, solution).problems == ()
    assert solution.bound >= solution.score


def test_prices_found_by_smoothing_pay_for_every_group() -> None:
    rng = np.random.default_rng(1)
    pair = rng.integers(0, 9, (30, 30)).astype(float)
    arrays = Arrays.of(Instance(pair=pair + pair.T, size_min=3, size_max=3))
    state = first_state(arrays, None, 0)
    prices = state.fair_prices()
    relaxed = relax_smoothly(arrays, state.columns(), prices, go_on=lambda bound: True, still=lambda: True, work=10**8)
    assert relaxed is not None
    assert len(price(arrays, relaxed.prices, 0.0, 1e-6).columns) == 0
    assert relaxed.bound >= state.total()
