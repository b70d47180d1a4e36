"""Pricing: every group whose value exceeds what its members' prices pay for.

For groups of one size s and one option, spread prices and costs over pairs: r[i, j] = pair[i, j] - (q[i] + q[j]) / (s
- 1) with q = price + cost, so that the reduced value of a group is the sum of r over its pairs. Then

    a group of value V has a member whose pairs sum to at most 2 V / s; without it, the others are worth at least
    V (s - 2) / s; and so on down to a pair.

So every group above a threshold can be built from a pair by adding members, each time the one with the smallest sum of
pairs, with every stage above its share k (k - 1) / (s (s - 1)) of the threshold. The enumeration follows only such
chains: it is exact, and with good prices it visits few groups. Ties are followed twice rather than missed.

Where a sector is scarce, its members are dear and all others cheap, and the chains drown in groups without it, which the
rules do not allow. A bonus per sector, the same for all its members, which sums to 0 or more over every allowed mix, loses
none of the allowed groups above the threshold; a bonus below 0 for the plentiful sector keeps the others out.
"""

import numpy as np
from numba import njit

SLACK = 1e-9  # rounding: keep what is this close to a limit


@njit(cache=True, nogil=True)
def _gain(r, d, chain, gain, base):
    """Sum of pairs of every candidate with the chain of d members, and the greatest."""
    top = -np.inf
    last = chain[d - 1]
    for j in range(r.shape[0]):
        gain[d, j] = gain[d - 1, j] + r[last, j]
        top = max(top, gain[d, j])
    return base + top


@njit(cache=True, nogil=True)
def _is_last(r, d, chain, star, gain, j):
    """Whether candidate j is new to the chain and would be the member with the smallest sum of pairs."""
    for a in range(d):
        p = chain[a]
        if p == j or star[d, a] + r[p, j] < gain - SLACK:
            return False
    return True


@njit(cache=True, nogil=True)
def _next(r, d, chain, star, gain, j, limit):
    """The first candidate from j on that can extend the chain by more than `limit`; the number of members if none."""
    while j < r.shape[0]:
        if gain[d, j] > limit and (d == 1 or _is_last(r, d, chain, star, gain[d, j], j)):
            break
        j += 1
    return j


@njit(cache=True, nogil=True)
def _accept(chain, size, kind, kind_min, kind_max, pin, pin_size):
    for k in range(kind_min.size):
        count = 0
        for a in range(size):
            count += kind[chain[a]] == k
        if count < kind_min[k] or count > kind_max[k]:
            return False
    for a in range(size):
        p = pin[chain[a]]
        if p >= 0:
            mates = 0
            for b in range(size):
                mates += pin[chain[b]] == p
            if mates != pin_size[p]:
                return False
    return True


@njit(cache=True, nogil=True)
def _keep(chain, size, value, columns, values, count):
    """Write a column; where the table is full, keep its better half. Returns (count, raised threshold or -inf)."""
    floor = -np.inf
    if count == values.size:
        order = np.argsort(-values)
        half = count // 2
        columns[:half] = columns[order[:half]].copy()
        values[:half] = values[order[:half]].copy()
        count, floor = half, values[half - 1]
        if value <= floor:
            return count, floor
    for a in range(size):
        columns[count, a] = chain[a]
    values[count] = value
    return count + 1, floor


@njit(cache=True, nogil=True)
def _without_bonus(value, chain, size, kind, bonus):
    for a in range(size):
        value -= bonus[kind[chain[a]]]
    return value


@njit(cache=True, nogil=True)
def least_bonus(bonus, size, kind_min, kind_max):
    """The least sum of bonuses over all allowed mixes of `size` members; inf if none is allowed."""
    total, places = 0.0, size
    for k in range(bonus.size):
        total += kind_min[k] * bonus[k]
        places -= kind_min[k]
    if places < 0:
        return np.inf
    for k in np.argsort(bonus):
        more = min(places, kind_max[k] - kind_min[k])
        total += more * bonus[k]
        places -= more
    return total if places == 0 else np.inf


