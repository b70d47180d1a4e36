"""A table in whole numbers that fits: where a walk begins when the true one is not known.

From a table in fractions the search goes to whole numbers and back to the nearest table that fits, which is whole nearly
everywhere, as often as that helps (M. Fischetti, F. Glover and A. Lodi, "The feasibility pump", 2005, with the middle of all
tables as the first one, so that most figures have room). What then is left in fractions is settled by a program in whole
numbers that holds everything but those figures and what stands near them.
"""

from dataclasses import replace

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from commonground.engines.disclosure.audit.programs import TOLERANCE, Part, held, holds, model_of

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
ROUNDS = 3  # from whole numbers to the nearest table; further ones change little
CLOSE = 2.0  # as far from whole numbers as the nearest table is looked for first, which takes half the time
WIDEST = 4  # rows away from what is left in fractions, within which all may move in the end
NODES = 1000  # of the tree in which a program in whole numbers searches


def whole_table(part: Part, start: Floats) -> Floats | None:
    """A table in whole numbers near ``start`` that fits everything; None where none was found."""
    table: Floats | None = start
    for _ in range(ROUNDS):
        table = None if table is None else _nearest(part, np.clip(np.round(table), part.low, part.high))
        if table is None or not _in_fractions(table).any():
            break
    table = None if table is None else _settled(part, table)
    return table if table is not None and holds(part, table) else None


def _in_fractions(table: Floats) -> Bools:
    return np.asarray(np.abs(table - np.round(table)) > TOLERANCE)


def _nearest(part: Part, wanted: Floats) -> Floats | None:
    """The table that fits with the least sum of distances from what is wanted."""
    for far in (CLOSE, np.inf):
        found = _distances(part, wanted, far)
        if found is not None:
            return wanted + found
    return None


def _distances(part: Part, wanted: Floats, far: float) -> Floats | None:
    """How far each column is from what is wanted in the nearest table, at most so far: a column upwards, one downwards."""
    n, moved = len(wanted), part.rows @ wanted
    high = np.minimum(np.concatenate([part.high - wanted, wanted - part.low]), far)
    rows = sparse.hstack([part.rows, -part.rows]).tocsr()
    both = replace(
        part, rows=rows, row_low=part.row_low - moved, row_high=part.row_high - moved, low=np.zeros(2 * n), high=high
    )
    model = model_of(both)
    model.changeColsCost(2 * n, np.arange(2 * n, dtype=np.int32), np.ones(2 * n))
    model.run()
    if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    found = np.asarray(model.getSolution().col_value)
    return np.asarray(found[:n] - found[n:])


def _settled(part: Part, table: Floats) -> Floats | None:
    """The table in whole numbers; what is in fractions may move, and more and more around it."""
    free, whole = _in_fractions(table), np.round(table)
    if not free.any():
        return whole
    links = abs(part.rows)
    for _ in range(WIDEST):
        free = (links.T @ ((links @ free.astype(np.float64)) > 0).astype(np.float64)) > 0
        found = _in_whole_numbers(part, free, whole)
        if found is not None:
            return found
    return None


def _in_whole_numbers(part: Part, free: Bools, where: Floats) -> Floats | None:
    """A table of whole numbers in which all but the free columns are where they are."""
    n = len(where)
    model = model_of(held(part, ~free, where))
    model.changeColsIntegrality(n, np.arange(n, dtype=np.int32), np.ones(n, dtype=np.uint8))
    model.setOptionValue("mip_max_nodes", NODES)
    model.run()
    found = model.getInfo().primal_solution_status == 2
    return np.round(model.getSolution().col_value) if found else None
