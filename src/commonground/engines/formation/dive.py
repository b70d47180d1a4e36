"""Diving: solve the linear program for some members, take the groups it is surest of, and repeat for the rest."""

from collections.abc import Callable

import numpy as np

from commonground.engines.formation.columns import Columns, price
from commonground.engines.formation.instance import Arrays, Flags, Floats, Ints
from commonground.engines.formation.master import EXACT, Master

SURE = 0.999  # a share above this is a whole group
SHARE = 0.05  # of the groups still open, how many to take per step although their share is broken
PRICINGS = 2
NEW = 1_500  # groups listed per option and size, and taken of all: a dive needs good ones, not all


def dive(
    arrays: Arrays,
    members: Ints,
    count: int | None,
    start: Columns,
    prices: Floats,
    *,
    rng: np.random.Generator,
    go_on: Callable[[], bool],
    share: float = SHARE,
) -> Columns:
    """Groups of `members`, as far as the program places them; `start` must be columns of these members.

    `rng` blurs the shares a little, so that dives into the same members differ.
    """
    master = Master(arrays, count, members, still=go_on)
    master.add(start)
    open_ = np.zeros(len(arrays.pair), bool)
    open_[members] = True
    taken: list[int] = []
    while open_.any() and go_on():
        _price_out(master, arrays, open_, go_on)
        columns = master.all_columns(arrays.size_max)
        chosen = _surest(columns, master.shares(), open_, rng, share)
        if not chosen:
            break
        master.fix(np.array(chosen))
        taken += chosen
    everything = master.all_columns(arrays.size_max)
    return everything[np.array(taken, np.int64)]


def _price_out(master: Master, arrays: Arrays, open_: Flags, still: Callable[[], bool]) -> None:
    for _ in range(PRICINGS):
        _, prices, count_price = master.solve()
        priced = price(arrays, prices, count_price, EXACT, active=open_, table=NEW, still=still)
        if not master.add(priced.spread(len(prices), 4, NEW)):
            return
    master.solve()


def _surest(columns: Columns, shares: Floats, open_: Flags, rng: np.random.Generator, share: float) -> list[int]:
    """Positions of columns to take now: all whole ones, and the surest of the broken ones. Closes their members."""
    usable = np.flatnonzero((shares > 1e-6) & columns.inside(open_))
    blurred = shares[usable] + np.where(shares[usable] < SURE, 0.1 * rng.random(len(usable)), 1.0)
    chosen, broken = [], 0
    most = max(1, int(share * open_.sum() / max(1, columns.members.shape[1])))
    for c in usable[np.argsort(-blurred, kind="stable")]:
        ids = columns.members[c, : columns.size[c]]
        if not open_[ids].all():
            continue
        if shares[c] < SURE:
            if broken == most:
                break
            broken += 1
        chosen.append(int(c))
        open_[ids] = False
    return chosen
