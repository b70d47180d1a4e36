"""Other ways to assign seats, to compare with before deciding policy. None of them decides a lottery here.

They answer like the kernel: for every application the index of the choice it gets and the seat pool, -1 for none.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from commonground.engines.lottery.arrays import NOT_ELIGIBLE, Arrays
from commonground.engines.lottery.kernel import Seating, seat
from commonground.engines.lottery.lines import CLOSED, Lines

Outcome = tuple[NDArray[np.int32], NDArray[np.int32]]


def _nobody(arrays: Arrays) -> Outcome:
    none: NDArray[np.int32] = np.full(arrays.applications, -1, np.int32)
    return none, none.copy()


def deferred_acceptance(lines: Lines) -> Outcome:
    """The mechanism that decides here (see `kernel`), in the form in which it is compared with the others."""
    arrays = lines.arrays
    return seat(arrays, lines.turn, Seating.empty(arrays), by_choice=lines.by_choice).matched(arrays)


def immediate_acceptance(lines: Lines) -> Outcome:
    """The Boston mechanism (Abdulkadiroğlu & Sönmez 2003): seats go for good, in round r to those who ranked them r-th.

    A child who ranks a popular program low may lose it to one with less priority who ranked it first.
    """
    arrays = lines.arrays
    choice, pool = _nobody(arrays)
    free = np.diff(arrays.seat_start).astype(int)
    lengths = np.diff(arrays.choice_start)
    for place in range(int(lengths.max(initial=0))):
        asking: dict[int, list[int]] = defaultdict(list)
        for child in np.flatnonzero((choice < 0) & (lengths > place)).tolist():
            x = int(arrays.choice_start[child]) + place
            asking[int(arrays.choice_program[x])].append(x)
        for choices in asking.values():
            _fill(lines, choices, free, choice, pool)
    return choice, pool


def _fill(
    lines: Lines, choices: list[int], free: NDArray[np.int_], choice: NDArray[np.int32], pool: NDArray[np.int32]
) -> None:
    """Give one program's free seats, pool by pool, to those who ask in this round."""
    owner = lines.arrays.owner
    for k in lines.pools(choices[0]):
        line = [(key, x) for x in choices if choice[owner[x]] < 0 and (key := lines.key(x, k)) is not None]
        for _, x in sorted(line)[: free[k]]:
            choice[owner[x]], pool[owner[x]] = x, k
            free[k] -= 1


def top_trading_cycles(lines: Lines, priorities: Mapping[int, Sequence[int]] | None = None) -> Outcome:
    """Gale's top trading cycles with seat counters (Shapley & Scarf 1974; Abdulkadiroğlu & Sönmez 2003).

    1. Every child points at the first seat pool on its list that has a seat left; every pool points at the child who
       stands first in its line among those still without a seat.
    2. The pointers close a circle; each child in it takes the seat it points at. Repeat until nobody can point.

    Args:
        priorities: for each pool the children in order, when its line holds more children than those who ask there.
    """
    return _Trading(lines, lines.lines if priorities is None else priorities).run()