@njit(cache=True, nogil=True)
def fitting_pairs(pair, q, kind, bonus, size, limit):
    """Sum over members of the square of how many others it can begin a chain with: how much work a listing will be."""
    work = 0.0
    for i in range(q.size):
        fit = 0
        for j in range(q.size):
            fit += pair[i, j] - (q[i] + q[j] - bonus[kind[i]] - bonus[kind[j]]) / (size - 1) > limit
        work += fit * fit
    return work


@njit(cache=True, nogil=True)
def price_groups(r, size, threshold, kind, kind_min, kind_max, bonus, pin, pin_size, columns, values, work, go_on):
    """Groups of `size` whose sum of r exceeds `threshold` and whose kinds and pins are right.

    r is symmetric with a diagonal far below zero, and holds each member's `bonus` spread over its pairs; the values returned
    are without. Fills columns (positions) and values; where they overflow, only the better half is kept and the threshold
    rises, so the best is always among them. Returns (count, overflowed, work left); negative work left means that the
    enumeration was cut short, by its `work` or because `go_on[0]` became 0, and proves nothing.
    """
    m = r.shape[0]
    share = np.empty(size + 1)
    for k in range(size + 1):
        share[k] = k * (k - 1) / (size * (size - 1.0))
    chain, place = np.zeros(size, np.int64), np.zeros(size + 1, np.int64)
    gain, star, value = np.zeros((size + 1, m)), np.zeros((size + 1, size + 1)), np.zeros(size + 1)
    count, overflowed = 0, False
    for i in range(m):
        chain[0], gain[1] = i, r[i]
        d, place[1] = 1, i + 1
        value[1], star[1, 0] = 0.0, 0.0
        while d > 0 and work >= 0:
            j = _next(r, d, chain, star, gain, place[d], threshold * share[d + 1] - SLACK - value[d])
            place[d] = j + 1
            if j == m:
                d -= 1
                continue
            chain[d], value[d + 1] = j, value[d] + gain[d, j]
            if d + 1 == size:
                true = _without_bonus(value[d + 1], chain, size, kind, bonus)
                if true > threshold and _accept(chain, size, kind, kind_min, kind_max, pin, pin_size):
                    count, floor = _keep(chain, size, true, columns, values, count)
                    if floor > threshold:
                        threshold, overflowed = floor, True
                continue
            for a in range(d):
                star[d + 1, a] = star[d, a] + r[chain[a], j]
            star[d + 1, d] = gain[d, j]
            d += 1
            place[d] = 0
            work = work - 1 if go_on[0] else -1
            if _gain(r, d, chain, gain, value[d]) <= threshold * share[d + 1] - SLACK:
                d -= 1
    return count, overflowed, work


@njit(cache=True, nogil=True)
def best_for_each(columns, size, order, n, per_member, most):
    """Positions of columns, in the given order, each among the first `per_member` of at least one of its members."""
    used, chosen, count = np.zeros(n, np.int64), np.empty(min(most, order.size), np.int64), 0
    for c in order:
        if count == chosen.size:
            break
        wanted = False
        for a in range(size[c]):
            wanted |= used[columns[c, a]] < per_member
        if wanted:
            for a in range(size[c]):
                used[columns[c, a]] += 1
            chosen[count] = c
            count += 1
    return chosen[:count]


@njit(cache=True, nogil=True)
def lift(prices, columns, size, reduced, order):
    """Prices raised until none of these columns has a reduced value above zero, greatest first, shared by its
    members."""
    raised = prices.copy()
    for c in order:
        over = reduced[c]
        for a in range(size[c]):
            over -= raised[columns[c, a]] - prices[columns[c, a]]
        if over > 0.0:
            for a in range(size[c]):
                raised[columns[c, a]] += over / size[c]
    return raised
