"""Compiled loops of the walk: changes of a few students, one after the other, wherever they fit.

Whether a proposed change really fits is decided by the bounds and rows of the system alone, so a poor proposal costs time,
never truth.
"""

from typing import NamedTuple

import numpy as np

from commonground.engines.disclosure.audit.changes import COLUMNS, MOVED, SLACK, compiled, draw, propose

TIES = 3  # how long a chain of figures that stand in each other's way may be
WHOLE = 1e-6  # how far beside a whole number it may lie
SHAKES = 4  # changes tried for each column that is shaken


class Lines(NamedTuple):
    """The rows of the system by column: their numbers, values, and what is left to each upwards and downwards (2 x rows).

    ``row_start``, ``column`` and ``column_value``: the same by row. ``ties`` (x 2): of each column, the rows that only limit it
    against one other, and that other; ``pulls`` (x 2): the values of both.
    """

    start: np.ndarray
    row: np.ndarray
    value: np.ndarray
    slack: np.ndarray
    row_start: np.ndarray
    column: np.ndarray
    column_value: np.ndarray
    ties_start: np.ndarray
    ties: np.ndarray
    pulls: np.ndarray


class Past(NamedTuple):
    """By column: how far it is from where the walk began, and the least and most that it has ever been."""

    shift: np.ndarray
    least: np.ndarray
    most: np.ndarray


@compiled
def push(space, ways, lines, past, draft, targets, low, high, span, tries, back):
    """Push each target to ``low`` and ``high``, trying so many changes for each; ``back``: begin at the same table each time.

    A target that has been as far apart as ``span`` is left alone.
    """
    for at in range(len(targets)):
        for sign in (1, -1):
            draft.sizes[MOVED] = 0
            _push_one(space, ways, lines, past, draft, targets[at], sign, low[at], high[at], span[at], tries)
            if back:
                _return(space, lines, past, draft)


@compiled
def shake(space, ways, lines, past, draft, columns, signs):
    """Move each of the columns a few students in its direction, where that is easy."""
    for at in range(len(columns)):
        far = signs[at] * 3.0 + past.shift[columns[at]]
        low, high = (-np.inf, far) if signs[at] > 0 else (far, np.inf)
        draft.sizes[MOVED] = 0
        _move(space, ways, lines, past, draft, columns[at], signs[at], low, high, SHAKES)


@compiled
def _push_one(space, ways, lines, past, draft, column, sign, low, high, span, tries):
    for _ in range(tries):
        if is_done(past, column, sign, low, high, span):
            return
        helper, way = _helper(lines, draft, column, sign)
        if helper == column:
            _move(space, ways, lines, past, draft, column, sign, low, high, 1)
        else:
            left = high - past.shift[column] if sign > 0 else past.shift[column] - low
            at = past.shift[helper]
            _move(space, ways, lines, past, draft, helper, way, at - left, at + left, 1)


@compiled
def is_done(past, column, sign, low, high, span):
    """Whether the column has been at ``low`` or ``high``, as the direction says, or as far apart as ``span``."""
    if past.most[column] - past.least[column] >= span:
        return True
    return past.most[column] >= high if sign > 0 else past.least[column] <= low


@compiled
def _helper(lines, draft, column, sign):
    """What should move first: another figure that stands in the way of this one, or of that one in turn, or the figure itself."""
    for _ in range(TIES):
        seen, chosen, way = 0, column, sign
        for k in range(lines.ties_start[column], lines.ties_start[column + 1]):
            pull = sign * lines.pulls[k, 0]
            if lines.slack[0 if pull > 0 else 1, lines.ties[k, 0]] < abs(pull) - SLACK:
                seen += 1
                if draw(draft, seen) == 0:
                    chosen, way = lines.ties[k, 1], -1 if (pull > 0) == (lines.pulls[k, 1] > 0) else 1
        if seen == 0 or draw(draft, 8) == 0:
            break
        column, sign = chosen, way
    return column, sign


@compiled
def _move(space, ways, lines, past, draft, column, sign, low, high, tries):
    for _ in range(tries):
        if propose(space, ways, draft, column, sign):
            wanted = high - past.shift[column] if sign > 0 else past.shift[column] - low
            step = _room(space, lines, draft, wanted)
            if step >= 1.0:
                _make(space, lines, past, draft, step)
                return


