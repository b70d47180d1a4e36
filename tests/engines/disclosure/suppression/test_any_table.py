"""Whatever the table: an answer that protects, or a refusal that is right. Asked of SciPy, two programs a cell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from commonground.engines.disclosure.suppression import Problem, UnprotectableError, suppress
from commonground.engines.disclosure.suppression.large import large
from commonground.engines.disclosure.suppression.model import compile_problem
from commonground.engines.disclosure.suppression.watch import Watch
from tests.engines.disclosure.suppression.cast import protects, reach

MINUTE = 60.0


def _relations(cube: np.ndarray, groupings: list[np.ndarray]) -> np.ndarray:
    """All margins of a cube that ends in its totals, and further cells that each add up some of the others."""
    n = cube.size + len(groupings)
    at, rows = np.arange(cube.size).reshape(cube.shape), []
    for axis in range(cube.ndim):
        for line in np.moveaxis(at, axis, -1).reshape(-1, cube.shape[axis]):
            rows.append(np.bincount(line[:-1], minlength=n).astype(float))
            rows[-1][line[-1]] = -1
    for place, chosen in enumerate(groupings):
        rows.append(np.append(chosen.astype(float), np.zeros(len(groupings))))
        rows[-1][cube.size + place] = -1
    return np.array(rows)


@st.composite
def tables(draw: st.DrawFn) -> Problem:
    """Counts of two or three dimensions with their margins and groupings: zeros, fixed cells, bands, cells without room."""
    shape = draw(st.sampled_from([(2, 2), (3, 2), (4, 3), (1, 3), (2, 2, 2), (3, 2, 2), (1, 2, 3)]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    cube = np.where(rng.random(shape) < draw(st.sampled_from([0.0, 0.3])), 0, rng.integers(0, 14, shape))
    for axis in range(len(shape)):
        cube = np.concatenate([cube, cube.sum(axis=axis, keepdims=True)], axis=axis)
    groupings = [rng.random(cube.size) < 0.3 for _ in range(draw(st.integers(0, 2)))]
    unit = draw(st.sampled_from([1.0, 0.001, 4000.0]))
    value = unit * np.append(cube.ravel(), [cube.ravel()[chosen].sum() for chosen in groupings])
    n = len(value)
    fixed = rng.random(n) < draw(st.sampled_from([0.0, 0.2]))
    low = np.where(fixed, value, np.where(rng.random(n) < 0.3, value - unit * rng.integers(0, 3, n), 0.0))
    high = np.where(fixed, value, value + unit * rng.integers(0, 60, n))
    banded = rng.random(n) < draw(st.sampled_from([0.0, 0.2]))
    low = np.minimum(low, value)
    sensitive = np.flatnonzero(rng.random(n) < draw(st.sampled_from([0.1, 0.3])))
    return Problem(
        value=value,
        weight=np.where(rng.random(n) < 0.1, 0.0, rng.integers(1, 50, n)),
        low=low,
        high=high,
        relations=csr_matrix(_relations(cube, groupings)),
        sensitive=sensitive,
        need_down=np.minimum(unit * rng.integers(0, 5, len(sensitive)), (value - low)[sensitive]),
        need_up=unit * rng.integers(0, 5, len(sensitive)),
        may_hide=rng.random(n) < draw(st.sampled_from([1.0, 0.8])),
        band_low=np.where(banded, np.maximum(low, value - unit * 2), value),
        band_high=np.where(banded, np.minimum(high, value + unit * 2), value),
    )


@settings(max_examples=150)
@given(tables())
def test_any_table_is_protected_or_rightly_refused(problem: Problem) -> None:
    try:
        pattern = suppress(problem, seconds=MINUTE)
    except UnprotectableError as error:
        assert len(error.cells)
        assert all(_too_narrow(problem, cell) for cell in error.cells.tolist())
        return
    _check_pattern(problem, pattern.hidden)
    assert pattern.weight == pytest.approx(problem.weight[pattern.hidden].sum())
    assert pattern.lower_bound <= pattern.weight
    assert pattern.proven
    assert set(pattern.protects) == set(np.flatnonzero(pattern.hidden)) - set(problem.sensitive)


@settings(max_examples=150)
@given(tables(), st.sampled_from([(4,), (3, 9), (2, 6)]), st.sampled_from([0.0, MINUTE]))
def test_blocks_protect_any_table_or_rightly_refuse(problem: Problem, limits: tuple[int, ...], seconds: float) -> None:
    compiled = compile_problem(problem)
    outcome = large(compiled.model, Watch(seconds), limits)
    if outcome.hopeless:
        stuck = {int(compiled.model.target[t]) for t in outcome.hopeless}
        cells = [c for c in problem.sensitive.tolist() if int(compiled.stands[c]) in stuck]
        assert any(_too_narrow(problem, cell) for cell in cells)
        return
    hidden = outcome.hidden[compiled.stands]
    hidden[problem.sensitive] = True  # one whose equal may not be hidden needs nothing, and is hidden all the same
    _check_pattern(problem, hidden & problem.may_hide)
    assert len(outcome.moves) == len(compiled.model.target)
    assert outcome.bound <= outcome.weight * (1 + 1e-9)


def _check_pattern(problem: Problem, hidden: np.ndarray) -> None:
    assert not (hidden & ~problem.may_hide).any()
    assert hidden[problem.sensitive][problem.may_hide[problem.sensitive]].all()
    assert protects(problem, hidden)


def _too_narrow(problem: Problem, cell: int) -> bool:
    """Whether the sensitive cell moves less than it needs even when all is hidden that may be."""
    at = int(np.flatnonzero(problem.sensitive == cell)[0])
    down, up = reach(problem, problem.may_hide, cell)
    return down < problem.need_down[at] or up < problem.need_up[at]
