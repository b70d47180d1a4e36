"""Finding odd sets of members of which shares of groups hold too many twos."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def common_shares(members, size, share, n):
    """For every two members, the sum of the shares of groups that hold both."""
    common = np.zeros((n, n))
    for c in range(size.size):
        for a in range(size[c]):
            for b in range(size[c]):
                common[members[c, a], members[c, b]] += share[c]
    return common


@njit(cache=True, nogil=True)
def worst_threes(members, size, share, common, first, holds, least, table):
    """Sets of three that hold more than 1 + `least` twos (least < 0), and by how much more than 1 each does."""
    n, count = len(common), 0
    over = np.empty(len(table))
    for i in range(n):
        for j in range(i + 1, n):
            for k in range(j + 1, n):
                now = common[i, j] + common[i, k] + common[j, k] - 1.0
                if now <= least:
                    continue
                for c in holds[first[i] : first[i + 1]]:
                    here = 0
                    for a in range(size[c]):
                        here += members[c, a] == j or members[c, a] == k
                    if here == 2:
                        now -= 2.0 * share[c]
                if now > least and count < len(table):
                    table[count, 0], table[count, 1], table[count, 2], over[count] = i, j, k, now
                    count += 1
    return over[:count]


@njit(cache=True, nogil=True)
def best_two_more(members, size, share, inside, both):
    """The two members outside a set (`inside` flags its members) who add most to its twos: (first, second, twos added)."""
    n = inside.size
    alone = np.zeros(n)
    both[:] = 0.0
    for c in range(size.size):
        count = 0
        for a in range(size[c]):
            count += inside[members[c, a]]
        single = count % 2 == 1
        sign = -share[c] if single else share[c]
        for a in range(size[c]):
            if single:
                alone[members[c, a]] += share[c]
            for b in range(a):
                both[members[c, a], members[c, b]] += sign
                both[members[c, b], members[c, a]] += sign
    best, first, second = -1.0, -1, -1
    for i in range(n):
        for j in range(i + 1, n):
            gain = alone[i] + alone[j] + both[i, j]
            if gain > best and not inside[i] and not inside[j]:
                best, first, second = gain, i, j
    return first, second, best
