"""A part of the system as a linear program."""

from dataclasses import dataclass, replace

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from commonground.engines.disclosure.audit.ground import Ground

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
TOLERANCE = 1e-5
FAR = 1e7


@dataclass(slots=True)
class Part:
    """A part of the system that nothing connects to the rest. ``asked`` are the columns to judge.

    ``kind`` (columns x 4) is the quantity, place, grade and group of each column, ``truth`` the true table, not a number where
    it is not known. An asked column that has been as far apart as ``apart`` needs no more.
    """

    ground: Ground
    kind: Ints
    truth: Floats
    rows: sparse.csr_matrix
    row_low: Floats
    row_high: Floats
    low: Floats
    high: Floats
    asked: Ints
    apart: Floats


def model_of(part: Part) -> highspy.Highs:
    """The program without anything to minimise yet."""
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(part.low), part.rows.shape[0]
    program.col_cost_ = np.zeros(len(part.low))
    program.col_lower_, program.col_upper_ = part.low, np.minimum(part.high, FAR)
    program.row_lower_, program.row_upper_ = part.row_low, part.row_high
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = part.rows.indptr.astype(np.int32)
    program.a_matrix_.index_ = part.rows.indices.astype(np.int32)
    program.a_matrix_.value_ = part.rows.data
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    model.passModel(program)
    return model


def middle(part: Part) -> Floats | None:
    """A table in fractions that fits, away from all bounds where it can; None where none was found."""
    model = model_of(part)
    model.setOptionValue("solver", "ipm")
    model.setOptionValue("run_crossover", "off")
    model.run()
    if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.asarray(np.clip(model.getSolution().col_value, part.low, part.high))


def holds(part: Part, table: Floats) -> bool:
    """Whether the table fits everything."""
    lines = part.rows @ table
    within = (lines >= part.row_low - TOLERANCE) & (lines <= part.row_high + TOLERANCE)
    return bool(within.all() and (table >= part.low).all() and (table <= part.high).all())


def is_whole(solution: Floats) -> bool:
    return bool(np.all(np.abs(solution - np.round(solution)) < TOLERANCE))


def held(part: Part, which: Bools, where: Floats) -> Part:
    """The part with ``which`` columns held where they are in ``where``."""
    return replace(part, low=np.where(which, where, part.low), high=np.where(which, where, part.high))


def around(part: Part, links: sparse.csr_matrix, column: int, steps: int) -> tuple[Part, int]:
    """The rows so many steps from the column, with all of their columns, and where it is; ``links``: columns x rows."""
    columns = np.array([column])
    for _ in range(steps):
        rows = np.unique(links[columns].indices)
        columns = np.union1d(columns, part.rows[rows].indices)
    near = replace(
        part,
        rows=part.rows[rows][:, columns].tocsr(),
        row_low=part.row_low[rows],
        row_high=part.row_high[rows],
        low=part.low[columns],
        high=part.high[columns],
    )
    return near, int(np.searchsorted(columns, column))
