"""What a draw came to, with its reasons: cutoffs, why each choice ended as it did, and the waiting lists.

A pool's *cutoff* is the standing and number of the last child it admitted. Everyone who stands at or before the cutoff of
some pool of a program gets in there unless a higher choice was given, and nobody else does; so the cutoffs alone
reproduce every result.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from commonground.engines.lottery.draw import Drawn
from commonground.engines.lottery.lines import CLOSED, Lines
from commonground.engines.lottery.model import Application, Market, Program, SeatPool
from commonground.engines.lottery.standing import (
    GUARANTEED_TIER,
    LATE,
    MEMBER,
    OTHER,
    Standing,
    class_name,
    classes_of,
    ranked_name,
)
from commonground.engines.lottery.tickets import hexadecimal

HALF = np.uint64(32)


class Reason(StrEnum):
    """How one choice of a child ended."""

    MATCHED = "matched"
    FULL = "full"
    NOT_ELIGIBLE = "not eligible"
    NOT_REACHED = "not reached"
    GIVEN_UP = "given up to stay together"


@dataclass(frozen=True, slots=True)
class Cutoff:
    """The end of the line before one seat pool. `last` and `number` are None while the pool still has room.

    `school_rank` is the school's ranking of the last child in a screened program, else 0.
    """

    program: Program
    pool: SeatPool
    filled: int
    last: Standing | None
    number: str | None

    @property
    def full(self) -> bool:
        return self.filled >= self.pool.seats


@dataclass(frozen=True, slots=True)
class ClassLine:
    """One priority class before one seat pool: does it admit all of the class, up to a number, or none?

    `asked`: children of the class who came to this pool's line; `admitted`: those who got a seat in it.
    """

    program: str
    pool: str
    priority: str
    admits: str
    school_rank: int | None
    number: str | None
    asked: int
    admitted: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one choice of one child ended, with what is needed to check it."""

    program: str
    rank: int
    reason: Reason
    pools: tuple[tuple[str, str | None, str | None, str | None], ...]
    """For each seat pool: its name, the child's class there (None: not open to it), the last admitted class and number."""


