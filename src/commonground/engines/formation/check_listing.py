"""Listing, for the checker: the group that is worth most above what its members' prices pay.

If the pairs of a group of s sum to more than T, then some order of its members exists in which the first k always sum
to more than T k (k - 1) / (s (s - 1)): take out, one after another, the member with the least to the rest. So it is
enough to follow orders in which every beginning keeps up. Groups are met in several orders; that costs time and loses
nothing.

A certificate may give each sector a bonus that makes the list short. Moved so that no allowed mix has a sum below 0, it can
only raise the groups that matter, whatever its numbers are; what a group is worth is counted without it.
"""

from collections.abc import Sequence

import numpy as np
from numba import njit

ROUNDING = 1e-9


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


def least_sum(bonus: Sequence[float], size: int, low: Sequence[int], high: Sequence[int]) -> float | None:
    """The least sum of bonuses over the mixes of `size` members with `low` to `high` of each sector; None without such a mix."""
    places = size - sum(low)
    total = sum(each * least for each, least in zip(bonus, low, strict=True))
    for each, least, most in sorted(zip(bonus, low, high, strict=True)):
        more = max(0, min(places, most - least))
        total, places = total + more * each, places - more
    return total if places == 0 else None


@njit(cache=True)
def greatest_excess(r, size, paid, kind, low, high, bonus, pin, pin_size):
    """Greatest sum of r over the pairs of a group of `size`, less `paid` and its members' bonuses, or 0.0 if no group that fits
    is above. The bonuses, spread over pairs, must be part of r, and sum to 0 or more over every mix that fits."""
    m, greatest = r.shape[0], 0.0
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
            known = False
            for a in range(depth):
                known |= order[a] == j
            now = total[depth] + with_order[depth, j]
            if known or now <= paid * (depth + 1) * depth / (size * (size - 1.0)) - ROUNDING:
                continue
            order[depth], total[depth + 1] = j, now
            if depth + 1 < size:
                with_order[depth + 1] = with_order[depth] + r[j]
                depth += 1
                place[depth] = 0
                continue
            for a in range(size):
                now -= bonus[kind[order[a]]]
            if now - paid > greatest and _fits(order, size, kind, low, high, pin, pin_size):
                greatest = now - paid
    return greatest
