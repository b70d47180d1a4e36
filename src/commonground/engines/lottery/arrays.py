"""The market as flat arrays, in the order in which the compiled draw walks through them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from commonground.engines.lottery.model import Application, Choice, Market, Program
from commonground.engines.lottery.standing import standing

NOT_ELIGIBLE = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, eq=False)
class Arrays:
    """n applications, c choices, p programs, q seat pools.

    Application i's choices are `choice_start[i]` up to `choice_start[i + 1]`; program j's pools are `pool_start[j]` up to
    `pool_start[j + 1]`; pool k's seats are `seat_start[k]` up to `seat_start[k + 1]` (numbered across all programs).
    Choice x stands in its program's pools at `rank[rank_start[x]]` and on, one packed standing a pool, smaller first.

    Two are made from the others: `asks` packs, for each choice, its program (bits 32 to 62), its `rank_start` (below)
    and whether it is the last of its list (bit 63); `owner` says whose choice it is.

    Shapes: `choice_start` n+1, `choice_program`, `rank_start`, `asks` and `owner` c, `rank` sum over choices of their
    program's pools, `pool_start` p+1, `seat_start` q+1.
    """

    choice_start: NDArray[np.int32]
    choice_program: NDArray[np.int32]
    rank_start: NDArray[np.int32]
    rank: NDArray[np.uint32]
    pool_start: NDArray[np.int32]
    seat_start: NDArray[np.int32]
    asks: NDArray[np.uint64] = field(init=False)
    owner: NDArray[np.int32] = field(init=False)

    def __post_init__(self) -> None:
        asks = (self.choice_program.astype(np.uint64) << np.uint64(32)) | self.rank_start.astype(np.uint64)
        counts = np.diff(self.choice_start)
        asks[self.choice_start[1:][counts > 0] - 1] |= np.uint64(1 << 63)
        object.__setattr__(self, "asks", asks)
        object.__setattr__(self, "owner", np.repeat(np.arange(self.applications, dtype=np.int32), counts))

    @property
    def applications(self) -> int:
        return len(self.choice_start) - 1

    @property
    def choices(self) -> int:
        return len(self.choice_program)


def labels_at(application: Application, choice: Choice) -> frozenset[str]:
    """All labels of the child at one choice."""
    return application.labels | choice.labels if choice.labels else application.labels


class Ranker:
    """Packed standings of a choice in all pools of its program, remembered: thousands of children stand alike."""

    def __init__(self, programs: Mapping[str, Program]) -> None:
        self._programs = programs
        self._known: dict[tuple[Choice, frozenset[str], bool, bool], tuple[int, ...]] = {}

    def ranks(self, choice: Choice, labels: frozenset[str], guaranteed: bool, late: bool) -> tuple[int, ...]:
        key = (choice, labels, guaranteed, late)
        found = self._known.get(key)
        if found is None:
            program = self._programs[choice.program]
            places = (standing(program, pool, choice, labels, guaranteed, late) for pool in program.pools)
            found = tuple(NOT_ELIGIBLE if place is None else place.packed() for place in places)
            self._known[key] = found
        return found


def compile_market(market: Market) -> Arrays:
    """The market's arrays. Labels that depend on the run itself (an older sibling's match) are not in them yet."""
    ranker = Ranker({program.name: program for program in market.programs})
    place = {program.name: at for at, program in enumerate(market.programs)}
    choice_program: list[int] = []
    counts: list[int] = []
    rank: list[int] = []
    for application in market.applications:
        counts.append(len(application.choices))
        late = market.rules.behind(application)
        for choice in application.choices:
            choice_program.append(place[choice.program])
            promised = choice.program == application.guaranteed
            rank.extend(ranker.ranks(choice, labels_at(application, choice), promised, late))
    per_program = np.array([len(program.pools) for program in market.programs], dtype=np.int32)
    programs = np.array(choice_program, dtype=np.int32)
    return Arrays(
        choice_start=starts(counts),
        choice_program=programs,
        rank_start=starts(per_program[programs] if len(programs) else [])[:-1],
        rank=np.array(rank, dtype=np.uint32),
        pool_start=starts(per_program),
        seat_start=starts(_useful_seats(market, np.bincount(programs, minlength=len(market.programs)))),
    )


def _useful_seats(market: Market, asking: NDArray[np.int64]) -> list[int]:
    """Seats of every pool, but at most one more than those who ask: a place may write 999,999,999 for “no limit”."""
    return [
        min(pool.seats, int(most) + 1)
        for program, most in zip(market.programs, asking, strict=True)
        for pool in program.pools
    ]


def starts(counts: "list[int] | NDArray[np.int32]") -> NDArray[np.int32]:
    """Where each of several runs of these lengths begins, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(np.asarray(counts, dtype=np.int64))]).astype(np.int32)
