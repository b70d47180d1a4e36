"""Listing, for the checker: the groups that are worth more than their members' prices pay, or less by at most so much.

If the pairs of a group of s sum to more than T, then some order of its members exists in which the first k always sum
to more than T k (k - 1) / (s (s - 1)): take out, one after another, the member with the least to the rest. So it is
enough to follow orders in which every beginning keeps up and ends with its least member.

A certificate may give each sector a bonus that makes the list short. Moved so that no allowed mix has a sum below 0, it can
only raise the groups that matter, whatever its numbers are; what a group is worth is counted without it.
"""

import numpy as np
from numba import njit

ROUNDING = 1e-9
DIGITS = 1e-13  # rounding of sums, as a share of the greatest number in them


@njit(cache=True)
def _fits(order, size, kind, low, high, pin, pin_size):
    for k in range(low.size):
        count = 0
        for a in range(size):
            count += kind[order[a]] == k
        if count < low[k] or count > high[k]:
            return False
    for a in range(size):
        mates, p = 0, pin[order[a]]
        for b in range(size):
            mates += pin[order[b]] == p
        if p >= 0 and mates != pin_size[p]:
            return False
    return True


@njit(cache=True)
def _without_bonus(value, order, kind, bonus):
    for member in order:
        value -= bonus[kind[member]]
    return value


@njit(cache=True)
def _ends_with_least(r, order, depth, j, brings, slack):
    """Whether j is new to the first members of the order, and none of them has less to the others than j."""
    for a in range(depth):
        if order[a] == j:
            return False
        has = r[order[a], j]
        for b in range(depth):
            if b != a:
                has += r[order[a], order[b]]
        if has < brings - slack:
            return False
    return True


@njit(cache=True)
def list_groups(r, size, paid, kind, low, high, bonus, pin, pin_size, least, rows):
    """(how many groups of `size` that fit exceed `least`, the greatest excess or `least`); fills `rows` as far as they go.

    The excess of a group is its sum of r over pairs less `paid` and its members' bonuses, which, spread over pairs, must be
    part of r and sum to 0 or more over every mix that fits. With no `rows`, only the greatest is looked for.
    """
    m, count, greatest = r.shape[0], 0, least
    slack = ROUNDING + DIGITS * np.abs(r).max() if m else ROUNDING
    order, place = np.zeros(size, np.int64), np.zeros(size + 1, np.int64)
    total, with_order = np.zeros(size + 1), np.zeros((size + 1, m))
    for first in range(m):
        order[0], depth, place[1] = first, 1, first + 1
        with_order[1] = r[first]
        while depth > 0:
            j = place[depth]
            if j == m:
                depth -= 1
                continue
            place[depth] += 1
            now = total[depth] + with_order[depth, j]
            if now <= (paid + least) * (depth + 1) * depth / (size * (size - 1.0)) - slack:
                continue
            if not _ends_with_least(r, order, depth, j, with_order[depth, j], slack):
                continue
            order[depth], total[depth + 1] = j, now
            if depth + 1 < size:
                with_order[depth + 1] = with_order[depth] + r[j]
                depth += 1
                place[depth] = 0
                continue
            excess = _without_bonus(now, order, kind, bonus) - paid
            if excess <= least or not _fits(order, size, kind, low, high, pin, pin_size):
                continue
            greatest = max(greatest, excess)
            if rows.shape[0] == 0:
                least = greatest
            elif count < rows.shape[0]:
                rows[count] = order
            count += 1
    return count, greatest
