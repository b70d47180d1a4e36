"""A bonus per kind (sector) that keeps the listing of groups away from mixes that the rules do not allow.

Where one sector is scarce and every group needs it, its members' prices are high and all others' low. Most groups worth
more than their prices are then of the plentiful sector alone, and not allowed. A bonus that sums to 0 or more over every
allowed mix hides no allowed group above a threshold, and one that evens out the sectors' prices hides most of the others.
"""

import numpy as np
from numpy.typing import NDArray

from commonground.engines.formation.instance import CLOSED, Arrays, Floats
from commonground.engines.formation.kernels.pricing import fitting_pairs, least_bonus

SHARES = (0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5)  # of the difference between the sectors' mean prices
SAMPLE = 400  # members looked at to choose among them


def most_groups(arrays: Arrays, count: int | None) -> int:
    """How many groups there can be: as many as the smallest size, and the scarcest sector, allow."""
    if count is not None:
        return count
    most = len(arrays.pair) // arrays.size_min
    for kind, low in enumerate(arrays.kind_min):
        if low:
            most = min(most, int((arrays.kind == kind).sum()) // int(low))
    return most


def even_bonus(arrays: Arrays, bonus: Floats, size: int) -> Floats | None:
    """The bonus moved so that it sums to 0 over the least allowed mix of this size; None where no mix is allowed."""
    least = least_bonus(bonus, size, arrays.kind_min, arrays.kind_max)
    return None if np.isinf(least) else np.asarray(bonus - least / size)


def sector_bonus(arrays: Arrays, prices: Floats, active: NDArray[np.bool_] | None = None) -> Floats:
    """The bonus per kind, out of a few, under which the fewest pairs of members can begin a group that its members' prices do
    not pay for."""
    none = np.zeros(arrays.kind_min.size)
    size = arrays.size_max
    if not arrays.kind_min.any() and (arrays.kind_max >= size).all():
        return none
    ids = np.arange(len(prices)) if active is None else np.flatnonzero(active)
    ids = ids[:: -(-len(ids) // SAMPLE)] if len(ids) else ids
    evening = none.copy()
    for kind in range(none.size):
        same = prices[ids][arrays.kind[ids] == kind]
        evening[kind] = same.mean() if same.size else 0.0
    choices = [none, *(share * evening for share in SHARES)]
    return choices[int(np.argmin([_work(arrays, prices, ids, choice, size) for choice in choices]))]


def _work(arrays: Arrays, prices: Floats, ids: NDArray[np.int64], bonus: Floats, size: int) -> float:
    even = even_bonus(arrays, bonus, size)
    if even is None:
        return 0.0
    limit, work = arrays.size_cost[size] * 2.0 / (size * (size - 1)), 0.0
    for option in range(arrays.cost.shape[1]):
        own = ids[arrays.cost[ids, option] < CLOSED]
        q = prices[own] + arrays.cost[own, option]
        work += fitting_pairs(arrays.pair[np.ix_(own, own)], q, arrays.kind[own], even, size, limit)
    return work
