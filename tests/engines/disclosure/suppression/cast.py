"""Small tables to protect, and the slow obvious twin: try every pattern, ask SciPy's linear program of each."""

from itertools import combinations

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from commonground.engines.disclosure.suppression import Problem


def table(counts: list[list[int]], minimum: int = 10, keys: bool = False, **more: object) -> Problem:
    """A table of counts with its margins; counts of 1..minimum-1 are sensitive by 30 %, at least 3, cut at 0."""
    inner = np.array(counts)
    full = np.vstack([np.column_stack([inner, inner.sum(1)]), np.append(inner.sum(0), inner.sum())])
    height, width = full.shape
    at = np.arange(full.size).reshape(full.shape)
    rows = [[*at[i, :-1], at[i, -1]] for i in range(height)] + [[*at[:-1, j], at[-1, j]] for j in range(width)]
    matrix = np.zeros((len(rows), full.size))
    for place, row in enumerate(rows):
        matrix[place, row[:-1]], matrix[place, row[-1]] = 1, -1
    value = full.reshape(-1).astype(float)
    sensitive = np.flatnonzero((value > 0) & (value < minimum))
    need = np.maximum(3.0, np.ceil(0.3 * value[sensitive]))
    given: dict[str, object] = {
        "value": value,
        "weight": value,
        "low": np.zeros(len(value)),
        "high": value + 100.0,
        "relations": csr_matrix(matrix),
        "sensitive": sensitive,
        "need_down": np.minimum(need, value[sensitive]),
        "need_up": need,
        "keys": [f"cell {i:03d}" for i in range(len(value))] if keys else (),
    }
    return Problem(**(given | more))  # type: ignore[arg-type]


def reach(problem: Problem, hidden: np.ndarray, cell: int) -> tuple[float, float]:
    """How far the cell can lie below and above its value, as far as an attacker can tell."""
    low = np.where(hidden, problem.low, problem.band_low) - problem.value
    high = np.where(hidden, problem.high, problem.band_high) - problem.value
    found = []
    for sign in (1.0, -1.0):
        aim = np.zeros(len(low))
        aim[cell] = sign
        zero = np.zeros(problem.relations.shape[0])
        done = linprog(aim, A_eq=problem.relations.toarray(), b_eq=zero, bounds=np.column_stack([low, high]))
        found.append(-float(done.fun))
    return found[0], found[1]


def protects(problem: Problem, hidden: np.ndarray) -> bool:
    for cell, need_down, need_up in zip(problem.sensitive, problem.need_down, problem.need_up, strict=True):
        down, up = reach(problem, hidden, int(cell))
        if down < need_down - 1e-6 or up < need_up - 1e-6:
            return False
    return True


def cheapest(problem: Problem) -> float:
    """The least weight of any pattern that protects; infinite where none does."""
    must = set(problem.sensitive.tolist())
    others = [int(i) for i in np.flatnonzero(problem.may_hide) if int(i) not in must]
    patterns = [must | set(chosen) for size in range(len(others) + 1) for chosen in combinations(others, size)]
    for pattern in sorted(patterns, key=lambda cells: problem.weight[sorted(cells)].sum()):
        hidden = np.zeros(len(problem.value), bool)
        hidden[sorted(pattern)] = True
        if protects(problem, hidden):
            return float(problem.weight[hidden].sum())
    return float("inf")
