"""Searching groups that are too large to list, or whose sizes differ from group to group: annealing, again and again.

Two anneals run side by side from fresh groups, each twice as long as the ones before up to a limit; the best state of all
is the answer. The bound comes from each member's best pairs, which is quick and loose.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from commonground.engines.formation.columns import THREADS, Columns
from commonground.engines.formation.instance import CLOSED, Arrays, Floats, Instance, Ints, must_cost
from commonground.engines.formation.kernels.cover import group_loss, mix_is_right
from commonground.engines.formation.kernels.moves import anneal
from commonground.engines.formation.state import State

HOT, COLD = 2.0, 0.2  # temperatures, in standard deviations of the pair weights
FIRST_STEPS, MOST_STEPS = 4_000, 500_000  # turns per member in the first and the longest anneal
SEGMENT = 3_000_000  # turns between two looks at the clock
PATIENCE = 12  # longest anneals without an improvement before the search ends by itself


@dataclass(frozen=True, eq=False)
class Task:
    """An instance as the annealing takes it: limits per group, and fines in place of what is closed."""

    arrays: Arrays
    low: Ints
    high: Ints
    pair: Floats
    cost: Floats
    fine: float
    plain: bool
    heat: float

    @staticmethod
    def of(instance: Instance, arrays: Arrays, fine: float) -> "Task":
        n, open_pairs = len(arrays.pair), arrays.pair > -CLOSED / 2
        pair = np.where(open_pairs, arrays.pair, -fine)
        for pin in range(arrays.pin_size.size):
            ids = np.flatnonzero(arrays.pin == pin)
            pair[np.ix_(ids, ids)] += fine  # the same for every set of groups that keeps its pins whole
        np.fill_diagonal(pair, 0.0)
        slots = instance.slots or _slots(instance, arrays, n)
        mixed = bool(arrays.kind_min.any() or (arrays.kind_max < arrays.size_max).any())
        return Task(
            arrays=arrays,
            low=np.array([low for low, _ in slots], np.int64),
            high=np.array([high for _, high in slots], np.int64),
            pair=pair,
            cost=np.minimum(arrays.cost, fine),
            fine=fine,
            plain=not (mixed or arrays.cost.any() or arrays.size_cost.any()),
            heat=max(1e-6, float(arrays.pair[open_pairs].std())),
        )

    def start(self, rng: np.random.Generator) -> Ints:
        """Members dealt out at random: every group its least number first."""
        n, least = len(self.pair), np.repeat(np.arange(len(self.low)), self.low)
        room = rng.permutation(np.repeat(np.arange(len(self.low)), self.high - self.low))
        alone = np.full(max(0, n - len(least) - len(room)), len(self.low))
        return rng.permutation(np.concatenate([least, room, alone])[:n]).astype(np.int64)

    def anneal(self, steps: int, seed: int, go_on: Callable[[], bool]) -> Columns:
        """The best groups of one anneal, those that break a rule left out."""
        rng = np.random.default_rng(seed)
        group, a = self.start(rng), self.arrays
        best, gain, best_gain = group.copy(), 0.0, 0.0
        parts = -(-steps // SEGMENT)
        heats = self.heat * HOT * (COLD / HOT) ** (np.arange(parts + 1) / parts)
        for hot, cold in pairwise(heats.tolist()):
            gain, best_gain = anneal(
                group, best, gain, best_gain, self.low, self.high, self.pair, self.cost, a.leave, a.kind, a.kind_min,
                a.kind_max, a.size_cost, self.fine, self.plain, hot, cold, steps // parts, int(rng.integers(2**31)),
            )  # fmt: skip
            if not go_on():
                break
        return self._columns(best)

    def _columns(self, group: Ints) -> Columns:
        a, rows = self.arrays, []
        for g in range(len(self.low)):
            ids = np.flatnonzero(group == g)
            if not a.size_min <= len(ids) <= a.size_max or not mix_is_right(
                ids, len(ids), a.kind, a.kind_min, a.kind_max
            ):
                continue
            loss, option = group_loss(ids, len(ids), a.pair, a.cost, np.zeros(len(group)), a.size_cost)
            whole = all((a.pin[ids] == p).sum() == a.pin_size[p] for p in a.pin[ids] if p >= 0)
            if whole and option >= 0 and loss < CLOSED / 2:
                rows.append((ids, option, -loss))
        members = np.full((len(rows), a.size_max), -1, np.int64)
        for k, (ids, _, _) in enumerate(rows):
            members[k, : len(ids)] = ids
        size = np.array([len(ids) for ids, _, _ in rows], np.int64)
        return Columns(
            members, size, np.array([o for _, o, _ in rows], np.int64), np.array([v for _, _, v in rows], np.float64)
        )


def _slots(instance: Instance, arrays: Arrays, n: int) -> tuple[tuple[int, int], ...]:
    """Limits per group: the given number of groups, or as many as the cheapest size allows."""
    cheapest = arrays.size_min + int(np.argmin(arrays.size_cost[arrays.size_min :]))
    count = instance.count if instance.count is not None else max(1, min(n // arrays.size_min, round(n / cheapest)))
    return ((arrays.size_min, arrays.size_max),) * count


def search_large(
    instance: Instance,
    arrays: Arrays,
    state: State,
    seed: int,
    go_on: Callable[[State], bool],
    still: Callable[[], bool],
) -> State:
    """The best of many anneals and of `state`, until `go_on` says no or nothing gets better."""
    n = len(arrays.pair)
    task = Task.of(instance, arrays, must_cost(instance))
    rng, steps, idle = np.random.default_rng(seed), FIRST_STEPS * n, 0
    with ThreadPoolExecutor(THREADS) as pool:
        while idle < PATIENCE and go_on(state):
            seeds = rng.integers(2**31, size=THREADS).tolist()
            before = state.total()
            for columns in list(pool.map(partial(task.anneal, steps, go_on=still), seeds)):
                fresh = State.of(arrays, instance.count, columns)
                if is_better(instance.count, fresh, state):
                    state = fresh
            long = steps >= MOST_STEPS * n
            idle = idle + 1 if long and state.total() <= before + 1e-9 else 0
            steps = min(2 * steps, MOST_STEPS * n)
    return state


def groups_off(count: int | None, state: State) -> int:
    """How many groups there are too many or too few."""
    return 0 if count is None else abs(int((state.size > 1).sum()) - count)


def is_better(count: int | None, fresh: State, state: State) -> bool:
    """Whether `fresh` is nearer to the number of groups, or as near and worth more."""
    off, before = groups_off(count, fresh), groups_off(count, state)
    return off < before or (off == before and fresh.total() > state.total())