class _Trading:
    """One run of top trading cycles: a walk along the pointers that keeps what is left of it when a circle closes."""

    def __init__(self, lines: Lines, priorities: Mapping[int, Sequence[int]]) -> None:
        self.wishes = lines.wishes
        self.priorities = priorities
        self.free = np.diff(lines.arrays.seat_start).tolist()
        self.wish = [0] * len(self.wishes)
        self.first = dict.fromkeys(priorities, 0)
        self.waiting = [bool(own) for own in self.wishes]
        self.choice, self.pool = _nobody(lines.arrays)

    def run(self) -> Outcome:
        for child in range(len(self.wishes)):
            if self.waiting[child]:
                self._follow(child)
        return self.choice, self.pool

    def _follow(self, start: int) -> None:
        path, place = [start], {start: 0}
        while path:
            target = self._wanted(path[-1])
            if target is None:
                self.waiting[path[-1]] = False
                del place[path.pop()]
                continue
            holder = self._first_in_line(target)
            if holder in place:
                circle = path[place[holder] :]
                del path[place[holder] :]
                self._trade(circle)
                for child in circle:
                    del place[child]
            else:
                place[holder] = len(path)
                path.append(holder)

    def _wanted(self, child: int) -> int | None:
        own = self.wishes[child]
        while self.wish[child] < len(own) and not self.free[own[self.wish[child]][1]]:
            self.wish[child] += 1
        return own[self.wish[child]][1] if self.wish[child] < len(own) else None

    def _first_in_line(self, pool: int) -> int:
        line = self.priorities[pool]
        while not self.waiting[line[self.first[pool]]]:
            self.first[pool] += 1
        return line[self.first[pool]]

    def _trade(self, circle: list[int]) -> None:
        for child in circle:
            self.choice[child], self.pool[child] = self.wishes[child][self.wish[child]]
            self.free[self.pool[child]] -= 1
            self.waiting[child] = False


def efficiency_adjusted(lines: Lines, consenting: NDArray[np.bool_]) -> Outcome:
    """Efficiency-adjusted deferred acceptance with consent (Kesten 2010), by the rounds of Tang & Yu (2014).

    1. Run deferred acceptance on what is left. A program that turns nobody away is wanted by no one who could still gain.
    2. Settle the children at such programs, and those without a seat, and take these programs off every list.
    3. A settled child who did not consent keeps its priorities: wherever it would rather be, children behind it lose that
       wish. Repeat until every program is settled.
    """
    arrays = replace(lines.arrays, rank=lines.arrays.rank.copy())
    choice, pool = _nobody(arrays)
    settled = np.zeros(arrays.applications, dtype=bool)
    while not settled.all():
        left = Lines(arrays, lines.turn, lines.by_choice)
        now, seats = deferred_acceptance(left)
        wanted = _wanted(left, now, settled)
        busy = np.isin(np.arange(len(arrays.pool_start) - 1), arrays.choice_program[wanted])
        at_busy, got = np.zeros_like(settled), now >= 0
        at_busy[got] = busy[arrays.choice_program[now[got]]]
        here = ~settled & ~at_busy
        if not here.any():
            # Hard seat pools can turn children away everywhere while other seats stay free: then all keep what they have.
            here = ~settled
        choice[here], pool[here] = now[here], seats[here]
        settled |= here
        claims = wanted & (here & ~consenting)[arrays.owner]
        _close(left, ~busy[arrays.choice_program] | settled[arrays.owner] | _behind(left, claims))
    return choice, pool


def _wanted(lines: Lines, now: NDArray[np.int32], settled: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The choices that an unsettled child is eligible for and would rather have than what it got."""
    arrays = lines.arrays
    reached = np.where(now >= 0, now, arrays.choice_start[1:])[arrays.owner]
    eligible: NDArray[np.bool_] = np.zeros(arrays.choices, dtype=bool)
    eligible[lines.entry_choice[lines.entry_key != CLOSED]] = True
    return eligible & ~settled[arrays.owner] & (np.arange(arrays.choices) < reached)


def _behind(lines: Lines, claims: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The choices that stand behind a claim in some seat pool."""
    first: NDArray[np.uint64] = np.full(len(lines.arrays.seat_start) - 1, CLOSED)
    mine = claims[lines.entry_choice]
    np.minimum.at(first, lines.entry_pool[mine], lines.entry_key[mine])
    behind = np.zeros(lines.arrays.choices, dtype=bool)
    behind[lines.entry_choice[lines.entry_key > first[lines.entry_pool]]] = True
    return behind


def _close(lines: Lines, choices: NDArray[np.bool_]) -> None:
    lines.arrays.rank[choices[lines.entry_choice]] = NOT_ELIGIBLE
