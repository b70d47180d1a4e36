"""Compiled loops: chance exchanges of whole students, one after the other, that show how far numbers may be from the truth.

A student is added to a school and every place above it, to a grade (or month) and to the year, and to one group of every
family. An exchange is such a student, or the difference of two in each of these three respects; so it keeps every sum,
and where figures are missing that break a sum, the relations say so and it is not taken.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

_LOOKS = 6  # schools or students looked at before none is found to have room
_PARTNERS = 24  # schools looked at that could take a step back
_ALONE, _NEAR = 0.15, 0.6  # how often a school has no partner; how often the partner is sought one roof higher at most
_SINGLE = 0.4  # how often a step in one grade or month is taken in the year too rather than taken back in another
_JOINED = 0.3  # how often a student joins a group rather than changing to it from another

# Without the counting of references to arrays, which costs more than the work in small functions; they may not make arrays.
_UNCOUNTED: Any = {"cache": True, "_nrt": False}
compiled = njit(**_UNCOUNTED)


class Bench(NamedTuple):
    """Where an exchange is made: places, grades and months and their signs (3 x n); the cells and steps that follow; by group
    what a student counts for, how many groups that touches and which these are; of each family the group of a student."""

    along: np.ndarray
    ways: np.ndarray
    cells: np.ndarray
    steps: np.ndarray
    vector: np.ndarray
    listed: np.ndarray
    profile: np.ndarray


@njit(cache=True)
def tighten(down, up, starts, columns, entries, rounds):
    """Lower ``down`` and ``up`` to what the sums leave of them, row by row, until nothing changes or the rounds end."""
    for _ in range(rounds):
        changed = False
        for row in range(len(starts) - 1):
            least = most = 0
            for k in range(starts[row], starts[row + 1]):
                cell, plus = columns[k], entries[k] > 0
                least -= down[cell] if plus else up[cell]
                most += up[cell] if plus else down[cell]
            for k in range(starts[row], starts[row + 1]):
                cell, plus = columns[k], entries[k] > 0
                fewer, more = (down[cell], up[cell]) if plus else (up[cell], down[cell])
                above, below = -(least + fewer), most - more
                if above < more:
                    changed = True
                    most += above - more
                    more = above
                if below < fewer:
                    changed = True
                    least += fewer - below
                    fewer = below
                down[cell], up[cell] = (fewer, more) if plus else (more, fewer)
        if not changed:
            return


@compiled
def add_costs(up, down, starts, groups, signs, costs):
    """Add to ``costs`` (places x moves) what each move costs at each place, where ``up`` and ``down`` (places x groups) are what
    it costs to move a group. The groups and signs of move i are those from ``starts[i]`` to ``starts[i + 1]``."""
    for place in range(len(up)):
        for move in range(len(starts) - 1):
            cost = 0.0
            for k in range(starts[move], starts[move + 1]):
                cost += up[place, groups[k]] if signs[k] > 0 else down[place, groups[k]]
            costs[place, move] += cost


@njit(cache=True)
def chain(cost, opposite, above, upwards, down, up):
    """Fill in ``down`` and ``up`` (places x moves): the cost of each move with a chain of places below; of taking it back above.

    cost: at the place alone; opposite: of each move; above: the place above each (-1: none); upwards: the places, lower ones first.
    """
    least, second = np.full(cost.shape, np.inf), np.full(cost.shape, np.inf)
    whose, has = np.full(cost.shape, -1), np.zeros(len(cost), np.bool_)
    for place in upwards:
        roof = above[place]
        for move in range(cost.shape[1]):
            if has[place]:
                down[place, move] += least[place, move]
            if roof >= 0 and down[place, move] < least[roof, move]:
                second[roof, move], least[roof, move] = least[roof, move], down[place, move]
                whose[roof, move] = place
            elif roof >= 0:
                second[roof, move] = min(second[roof, move], down[place, move])
        if roof >= 0:
            has[roof] = True
    for place in upwards[::-1]:
        roof = above[place]
        for move in range(cost.shape[1]) if roof >= 0 else range(0):
            back = opposite[move]
            others = second[roof, back] if whose[roof, back] == place else least[roof, back]
            up[place, move] = min(others, cost[roof, move] + up[roof, move])


@njit(cache=True)
def wander(table, geography, groups, targets, tries, seed):
    """Whether each target was reached.

    table: (up, down, position, columns, rows, entries, coordinates): room of each cell; the cell of every place, grade,
    period and group (-1: none); relations by cell; place, grade, period and group of each cell.
    geography: (above, first, schools, whole): the place above each (-1: none), where the schools in each begin, these
    schools; the grade, period and group of them all (-1: that axis does not add up).
    groups: (families, members, first, single): by group and part its family and member (-1: no such part); by family
    where its members begin; by member the group that holds exactly these (-1: none).
    targets: (cells, by, sign).
    """
    np.random.seed(seed)
    up, down = table[0], table[1]
    cells, by, sign = targets
    x, least, most = np.zeros(len(up), np.int64), np.zeros(len(up), np.int64), np.zeros(len(up), np.int64)
    sums = np.zeros(table[7], np.int64)
    work = bench(groups)
    for at in range(len(cells)):
        cell = cells[at]
        for afresh in range(2):
            if _extreme(least, most, cell, sign[at]) >= by[at]:
                break
            if afresh:
                x[:] = 0
            for _ in range(tries):
                need = by[at] - sign[at] * x[cell]
                if need <= 0:
                    break
                count = propose(cell, sign[at], x, table, geography, groups, work)
                if count > 0:
                    _take(count, need, x, least, most, up, down, table, sums, work)
    found = np.zeros(len(cells), np.bool_)
    for at in range(len(cells)):
        found[at] = _extreme(least, most, cells[at], sign[at]) >= by[at]
    return found


@njit(cache=True)
def bench(groups):
    """Room to make exchanges in."""
    longest = 64 * len(groups[0])
    return Bench(
        np.empty((3, 16), np.int64),
        np.empty((3, 16), np.int64),
        np.empty(longest, np.int64),
        np.empty(longest, np.int64),
        np.zeros(len(groups[0]), np.int64),
        np.zeros(len(groups[0]) + 1, np.int64),
        np.empty(len(groups[2]) - 1, np.int64),
    )


@compiled
def _extreme(least, most, cell, sign):
    return most[cell] if sign > 0 else -least[cell]


@compiled
def _room(cell, sign, x, up, down):
    """How far a cell may still move; a cell that nobody tells stands in nobody's way."""
    if cell < 0:
        return 1
    return up[cell] - x[cell] if sign > 0 else down[cell] + x[cell]


