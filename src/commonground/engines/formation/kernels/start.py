"""A first set of groups, quickly: around each member in turn, the best group it can still form."""

import numpy as np
from numba import njit

from commonground.engines.formation.kernels.cover import OPEN


@njit(cache=True, nogil=True)
def _room(kind, have, kind_min, kind_max, places):
    """Whether one more of this kind still leaves places for the kinds that a group must have."""
    if have[kind] >= kind_max[kind]:
        return False
    needed = 0
    for k in range(kind_min.size):
        needed += max(0, kind_min[k] - have[k] - (k == kind))
    return needed <= places - 1


@njit(cache=True, nogil=True)
def _grow(i, o, target, free, pair, cost, kind, kind_min, kind_max, gain, group):
    """The group of `target` members around i with option o, adding the best fit each time: its value, -inf if there
    is none."""
    have = np.zeros(kind_min.size, np.int64)
    if not _room(kind[i], have, kind_min, kind_max, target):
        return -np.inf
    have[kind[i]] += 1
    group[0] = i
    value = -cost[i, o]
    gain[:] = pair[i]
    for d in range(1, target):
        best, fit = -1, -OPEN / 2
        for j in range(free.size):
            if free[j] and gain[j] - cost[j, o] > fit and _room(kind[j], have, kind_min, kind_max, target - d):
                new = True
                for a in range(d):
                    new &= group[a] != j
                if new:
                    best, fit = j, gain[j] - cost[j, o]
        if best < 0:
            return -np.inf
        group[d] = best
        have[kind[best]] += 1
        value += fit
        for j in range(free.size):
            gain[j] += pair[best, j]
    return value


@njit(cache=True, nogil=True)
def first_groups(order, free, sizes, pair, cost, kind, kind_min, kind_max, size_max):
    """Groups of the given sizes, one after another, around members in `order`, out of those that are `free`.

    Returns (members (k, size_max), sizes, options); uses up `free`.
    """
    many, gain = sizes.size, np.empty(order.size)
    group, best_group = np.empty(size_max, np.int64), np.empty(size_max, np.int64)
    members = np.full((many, size_max), -1)
    made, options = np.zeros(many, np.int64), np.zeros(many, np.int64)
    count = 0
    for i in order:
        if count == sizes.size:
            break
        if not free[i]:
            continue
        best, target = -np.inf, sizes[count]
        for o in range(cost.shape[1]):
            if cost[i, o] < OPEN:
                value = _grow(i, o, target, free, pair, cost, kind, kind_min, kind_max, gain, group)
                if value > best:
                    best = value
                    best_group[:] = group
                    options[count] = o
        if best > -np.inf:
            for a in range(target):
                members[count, a] = best_group[a]
                free[best_group[a]] = False
            made[count] = target
            count += 1
    return members[:count], made[:count], options[:count]
