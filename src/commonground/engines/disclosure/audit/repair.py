"""Compiled search for a table in which one figure is where it should be: put it there, then mend what no longer fits.

The figure is limited to where it should be, which breaks that limit; each step then mends one broken limit by that of several
chance changes which breaks least elsewhere (as B. Selman, H. Kautz and B. Cohen, "Noise strategies for improving local search",
1994, do for formulas). Only a table in which nothing is broken counts as seen; otherwise all is taken back.
"""

from typing import NamedTuple

import numpy as np

from commonground.engines.disclosure.audit.changes import COLUMNS, LOOSE, SLACK, compiled, draw, propose
from commonground.engines.disclosure.audit.kernels import is_done, shift, weigh

STEPS = 100  # changes after which a search is given up
SAMPLES, STRICT = 8, 3  # changes of which the best is taken; how many of them may break nothing that they look at
LOOSENESS = 6  # one in so many figures that cannot move is taken for one that can, in the others
FORBIDDEN = 1e9
FEW = 1e-6  # by how much a row must be broken to count
SIZE, MOVED, KEPT, SUMS = range(4)  # positions in Broken.sizes


class Broken(NamedTuple):
    """Limits that are broken, and what has moved since the search began.

    ``limits``: broken columns, and broken rows as columns + row; ``at``: where each of them is in it, or -1. ``moved``: columns
    that have moved (``marks``: which), and where they were ``before``. ``kept`` (x 2): columns and signs of the best change.
    ``sizes``: how many there are of each, and whether sums may be broken on the way.
    """

    limits: np.ndarray
    at: np.ndarray
    moved: np.ndarray
    marks: np.ndarray
    before: np.ndarray
    kept: np.ndarray
    sizes: np.ndarray

    @staticmethod
    def of(columns: int, rows: int, longest: int) -> "Broken":
        """Room for so many limits, and for changes of at most so many columns."""
        limits, moved, kept, sizes = (np.zeros(s, dtype=np.int64) for s in (columns + rows, columns, (longest, 2), 4))
        at, marks = np.full(columns + rows, -1, dtype=np.int64), np.zeros(columns, dtype=np.bool_)
        return Broken(limits, at, moved, marks, np.zeros(columns), kept, sizes)


@compiled
def mend(space, ways, lines, past, draft, broken, targets, low, high, span, tries):
    """Search so often for tables in which each target is at ``low``, and at ``high``.

    A target that has been as far apart as ``span`` is left alone.
    """
    for at in range(len(targets)):
        for sign in (1, -1):
            for turn in range(tries):
                broken.sizes[SUMS] = turn % 2
                if is_done(past, targets[at], sign, low[at], high[at], span[at]):
                    break
                _search(space, ways, lines, past, draft, broken, targets[at], sign, high[at] if sign > 0 else low[at])


@compiled
def _search(space, ways, lines, past, draft, broken, column, sign, goal):
    """Search once for a table in which the column is at its goal."""
    extra = _limit(space, past, column, sign, goal)
    _check(space, broken, column)
    for _ in range(STEPS):
        if broken.sizes[SIZE] == 0:
            break
        _step(space, ways, lines, past, draft, broken)
    found = broken.sizes[SIZE] == 0
    space.room[1 if sign > 0 else 0, column] += extra
    _end(space, lines, past, broken, found)


@compiled
def _limit(space, past, column, sign, goal):
    """Limit the column to its goal and beyond; what that takes of its room."""
    side = 1 if sign > 0 else 0
    room = (past.shift[column] - goal) * sign
    extra = space.room[side, column] - room
    space.room[side, column] = room
    return extra


@compiled
def _end(space, lines, past, broken, found):
    """Note the table, or go back to where the search began."""
    for k in range(broken.sizes[MOVED]):
        column = broken.moved[k]
        broken.marks[column] = False
        if found:
            past.least[column] = min(past.least[column], past.shift[column])
            past.most[column] = max(past.most[column], past.shift[column])
        else:
            shift(space, lines, past, column, broken.before[k] - past.shift[column])
    for k in range(broken.sizes[SIZE]):
        broken.at[broken.limits[k]] = -1
    broken.sizes[SIZE] = broken.sizes[MOVED] = 0


