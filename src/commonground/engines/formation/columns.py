"""Columns: candidate groups with their option and value, and the search for all that their members' prices do not pay
for."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from commonground.engines.formation.instance import CLOSED, Arrays, Floats, Ints
from commonground.engines.formation.kernels.pricing import best_for_each, price_groups
from commonground.engines.formation.sectors import even_bonus, sector_bonus

THREADS = 2
SMALL = 60  # members below which threads cost more than they save
LOOK_EVERY = 0.1  # seconds between two questions whether a long listing may go on
TABLE = 60_000  # columns kept per option and size in one pricing, unless less will do


@dataclass(frozen=True, eq=False)
class Columns:
    """`members` (count, size_max), the first `size` of each row valid and the others -1; `option` and `value` per
    row."""

    members: Ints
    size: Ints
    option: Ints
    value: Floats

    def __len__(self) -> int:
        return len(self.size)

    def __getitem__(self, rows: NDArray[np.generic]) -> "Columns":
        return Columns(self.members[rows], self.size[rows], self.option[rows], self.value[rows])

    @staticmethod
    def join(parts: "list[Columns]", size_max: int) -> "Columns":
        if not parts:
            none = np.zeros(0, np.int64)
            return Columns(np.zeros((0, size_max), np.int64), none, none, np.zeros(0))
        return Columns(
            np.concatenate([part.members for part in parts]),
            np.concatenate([part.size for part in parts]),
            np.concatenate([part.option for part in parts]),
            np.concatenate([part.value for part in parts]),
        )

    def inside(self, active: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which columns have only active members."""
        padded = np.append(active, True)  # row -1 reads the last: padding is always inside
        return np.asarray(padded[self.members].all(axis=1))

    def keys(self) -> list[bytes]:
        """One key per column; equal for equal members and option."""
        rows = np.sort(self.members, axis=1)
        return [row.tobytes() for row in np.column_stack([rows, self.option])]


@dataclass(frozen=True, eq=False)
class Priced:
    """Columns whose reduced value exceeds a threshold: `reduced` per column. `complete` if none above it is missing;
    `sure` if at least the greatest is among them, so that `best` (or the threshold) bounds every group's reduced
    value."""

    columns: Columns
    reduced: Floats
    best: float
    complete: bool
    sure: bool

    def spread(self, n: int, per_member: int, most: int) -> Columns:
        """The best columns, so that every member has up to `per_member` among them."""
        order = np.argsort(-self.reduced, kind="stable")
        return self.columns[best_for_each(self.columns.members, self.columns.size, order, n, per_member, most)]


def price(
    arrays: Arrays,
    prices: Floats,
    count_price: float,
    threshold: float,
    *,
    active: NDArray[np.bool_] | None = None,
    work: int = 2**62,
    table: int = TABLE,
    still: Callable[[], bool] | None = None,
) -> Priced:
    """All groups of active members whose value minus prices minus the count's price exceeds `threshold`.

    `table` is how many are kept per option and size. `work` limits the stages of the enumeration per option and size; `still`
    is asked now and then and ends it by returning False. What was cut short is not `sure`.
    """
    go_on = np.ones(1, np.int64)
    bonus = sector_bonus(arrays, prices, active)
    listing = _Listing(arrays, prices, count_price, threshold, active, bonus, work, table, go_on)
    tasks = list(product(range(arrays.cost.shape[1]), range(arrays.size_min, arrays.size_max + 1)))
    if len(prices) < SMALL:
        parts = [listing.one(*task) for task in tasks]
    else:
        with ThreadPoolExecutor(THREADS) as pool:
            running = [pool.submit(listing.one, *task) for task in tasks]
            while still is not None and wait(running, LOOK_EVERY).not_done:
                go_on[0] = still()
            parts = [each.result() for each in running]
    columns = Columns.join([part[0] for part in parts], arrays.size_max)
    reduced = np.concatenate([part[1] for part in parts])
    best = float(reduced.max(initial=threshold))
    return Priced(columns, reduced, best, all(p[2] and p[3] for p in parts), all(p[3] for p in parts))


@dataclass(frozen=True, eq=False)
class _Listing:
    """What one pricing asks for, whatever the option and size."""

    arrays: Arrays
    prices: Floats
    count_price: float
    threshold: float
    active: NDArray[np.bool_] | None
    bonus: Floats
    work: int
    table: int
    go_on: Ints

    def one(self, option: int, size: int) -> tuple[Columns, Floats, bool, bool]:
        """(columns, their reduced values, whether none is missing, whether the best is among them)."""
        a = self.arrays
        usable = a.cost[:, option] < CLOSED
        ids = np.flatnonzero(usable if self.active is None else usable & self.active)
        bonus = even_bonus(a, self.bonus, size)
        if len(ids) < size or bonus is None:
            return Columns.join([], a.size_max), np.zeros(0), True, True
        r = reduced_pairs(a, self.prices - bonus[a.kind], ids, option, size)
        fixed = self.count_price + a.size_cost[size]
        members, values = np.empty((self.table, size), np.int64), np.empty(self.table)
        count, overflowed, left = price_groups(
            r, size, self.threshold + fixed, a.kind[ids], a.kind_min, a.kind_max, bonus, a.pin[ids], a.pin_size, members,
            values, self.work, self.go_on,
        )  # fmt: skip
        value = values[:count]
        padded = np.full((count, a.size_max), -1, np.int64)
        padded[:, :size] = ids[members[:count]]
        whole = value - fixed + self.prices[padded[:, :size]].sum(axis=1) + self.count_price
        columns = Columns(padded, np.full(count, size), np.full(count, option), whole)
        return columns, value - fixed, not overflowed, left >= 0


def reduced_pairs(arrays: Arrays, prices: Floats, ids: Ints, option: int, size: int) -> Floats:
    """r[i, j] of these members: pair weights less each one's share of its price and cost."""
    q = (prices[ids] + arrays.cost[ids, option]) / (size - 1)
    r = arrays.pair[np.ix_(ids, ids)]
    r -= q
    r -= q[:, None]
    np.fill_diagonal(r, -CLOSED)
    return r
