"""Odd sets of members: what a linear program over groups misses most.

Disjoint groups hold at most (s - 1) / 2 twos out of an odd set of s members: of three members, one group at most has two. A
program that takes half of three groups, each with another two of the three, has one and a half. Limiting it raises no price by
itself, and brings the program's optimum close to what whole groups can reach (M. Jepsen, B. Petersen, S. Spoorendonk and D.
Pisinger, "Subset-row inequalities applied to the vehicle-routing problem with time windows", Operations Research 56, 2008).
"""

import numpy as np

from commonground.engines.formation.columns import Columns
from commonground.engines.formation.instance import Floats
from commonground.engines.formation.kernels.odd import best_two_more, common_shares, worst_threes
from commonground.engines.formation.kernels.smooth import columns_of_members
from commonground.engines.formation.proof import OddSet

OVER = 0.02  # how far a set must be above its limit to be worth a row
NEARLY = 0.3  # how far a set of three may be below it to grow into a larger one
STARTS, LARGEST = 60, 7  # sets of three that grow, and members they grow to
PER_MEMBER = 6  # sets that one member may be in, of those found at once
TABLE = 20_000


def twos(groups: Columns, odd: OddSet, n: int) -> Floats:
    """How many twos of the set each group holds."""
    inside = np.zeros(n + 1, np.int64)  # groups are filled up with -1, which reads the last
    inside[list(odd)] = 1
    return np.asarray(inside[groups.members].sum(axis=1) // 2, np.float64)


def broken_sets(groups: Columns, shares: Floats, n: int, most: int) -> list[OddSet]:
    """Odd sets of which these shares of groups hold too many twos, the worst first. Sets of three are all looked at; larger ones
    grow from the worst of these, by the two members who add most."""
    taken = np.flatnonzero(shares > 1e-6)
    members, size, share = groups.members[taken], groups.size[taken], shares[taken]
    first, holds = columns_of_members(members, size, n)
    table, both = np.empty((TABLE, 3), np.int64), np.empty((n, n))
    common = common_shares(members, size, share, n)
    worst = worst_threes(members, size, share, common, first, holds, -NEARLY, table)
    found: dict[OddSet, float] = {}
    for row in np.argsort(-worst, kind="stable")[:STARTS]:
        odd, over = tuple(table[row].tolist()), float(worst[row])
        while True:
            if over > OVER:
                found[odd] = over
            if len(odd) == LARGEST:
                break
            inside = np.zeros(n, np.bool_)
            inside[list(odd)] = True
            one, other, gain = best_two_more(members, size, share, inside, both)
            odd, over = tuple(sorted((*odd, one, other))), over + gain - 1.0
    return _spread(sorted((-over, odd) for odd, over in found.items()), n, most)


def _spread(found: list[tuple[float, OddSet]], n: int, most: int) -> list[OddSet]:
    """The first sets of the list, no member in too many of them."""
    used = np.zeros(n, np.int64)
    chosen: list[OddSet] = []
    for _, members in found:
        if used[list(members)].max() < PER_MEMBER and len(chosen) < most:
            used[list(members)] += 1
            chosen.append(members)
    return chosen
