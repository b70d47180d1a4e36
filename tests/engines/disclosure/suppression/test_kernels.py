"""The compiled loops beside slow obvious twins."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from commonground.engines.disclosure.suppression.kernels import attack, choose, echelon
from tests.engines.disclosure.suppression.cast import table


@pytest.mark.parametrize("seed", range(20))
def test_an_attack_gets_as_far_as_a_general_solver_and_proves_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    A = table(rng.integers(0, 30, rng.integers(2, 6, 2)).tolist()).relations.toarray()
    A = np.vstack([A, rng.integers(-1, 2, A.shape[1])])
    n = A.shape[1]
    hidden = rng.random(n) < 0.6
    below, above = rng.integers(0, 9, n) * hidden * 1.0, rng.integers(0, 20, n) * hidden * 1.0
    cell, sign, need = int(rng.integers(n)), float(rng.choice([-1, 1])), 6.0
    value, x, z = attack(*echelon(np.ascontiguousarray(A, float)), below, above, cell, sign, need)
    low, high = -below, above.copy()
    if sign > 0:
        high[cell] = min(high[cell], need)
    else:
        low[cell] = max(low[cell], -need)
    aim = np.zeros(n)
    aim[cell] = -sign
    expected = -linprog(aim, A_eq=A, b_eq=np.zeros(len(A)), bounds=np.column_stack([low, high])).fun
    assert value == pytest.approx(expected)
    assert A @ x == pytest.approx(np.zeros(len(A)), abs=1e-7)
    assert (x >= low - 1e-7).all() and (x <= high + 1e-7).all()
    assert np.maximum(z, 0) @ high - np.maximum(-z, 0) @ low == pytest.approx(value)


@pytest.mark.parametrize("seed", range(20))
def test_the_choice_is_the_cheapest_of_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cuts, cells = rng.integers(1, 7), rng.integers(2, 9)
    G = np.minimum(1.0, rng.integers(0, 4, (cuts, cells)) / 2.5)
    G[:, 0] = 1.0
    weight = rng.integers(1, 30, cells).astype(float)
    best = min(weight @ y for y in map(np.array, product((0, 1), repeat=int(cells))) if (G @ y >= 1 - 1e-9).all())
    found, y, finished = choose(G, weight, 100_000)
    assert finished
    assert found == pytest.approx(best)
    assert weight @ y == pytest.approx(best)
    assert (G @ y >= 1 - 1e-9).all()
