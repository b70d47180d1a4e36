"""Columns: candidate groups with their option and value, and the search for all that their members' prices do not pay
for."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from commonground.engines.formation.instance import CLOSED, Arrays, Floats, Ints
from commonground.engines.formation.kernels.pricing import best_for_each, price_groups

THREADS = 2
TABLE = 60_000  # columns kept per option and size in one pricing


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
    together: Callable[[Floats, Ints], None] | None = None,
    work: int = 2**62,
) -> Priced:
    """All groups of active members whose value minus prices minus the count's price exceeds `threshold`.

    `together(r, ids)` may change the reduced pair weights in place (branching). `work` limits the stages of the
    enumeration per option and size.
    """

    def one(task: tuple[int, int]) -> tuple[Columns, Floats, bool, bool]:
        return _price_one(arrays, prices, count_price, threshold, active, together, work, *task)

    tasks = list(product(range(arrays.cost.shape[1]), range(arrays.size_min, arrays.size_max + 1)))
    if len(prices) < 200:
        parts = [one(task) for task in tasks]
    else:
        with ThreadPoolExecutor(THREADS) as pool:
            parts = list(pool.map(one, tasks))
    columns = Columns.join([part[0] for part in parts], arrays.size_max)
    reduced = np.concatenate([part[1] for part in parts])
    best = float(reduced.max(initial=threshold))
    return Priced(columns, reduced, best, all(p[2] and p[3] for p in parts), all(p[3] for p in parts))


def _price_one(
    arrays: Arrays,
    prices: Floats,
    count_price: float,
    threshold: float,
    active: NDArray[np.bool_] | None,
    together: Callable[[Floats, Ints], None] | None,
    work: int,
    option: int,
    size: int,
) -> tuple[Columns, Floats, bool, bool]:
    usable = arrays.cost[:, option] < CLOSED
    ids = np.flatnonzero(usable if active is None else usable & active)
    if len(ids) < size:
        return Columns.join([], arrays.size_max), np.zeros(0), True, True
    r = reduced_pairs(arrays, prices, ids, option, size)
    if together is not None:
        together(r, ids)
    fixed = count_price + arrays.size_cost[size]
    members, values = np.empty((TABLE, size), np.int64), np.empty(TABLE)
    count, overflowed, left = price_groups(
        r, size, threshold + fixed, arrays.kind[ids], arrays.kind_min, arrays.kind_max, arrays.pin[ids],
        arrays.pin_size, members, values, work,
    )  # fmt: skip
    found, value = members[:count], values[:count]
    padded = np.full((count, arrays.size_max), -1, np.int64)
    padded[:, :size] = ids[found]
    chosen = Columns(padded, np.full(count, size), np.full(count, option), np.zeros(count))
    whole = value - fixed + prices[padded[:, :size]].sum(axis=1) + count_price
    return Columns(padded, chosen.size, chosen.option, whole), value - fixed, not overflowed, left >= 0


def reduced_pairs(arrays: Arrays, prices: Floats, ids: Ints, option: int, size: int) -> Floats:
    """r[i, j] of these members: pair weights less each one's share of its price and cost."""
    q = (prices[ids] + arrays.cost[ids, option]) / (size - 1)
    r = arrays.pair[np.ix_(ids, ids)]
    r -= q
    r -= q[:, None]
    np.fill_diagonal(r, -CLOSED)
    return r
