"""Prices of members by smoothing: every member in turn takes the price at which its groups' shares sum to one.

With heat h, a group of value V has the share exp((V - its members' prices) / h), and being left alone counts as a group of
one. Setting one price exactly while the others stand is a step of coordinate descent on a smooth convex function, whose
least point nears the linear program's prices as h goes to 0 (the method known as iterative scaling: R. Sinkhorn, "Diagonal
equivalence to matrices with prescribed row and column sums", American Mathematical Monthly 74, 1967).
"""

import math

import numpy as np
from numba import njit

FAINT = -30.0  # exp of this is nothing beside 1
STILL = 0.01  # a sweep in which no price moves by this much of the heat is the last


@njit(cache=True, nogil=True)
def smooth_prices(prices, reduced, first, holds, leave, heat, reach, sweeps):
    """Up to `sweeps` turns over all members, in place. Columns of member i are holds[first[i]:first[i + 1]]; `reduced` is
    every column's value less its members' prices. No price ends further than `reach` from where it began."""
    low, high = prices - reach, prices + reach
    for _ in range(sweeps):
        moved = 0.0
        for i in range(prices.size):
            alone = -leave[i] - prices[i]
            top = alone
            for c in holds[first[i] : first[i + 1]]:
                top = max(top, reduced[c])
            total = math.exp(max(FAINT, (alone - top) / heat))
            for c in holds[first[i] : first[i + 1]]:
                faint = (reduced[c] - top) / heat
                if faint > FAINT:
                    total += math.exp(faint)
            price = prices[i] + top + heat * math.log(total)
            step = min(max(price, low[i]), high[i]) - prices[i]
            prices[i] += step
            moved = max(moved, abs(step))
            for c in holds[first[i] : first[i + 1]]:
                reduced[c] -= step
        if moved < STILL * heat:
            break


@njit(cache=True, nogil=True)
def columns_of_members(members, size, n):
    """(first, holds): the columns of every member, one list after another."""
    first = np.zeros(n + 1, np.int64)
    for c in range(size.size):
        for a in range(size[c]):
            first[members[c, a] + 1] += 1
    for i in range(n):
        first[i + 1] += first[i]
    place, holds = first[:n].copy(), np.empty(first[n], np.int64)
    for c in range(size.size):
        for a in range(size[c]):
            i = members[c, a]
            holds[place[i]] = c
            place[i] += 1
    return first, holds
