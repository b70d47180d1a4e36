"""Children do not come in halves: protection in whole numbers. Asked of SciPy's integer programs, two a cell."""

import dataclasses

import numpy as np
import pytest
from hypothesis import assume, given, settings
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from commonground.engines.disclosure.suppression import Problem, ProblemError, UnprotectableError, suppress
from commonground.engines.disclosure.suppression.blocks import blocks_of
from commonground.engines.disclosure.suppression.large import large
from commonground.engines.disclosure.suppression.model import compile_problem
from commonground.engines.disclosure.suppression.watch import Watch
from commonground.engines.disclosure.suppression.whole import Kin, in_whole_numbers
from tests.engines.disclosure.suppression.cast import invented_schools, protects
from tests.engines.disclosure.suppression.test_any_table import tables

MINUTE = 60.0
SMALL, FIRST, SECOND, THIRD, DEAR = range(5)


def halves(may_hide_the_dear: bool = True) -> Problem:
    """5 + 20 + 20 + 100 = 145, where the second and third cell can only move alike, against a fourth.

    So without the dear cell the small count moves by twos, and it can be 8 at most.
    """
    may_hide = np.array([True, True, True, True, may_hide_the_dear, False, False, False])
    value = np.array([5.0, 20, 20, 30, 100, 145, 50, 50])
    relations = [[1, 1, 1, 0, 1, -1, 0, 0], [0, 1, 0, 1, 0, 0, -1, 0], [0, 0, 1, 1, 0, 0, 0, -1]]
    return Problem(
        value=value,
        weight=value,
        low=np.zeros(8),
        high=np.array([8.0, 200, 200, 200, 200, 200, 200, 200]),
        relations=csr_matrix(np.array(relations, float)),
        sensitive=np.array([SMALL]),
        need_down=np.array([3.0]),
        need_up=np.array([3.0]),
        may_hide=may_hide,
        whole=True,
    )


def protects_in_whole_numbers(problem: Problem, hidden: np.ndarray) -> bool:
    low = np.ceil(np.where(hidden, problem.low, problem.band_low) - problem.value - 1e-6)
    high = np.floor(np.where(hidden, problem.high, problem.band_high) - problem.value + 1e-6)
    for cell, down, up in zip(problem.sensitive, problem.need_down, problem.need_up, strict=True):
        for sign, need in ((-1.0, down), (1.0, up)):
            aim = np.zeros(len(low))
            aim[cell] = -sign
            rows = LinearConstraint(problem.relations, 0, 0)
            done = milp(aim, constraints=rows, bounds=Bounds(low, high), integrality=np.ones(len(aim)))
            if -done.fun < need - 1e-6:
                return False
    return True


def test_what_protects_in_halves_only_takes_a_further_cell() -> None:
    problem = halves()
    in_fractions = suppress(dataclasses.replace(problem, whole=False), seconds=10)
    assert np.flatnonzero(in_fractions.hidden).tolist() == [SMALL, FIRST, SECOND, THIRD]
    assert not protects_in_whole_numbers(problem, in_fractions.hidden)
    pattern = suppress(problem, seconds=10)
    assert np.flatnonzero(pattern.hidden).tolist() == [SMALL, DEAR]  # the others are needed no more
    assert protects_in_whole_numbers(problem, pattern.hidden)
    assert (pattern.weight, in_fractions.weight, pattern.lower_bound) == (105, 75, 75)
    assert not pattern.proven
    assert pattern.protects[DEAR] == (SMALL,)


def test_what_no_whole_number_protects_is_named_with_how_far_it_gets() -> None:
    with pytest.raises(UnprotectableError, match="cell 0 can move 3 down and 2 up, but needs 3 and 3"):
        suppress(halves(may_hide_the_dear=False), seconds=10)


def test_values_that_are_not_whole_are_refused() -> None:
    with pytest.raises(ProblemError, match="cell 0: the value is not a whole number"):
        dataclasses.replace(halves(), value=halves().value + 0.5, band_low=(), band_high=(), high=np.full(8, 300.0))


@settings(max_examples=80)
@given(tables())
def test_any_table_is_protected_in_whole_numbers_or_rightly_refused(problem: Problem) -> None:
    assume((problem.value == np.round(problem.value)).all())
    problem = dataclasses.replace(problem, whole=True)
    try:
        pattern = suppress(problem, seconds=MINUTE)
    except UnprotectableError as error:
        at = np.flatnonzero(np.isin(problem.sensitive, error.cells))
        alone = dataclasses.replace(
            problem,
            sensitive=problem.sensitive[at],
            need_down=problem.need_down[at],
            need_up=problem.need_up[at],
        )
        assert not protects_in_whole_numbers(alone, problem.may_hide)
        return
    assert protects_in_whole_numbers(problem, pattern.hidden)
    assert pattern.lower_bound <= pattern.weight * (1 + 1e-9)
    assert not (pattern.hidden & ~problem.may_hide).any()


@pytest.mark.parametrize("seed", range(3))
def test_a_city_in_blocks_is_protected_in_whole_numbers(seed: int) -> None:
    problem = invented_schools(12, seed)
    model = compile_problem(problem).model
    blocks = blocks_of(model, 15)
    outcome = large(model, Watch(MINUTE), (15,))
    whole = in_whole_numbers(model, blocks, outcome)
    assert protects_in_whole_numbers(problem, whole.hidden)
    assert protects(problem, whole.hidden)
    assert whole.bound <= whole.weight <= outcome.weight  # nothing was lacking, and nothing idle stays hidden
    assert len(whole.moves) == len(model.target)


def test_without_further_cells_a_poor_pattern_is_mended() -> None:
    problem = invented_schools(12, seed=1)
    model = compile_problem(problem).model
    poor = dataclasses.replace(large(model, Watch(MINUTE), (15,)), hidden=model.must)
    whole = in_whole_numbers(model, blocks_of(model, 15), poor)
    assert protects_in_whole_numbers(problem, whole.hidden)


def test_kin_are_the_blocks_that_share_sums() -> None:
    model = compile_problem(invented_schools(12, seed=1)).model
    blocks = blocks_of(model, 15)
    kin = Kin(model, blocks, ~model.never)
    assert kin.region(3, 1.0, 0).tolist() == blocks.cells[3][~model.never[blocks.cells[3]]].tolist()
    some, more = (kin.region(3, 1.0, size) for size in (30, 60))
    assert set(some) < set(more)
    assert len(more) <= 60
    assert set(blocks.cells[3][~model.never[blocks.cells[3]]]) <= set(some)
