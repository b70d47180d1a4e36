"""Where a child stands in the line for a seat pool, before the lottery number is looked at."""

from typing import NamedTuple

from commonground.engines.lottery.model import (
    CLASS_BITS,
    GUARANTEED,
    NO_PRIORITY,
    RANK_BITS,
    Choice,
    Program,
    SeatPool,
    holds,
)

GUARANTEED_TIER, MEMBER, OTHER = 0, 1, 2
# A late child stands behind all who came in time, in the same order among its like.
LATE = 2
# The bits of the compiled form (see `Standing.packed`): five tiers, priority classes, ranks that a school gives.
TIER_SHIFT, CLASS_SHIFT = CLASS_BITS + RANK_BITS, RANK_BITS


class Standing(NamedTuple):
    """Compared from the left; smaller comes first.

    `tier`: 0 guaranteed, 1 the pool's own group, 2 everyone else; 3 and 4 are the same two for late applications.
    """

    tier: int
    priority: int
    school_rank: int

    def packed(self) -> int:
        """The same order as one whole number below 2**32 - 1."""
        return self.tier << TIER_SHIFT | self.priority << CLASS_SHIFT | self.school_rank

    @classmethod
    def unpacked(cls, number: int) -> "Standing":
        rest, school_rank = divmod(number, 1 << CLASS_SHIFT)
        return cls(*divmod(rest, 1 << CLASS_BITS), school_rank)

    @property
    def member(self) -> bool:
        """Does the child stand among the pool's own group (or, in an open pool, among all)?"""
        return self.tier in {GUARANTEED_TIER, MEMBER, MEMBER + LATE}

    @property
    def late(self) -> bool:
        """Does the child stand behind all who came in time?"""
        return self.tier > LATE


def standing(
    program: Program, pool: SeatPool, choice: Choice, labels: frozenset[str], guaranteed: bool, late: bool = False
) -> Standing | None:
    """The child's standing in one seat pool, or None when the pool is closed to it.

    `labels` are all that hold for this child at this program; `late`: the rules put it behind all who came in time. A
    guaranteed seat comes before all in every pool that the child belongs to. In a pool set aside for others it counts for
    nothing, so that it takes no seat of theirs; `checked` sees to it that the other pools hold enough seats for every promise.
    """
    member = pool.group is None or holds(pool.group, labels)
    if guaranteed and member:
        return Standing(GUARANTEED_TIER, 0, 0)
    if not choice.eligible or (program.screened and choice.school_rank is None):
        return None
    if pool.hard and not member:
        return None
    school_rank = (choice.school_rank or 0) if program.screened else 0
    tier = (MEMBER if member else OTHER) + (LATE if late else 0)
    return Standing(tier, priority_index(classes_of(program, pool), labels), school_rank)


def classes_of(program: Program, pool: SeatPool) -> tuple[str, ...]:
    """The priority classes that order this pool, best first; after them comes everyone without a priority."""
    return program.classes if pool.classes is None else pool.classes


def priority_index(classes: tuple[str, ...], labels: frozenset[str]) -> int:
    """The best class whose labels the child has all of; `len(classes)` when it has none."""
    for place, name in enumerate(classes):
        if holds(name, labels):
            return place
    return len(classes)


def class_name(program: Program, pool: SeatPool, where: Standing) -> str:
    """The class in words: what a family reads beside its number."""
    if where.tier == GUARANTEED_TIER:
        return GUARANTEED
    classes = classes_of(program, pool)
    name = classes[where.priority] if where.priority < len(classes) else NO_PRIORITY
    if pool.group is not None:
        name = f"{pool.group}: {name}" if where.member else f"not {pool.group}: {name}"
    return f"late, {name}" if where.late else name


def ranked_name(program: Program, pool: SeatPool, where: Standing) -> str:
    """The class in words, with the school's ranking where that decides."""
    name = class_name(program, pool, where)
    return f"{name}, ranked {where.school_rank} by the school" if program.screened and where.tier else name
