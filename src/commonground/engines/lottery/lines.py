"""The lines before the seat pools: who may enter, and in which order."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from commonground.engines.lottery.arrays import NOT_ELIGIBLE, Arrays

# The key of a choice that a pool is closed to: behind every other.
CLOSED = np.uint64(0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True)
class Lines:
    """A market's arrays with places in the lottery: one an application, or one a choice when `by_choice`.

    An *entry* is a choice before one pool of its program; entries lie in the order of `Arrays.rank`.
    """

    arrays: Arrays
    turn: NDArray[np.uint32]
    by_choice: bool = False

    @cached_property
    def entry_choice(self) -> NDArray[np.int64]:
        """For every entry its choice."""
        pools = np.diff(self.arrays.pool_start)[self.arrays.choice_program]
        return np.repeat(np.arange(self.arrays.choices), pools)

    @cached_property
    def entry_pool(self) -> NDArray[np.int64]:
        """For every entry its seat pool."""
        arrays = self.arrays
        begin = arrays.pool_start[arrays.choice_program].astype(np.int64) - arrays.rank_start
        return begin[self.entry_choice] + np.arange(len(arrays.rank))

    @cached_property
    def entry_key(self) -> NDArray[np.uint64]:
        """For every entry its key: standing, then place in the lottery; smaller first, `CLOSED` when it may not enter."""
        turn = self.turn if self.by_choice else self.turn[self.arrays.owner]
        keys = (self.arrays.rank.astype(np.uint64) << np.uint64(32)) | turn[self.entry_choice]
        return np.where(self.arrays.rank == NOT_ELIGIBLE, CLOSED, keys)

    def key(self, choice: int, pool: int) -> int | None:
        """Where a choice stands in one of its program's pools, smaller first; None when the pool is closed to it."""
        begin = self.arrays.pool_start[self.arrays.choice_program[choice]]
        key = self.entry_key[self.arrays.rank_start[choice] + pool - begin]
        return None if key == CLOSED else int(key)

    def pools(self, choice: int) -> range:
        """The seat pools of a choice's program, in precedence order."""
        program = self.arrays.choice_program[choice]
        return range(int(self.arrays.pool_start[program]), int(self.arrays.pool_start[program + 1]))

    @cached_property
    def wishes(self) -> list[list[tuple[int, int]]]:
        """For every child the (choice, pool) pairs open to it, best choice first, then in precedence order."""
        found: list[list[tuple[int, int]]] = [[] for _ in range(self.arrays.applications)]
        may = self.entry_key != CLOSED
        choices, pools = self.entry_choice[may], self.entry_pool[may]
        for child, x, k in zip(self.arrays.owner[choices].tolist(), choices.tolist(), pools.tolist(), strict=True):
            found[child].append((x, k))
        return found

    @cached_property
    def lines(self) -> dict[int, list[int]]:
        """For every pool the children who may enter it, first in line first."""
        may = np.flatnonzero(self.entry_key != CLOSED)
        ordered = may[np.lexsort((self.entry_key[may], self.entry_pool[may]))]
        ends = np.searchsorted(self.entry_pool[ordered], np.arange(len(self.arrays.seat_start)))
        children = self.arrays.owner[self.entry_choice[ordered]].tolist()
        return {k: children[begin:end] for k, (begin, end) in enumerate(pairwise(ends))}
