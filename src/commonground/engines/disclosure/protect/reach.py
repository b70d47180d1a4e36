"""Linear programs that look for tables in which many sensitive figures at once are as far from the truth as they need.

One such table proves all of them. Programs are asked for all figures upwards, then all downwards, then for chance mixtures
of those that are left, as long as that proves some, and in the end for a few figures one at a time.
"""

import highspy
import numpy as np
from scipy.sparse import csr_matrix

from commonground.engines.disclosure.protect.places import Bools, Floats, Ints

_ENOUGH = 1e-6
_TURNS = 40
_IDLE = 5  # turns in a row that prove nothing new, after which no more are taken
_SHARES = (1.0, 0.4, 0.15, 0.05)  # how many of the figures that are left are pushed at once, by turns
_FEW = 8  # figures that are also pushed one at a time


def reached(relations: csr_matrix, down: Floats, up: Floats, cells: Ints, by: Floats, sign: Ints) -> Bools:
    """Which of the ``cells`` can be ``by`` away from the truth in the direction ``sign``.

    ``down`` and ``up`` say how far each cell of the table may be from its true number, ``relations`` what adds up. A cell
    that is not found may be able to, all the same.
    """
    found = np.zeros(len(cells), bool)
    free = np.flatnonzero((down > 0) | (up > 0))
    place = np.full(len(down), -1)
    place[free] = np.arange(len(free))
    columns = place[cells]
    found |= (by <= 0) & (columns < 0)
    model, room = model_of(relations[:, free], -down[free], up[free]), (-down[free], up[free])
    _together(model, found, columns, by, sign, room)
    _alone(model, found, columns, by, sign, room)
    return found


def _together(
    model: highspy.Highs, found: Bools, columns: Ints, by: Floats, sign: Ints, room: tuple[Floats, Floats]
) -> None:
    """Push many at once, first all one way, then all the other way, then chance mixtures."""
    generator = np.random.default_rng(len(columns))
    idle = 0
    for turn in range(_TURNS):
        open_ones = np.flatnonzero(~found & (columns >= 0))
        if not len(open_ones) or idle >= _IDLE:
            return
        mine = open_ones[_asked(columns[open_ones], sign[open_ones], turn, generator)]
        before = found.sum()
        if len(mine):
            _note(found, push(model, columns[mine], by[mine], sign[mine], *room), columns, by, sign)
        idle = 0 if found.sum() > before or turn < 2 else idle + 1


def _asked(columns: Ints, sign: Ints, turn: int, generator: np.random.Generator) -> Bools:
    """Who is pushed in this turn. No column is pushed both ways."""
    if turn < 2:
        return np.equal(sign, 1 if turn == 0 else -1)
    _, number = np.unique(columns, return_inverse=True)
    way = generator.choice((-1, 1), size=number.max() + 1)
    both = np.bincount(number, minlength=len(way)) > 1
    chosen = generator.random(len(columns)) < _SHARES[turn % len(_SHARES)]
    return np.asarray(chosen & (~both[number] | (sign == way[number])))


def _note(found: Bools, deviation: Floats, columns: Ints, by: Floats, sign: Ints) -> None:
    open_ones = np.flatnonzero(~found & (columns >= 0))
    found[open_ones[sign[open_ones] * deviation[columns[open_ones]] >= by[open_ones] - _ENOUGH]] = True


def _alone(
    model: highspy.Highs, found: Bools, columns: Ints, by: Floats, sign: Ints, room: tuple[Floats, Floats]
) -> None:
    """Pushed together, the last few may stand in each other's way."""
    left = np.flatnonzero(~found & (columns >= 0))
    for at in left.tolist() if len(left) <= _FEW else ():
        if not found[at]:
            one = np.array([at])
            _note(found, push(model, columns[one], by[one], sign[one], *room), columns, by, sign)


def push(model: highspy.Highs, columns: Ints, by: Floats, sign: Ints, low: Floats, high: Floats) -> Floats:
    """Push the columns as far as they need and no further, so that they leave room for each other."""
    cost, low, high = np.zeros(len(low)), low.copy(), high.copy()
    cost[columns] = -sign.astype(float)
    ups, downs = sign > 0, sign < 0
    high[columns[ups]] = np.minimum(high[columns[ups]], by[ups])
    low[columns[downs]] = np.maximum(low[columns[downs]], -by[downs])
    every = np.arange(len(low), dtype=np.int32)
    model.changeColsCost(len(low), every, cost)
    model.changeColsBounds(len(low), every, low, high)
    model.clearSolver()  # presolving anew is faster than beginning at the last corner
    model.run()
    return np.asarray(model.getSolution().col_value)


def model_of(rows: csr_matrix, low: Floats, high: Floats) -> highspy.Highs:
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