@compiled
def _step(space, ways, lines, past, draft, broken):
    """Mend one broken limit by the change that breaks least elsewhere."""
    one, columns = broken.limits[draw(draft, broken.sizes[SIZE])], len(space.room[0])
    if one < columns:
        column, sign = one, 1 if space.room[1, one] < 0 else -1
    else:
        column, sign = _of_row(lines, draft, one - columns)
    _choose(space, ways, lines, draft, broken, column, sign)
    for at in range(broken.sizes[KEPT]):
        _move(space, lines, past, broken, broken.kept[at, 0], broken.kept[at, 1])


@compiled
def _of_row(lines, draft, row):
    """A chance column of a broken row, and the direction that mends it."""
    at = lines.row_start[row] + draw(draft, lines.row_start[row + 1] - lines.row_start[row])
    way = -1 if lines.slack[0, row] < 0 else 1
    return lines.column[at], way if lines.column_value[at] > 0 else -way


@compiled
def _choose(space, ways, lines, draft, broken, column, sign):
    """Keep the change, of several that move the column in the direction, that breaks least."""
    least = FORBIDDEN
    broken.sizes[KEPT] = 0
    for sample in range(SAMPLES):
        draft.sizes[LOOSE] = 0 if sample < STRICT else LOOSENESS
        if propose(space, ways, draft, column, sign):
            cost = _cost(space, lines, draft, broken.sizes[SUMS] > 0)
            if cost < least:
                least = cost
                _keep(draft, broken)
        if least < 0:
            break
    draft.sizes[LOOSE] = 0


@compiled
def _keep(draft, broken):
    broken.sizes[KEPT] = draft.sizes[COLUMNS]
    for at in range(draft.sizes[COLUMNS]):
        broken.kept[at, 0], broken.kept[at, 1] = draft.columns[at, 0], draft.columns[at, 1]


@compiled
def _cost(space, lines, draft, sums):
    """By how much more the change breaks than it mends; FORBIDDEN where it breaks a sum, unless that is allowed."""
    cost, touched = 0.0, weigh(lines, draft)
    for at in range(draft.sizes[COLUMNS]):
        column = draft.columns[at, 0]
        cost += _more(space.room[0, column], space.room[1, column], draft.columns[at, 1])
    for at in range(touched):
        row = draft.touched[at]
        weight, up, down = draft.weight[row], lines.slack[0, row], lines.slack[1, row]
        draft.weight[row] = 0.0
        if abs(weight) > SLACK:
            cost += _more(up, down, weight) if sums or up + down >= SLACK else FORBIDDEN
    return cost


@compiled
def _more(up, down, by):
    """How much more is beyond the limits after a step, where so much room was left upwards and downwards."""
    return max(by - up, 0.0) - max(-up, 0.0) + max(-by - down, 0.0) - max(-down, 0.0)


@compiled
def _move(space, lines, past, broken, column, by):
    if not broken.marks[column]:
        broken.marks[column] = True
        broken.moved[broken.sizes[MOVED]], broken.before[broken.sizes[MOVED]] = column, past.shift[column]
        broken.sizes[MOVED] += 1
    shift(space, lines, past, column, by)
    _check(space, broken, column)
    for k in range(lines.start[column], lines.start[column + 1]):
        row = lines.row[k]
        _mark(broken, len(space.room[0]) + row, min(lines.slack[0, row], lines.slack[1, row]) < -FEW)


@compiled
def _check(space, broken, column):
    _mark(broken, column, min(space.room[0, column], space.room[1, column]) < -SLACK)


@compiled
def _mark(broken, one, bad):
    """Put a limit on the list of those that are broken, or take it from there."""
    at = broken.at[one]
    if bad and at < 0:
        broken.at[one] = broken.sizes[SIZE]
        broken.limits[broken.sizes[SIZE]] = one
        broken.sizes[SIZE] += 1
    elif not bad and at >= 0:
        broken.sizes[SIZE] -= 1
        last = broken.limits[broken.sizes[SIZE]]
        broken.limits[at], broken.at[last], broken.at[one] = last, at, -1
