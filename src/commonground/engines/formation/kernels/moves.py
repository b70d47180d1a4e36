"""Annealing for groups too large to list: one member moves, or two change places, and a worse turn is taken now and then.

The state is `group[i]` for every member, the last group number standing for "in no group". Sums that every move needs are
kept beside it: `sums[i, g]`, the pair weights of member i to group g; `spent[g, o]`, the costs of group g under option o;
`mix[g, k]`, its members of kind k; `size[g]`; and `cost_of[g]`, what option, size and mix cost it now.

Source of the method: S. Kirkpatrick, C. D. Gelatt and M. P. Vecchi, "Optimization by Simulated Annealing", Science 220 (1983).
"""

import math

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _group_cost(g, alone, spent, mix, size, kind_min, kind_max, size_cost, fine):
    """What a group pays for its best option, its size and every member missing from or beyond its mix."""
    if g == alone or size[g] == 0:
        return 0.0
    least = spent[g, 0]
    for o in range(1, spent.shape[1]):
        least = min(least, spent[g, o])
    off = 0
    for k in range(kind_min.size):
        off += max(0, kind_min[k] - mix[g, k]) + max(0, mix[g, k] - kind_max[k])
    return least + size_cost[min(size[g], size_cost.size - 1)] + fine * off


@njit(cache=True, nogil=True)
def _shift(i, g, sign, cost, kind, spent, mix, size):
    """Put member i into group g's counts (sign 1) or take it out (sign -1)."""
    size[g] += sign
    mix[g, kind[i]] += sign
    for o in range(spent.shape[1]):
        spent[g, o] += sign * cost[i, o]


@njit(cache=True, nogil=True)
def _settle(i, j, g, h, group, pair, sums):
    """Member i has moved from g to h and j, if there is one, from h to g: correct everybody's sums."""
    group[i] = h
    if j >= 0:
        group[j] = g
    for k in range(group.size):
        moved = pair[i, k] - (pair[j, k] if j >= 0 else 0.0)
        sums[k, g] -= moved
        sums[k, h] += moved


@njit(cache=True, nogil=True)
def set_up(group, groups, pair, cost, kind, kinds):
    """The sums of a state: (sums, spent, mix, size), all with a last row or column for members in no group."""
    n = group.size
    sums, spent = np.zeros((n, groups + 1)), np.zeros((groups + 1, cost.shape[1]))
    mix, size = np.zeros((groups + 1, kinds), np.int64), np.zeros(groups + 1, np.int64)
    for i in range(n):
        _shift(i, group[i], 1, cost, kind, spent, mix, size)
        for j in range(n):
            sums[j, group[i]] += pair[i, j]
    return sums, spent, mix, size


@njit(cache=True, nogil=True)
def _gain(i, g, h, other, alone, sums, pair, leave):
    """What member i's pairs gain by moving from g to h, where `other` (or -1) leaves h at the same time."""
    inside = -leave[i] if h == alone else sums[i, h] - (pair[i, other] if other >= 0 else 0.0)
    return inside - (-leave[i] if g == alone else sums[i, g])


@njit(cache=True, nogil=True)
def _exchange(i, j, g, h, cost, kind, spent, mix, size):
    """Count i from g to h and, if there is a j, j from h to g. The same call with g and h exchanged undoes it."""
    _shift(i, g, -1, cost, kind, spent, mix, size)
    _shift(i, h, 1, cost, kind, spent, mix, size)
    if j >= 0:
        _shift(j, h, -1, cost, kind, spent, mix, size)
        _shift(j, g, 1, cost, kind, spent, mix, size)


@njit(cache=True, nogil=True)
def _may_move(g, h, alone, low, high, size, may_leave):
    """Whether one member may move from g to h without breaking the sizes."""
    if g < alone and size[g] <= low[g]:
        return False
    return may_leave if h == alone else size[h] < high[h]


@njit(cache=True, nogil=True)
def anneal(
    group,
    best,
    gain,
    best_gain,
    low,
    high,
    pair,
    cost,
    leave,
    kind,
    kind_min,
    kind_max,
    size_cost,
    fine,
    plain,
    hot,
    cold,
    steps,
    seed,
):
    """`steps` turns from temperature `hot` to `cold`. Changes `group`, copies the best state met to `best`.

    `gain` and `best_gain` are what both have gained before; returns both after. `plain` says that options, mix and sizes
    cost nothing, which saves counting them for every turn that is not taken.
    """
    np.random.seed(seed)
    n, alone = group.size, low.size
    sums, spent, mix, size = set_up(group, alone, pair, cost, kind, kind_min.size)
    cost_of = np.zeros(alone + 1)
    for g in range(alone + 1):
        cost_of[g] = _group_cost(g, alone, spent, mix, size, kind_min, kind_max, size_cost, fine)
    rate, heat = (cold / hot) ** (1.0 / steps), hot
    for _ in range(steps):
        heat *= rate
        i, j = np.random.randint(n), -1
        g = group[i]
        if np.random.random() < 0.5:
            j = np.random.randint(n)
            h = group[j]
        else:
            h = np.random.randint(alone + 1)
        if h == g or (j < 0 and not _may_move(g, h, alone, low, high, size, leave[i] < fine)):
            continue
        delta = _gain(i, g, h, j, alone, sums, pair, leave)
        if j >= 0:
            delta += _gain(j, h, g, i, alone, sums, pair, leave)
        if plain and not (delta >= 0.0 or np.random.random() < math.exp(delta / heat)):
            continue
        _exchange(i, j, g, h, cost, kind, spent, mix, size)
        new_g = new_h = 0.0
        if not plain:
            new_g = _group_cost(g, alone, spent, mix, size, kind_min, kind_max, size_cost, fine)
            new_h = _group_cost(h, alone, spent, mix, size, kind_min, kind_max, size_cost, fine)
            delta += cost_of[g] + cost_of[h] - new_g - new_h
            if not (delta >= 0.0 or np.random.random() < math.exp(delta / heat)):
                _exchange(i, j, h, g, cost, kind, spent, mix, size)
                continue
        cost_of[g], cost_of[h] = new_g, new_h
        gain += delta
        _settle(i, j, g, h, group, pair, sums)
        if gain > best_gain + 1e-9:
            best_gain = gain
            best[:] = group
    return gain, best_gain
