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


def schools(counts: np.ndarray) -> Problem:
    """Schools by group by service with all margins (schools x groups x services counts); the rows of all are shown."""
    cube = counts
    for axis in range(3):
        cube = np.concatenate([cube, cube.sum(axis=axis, keepdims=True)], axis=axis)
    at = np.arange(cube.size).reshape(cube.shape)
    rows = []
    for axis in range(3):
        for line in np.moveaxis(at, axis, -1).reshape(-1, cube.shape[axis]):
            row = np.zeros(cube.size)
            row[line[:-1]], row[line[-1]] = 1, -1
            rows.append(row)
    value = cube.reshape(-1).astype(float)
    everybody = at[:, -1, -1]
    sensitive = np.setdiff1d(np.flatnonzero((value > 0) & (value < 10)), everybody)
    may_hide = value > 0
    may_hide[everybody] = False
    return Problem(
        value=value,
        weight=value,
        low=np.zeros(len(value)),
        high=np.where(value > 0, value + 500, 0),
        relations=csr_matrix(np.array(rows)),
        sensitive=sensitive,
        need_down=np.minimum(3.0, value[sensitive]),
        need_up=np.full(len(sensitive), 3.0),
        may_hide=may_hide,
        keys=[f"cell {i:05d}" for i in range(len(value))],
    )


def invented_schools(many: int, seed: int) -> Problem:
    rng = np.random.default_rng(seed)
    size = rng.integers(60, 500, many)
    mix = rng.dirichlet(np.array([0.3, 2.5, 1.5, 0.6]), many)
    counts = [rng.multinomial(n, np.outer(share, [0.8, 0.2]).ravel()) for n, share in zip(size, mix, strict=True)]
    return schools(np.array(counts).reshape(many, 4, 2))