@compiled
def _take(count, need, x, least, most, up, down, table, sums, work):
    """Carry out the exchange as often as is needed and every cell allows, if it keeps all relations."""
    cells, signs = work.cells, work.steps
    times = need
    for at in range(count):
        times = min(times, _room(cells[at], signs[at], x, up, down) // abs(signs[at]))
        if times <= 0:
            return
    if not _keeps(count, cells, signs, table, sums):
        return
    for at in range(count):
        cell = cells[at]
        x[cell] += signs[at] * times
        most[cell] = max(most[cell], x[cell])
        least[cell] = min(least[cell], x[cell])


@compiled
def _keeps(count, cells, signs, table, sums):
    """Whether every sum stays as it is."""
    columns, rows, entries = table[3], table[4], table[5]
    for at in range(count):
        for k in range(columns[cells[at]], columns[cells[at] + 1]):
            sums[rows[k]] += entries[k] * signs[at]
    kept = True
    for at in range(count):
        for k in range(columns[cells[at]], columns[cells[at] + 1]):
            if sums[rows[k]] != 0:
                kept = False
                sums[rows[k]] = 0
    return kept


@compiled
def propose(cell, sign, x, table, geography, groups, work):
    """A chance exchange that moves the cell by one: its cells and steps in ``work``, their number, 0 where a cell has no
    room."""
    where = table[6][cell]
    along, ways, cells, signs, vector, listed, _ = work
    school = _school(where[0], where, sign, x, table, geography)
    if not _joins(school, where, sign, x, table, groups, geography[3][2], work):
        return 0
    n_place = _places(school, where, sign, x, table, geography, work, along[0], ways[0])
    touched = vector[table[8]] != 0
    n_grade = _parts(school, where, 1, geography[3][0], sign, x, table, geography[0], touched, along[1], ways[1])
    n_period = _parts(school, where, 2, geography[3][1], sign, x, table, geography[0], touched, along[2], ways[2])
    position, up, down = table[2], table[0], table[1]
    count = 0
    for at in range(listed[0]):
        g = listed[at + 1]
        for i in range(n_place):
            for j in range(n_grade):
                for k in range(n_period):
                    one = position[along[0, i], along[1, j], along[2, k], g]
                    if one < 0:
                        continue
                    step = sign * vector[g] * ways[0, i] * ways[1, j] * ways[2, k]
                    if _room(one, step, x, up, down) < abs(step):
                        return 0
                    cells[count], signs[count] = one, step
                    count += 1
    return count


@compiled
def _places(school, where, sign, x, table, geography, work, along, steps):
    """The school and all above it, mostly against another school and all above that."""
    above = geography[0]
    count, one = 0, school
    while one >= 0:
        along[count], steps[count] = one, 1
        count, one = count + 1, above[one]
    roof = above[where[0]]
    if roof < 0 or np.random.random() < _ALONE:
        return count
    while above[roof] >= 0 and np.random.random() > _NEAR:
        roof = above[roof]
    other = _partner(roof, school, where, -sign, x, table, geography, work)
    return count if other < 0 else _against(other, count, above, along, steps)


@compiled
def _partner(roof, school, where, sign, x, table, geography, work):
    """A chance school under the roof, outside the cell's place, where the same students fit; -1 where none was found."""
    above, first, schools = geography[0], geography[1], geography[2]
    for _ in range(_PARTNERS):
        other = schools[first[roof] + np.random.randint(first[roof + 1] - first[roof])]
        one = other
        while one >= 0 and one != where[0]:
            one = above[one]
        if one < 0 and _fits(other, school, where, sign, x, table, work):
            return other
    return -1


@compiled
def _fits(other, school, where, sign, x, table, work):
    """Whether the step has room at the school ``other``, and both schools tell the same of these groups."""
    for at in range(work.listed[0]):
        g = work.listed[at + 1]
        step = work.vector[g]
        cell = table[2][other, where[1], where[2], g]
        if (cell < 0) != (table[2][school, where[1], where[2], g] < 0):
            return False
        if _room(cell, sign * step, x, table[0], table[1]) < abs(step):
            return False
    return True


@compiled
def _against(other, count, above, along, steps):
    """Take the step back at the other school; places above both are left out."""
    while other >= 0:
        for at in range(count):
            if along[at] == other:
                return _without_roof(at, count, along, steps)
        along[count], steps[count] = other, -1
        count, other = count + 1, above[other]
    return count


@compiled
def _without_roof(at, count, along, steps):
    """Leave out the place at ``at`` and what is above it in the first chain."""
    first = at
    while at < count and steps[at] > 0:
        at += 1
    for rest in range(at, count):
        along[first], steps[first] = along[rest], steps[rest]
        first += 1
    return first


@compiled
def _school(place, where, sign, x, table, geography):
    """A chance school in the place, preferably with room."""
    first, schools = geography[1], geography[2]
    for _ in range(_LOOKS):
        one = schools[first[place] + np.random.randint(first[place + 1] - first[place])]
        cell = table[2][one, where[1], where[2], where[3]]
        if cell >= 0 and _room(cell, sign, x, table[0], table[1]) > 0:
            break
    return one


@compiled
def _parts(school, where, axis, whole, sign, x, table, above, touched, along, steps):
    """The cell's grade (or month) and the year, or against another grade; of a whole year, also one grade of it."""
    own = where[axis]
    along[0], steps[0] = own, 1
    if whole < 0:
        return 1
    other = -1
    if own == whole or np.random.random() > _SINGLE:
        served = touched or np.random.random() < 0.5
        other = _part(school, where, axis, whole, sign if own == whole else -sign, x, table, above, served)
    if other < 0 and own == whole:
        return 1
    along[1], steps[1] = other if other >= 0 else whole, -1 if other >= 0 and own != whole else 1
    return 2


@compiled
def _part(school, where, axis, whole, sign, x, table, above, served):
    """Another grade (or month) with room, one that the school has where students come or go; -1 where there is none."""
    size = table[2].shape[axis]
    begin, any_served = np.random.randint(size), False
    for part in range(size):
        if part != whole and _at(table[2], school, where, axis, part, table[8]) >= 0:
            any_served = True
            break
    for k in range(size):
        part = (begin + k) % size
        if part == where[axis] or part == whole:
            continue
        if served and any_served and _at(table[2], school, where, axis, part, table[8]) < 0:
            continue
        place, cell = school, -1
        while place >= 0 and cell < 0:
            cell, place = _at(table[2], place, where, axis, part, where[3]), above[place]
        if cell >= 0 and _room(cell, sign, x, table[0], table[1]) > 0:
            return part
    return -1


@compiled
def _at(position, place, where, axis, part, group):
    if axis == 1:
        return position[place, part, where[2], group]
    return position[place, where[1], part, group]


@compiled
def _joins(school, where, sign, x, table, groups, adds, work):
    """Find a student with room at the school who joins the cell's group; false where none was found."""
    for _ in range(_LOOKS):
        _students(school, where, sign, x, table, groups, adds, work.vector, work.profile)
        _list(work.vector, work.listed)
        if _fits(school, school, where, sign, x, table, work):
            return True
    return False


@compiled
def _list(vector, listed):
    """List the groups that are not left as they are."""
    listed[0] = 0
    for group in range(len(vector)):
        if vector[group] != 0:
            listed[0] += 1
            listed[listed[0]] = group


@compiled
def _students(school, where, sign, x, table, groups, adds, vector, profile):
    """By group, the step of a chance student who joins the cell's group, or changes to it from one or two others."""
    families, members, first, single = groups
    own = where[3]
    vector[:] = 0
    if adds < 0:
        vector[own] = 1
        return
    profile[:] = -1
    parts = 0
    for part in range(families.shape[1]):
        if families[own, part] >= 0:
            profile[families[own, part]] = members[own, part]
            parts += 1
    for family in range(len(profile)):
        if profile[family] < 0:
            profile[family] = _member(school, where, family, -1, sign, x, table, first, single)
    _add(families, members, profile, 1, vector)
    if parts == 0 or np.random.random() < _JOINED:
        return
    changed = families[own, np.random.randint(parts)]
    kept, other = profile[changed], _member(school, where, changed, profile[changed], -sign, x, table, first, single)
    profile[changed] = other
    _add(families, members, profile, -1, vector)
    if parts == 2 and np.random.random() < 0.5:
        second = families[own, 0] if families[own, 1] == changed else families[own, 1]
        profile[second] = _member(school, where, second, profile[second], -sign, x, table, first, single)
        _add(families, members, profile, 1, vector)
        profile[changed] = kept
        _add(families, members, profile, -1, vector)


@compiled
def _member(school, where, family, but, sign, x, table, first, single):
    """A chance group of the family other than ``but``, preferably with room at the school."""
    size = first[family + 1] - first[family]
    found, begin = -1, np.random.randint(size)
    for k in range(size):
        one = first[family] + (begin + k) % size
        if one == but:
            continue
        if found < 0:
            found = one
        if single[one] < 0:
            continue
        cell = table[2][school, where[1], where[2], single[one]]
        if cell < 0:
            cell = table[2][where[0], where[1], where[2], single[one]]
        if cell >= 0 and _room(cell, sign, x, table[0], table[1]) > 0:
            return one
    return found


@compiled
def _add(families, members, profile, sign, vector):
    """Add what a student with these memberships counts for."""
    for group in range(len(vector)):
        fits = True
        for part in range(families.shape[1]):
            family = families[group, part]
            if family >= 0 and profile[family] != members[group, part]:
                fits = False
                break
        if fits:
            vector[group] += sign
