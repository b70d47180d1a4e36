"""Compiled search for exchanges that together move one number as far as it must be able to move.

The number is moved first, whatever that breaks: the room of others, and sums in which figures are missing. Then what is broken is
mended, one number or sum at a time, by that of a few chance exchanges after which least is broken, until nothing is. This is how
walks for satisfiability go (H. Hoos and T. Stützle, "Stochastic Local Search", 2004, chapter 6); what is found is a table in
whole students, so an outsider cannot exclude it.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from commonground.engines.disclosure.protect.kernels import bench, compiled, propose

_STEPS = 80  # exchanges after which a search is given up
_CHANCES = 8  # exchanges of which the best is taken
_CAREFUL = 3  # how many of them look only where there is room
_IMPOSSIBLE = 1 << 40


class Damage(NamedTuple):
    """What is broken: ``broken`` holds cells, and sums as cells + sum; ``at``: where in it each of them is, or -1.

    ``x``: how far each cell is from the truth; ``sums``: how far each sum. ``touched``: cells that have moved (``marks``: which).
    ``best``: cells and steps of the best exchange. ``counts``: how many are broken, touched, in the best exchange, and whether
    sums may be broken on the way.
    """

    broken: np.ndarray
    at: np.ndarray
    x: np.ndarray
    sums: np.ndarray
    touched: np.ndarray
    marks: np.ndarray
    best: np.ndarray
    counts: np.ndarray


_BROKEN, _TOUCHED, _BEST, _OPEN = range(4)


@njit(cache=True)
def mend(table, by_sum, loose, geography, groups, targets, tries, seed):
    """Whether a table was found for each target, in so many tries.

    table, geography, groups, targets: see `kernels.wander`; by_sum: the relations by sum. loose: up and down (k x cells) with
    room for anything in some cells; exchanges that look there may break something.
    """
    np.random.seed(seed)
    cells, by, sign = targets
    damage, work = _whole(len(table[0]), table[7], 64 * len(groups[0])), bench(groups)
    up, down = table[0].copy(), table[1].copy()
    strict = (up, down, table[2], table[3], table[4], table[5], table[6], table[7], table[8])
    found = np.zeros(len(cells), np.bool_)
    for at in range(len(cells)):
        side = down if sign[at] > 0 else up
        kept, side[cells[at]] = side[cells[at]], -by[at]
        for turn in range(tries):
            damage.counts[_OPEN] = turn % 2
            _check(cells[at], damage, up, down)
            found[at] = _search(strict, by_sum, loose, geography, groups, damage, work)
            if found[at]:
                break
        side[cells[at]] = kept
    return found


@njit(cache=True)
def _whole(cells, sums, longest):
    """Nothing broken yet."""
    whole = np.int64
    return Damage(
        np.zeros(cells + sums, whole),
        np.full(cells + sums, -1, whole),
        np.zeros(cells, whole),
        np.zeros(sums, whole),
        np.zeros(cells, whole),
        np.zeros(cells, np.bool_),
        np.zeros((longest, 2), whole),
        np.zeros(4, whole),
    )


@compiled
def _search(table, by_sum, loose, geography, groups, damage, work):
    """Mend until nothing is broken, and forget what has moved; whether that was reached."""
    for _ in range(_STEPS):
        if damage.counts[_BROKEN] == 0:
            break
        cell, sign = _worst(by_sum, damage, table[0])
        _choose(cell, sign, table, loose, geography, groups, damage, work)
        _carry_out(table, damage)
    found = damage.counts[_BROKEN] == 0
    _forget(table, damage)
    return found


@compiled
def _worst(by_sum, damage, up):
    """A cell that is broken, or one of a broken sum, and the direction in which it should go."""
    one = damage.broken[np.random.randint(damage.counts[_BROKEN])]
    if one < len(damage.x):
        return one, -1 if damage.x[one] > up[one] else 1
    starts, cells, entries = by_sum
    row = one - len(damage.x)
    at = starts[row] + np.random.randint(starts[row + 1] - starts[row])
    return cells[at], -1 if (damage.sums[row] > 0) == (entries[at] > 0) else 1


@compiled
def _choose(cell, sign, table, loose, geography, groups, damage, work):
    """Keep the exchange after which least is broken."""
    least = _IMPOSSIBLE
    damage.counts[_BEST] = 0
    for chance in range(_CHANCES):
        looked = table
        if chance >= _CAREFUL:
            k = np.random.randint(len(loose[0]))
            looked = (loose[0][k], loose[1][k], table[2], table[3], table[4], table[5], table[6], table[7], table[8])
        count = propose(cell, sign, damage.x, looked, geography, groups, work)
        cost = _cost(count, work.cells, work.steps, table, damage) if count > 0 else _IMPOSSIBLE
        if cost < least:
            least = cost
            damage.counts[_BEST] = count
            for k in range(count):
                damage.best[k, 0], damage.best[k, 1] = work.cells[k], work.steps[k]
        if least < 0:
            return


@compiled
def _cost(count, cells, steps, table, damage):
    """By how much more would be broken after the exchange."""
    up, down, starts, rows, entries = table[0], table[1], table[3], table[4], table[5]
    cost = 0
    for at in range(count):
        cell, x = cells[at], damage.x[cells[at]]
        cost += _over(x + steps[at], up[cell], down[cell]) - _over(x, up[cell], down[cell])
        for k in range(starts[cell], starts[cell + 1]):
            before = abs(damage.sums[rows[k]])
            damage.sums[rows[k]] += entries[k] * steps[at]
            cost += abs(damage.sums[rows[k]]) - before
    impossible = False
    for at in range(count):
        for k in range(starts[cells[at]], starts[cells[at] + 1]):
            impossible |= damage.counts[_OPEN] == 0 and damage.sums[rows[k]] != 0
    for at in range(count):
        for k in range(starts[cells[at]], starts[cells[at] + 1]):
            damage.sums[rows[k]] -= entries[k] * steps[at]
    return _IMPOSSIBLE if impossible else cost


@compiled
def _over(x, up, down):
    return max(x - up, 0) + max(-x - down, 0)


@compiled
def _carry_out(table, damage):
    starts, rows, entries = table[3], table[4], table[5]
    for at in range(damage.counts[_BEST]):
        cell, step = damage.best[at, 0], damage.best[at, 1]
        if not damage.marks[cell]:
            damage.marks[cell] = True
            damage.touched[damage.counts[_TOUCHED]] = cell
            damage.counts[_TOUCHED] += 1
        damage.x[cell] += step
        _check(cell, damage, table[0], table[1])
        for k in range(starts[cell], starts[cell + 1]):
            damage.sums[rows[k]] += entries[k] * step
            _mark(len(damage.x) + rows[k], damage.sums[rows[k]] != 0, damage)


@compiled
def _check(cell, damage, up, down):
    _mark(cell, _over(damage.x[cell], up[cell], down[cell]) > 0, damage)


@compiled
def _mark(one, bad, damage):
    """Write down that a cell or sum is broken, or strike it out."""
    at = damage.at[one]
    if bad and at < 0:
        damage.at[one] = damage.counts[_BROKEN]
        damage.broken[damage.counts[_BROKEN]] = one
        damage.counts[_BROKEN] += 1
    elif not bad and at >= 0:
        damage.counts[_BROKEN] -= 1
        last = damage.broken[damage.counts[_BROKEN]]
        damage.broken[at], damage.at[last] = last, at
        damage.at[one] = -1


@compiled
def _forget(table, damage):
    """Everything is as it was at first."""
    starts, rows = table[3], table[4]
    for at in range(damage.counts[_TOUCHED]):
        cell = damage.touched[at]
        damage.x[cell], damage.marks[cell] = 0, False
        for k in range(starts[cell], starts[cell + 1]):
            damage.sums[rows[k]] = 0
    for at in range(damage.counts[_BROKEN]):
        damage.at[damage.broken[at]] = -1
    damage.counts[_BROKEN] = damage.counts[_TOUCHED] = 0