class Result:
    """A draw with its market, and everything that follows from the two."""

    def __init__(self, market: Market, drawn: Drawn) -> None:
        self.market = market
        self.drawn = drawn
        self.lines = Lines(drawn.arrays, drawn.turn, drawn.by_choice)

    @cached_property
    def pools(self) -> list[tuple[Program, SeatPool]]:
        """All seat pools in the order of the arrays."""
        return [(program, pool) for program in self.market.programs for pool in program.pools]

    @cached_property
    def seats(self) -> NDArray[np.int64]:
        """Seats of every pool."""
        return np.array([pool.seats for _, pool in self.pools], dtype=np.int64)

    @cached_property
    def filled(self) -> NDArray[np.int64]:
        """Children seated in every pool."""
        return np.bincount(self.drawn.pool[self.drawn.pool >= 0], minlength=len(self.seats))

    @cached_property
    def held(self) -> NDArray[np.int64]:
        """For every seated child the entry (see `Lines`) of the seat it holds."""
        arrays, seated = self.drawn.arrays, self.drawn.pool >= 0
        choice = self.drawn.choice[seated]
        begin = arrays.pool_start[arrays.choice_program[choice]]
        return (arrays.rank_start[choice] + self.drawn.pool[seated] - begin).astype(np.int64)

    @cached_property
    def bars(self) -> NDArray[np.uint64]:
        """The last key that each pool admits: that of its last child when full, any below `CLOSED` while it has room."""
        bars: NDArray[np.uint64] = np.zeros(len(self.seats), np.uint64)
        np.maximum.at(bars, self.lines.entry_pool[self.held], self.lines.entry_key[self.held])
        return np.where(self.filled < self.seats, CLOSED - np.uint64(1), bars)

    @cached_property
    def reached(self) -> NDArray[np.int32]:
        """For every application the choice it got, or the end of its list."""
        return np.where(self.drawn.choice >= 0, self.drawn.choice, self.drawn.arrays.choice_start[1:])

    @cached_property
    def numbers(self) -> list[str]:
        """The lottery numbers in hexadecimal, one a ticket."""
        return [hexadecimal(row) for row in self.drawn.numbers]

    def number(self, application: int, choice: int) -> str:
        return self.numbers[self.drawn.ticket(application, choice)]

    @cached_property
    def cutoffs(self) -> list[Cutoff]:
        """One for every seat pool."""
        last: dict[int, tuple[int, int]] = {}
        for entry, key in zip(self.held.tolist(), self.lines.entry_key[self.held].tolist(), strict=True):
            k = int(self.lines.entry_pool[entry])
            last[k] = max(last.get(k, (-1, -1)), (key, entry))
        found = []
        for at, (program, pool) in enumerate(self.pools):
            full = self.filled[at] >= self.seats[at]
            where, number = self._last(last[at]) if full and at in last else (None, None)
            found.append(Cutoff(program, pool, int(self.filled[at]), where, number))
        return found

    def _last(self, key_and_entry: tuple[int, int]) -> tuple[Standing, str]:
        key, entry = key_and_entry
        choice = int(self.lines.entry_choice[entry])
        return Standing.unpacked(key >> 32), self.number(int(self.drawn.arrays.owner[choice]), choice)

    @cached_property
    def class_lines(self) -> list[ClassLine]:
        """Every class before every seat pool, in the order in which the pools and classes are served."""
        asked, admitted = self._counts()
        found = []
        for at, cutoff in enumerate(self.cutoffs):
            for where in _classes(cutoff.program, cutoff.pool):
                key = (at, where.tier, where.priority)
                if (where.tier == GUARANTEED_TIER or where.late) and key not in asked:
                    continue
                admits = _admits(cutoff, where)
                ends_here = admits == "up to"
                found.append(
                    ClassLine(
                        cutoff.program.name,
                        cutoff.pool.name,
                        class_name(cutoff.program, cutoff.pool, where),
                        admits,
                        cutoff.last.school_rank if ends_here and cutoff.last and cutoff.program.screened else None,
                        cutoff.number if ends_here else None,
                        asked.get(key, 0),
                        admitted.get(key, 0),
                    )
                )
        return found

    def _counts(self) -> tuple[dict[tuple[int, int, int], int], dict[tuple[int, int, int], int]]:
        """Children who came to each class of each pool, and those who were seated there."""
        came = (self.lines.entry_key != CLOSED) & (
            self.lines.entry_choice <= self.reached[self.drawn.arrays.owner[self.lines.entry_choice]]
        )
        # A child seated in an earlier pool of the same program never stood in the line of a later one.
        seated_pool = self.drawn.pool[self.drawn.arrays.owner[self.lines.entry_choice]]
        here = self.lines.entry_choice == self.reached[self.drawn.arrays.owner[self.lines.entry_choice]]
        came &= ~(here & (self.lines.entry_pool > seated_pool))
        return self._tally(np.flatnonzero(came)), self._tally(self.held)

    def _tally(self, entries: NDArray[np.int64]) -> dict[tuple[int, int, int], int]:
        packed = (self.lines.entry_pool[entries].astype(np.uint64) << HALF) | (self.lines.entry_key[entries] >> HALF)
        found: dict[tuple[int, int, int], int] = {}
        for value, count in zip(*(part.tolist() for part in np.unique(packed, return_counts=True)), strict=True):
            where = Standing.unpacked(value & 0xFFFFFFFF)
            key = (value >> 32, where.tier, where.priority)
            found[key] = found.get(key, 0) + count
        return found

    @cached_property
    def reasons(self) -> list[Reason]:
        """How every choice ended."""
        arrays = self.drawn.arrays
        x = np.arange(arrays.choices)
        open_to: NDArray[np.bool_] = np.zeros(arrays.choices, dtype=bool)
        open_to[self.lines.entry_choice[self.lines.entry_key != CLOSED]] = True
        reached = self.reached[arrays.owner]
        codes = np.select([x == self.drawn.choice[arrays.owner], x > reached, ~open_to], [0, 1, 2], default=3)
        codes[list(self.drawn.given_up)] = 4
        words = (Reason.MATCHED, Reason.NOT_REACHED, Reason.NOT_ELIGIBLE, Reason.FULL, Reason.GIVEN_UP)
        return [words[code] for code in codes.tolist()]

    def verdicts(self, application: int) -> list[Verdict]:
        """How each choice of one child ended, in the family's order."""
        arrays = self.drawn.arrays
        begin, end = int(arrays.choice_start[application]), int(arrays.choice_start[application + 1])
        return [self._verdict(x, x - begin + 1) for x in range(begin, end)]

    def _verdict(self, choice: int, rank: int) -> Verdict:
        pools = []
        for k in self.lines.pools(choice):
            key, cutoff = self.lines.key(choice, k), self.cutoffs[k]
            own = None if key is None else ranked_name(cutoff.program, cutoff.pool, Standing.unpacked(key >> 32))
            last = None if cutoff.last is None else ranked_name(cutoff.program, cutoff.pool, cutoff.last)
            pools.append((cutoff.pool.name, own, last, cutoff.number))
        name = self.market.programs[self.drawn.arrays.choice_program[choice]].name
        return Verdict(name, rank, self.reasons[choice], tuple(pools))

    @cached_property
    def waiting(self) -> list[tuple[int, int, int]]:
        """The waiting lists: (choice, pool, position from 1), pool by pool in the order of the line.

        A child waits at every program above its match that is open to it and that it did not give up.
        """
        full = np.array([reason is Reason.FULL for reason in self.reasons], dtype=bool)
        waits = full[self.lines.entry_choice] & (self.lines.entry_key != CLOSED) if len(full) else np.zeros(0, bool)
        entries = np.flatnonzero(waits)
        entries = entries[np.lexsort((self.lines.entry_key[entries], self.lines.entry_pool[entries]))]
        pools = self.lines.entry_pool[entries]
        begin = np.searchsorted(pools, pools)
        positions = np.arange(len(entries)) - begin + 1
        rows = zip(self.lines.entry_choice[entries].tolist(), pools.tolist(), positions.tolist(), strict=True)
        return list(rows)

    def program_of(self, application: int) -> str | None:
        """The program that a child got."""
        choice = int(self.drawn.choice[application])
        return None if choice < 0 else self.market.programs[self.drawn.arrays.choice_program[choice]].name

    def pool_of(self, application: int) -> str | None:
        """The seat pool that a child sits in."""
        pool = int(self.drawn.pool[application])
        return None if pool < 0 else self.pools[pool][1].name

    def rank_of(self, application: int) -> int | None:
        """Which choice of the family's list the child got, from 1."""
        choice = int(self.drawn.choice[application])
        return None if choice < 0 else choice - int(self.drawn.arrays.choice_start[application]) + 1

    @property
    def applications(self) -> tuple[Application, ...]:
        return self.market.applications


def _classes(program: Program, pool: SeatPool) -> list[Standing]:
    """Every class that may stand before a pool, first served first."""
    count = len(classes_of(program, pool)) + 1
    own = (MEMBER,) if pool.group is None or pool.hard else (MEMBER, OTHER)
    tiers = (*own, *(tier + LATE for tier in own))
    first = Standing(GUARANTEED_TIER, 0, 0)
    return [first, *(Standing(tier, place, 0) for tier in tiers for place in range(count))]


def _admits(cutoff: Cutoff, where: Standing) -> str:
    if not cutoff.full:
        return "all"
    if cutoff.last is None:
        return "none"
    own, last = where[:2], cutoff.last[:2]
    return "up to" if own == last else "all" if own < last else "none"
