"""Prices and a bound for markets too large for a linear program: the same prices, found by smoothing.

1. List the groups that the prices do not pay for, and keep the best of every member. 2. Let all members settle their
prices over the groups kept so far (`kernels/smooth.py`), a little less smoothly each time. 3. Where a listing is complete,
raising prices until no group is left above them proves a bound. Time and memory follow the number of groups kept, which is
a fixed number per member.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from commonground.engines.formation.columns import Columns, Priced, price
from commonground.engines.formation.instance import Arrays, Floats, Ints
from commonground.engines.formation.kernels.pricing import lift
from commonground.engines.formation.kernels.smooth import columns_of_members, smooth_prices
from commonground.engines.formation.master import EXACT, Relaxation, proven
from commonground.engines.formation.sectors import most_groups

ROUNDS = 60
HOT, COLD, COOLING = 0.15, 0.01, 0.8  # heat of the first and last rounds in mean prices, and its factor per round
SWEEPS = 60
PER_MEMBER = 20  # new groups kept per member and round
FORGET = 1.0  # a group this many mean prices below its members' prices is dropped
REACH = 0.3  # how far a price may move in a round, in mean prices: listed groups say little about prices far away
FAR = 3.0  # likewise where a scarce sector limits the groups and more are above the prices than can be listed: they are far off
LIFTS = 8  # listings, at most, to come from the last prices to a bound
RAISE = 0.2  # of the mean price: how much dearer all members become where listing was too much work
ENOUGH = 0.0002  # improvement of the bound over `LAST` rounds at which the search for it ends
LAST = 5


def relax_smoothly(
    arrays: Arrays,
    start: Columns,
    centre: Floats,
    *,
    go_on: Callable[[float], bool],
    still: Callable[[], bool],
    work: int,
) -> Relaxation | None:
    """Like `master.relax`, for many members and a free number of groups; never exact."""
    scale = max(1e-6, float(np.abs(centre[centre > -arrays.leave]).mean())) if len(start) else 1.0
    prices, kept, heat = np.maximum(centre, -arrays.leave), start, HOT * scale
    scarce = most_groups(arrays, None) < len(prices) // arrays.size_min
    best: Relaxation | None = None
    bounds = [np.inf]
    for _ in range(ROUNDS):
        priced = price(arrays, prices, 0.0, EXACT, work=work, still=still)
        if not priced.sure:
            prices = prices + RAISE * scale
            if not go_on(np.inf):
                break
            continue
        if priced.complete:
            best = _better(best, arrays, prices, priced)
            bounds.append(best.bound)
        if not go_on(min(bounds)) or _settled(bounds, heat <= COLD * scale):
            break
        kept = _distinct(Columns.join([kept, priced.spread(len(prices), PER_MEMBER, 10**9)], arrays.size_max))
        prices, kept = _smooth(arrays, prices, kept, heat, scale, FAR if scarce and not priced.complete else REACH)
        heat = max(COLD * scale, heat * COOLING)
    best = best or _lifted(arrays, prices, work, still)
    return best and replace(best, columns=kept)


def _better(best: Relaxation | None, arrays: Arrays, prices: Floats, priced: Priced) -> Relaxation:
    raised, bound = proven(arrays, None, prices, 0.0, priced)
    if best is not None and best.bound <= bound:
        return best
    return Relaxation(raised, 0.0, bound, priced.columns, np.zeros(0), False)


def _settled(bounds: list[float], cold: bool) -> bool:
    return cold and len(bounds) > LAST and bounds[-LAST] - bounds[-1] < ENOUGH * abs(bounds[-1])


def _smooth(
    arrays: Arrays, prices: Floats, kept: Columns, heat: float, scale: float, reach: float
) -> tuple[Floats, Columns]:
    """The settled prices, and the columns that are still near them."""
    settled = prices.copy()
    first, holds = columns_of_members(kept.members, kept.size, len(prices))
    reduced = _reduced(kept, settled)
    smooth_prices(settled, reduced, first, holds, arrays.leave, heat, reach * scale, SWEEPS)
    return settled, kept[np.flatnonzero(reduced > -FORGET * scale)]


def _reduced(columns: Columns, prices: Floats) -> Floats:
    padded = np.append(prices, 0.0)  # row -1 reads the last: padding costs nothing
    return np.asarray(columns.value - padded[columns.members].sum(axis=1))


def _distinct(columns: Columns) -> Columns:
    """Each column once. Numbers that stand for a column meet by accident about never, and then only lose a column."""
    weights = np.random.default_rng(1).integers(1, 2**62, size=int(columns.members.max(initial=0)) + 2)
    weights[-1] = 0  # padding
    with np.errstate(over="ignore"):
        number = weights[columns.members].sum(axis=1) * 64 + columns.option
    return columns[np.unique(number, return_index=True)[1]]


def _lifted(arrays: Arrays, prices: Floats, work: int, still: Callable[[], bool]) -> Relaxation | None:
    """A bound where no listing was complete yet: raise prices by what each listing holds, and list again."""
    best: Relaxation | None = None
    for _ in range(LIFTS):
        priced = price(arrays, prices, 0.0, EXACT, work=work, still=still)
        if priced.sure:
            best = _better(best, arrays, prices, priced)
        if priced.complete:
            break
        order: Ints = np.argsort(-priced.reduced, kind="stable")
        prices = lift(prices, priced.columns.members, priced.columns.size, priced.reduced, order)
    return best
