"""Prices and a bound for markets too large for one linear program: solve it part by part, then raise prices to fit.

1. Cut the members into parts that lie near each other. 2. Find each part's prices by column generation. 3. List the
groups across parts that these prices would not pay for, and raise their members' prices until none is left. What
comes out bounds the whole market; how much it is raised depends on how much the parts had to do with each other.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from commonground.engines.formation.columns import Columns, price
from commonground.engines.formation.instance import Arrays, Floats, Ints
from commonground.engines.formation.master import EXACT, Relaxation, proven, relax

ONE_PROGRAM = 2_500  # members up to which one linear program is quick
PART = 800
LIFTS = 6


def relax_in_parts(
    arrays: Arrays, start: Columns, centre: Floats, near: Ints, *, go_on: Callable[[float], bool], work: int
) -> Relaxation | None:
    """Like `relax`, for many members and a free number of groups; never exact. `near` as in `state.near`."""
    prices, found = centre.copy(), [start]
    for part in _parts(near):
        inside = np.zeros(len(prices), bool)
        inside[part] = True
        place = np.cumsum(inside) - 1
        own = start[np.flatnonzero(start.inside(inside))]
        local = np.where(own.members >= 0, place[own.members], -1)
        relaxed = relax(
            _sub_arrays(arrays, part),
            None,
            Columns(local, own.size, own.option, own.value),
            centre[part],
            go_on=lambda bound: go_on(np.inf),
            work=work,
        )
        if relaxed is None:
            return None
        prices[part] = relaxed.prices
        names = np.append(part, -1)
        columns = relaxed.columns
        found.append(Columns(names[columns.members], columns.size, columns.option, columns.value))
    return _lifted(arrays, prices, found, go_on, work)


def _lifted(
    arrays: Arrays, prices: Floats, found: list[Columns], go_on: Callable[[float], bool], work: int
) -> Relaxation | None:
    best: Relaxation | None = None
    none = np.zeros(0)
    for _ in range(LIFTS):
        priced = price(arrays, prices, 0.0, EXACT, work=work)
        if not priced.sure:
            break
        found.append(priced.spread(len(prices), 2, 2 * len(prices)))
        prices, bound = proven(arrays, None, prices, 0.0, priced)
        if best is None or bound < best.bound:
            best = Relaxation(prices, 0.0, bound, Columns.join(found, arrays.size_max), none, False)
        if priced.complete or not go_on(bound):
            break
    return best


def _parts(near: Ints) -> list[Ints]:
    """Members in parts of about `PART`, each grown from near to near."""
    n = len(near)
    left, parts = np.ones(n, bool), []
    queue: list[int] = []
    for first in range(n):
        if not left[first]:
            continue
        part: list[int] = []
        queue = [first]
        while queue and len(part) < PART:
            i = queue.pop(0)
            if left[i]:
                left[i] = False
                part.append(i)
                queue.extend(near[i, :8].tolist())
        parts.append(np.sort(np.array(part, np.int64)))
    return _joined(parts)


def _joined(parts: list[Ints]) -> list[Ints]:
    """Small leftovers put together, so that no part is tiny."""
    joined: list[Ints] = []
    small: list[Ints] = []
    for part in parts:
        small.append(part)
        if sum(len(each) for each in small) >= PART // 2:
            joined.append(np.sort(np.concatenate(small)))
            small = []
    return [*joined, np.sort(np.concatenate(small))] if small else joined


def _sub_arrays(arrays: Arrays, part: Ints) -> Arrays:
    pin = arrays.pin[part]
    return replace(
        arrays,
        pair=np.ascontiguousarray(arrays.pair[np.ix_(part, part)]),
        cost=np.ascontiguousarray(arrays.cost[part]),
        leave=arrays.leave[part],
        kind=arrays.kind[part],
        pin=pin,
    )
