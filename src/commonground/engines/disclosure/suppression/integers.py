"""One target's deviations in whole numbers, by an integer program that hides further cells where it may."""

import highspy
import numpy as np
from scipy.sparse import csr_matrix, hstack, vstack

from commonground.engines.disclosure.suppression.model import Model
from commonground.engines.disclosure.suppression.problem import Bools, Floats, Ints

EVEN = 1e-6
LITTLE = 1e-6  # the price of moving one cell by one, beside the dearest cell's weight


def moved_in_whole_numbers(model: Model, t: int, hidden: Bools, *, more: bool, seconds: float) -> Floats | None:
    """Deviations in whole numbers that reach target t; None where there are none, or none was found within `seconds`.

    With `more`, further cells may be moved as if they were hidden, and their weight is least.

    Each cell stands there twice, for up and for down. A cell that may be hidden has a choice, which opens its room.
    """
    n, open_cells = model.n, np.flatnonzero(model.free & ~hidden) if more else np.zeros(0, np.int64)
    shown = np.concatenate(_room(model, hidden))
    wide = hidden.copy()
    wide[open_cells] = True
    limit = np.concatenate(_room(model, wide))
    low, k = np.zeros(2 * n), len(open_cells)
    cell, ahead = int(model.target[t]), int(model.sign[t] > 0)
    limit[cell + n * ahead] = 0.0  # the other way
    low[cell + n * (1 - ahead)] = np.ceil(model.need[t] - EVEN)
    if (limit < low).any():
        return None
    lp = _program(model, limit, low, shown, open_cells)
    if np.isfinite(seconds):
        lp.setOptionValue("time_limit", seconds)
    lp.run()
    y = np.round(np.array(lp.getSolution().col_value))
    if lp.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible or len(y) != 2 * n + k:
        return None
    return np.asarray(y[:n] - y[n : 2 * n])


def _room(model: Model, hidden: Bools) -> tuple[Floats, Floats]:
    below, above = model.bounds(hidden.astype(float))
    return np.floor(above + EVEN), np.floor(below + EVEN)


def _program(model: Model, limit: Floats, low: Floats, shown: Floats, open_cells: Ints) -> highspy.Highs:
    lp, n, k = highspy.Highs(), model.n, len(open_cells)
    for option, value in (("output_flag", False), ("threads", 1)):
        lp.setOptionValue(option, value)
    scale = max(float(model.weight[open_cells].max(initial=0.0)), 1e-12)
    cost = np.concatenate([np.full(2 * n, LITTLE), model.weight[open_cells] / scale])
    columns = 2 * n + k
    none = np.zeros(0, np.int32)
    lp.addCols(
        columns, cost, np.append(low, np.zeros(k)), np.append(limit, np.ones(k)), 0, np.zeros(columns, np.int32), none,
        np.zeros(0),
    )  # fmt: skip
    every = np.arange(columns, dtype=np.int32)
    lp.changeColsIntegrality(columns, every, np.full(columns, highspy.HighsVarType.kInteger))
    choices, most = _choices(limit - shown, shown, open_cells)
    rows = vstack([hstack([model.A, -model.A, csr_matrix((model.A.shape[0], k))]), choices]).tocsr()
    equal = model.A.shape[0]
    least, most = np.append(np.zeros(equal), np.full(2 * k, -np.inf)), np.append(np.zeros(equal), most)
    start, index = rows.indptr[:-1].astype(np.int32), rows.indices.astype(np.int32)
    lp.addRows(len(most), least, most, rows.nnz, start, index, rows.data)
    return lp


def _choices(gain: Floats, shown: Floats, open_cells: Ints) -> tuple[csr_matrix, Floats]:
    """Rows and right sides: a cell moves no further than it may when shown, unless its choice opens the rest."""
    columns = np.concatenate([open_cells, len(gain) // 2 + open_cells])
    pick = csr_matrix((np.ones(len(columns)), (np.arange(len(columns)), columns)), shape=(len(columns), len(gain)))
    k = len(open_cells)
    opened = csr_matrix((-gain[columns], (np.arange(2 * k), np.tile(np.arange(k), 2))), shape=(2 * k, k))
    return hstack([pick, opened]).tocsr(), shown[columns]
