"""Linear programs that look for tables in which many sensitive figures at once are as far from the truth as they need.

One such table proves all of them. Programs are asked for all figures upwards, then all downwards, then for those that
are left in turns that differ from figure to figure, and in the end for one figure at a time.
"""

import highspy
import numpy as np
from scipy.sparse import csr_matrix

from commonground.engines.disclosure.protect.places import Bools, Floats, Ints

_ENOUGH = 1e-6
_TURNS = 6
_MOST_ALONE = 4000  # programs for single figures
_WORTH = 0.1  # a turn that proves a smaller share of what is open is the last


def reached(relations: csr_matrix, down: Floats, up: Floats, cells: Ints, by: Floats, sign: Ints) -> Bools:
    """Which of the ``cells`` can be ``by`` away from the truth in the direction ``sign``.

    ``down`` and ``up`` say how far each cell of the table may be from its true number, ``relations`` what adds up.
    """
    found = np.zeros(len(cells), bool)
    free = np.flatnonzero((down > 0) | (up > 0))
    place = np.full(len(down), -1)
    place[free] = np.arange(len(free))
    found |= (by <= 0) & (place[cells] < 0)
    model = _model(relations[:, free], -down[free], up[free])
    idle = 0
    for turn in range(_TURNS):
        open_ones = np.flatnonzero(~found & (place[cells] >= 0))
        if not len(open_ones) or idle > 0:
            break
        mine = open_ones[_asked(cells[open_ones], sign[open_ones], turn)]
        if not len(mine):
            continue
        deviation = _push(model, place[cells[mine]], by[mine], sign[mine], -down[free], up[free])
        new = sign[open_ones] * deviation[place[cells[open_ones]]] >= by[open_ones] - _ENOUGH
        found[open_ones[new]] = True
        idle = 0 if new.sum() > _WORTH * len(open_ones) else idle + 1
    _alone(model, found, place[cells], by, sign, (-down[free], up[free]))
    return found


def _alone(
    model: highspy.Highs, found: Bools, columns: Ints, by: Floats, sign: Ints, room: tuple[Floats, Floats]
) -> None:
    """One program for each that is left: pushed together they stand in each other's way where a total has little room."""
    tried = 0
    for at in np.flatnonzero(~found & (columns >= 0)).tolist():
        if found[at] or tried >= _MOST_ALONE:
            continue
        tried += 1
        one = np.array([at])
        deviation = _push(model, columns[one], by[one], sign[one], *room, afresh=False)
        open_ones = np.flatnonzero(~found & (columns >= 0))
        found[open_ones[sign[open_ones] * deviation[columns[open_ones]] >= by[open_ones] - _ENOUGH]] = True


def _asked(cells: Ints, sign: Ints, turn: int) -> Bools:
    """Who is pushed in this turn: everybody one way, everybody the other way, then by a pattern over cells."""
    if turn < 2:
        return np.equal(sign, 1 if turn == 0 else -1)
    pattern = np.where((cells // turn + cells) % 2 == 0, 1, -1)
    return np.equal(sign, pattern if turn % 2 == 0 else -pattern)


def _push(
    model: highspy.Highs, columns: Ints, by: Floats, sign: Ints, low: Floats, high: Floats, afresh: bool = True
) -> Floats:
    """Push the columns as far as they need and no further, so that they leave room for each other."""
    cost, low, high = np.zeros(len(low)), low.copy(), high.copy()
    cost[columns] = -sign.astype(float)
    ups, downs = sign > 0, sign < 0
    high[columns[ups]] = np.minimum(high[columns[ups]], by[ups])
    low[columns[downs]] = np.maximum(low[columns[downs]], -by[downs])
    every = np.arange(len(low), dtype=np.int32)
    model.changeColsCost(len(low), every, cost)
    model.changeColsBounds(len(low), every, low, high)
    if afresh:  # with many pushed, presolving anew is faster than beginning at the last corner
        model.clearSolver()
    model.run()
    return np.asarray(model.getSolution().col_value)


def _model(rows: csr_matrix, low: Floats, high: Floats) -> highspy.Highs:
    rows = rows[np.diff(rows.indptr) > 0]
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(low), rows.shape[0]
    program.col_cost_ = np.zeros(len(low))
    program.col_lower_, program.col_upper_ = low, high
    program.row_lower_ = program.row_upper_ = np.zeros(rows.shape[0])
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = rows.indptr.astype(np.int32)
    program.a_matrix_.index_ = rows.indices.astype(np.int32)
    program.a_matrix_.value_ = rows.data
    model = highspy.Highs()  # type: ignore[no-untyped-call]
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    model.passModel(program)
    return model