@compiled
def _return(space, lines, past, draft):
    """Take back all that has moved since the log was begun, to where the walk began."""
    for at in range(draft.sizes[MOVED]):
        column = draft.log[at]
        shift(space, lines, past, column, -past.shift[column])
    draft.sizes[MOVED] = 0


@compiled
def weigh(lines, draft):
    """Gather what the change adds to each row in ``draft.weight``, and the rows in ``draft.touched``; how many these are."""
    touched = 0
    for at in range(draft.sizes[COLUMNS]):
        column, sign = draft.columns[at, 0], draft.columns[at, 1]
        for k in range(lines.start[column], lines.start[column + 1]):
            row = lines.row[k]
            if draft.weight[row] == 0.0:
                draft.touched[touched] = row
                touched += 1
            draft.weight[row] += sign * lines.value[k]
    return touched


@compiled
def _room(space, lines, draft, wanted):
    """How often the change fits, at most so often."""
    step = wanted
    for at in range(draft.sizes[COLUMNS]):
        column, sign = draft.columns[at, 0], draft.columns[at, 1]
        step = min(step, space.room[0 if sign > 0 else 1, column])
        if step < 1.0 - SLACK:
            return 0.0
    touched = weigh(lines, draft)
    for at in range(touched):
        row = draft.touched[at]
        weight = draft.weight[row]
        draft.weight[row] = 0.0
        if abs(weight) > SLACK:
            step = min(step, (lines.slack[0 if weight > 0 else 1, row] + SLACK) / abs(weight))
    return np.floor(step + SLACK)


@compiled
def _make(space, lines, past, draft, step):
    for at in range(draft.sizes[COLUMNS]):
        column, sign = draft.columns[at, 0], draft.columns[at, 1]
        if draft.sizes[MOVED] < len(draft.log):
            draft.log[draft.sizes[MOVED]] = column
            draft.sizes[MOVED] += 1
        shift(space, lines, past, column, sign * step)
        past.least[column] = min(past.least[column], past.shift[column])
        past.most[column] = max(past.most[column], past.shift[column])


@compiled
def shift(space, lines, past, column, by):
    """Move one column."""
    past.shift[column] += by
    space.room[0, column] -= by
    space.room[1, column] += by
    for k in range(lines.start[column], lines.start[column + 1]):
        lines.slack[0, lines.row[k]] -= by * lines.value[k]
        lines.slack[1, lines.row[k]] += by * lines.value[k]


@compiled
def sweep(start, column, value, row_low, row_high, low, high):
    """Tighten the columns' bounds to whole numbers that each row leaves; whether any changed, and a column without any, or -1."""
    changed = False
    for row in range(len(start) - 1):
        least, most, endless_least, endless_most = _ends(start[row], start[row + 1], column, value, low, high)
        for k in range(start[row], start[row + 1]):
            one, weight = column[k], value[k]
            small, large = (low[one], high[one]) if weight > 0 else (high[one], low[one])
            below = _others(least, weight * small, endless_least, -np.inf)
            above = _others(most, weight * large, endless_most, np.inf)
            upper, lower = (row_high[row] - below) / weight, (row_low[row] - above) / weight
            if weight < 0:
                upper, lower = lower, upper
            upper, lower = np.floor(upper + WHOLE), np.ceil(lower - WHOLE)
            if upper < high[one] - 0.5 or lower > low[one] + 0.5:
                low[one], high[one] = max(low[one], lower), min(high[one], upper)
                changed = True
                if low[one] > high[one] + 0.5:
                    return changed, one
                least, most, endless_least, endless_most = _ends(start[row], start[row + 1], column, value, low, high)
    return changed, -1


@compiled
def _ends(first, last, column, value, low, high):
    """The least and most that the entries of a row sum up to, without endless ones, and how many of these there are."""
    least = most = 0.0
    endless_least = endless_most = 0
    for k in range(first, last):
        one, weight = column[k], value[k]
        small, large = (low[one], high[one]) if weight > 0 else (high[one], low[one])
        if np.isinf(small):
            endless_least += 1
        else:
            least += weight * small
        if np.isinf(large):
            endless_most += 1
        else:
            most += weight * large
    return least, most, endless_least, endless_most


@compiled
def _others(total, own, endless, infinite):
    """A sum without one of its entries."""
    if np.isinf(own):
        return total if endless == 1 else infinite
    return total - own if endless == 0 else infinite
