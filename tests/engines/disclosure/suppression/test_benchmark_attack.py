"""The attack that the benchmarks make on a pattern, beside two integer programs of SciPy's for each cell."""

import numpy as np
import pytest
from benchmarks.disclosure_audit import Attack, Finding, Table, audit
from scipy.optimize import Bounds, LinearConstraint, milp

from commonground.engines.disclosure.suppression import Problem, suppress
from tests.engines.disclosure.suppression.cast import invented_schools, table
from tests.engines.disclosure.suppression.test_whole_numbers import FIRST, SECOND, SMALL, THIRD, halves


def _reach(problem: Problem, hidden: np.ndarray, cell: int, sign: float) -> float:
    """How far the cell moves in whole numbers; nobody has more students than there are."""
    low, high = np.where(hidden, -problem.value, 0.0), np.where(hidden, problem.value.max() - problem.value, 0.0)
    aim = np.zeros(len(low))
    aim[cell] = -sign
    rows = LinearConstraint(problem.relations, 0, 0)
    return -float(milp(aim, constraints=rows, bounds=Bounds(low, high), integrality=np.ones(len(aim))).fun)


def _expected(problem: Problem, hidden: np.ndarray) -> tuple[int, int]:
    """Hidden cells with one possible count, and sensitive cells that are too narrow."""
    reach = {(c, s): _reach(problem, hidden, c, s) for c in np.flatnonzero(hidden).tolist() for s in (-1.0, 1.0)}
    needs = zip(problem.sensitive.tolist(), problem.need_down, problem.need_up, strict=True)
    under = [reach[cell, -1.0] < down - 1e-6 or reach[cell, 1.0] < up - 1e-6 for cell, down, up in needs]
    recovered = [max(reach[cell, s] for s in (-1.0, 1.0)) < 0.5 for cell in np.flatnonzero(hidden).tolist()]
    return sum(recovered), sum(under)


def _attacked(problem: Problem, hidden: np.ndarray, places: int) -> Finding:
    needs = {
        int(cell): (down, up)
        for cell, down, up in zip(problem.sensitive, problem.need_down, problem.need_up, strict=True)
    }
    place = np.arange(len(hidden)) * places // len(hidden)
    return audit(problem.value, problem.relations, hidden, needs, place)


@pytest.mark.parametrize("seed", range(8))
def test_the_attack_finds_what_every_cell_alone_would_tell(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = table(rng.integers(0, 16, rng.integers(2, 5, 2)).tolist())
    hidden = rng.random(len(problem.value)) < 0.6
    hidden[problem.sensitive] = True
    hidden &= problem.value > 0
    found = _attacked(problem, hidden, places=3)
    assert (found.recovered, found.under) == _expected(problem, hidden)
    assert found.undecided == 0


def test_the_attack_finds_nothing_in_a_protected_city() -> None:
    problem = invented_schools(12, seed=2)
    hidden = suppress(problem, seconds=60.0).hidden
    found = _attacked(problem, hidden, places=13)
    assert (found.recovered, found.under, found.undecided) == (0, 0, 0)


def test_a_shown_small_count_is_bare() -> None:
    problem = table([[4, 20, 30], [25, 40, 50], [35, 60, 70]])
    found = _attacked(problem, np.zeros(len(problem.value), bool), places=1)
    assert (found.recovered, found.under) == (1, 1)


def test_what_moves_by_twos_reaches_three_by_four() -> None:
    problem = halves()
    hidden = np.isin(np.arange(len(problem.value)), [SMALL, FIRST, SECOND, THIRD])
    attack = Attack(Table(problem.value, problem.relations, hidden, np.zeros(len(hidden))), np.zeros(1))
    assert attack.reaches(0, 3.0, -1.0) == (True, True)
    assert attack.reaches(0, 3.0, 1.0) == (True, True)  # the attack does not know that it can be 8 at most
    assert attack.reaches(0, 6.0, -1.0) == (False, True)  # there are only five
