"""Compiled proposals: a chance change of a few students that leaves every sum as it is.

A change is a product of four lists with signs: quantities, places, grades, groups. A student who comes to a school comes to
all that the school is summed up in, to a grade and to all grades, to one group of each family and to its crossings; a
student who changes a school, a grade or a group leaves another one. Proposals are made so that they seldom fail.

Lists of lists are two arrays: where each begins, and all of them joined. Signs are 1 and -1.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

ABSENT = -1
SLACK = 1e-7
QUANTITIES, PLACES, GRADES, GROUPS, COLUMNS, MOVED, LOOSE = range(7)  # positions in Draft.sizes
PARTNERS = 20  # schools tried as partners of one

# Counting references to arrays, at each call and across threads, would take twenty times as long as the work itself. Functions
# that are compiled without it may not make arrays.
_UNCOUNTED: Any = {"cache": True, "_nrt": False}
compiled = njit(**_UNCOUNTED)


class Space(NamedTuple):
    """The figures in order, and their room.

    ``where`` (quantities x places x grades x groups): the column, or ABSENT. ``splits`` (columns x 2): whether a column is the
    sum of others over places, over grades. ``above``: the place that each place is summed up in, or ABSENT. ``room`` (2 x
    columns): how far each can go up, and down.
    """

    where: np.ndarray
    splits: np.ndarray
    above: np.ndarray
    room: np.ndarray


class Ways(NamedTuple):
    """What changes are made of.

    ``kind`` (columns x 4) is the inverse of ``Space.where``. ``children`` of each place; ``leaves``: places without any.
    ``adds`` (quantities x 3): whether a quantity adds up over places, grades, groups. ``options``: the groups of one student
    in each cluster of families that are crossed; ``clusters``: where the options of each cluster begin; ``holding``: the
    options that hold each group; ``cluster`` of each group. ``steps`` (x 2): groups and signs of a change of one group for
    another; ``offered``: the steps that move each group up, then those that move each down. ``single``: no crossing.
    """

    kind: np.ndarray
    children_start: np.ndarray
    children: np.ndarray
    leaves: np.ndarray
    adds: np.ndarray
    options_start: np.ndarray
    options: np.ndarray
    clusters: np.ndarray
    holding_start: np.ndarray
    holding: np.ndarray
    cluster: np.ndarray
    steps_start: np.ndarray
    steps: np.ndarray
    offered_start: np.ndarray
    offered: np.ndarray
    single: np.ndarray
    all_grades: int


class Draft(NamedTuple):
    """Room for one proposal: lists of positions and signs with their lengths in ``sizes``; ``log`` of columns that moved."""

    places: np.ndarray
    grades: np.ndarray
    groups: np.ndarray
    quantities: np.ndarray
    columns: np.ndarray
    sizes: np.ndarray
    touched: np.ndarray
    weight: np.ndarray
    log: np.ndarray
    chance: np.ndarray


@compiled
def draw(draft, number):
    """A chance position below ``number`` (xorshift; G. Marsaglia, "Xorshift RNGs", 2003)."""
    x = draft.chance[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    draft.chance[0] = x
    return np.int64((x >> np.uint64(11)) % np.uint64(number))


@compiled
def propose(space, ways, draft, column, sign):
    """Fill in a chance change that moves the column in the direction; whether one was found."""
    quantity, place = ways.kind[column, 0], ways.kind[column, 1]
    grade, group = ways.kind[column, 2], ways.kind[column, 3]
    adds = ways.adds[quantity]
    within = grade != ways.all_grades and adds[1] and draw(draft, 3) > 0
    draft.grades[0, 0], draft.grades[0, 1] = grade, 1
    draft.sizes[GRADES] = 1
    lower = grade if within or not adds[1] else ways.all_grades
    if not _choose_places(space, ways, draft, quantity, place, lower, group, sign):
        return False
    if adds[1] and not _choose_grades(space, ways, draft, quantity, place, grade, group, sign, within):
        return False
    if not _fits(space, draft, quantity, group, sign):
        return False
    if not _choose_groups(space, ways, draft, quantity, group, sign):
        return False
    _choose_quantities(space, draft, quantity)
    _expand(space, ways, draft, quantity, place, grade, group, sign)
    return True


@compiled
def _can(space, draft, column, sign):
    """Whether the column can move by one; in loose proposals also some that cannot."""
    if column < 0:
        return False
    if space.room[0 if sign > 0 else 1, column] >= 1.0 - SLACK:
        return True
    return draft.sizes[LOOSE] > 0 and draw(draft, draft.sizes[LOOSE]) == 0


@compiled
def _choose_places(space, ways, draft, quantity, place, grade, group, sign):
    """A place with all that it is summed up in; often, the other way, another one with its own."""
    draft.sizes[PLACES] = 0
    if not ways.adds[quantity, 0]:
        _add_place(draft, place, 1)
        return True
    school = _descend(space, ways, draft, quantity, place, grade, group, sign)
    _climb(space, draft, school, 1)
    how = draw(draft, 4)
    if how == 0 or space.above[place] < 0:
        return True
    other = _partner(space, ways, draft, quantity, school, grade, group, -sign, how == 1)
    if other >= 0:
        _climb(space, draft, other, -1)
    return other >= 0 and _sign_of(draft, place) > 0


@compiled
def _descend(space, ways, draft, quantity, place, grade, group, sign):
    """A chance place at the bottom below this one where the figure can move."""
    while True:
        seen, chosen = 0, ABSENT
        for k in range(ways.children_start[place], ways.children_start[place + 1]):
            child = ways.children[k]
            if _can(space, draft, space.where[quantity, child, grade, group], sign):
                seen += 1
                if draw(draft, seen) == 0:
                    chosen = child
        if chosen < 0:
            return place
        place = chosen


@compiled
def _partner(space, ways, draft, quantity, school, grade, group, sign, near):
    """Another place to take a step back: under the same roof, or anywhere."""
    roof = space.above[school]
    if near and roof < 0:
        return ABSENT
    if not near and draw(draft, 2) == 0:
        other = _descend(space, ways, draft, quantity, _top(space, school), grade, group, sign)
        return other if other != school and space.above[other] >= 0 else ABSENT
    first = ways.children_start[roof] if near else 0
    number = ways.children_start[roof + 1] - first if near else len(ways.leaves)
    for _ in range(PARTNERS):
        at = first + draw(draft, number)
        other = ways.children[at] if near else ways.leaves[at]
        while not near and other >= 0 and space.where[quantity, other, grade, group] < 0:
            other = space.above[other]
        if other >= 0 and other != school and _can(space, draft, space.where[quantity, other, grade, group], sign):
            return other
    return ABSENT


@compiled
def _top(space, place):
    while space.above[place] >= 0:
        place = space.above[place]
    return place


@compiled
def _climb(space, draft, place, sign):
    while place >= 0:
        _add_place(draft, place, sign)
        place = space.above[place]


@compiled
def _add_place(draft, place, sign):
    """Add a place, or strike it where it is there with the other sign."""
    for at in range(draft.sizes[PLACES]):
        if draft.places[at, 0] == place:
            draft.sizes[PLACES] -= 1
            last = draft.sizes[PLACES]
            draft.places[at, 0], draft.places[at, 1] = draft.places[last, 0], draft.places[last, 1]
            return
    last = draft.sizes[PLACES]
    draft.places[last, 0], draft.places[last, 1] = place, sign
    draft.sizes[PLACES] += 1


@compiled
def _sign_of(draft, place):
    """The sign of a place in the proposal, 0 where it is not there."""
    for at in range(draft.sizes[PLACES]):
        if draft.places[at, 0] == place:
            return draft.places[at, 1]
    return 0


@compiled
def _choose_grades(space, ways, draft, quantity, place, grade, group, sign, within):
    """The grade itself and all grades, or a grade and, the other way, another one."""
    other, way = ways.all_grades, 1
    if within:
        other, way = _other_grade(space, ways, draft, quantity, place, grade, group, -sign), -1
        if other < 0:
            return False
    elif grade == ways.all_grades:
        other = ABSENT
        for p in range(draft.sizes[PLACES]):
            if other < 0:
                up = sign * draft.places[p, 1]
                other = _other_grade(space, ways, draft, quantity, draft.places[p, 0], grade, group, up)
    if other >= 0:
        draft.grades[1, 0], draft.grades[1, 1] = other, way
        draft.sizes[GRADES] = 2
    return True


@compiled
def _other_grade(space, ways, draft, quantity, place, grade, group, sign):
    seen, chosen = 0, ABSENT
    for other in range(space.where.shape[2]):
        column = space.where[quantity, place, other, group]
        if other != grade and other != ways.all_grades and _can(space, draft, column, sign):
            seen += 1
            if draw(draft, seen) == 0:
                chosen = other
    return chosen


@compiled
def _fits(space, draft, quantity, group, sign):
    """Whether the group can move at all the places and grades where it is told, and is told wherever a sum needs it."""
    for p in range(draft.sizes[PLACES]):
        for r in range(draft.sizes[GRADES]):
            column = space.where[quantity, draft.places[p, 0], draft.grades[r, 0], group]
            if column < 0:
                if _is_missed(space, draft, quantity, group, p, r):
                    return False
                continue
            alone = draft.sizes[GRADES] == 1 and space.splits[column, 1]  # all grades would change, and none of them
            if alone or not _can(space, draft, column, sign * draft.places[p, 1] * draft.grades[r, 1]):
                return False
    return True


@compiled
def _is_missed(space, draft, quantity, group, p, r):
    """Whether a sum above a figure that is not there would change without it."""
    place, grade = draft.places[p, 0], draft.grades[r, 0]
    roof = space.above[place]
    if roof >= 0 and _sign_of(draft, roof) != 0:
        over = space.where[quantity, roof, grade, group]
        if over >= 0 and space.splits[over, 0]:
            return True
    if draft.sizes[GRADES] < 2:
        return False
    beside = space.where[quantity, place, draft.grades[1 - r, 0], group]
    return beside >= 0 and (draft.grades[1, 1] < 0 or space.splits[beside, 1])


@compiled
def _choose_groups(space, ways, draft, quantity, group, sign):
    """The groups of one student, or what changes when a student changes a group."""
    draft.sizes[GROUPS] = 0
    if not ways.adds[quantity, 2]:
        _add_group(draft, group, 1)
        return True
    if ways.cluster[group] < 0 or draw(draft, 4) == 0:
        return _choose_whole(space, ways, draft, quantity, group, sign)
    return _choose_step(space, ways, draft, quantity, group, sign)


@compiled
def _choose_whole(space, ways, draft, quantity, group, sign):
    """One option of each cluster, and the group that stands above them all."""
    for g in range(len(ways.cluster)):
        if ways.cluster[g] < 0:
            if not _fits(space, draft, quantity, g, sign):
                return False
            _add_group(draft, g, 1)
    for cluster in range(len(ways.clusters) - 1):
        first, number = ways.clusters[cluster], ways.clusters[cluster + 1] - ways.clusters[cluster]
        own = ways.cluster[group] == cluster
        if own:
            first, number = ways.holding_start[group], ways.holding_start[group + 1] - ways.holding_start[group]
        turn, found, told = draw(draft, max(number, 1)), False, False
        for k in range(number):
            at = first + (k + turn) % number
            option = ways.holding[at] if own else at
            there = _is_told(space, ways, draft, quantity, option)
            told |= there
            if there and _option_fits(space, ways, draft, quantity, option, sign):
                found = True
                break
        if told and not found:
            return False
    return True


@compiled
def _is_told(space, ways, draft, quantity, option):
    """Whether the groups of the option that are no crossings are told at the first place."""
    for k in range(ways.options_start[option], ways.options_start[option + 1]):
        group = ways.options[k]
        if ways.single[group] and space.where[quantity, draft.places[0, 0], draft.grades[0, 0], group] < 0:
            return False
    return True


@compiled
def _option_fits(space, ways, draft, quantity, option, sign):
    for k in range(ways.options_start[option], ways.options_start[option + 1]):
        if not _fits(space, draft, quantity, ways.options[k], sign):
            return False
    for k in range(ways.options_start[option], ways.options_start[option + 1]):
        _add_group(draft, ways.options[k], 1)
    return True


@compiled
def _choose_step(space, ways, draft, quantity, group, sign):
    """The first step that fits, from a chance one on."""
    first = ways.offered_start[group]
    number = ways.offered_start[group + 1] - first
    if number == 0:
        return False
    turn = draw(draft, number)
    for k in range(number):
        step = ways.offered[first + (k + turn) % number]
        if _step_fits(space, ways, draft, quantity, step, sign):
            return True
    return False


@compiled
def _step_fits(space, ways, draft, quantity, step, sign):
    for k in range(ways.steps_start[step], ways.steps_start[step + 1]):
        group = ways.steps[k, 0]
        if ways.single[group] and space.where[quantity, draft.places[0, 0], draft.grades[0, 0], group] < 0:
            return False
        if not _fits(space, draft, quantity, group, sign * ways.steps[k, 1]):
            return False
    for k in range(ways.steps_start[step], ways.steps_start[step + 1]):
        _add_group(draft, ways.steps[k, 0], ways.steps[k, 1])
    return True


@compiled
def _add_group(draft, group, sign):
    last = draft.sizes[GROUPS]
    draft.groups[last, 0], draft.groups[last, 1] = group, sign
    draft.sizes[GROUPS] += 1


@compiled
def _choose_quantities(space, draft, quantity):
    """The quantity alone, or chance others with it."""
    draft.quantities[0] = quantity
    draft.sizes[QUANTITIES] = 1
    if draw(draft, 2) == 0:
        return
    for other in range(space.where.shape[0]):
        if other != quantity and draw(draft, 2) == 0:
            draft.quantities[draft.sizes[QUANTITIES]] = other
            draft.sizes[QUANTITIES] += 1


@compiled
def _expand(space, ways, draft, first, place, grade, group, sign):
    """The columns and signs of the product."""
    count = 0
    for q in range(draft.sizes[QUANTITIES]):
        quantity = draft.quantities[q]
        adds = ways.adds[quantity]
        for p in range(draft.sizes[PLACES]):
            for r in range(draft.sizes[GRADES]):
                for w in range(draft.sizes[GROUPS]):
                    column = space.where[quantity, draft.places[p, 0], draft.grades[r, 0], draft.groups[w, 0]]
                    alone = (adds[0] or draft.places[p, 0] == place) and (adds[1] or draft.grades[r, 0] == grade)
                    if column >= 0 and alone and (adds[2] or draft.groups[w, 0] == group):
                        draft.columns[count, 0] = column
                        draft.columns[count, 1] = sign * draft.places[p, 1] * draft.grades[r, 1] * draft.groups[w, 1]
                        count += 1
    draft.sizes[COLUMNS] = count
