"""Student-proposing deferred acceptance over seat pools, compiled.

Each pool keeps the choices it holds in a heap with the last one on top. A child asks at its best remaining choice; it
walks through that program's pools in precedence order, takes the first one that has room or whose last child stands
behind it, and the child it displaces walks on from the next pool. Whoever leaves the last pool without a seat asks at
its own next choice. The walk computes exactly what each pool would choose from everyone who ever asked, because in
slot-specific choice a child once turned away by a pool is never wanted back (Kominers & Sönmez 2016, Theoretical
Economics 11; the order of asking does not matter, Dubins & Freedman 1981).

Indexes are unsigned throughout: for signed ones the compiler guards every access against counting from the end, which
costs a third of the time. Half of the rest was misses of the processor's cache, so a pool remembers the choice rather
than the child: the next choice then lies beside it, and the lottery number in the low half of its key. Children ask in the order of
their numbers, because whoever comes late then displaces few; the list of a child some way behind is fetched meanwhile.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from commonground.engines.lottery.arrays import NOT_ELIGIBLE, Arrays

_u = np.uint64
_ZERO, _ONE, _TWO, _HALF = np.uint64(0), np.uint64(1), np.uint64(2), np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_LAST = np.uint64(1 << 63)
# How many children ahead a list is fetched, then the standing it leads to: early enough to arrive, late enough to stay.
_AHEAD, _TWICE = 12, 24
# No key of an eligible child reaches this, so a pool with room lets in everyone but those to whom it is closed.
_ROOM = np.uint64(NOT_ELIGIBLE << 32)


@dataclass(frozen=True, slots=True, eq=False)
class Seating:
    """Who sits where, while a draw runs; it belongs to that draw alone.

    `filled` q: children in each pool. `bar` q: a key must be smaller to enter. `last` and `held`: the pools' heaps, seat
    by seat: the key (standing, then lottery place) and the choice of the child who holds the seat.
    """

    filled: NDArray[np.int32]
    bar: NDArray[np.uint64]
    last: NDArray[np.uint64]
    held: NDArray[np.int32]

    @classmethod
    def empty(cls, arrays: Arrays) -> "Seating":
        pools, seats = len(arrays.seat_start) - 1, int(arrays.seat_start[-1])
        seating = cls(
            np.zeros(pools, np.int32), np.empty(pools, np.uint64), np.empty(seats, np.uint64), np.empty(seats, np.int32)
        )
        seating.clear(arrays, slice(None))
        return seating

    def clear(self, arrays: Arrays, pools: "slice | NDArray[np.int32]") -> None:
        """Empty these pools. A pool without seats lets nobody in."""
        self.filled[pools] = 0
        self.bar[pools] = np.where(np.diff(arrays.seat_start)[pools] > 0, _ROOM, _ZERO)

    def matched(self, arrays: Arrays) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """For every application the choice that it got and the seat pool, -1 for none."""
        choice: NDArray[np.int32] = np.full(arrays.applications, -1, np.int32)
        pool: NDArray[np.int32] = np.full(arrays.applications, -1, np.int32)
        _read(arrays.seat_start, arrays.owner, self.filled, self.held, choice, pool)
        return choice, pool


@njit(inline="always")
def _sink(last, held, top, here, size, key, choice):  # type: ignore[no-untyped-def]
    """Put a choice at a place of the heap and let it sink to where it belongs."""
    while True:
        below = _TWO * here + _ONE
        if below >= size:
            break
        if below + _ONE < size:
            below += _u(last[top + below + _ONE] > last[top + below])  # a sum, not a branch that cannot be foreseen
        if last[top + below] <= key:
            break
        last[top + here] = last[top + below]
        held[top + here] = held[top + below]
        here = below
    last[top + here] = key
    held[top + here] = choice


@njit(inline="always")
def _take_free_seat(last, held, filled, bar, pool, top, seats, key, choice):  # type: ignore[no-untyped-def]
    """Take a free seat. Only a pool that has just filled up needs its last child on top."""
    used = _u(filled[pool])
    last[top + used] = key
    held[top + used] = choice
    filled[pool] = used + _ONE
    if used + _ONE == seats:
        here = seats >> _ONE
        while here > _ZERO:
            here -= _ONE
            _sink(last, held, top, here, seats, last[top + here], held[top + here])
        bar[pool] = last[top]


@njit(cache=True, nogil=True)
def _seat(  # type: ignore[no-untyped-def]
    children, choice_start, asks, rank, pool_start, seat_start, turn, by_choice, filled, bar, last, held
):
    behind, end_of_asks, fetched = len(children) - 1, _u(len(asks) - 1), _ZERO
    for child in range(len(children)):
        far = min(_u(choice_start[_u(children[min(child + _TWICE, behind)])]), end_of_asks)
        near = min(_u(choice_start[_u(children[min(child + _AHEAD, behind)])]), end_of_asks)
        fetched ^= asks[far] ^ _u(rank[asks[near] & _LOW])
        first = _u(children[child])
        choice = _u(choice_start[first])
        if choice == _u(choice_start[first + _ONE]):
            continue
        place = _ZERO if by_choice else _u(turn[first])
        while True:
            ask = asks[choice]
            program = (ask & ~_LAST) >> _HALF
            entry = ask & _LOW
            if by_choice:
                place = _u(turn[choice])
            pool = _u(pool_start[program])
            end = _u(pool_start[program + _ONE])
            seated = False
            while pool < end:
                key = (_u(rank[entry]) << _HALF) | place
                if key < bar[pool]:
                    top = _u(seat_start[pool])
                    seats = _u(seat_start[pool + _ONE]) - top
                    if _u(filled[pool]) < seats:
                        _take_free_seat(last, held, filled, bar, pool, top, seats, key, choice)
                        seated = True
                        break
                    displaced = _u(held[top])
                    place = last[top] & _LOW
                    _sink(last, held, top, _ZERO, seats, key, choice)
                    bar[pool] = last[top]
                    choice = displaced
                    ask = asks[choice]
                    entry = (ask & _LOW) + (pool - _u(pool_start[program]))
                pool += _ONE
                entry += _ONE
            if seated or ask & _LAST:
                break
            choice += _ONE
    return fetched  # were it not used, the compiler would drop the fetching


@njit(cache=True, nogil=True)
def _read(seat_start, owner, filled, held, choice, pool):  # type: ignore[no-untyped-def]
    for k in range(len(filled)):
        for place in range(seat_start[k], seat_start[k] + filled[k]):
            child = owner[held[place]]
            choice[child] = held[place]
            pool[child] = k


def _in_order(turn: NDArray[np.uint32]) -> NDArray[np.int32]:
    """The children by their places in the lottery; as they come when the places are not 0, 1, 2, ... without a gap."""
    children: NDArray[np.int32] = np.arange(len(turn), dtype=np.int32)
    if not len(turn) or turn.max() >= len(turn):
        return children
    ordered: NDArray[np.int32] = np.full(len(turn), -1, np.int32)
    ordered[turn] = children
    return children if ordered.min() < 0 else ordered


def seat(
    arrays: Arrays,
    turn: NDArray[np.uint32],
    seating: Seating,
    *,
    by_choice: bool = False,
    children: NDArray[np.int32] | None = None,
) -> Seating:
    """Let `children` (indexes; all when left out) ask for seats until everyone is seated or out of choices.

    Args:
        turn: place in the lottery, 0 first: one an application, or one a choice when `by_choice`.
        seating: where the draw stands so far; it is filled in place and returned.

    Raises:
        ValueError: `turn` has the wrong length.
    """
    expected = arrays.choices if by_choice else arrays.applications
    if len(turn) != expected:
        raise ValueError(f"There are {len(turn)} places in the lottery; {expected} are needed.")
    if not arrays.choices:
        return seating
    if children is None:
        children = _in_order(turn) if not by_choice else np.arange(arrays.applications, dtype=np.int32)
    _seat(
        children, arrays.choice_start, arrays.asks, arrays.rank, arrays.pool_start, arrays.seat_start, turn, by_choice,
        seating.filled, seating.bar, seating.last, seating.held,
    )  # fmt: skip
    return seating
