"""Large tables: blocks by themselves, then what links them."""

import dataclasses

import numpy as np
import pytest

from commonground.engines.disclosure.suppression import UnprotectableError, suppress
from commonground.engines.disclosure.suppression.blocks import blocks_of
from commonground.engines.disclosure.suppression.exact import exact
from commonground.engines.disclosure.suppression.large import large
from commonground.engines.disclosure.suppression.model import compile_problem
from commonground.engines.disclosure.suppression.watch import Watch
from tests.engines.disclosure.suppression.cast import invented_schools, protects

HOUR = 3600.0


def test_a_school_is_a_block_and_the_city_links_them() -> None:
    model = compile_problem(invented_schools(6, seed=1)).model
    blocks = blocks_of(model, 15)
    assert blocks.count == 7  # six schools and the city
    assert 0 < blocks.linking.sum() <= 15
    assert all(len(cells) <= 15 for cells in blocks.cells)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("limits", [(15,), (15, 60)])
def test_blocks_find_what_the_search_as_a_whole_finds(seed: int, limits: tuple[int, ...]) -> None:
    model = compile_problem(invented_schools(5, seed)).model
    whole = exact(model, Watch(HOUR))
    apart = large(model, Watch(HOUR), limits)
    assert (whole.proven, apart.proven) == (True, True)
    assert apart.weight == pytest.approx(whole.weight)
    assert apart.bound == pytest.approx(whole.weight)


def test_a_city_is_protected_and_explained() -> None:
    problem = invented_schools(28, seed=4)
    pattern = suppress(problem, seconds=HOUR)
    assert protects(problem, pattern.hidden)
    assert pattern.lower_bound <= pattern.weight
    secondary = set(np.flatnonzero(pattern.hidden)) - set(problem.sensitive)
    assert set(pattern.protects) == secondary
    assert all(set(cells) <= set(problem.sensitive) for cells in pattern.protects.values())
    assert any(pattern.protects.values())


def test_the_order_of_cells_changes_nothing_in_a_city() -> None:
    problem = invented_schools(40, seed=2)
    n = len(problem.value)
    cells = np.random.default_rng(5).permutation(n)
    place = np.argsort(cells)
    arrays = ("value", "weight", "low", "high", "may_hide", "band_low", "band_high")
    shuffled = dataclasses.replace(
        problem,
        **{name: getattr(problem, name)[cells] for name in arrays},
        relations=problem.relations[::-1][:, cells],
        sensitive=place[problem.sensitive],
        keys=[problem.keys[i] for i in cells],
    )
    expected = suppress(problem, seconds=HOUR)
    assert suppress(shuffled, seconds=HOUR).hidden[place].tolist() == expected.hidden.tolist()


def test_a_school_that_cannot_be_protected_is_named() -> None:
    problem = invented_schools(40, seed=2)
    lone = int(problem.sensitive[7])
    only = np.zeros(len(problem.value), bool)
    only[problem.sensitive[7]] = True
    stuck = dataclasses.replace(
        problem, sensitive=np.array([lone]), need_down=np.ones(1), need_up=np.ones(1), may_hide=only
    )
    with pytest.raises(UnprotectableError, match=f"cell {lone:05d} can move 0 down and 0 up"):
        suppress(stuck, seconds=HOUR)
