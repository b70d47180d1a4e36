"""The state of a search: who is in which group now, what that loses against the members' prices, and how to better
it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from commonground.engines.formation.columns import THREADS, Columns
from commonground.engines.formation.instance import Arrays, Floats, Ints
from commonground.engines.formation.kernels.reform import near_members, reform, slot_losses
from commonground.engines.formation.kernels.start import first_groups

NEAR = 40  # how many best-fitting others a member may pull into a neighbourhood
# Members re-formed at once, by largest group size: as many as keep the enumeration of their groups under a few
# thousand.
MEMBERS = {2: 40, 3: 30, 4: 24, 5: 20, 6: 18}
LARGEST = max(MEMBERS)  # larger groups are searched by single moves


@dataclass(eq=False)
class State:
    """`slots[s, :size[s]]` are the members of slot s (0: empty, 1: a member in no group), `where[i]` is the slot of
    i."""

    arrays: Arrays
    count: int | None
    slots: Ints
    size: Ints
    option: Ints
    where: Ints

    @staticmethod
    def of(arrays: Arrays, count: int | None, columns: Columns) -> "State":
        """These groups; everybody else is in none."""
        n, width = len(arrays.pair), arrays.size_max
        state = State(
            arrays,
            count,
            np.zeros((n, width), np.int64),
            np.zeros(n, np.int64),
            np.full(n, -1),
            np.zeros(n, np.int64),
        )
        state.replace(np.arange(n), columns)
        return state

    def copy(self) -> "State":
        return State(
            self.arrays, self.count, self.slots.copy(), self.size.copy(), self.option.copy(), self.where.copy()
        )

    def replace(self, members: Ints, columns: Columns) -> None:
        """Take these members (whole groups) out of their slots and put these columns there instead; the rest are
        alone."""
        if self.size.any():
            self.size[np.unique(self.where[members])] = 0
        free = iter(np.flatnonzero(self.size == 0))
        alone = np.zeros(len(self.where), bool)
        alone[members] = True
        for row, size, option in zip(columns.members, columns.size, columns.option, strict=True):
            alone[row[:size]] = False
            self._put(int(next(free)), row[:size], int(option))
        for i in np.flatnonzero(alone):
            self._put(int(next(free)), np.array([i]), -1)

    def columns(self) -> Columns:
        """The groups (members alone left out), smallest member first, with their values."""
        rows = np.flatnonzero(self.size > 1)
        members = np.where(np.arange(self.arrays.size_max) < self.size[rows][:, None], self.slots[rows], -1)
        return Columns(members, self.size[rows], self.option[rows], -self.losses(np.zeros(len(self.where)))[rows])

    def losses(self, prices: Floats) -> Floats:
        a = self.arrays
        losses: Floats = slot_losses(self.slots, self.size, self.option, a.pair, a.cost, prices, a.leave, a.size_cost)
        return losses

    def total(self) -> float:
        """Value of the whole; members that must have a group and have none count as very dear."""
        return -float(self.losses(np.zeros(len(self.where))).sum())

    def alone(self) -> Ints:
        return np.asarray(self.slots[self.size == 1, 0])

    def fair_prices(self) -> Floats:
        """Every member's half of its pairs less its cost: what the group pays to each, summing to its value."""
        prices = -self.arrays.leave.copy()
        for s in np.flatnonzero(self.size > 1):
            ids = self.slots[s, : self.size[s]]
            inside = self.arrays.pair[np.ix_(ids, ids)].sum(axis=1) / 2
            prices[ids] = (
                inside - self.arrays.cost[ids, self.option[s]] - self.arrays.size_cost[self.size[s]] / len(ids)
            )
        return prices

    def reform(self, prices: Floats, near: Ints, rounds: int, seed: int, *, scope: Ints | None = None) -> None:
        """`rounds` neighbourhoods in each of two halves of the groups, side by side; or only among the groups of
        `scope`."""
        side = self._sides(near, seed) if scope is None else self._scope(scope)
        losses, a = self.losses(prices), self.arrays
        most = MEMBERS[max(2, a.size_max)]

        def half(mine: int) -> None:
            reform(
                self.slots, self.size, self.option, self.where, side, mine, losses, a.pair, a.cost, prices, a.leave,
                a.kind, a.kind_min, a.kind_max, a.pin, a.pin_size, a.size_min, a.size_cost, near, self.count is not None,
                most, most, rounds, seed * 2 + mine,
            )  # fmt: skip

        if scope is not None or len(self.where) < 100:
            half(0)
            return
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(half, range(THREADS)))

    def _sides(self, near: Ints, seed: int) -> Ints:
        """Two halves of the slots, each grown from near to near, so that most neighbourhoods lie in one half."""
        n = len(self.where)
        side = np.arange(n) % 2 if n >= 100 else np.zeros(n, np.int64)
        if n < 100:
            return side
        side[self.size > 0] = 1
        rng = np.random.default_rng(seed)
        queue, reached = [int(rng.integers(n))], 0
        while queue and reached < n // 2:
            s = self.where[queue.pop(int(rng.integers(len(queue))))]
            if side[s] == 0:
                continue
            side[s] = 0
            for i in self.slots[s, : self.size[s]]:
                reached += 1
                queue.extend(near[i, :6].tolist())
        return side

    def _scope(self, members: Ints) -> Ints:
        side = np.ones(len(self.where), np.int64)
        side[self.size == 0] = 0
        side[self.where[members]] = 0
        return side

    def _put(self, s: int, members: Ints, option: int) -> None:
        self.slots[s, : len(members)] = members
        self.size[s], self.option[s] = len(members), option
        self.where[members] = s


def near(arrays: Arrays, prices: Floats) -> Ints:
    """For every member the others that it fits best under these prices; those pinned to it first."""
    count = min(NEAR, len(arrays.pair) - 1)
    best: Ints = near_members(arrays.pair, arrays.cost, prices, count, max(2, arrays.size_max))
    for i in np.flatnonzero(arrays.pin >= 0):
        mates = np.flatnonzero(arrays.pin == arrays.pin[i])
        mates = mates[mates != i]
        best[i] = np.concatenate([mates, best[i][~np.isin(best[i], mates)]])[:count]
    return best


def first_state(arrays: Arrays, count: int | None, seed: int) -> State:
    """Groups built one after another around members in a random order; pinned members stay alone for now."""
    n = len(arrays.pair)
    order = np.random.default_rng(seed).permutation(n)
    members, sizes, options = first_groups(
        order, arrays.pin < 0, _sizes(arrays, count, n), arrays.pair, arrays.cost, arrays.kind, arrays.kind_min,
        arrays.kind_max, arrays.size_max,
    )  # fmt: skip
    return State.of(arrays, count, Columns(members, sizes, options, np.zeros(len(sizes))))


def _sizes(arrays: Arrays, count: int | None, n: int) -> Ints:
    """Sizes to aim at: the cheapest size again and again, or n spread evenly over a given number of groups."""
    if count is None:
        cheapest = arrays.size_min + int(np.argmin(arrays.size_cost[arrays.size_min :]))
        return np.full(n // cheapest, cheapest)
    even = np.full(count, n // count) + (np.arange(count) < n % count)
    return np.asarray(np.clip(even, arrays.size_min, arrays.size_max))
