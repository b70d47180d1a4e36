"""Where a child stands in the line for a seat pool, before the lottery number is looked at."""

from typing import NamedTuple

from commonground.engines.lottery.model import GUARANTEED, NO_PRIORITY, Choice, Program, SeatPool, holds

# How many priority classes and ranked children the compiled form has room for (see `Standing.packed`).
MOST_CLASSES = 1 << 10
MOST_RANKED = 1 << 20


class Standing(NamedTuple):
    """Compared from the left; smaller comes first. `tier` 0 guaranteed, 1 the pool's own group, 2 everyone else."""

    tier: int
    priority: int
    school_rank: int

    def packed(self) -> int:
        """The same order as one whole number below 2**32 - 1."""
        return (self.tier * MOST_CLASSES + self.priority) * MOST_RANKED + self.school_rank

    @classmethod
    def unpacked(cls, number: int) -> "Standing":
        rest, school_rank = divmod(number, MOST_RANKED)
        return cls(*divmod(rest, MOST_CLASSES), school_rank)


def standing(
    program: Program, pool: SeatPool, choice: Choice, labels: frozenset[str], guaranteed: bool
) -> Standing | None:
    """The child's standing in one seat pool, or None when the pool is closed to it.

    `labels` are all that hold for this child at this program. A guaranteed seat comes before all in every pool that the
    child belongs to. In a pool set aside for others it counts for nothing, so that it takes no seat of theirs; `checked` sees
    to it that the other pools hold enough seats for every promise.
    """
    member = pool.group is None or holds(pool.group, labels)
    if guaranteed and member:
        return Standing(0, 0, 0)
    if not choice.eligible or (program.screened and choice.school_rank is None):
        return None
    if pool.hard and not member:
        return None
    school_rank = (choice.school_rank or 0) if program.screened else 0
    return Standing(1 if member else 2, priority_index(classes_of(program, pool), labels), school_rank)


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
    if where.tier == 0:
        return GUARANTEED
    classes = classes_of(program, pool)
    name = classes[where.priority] if where.priority < len(classes) else NO_PRIORITY
    return name if pool.group is None else f"{pool.group}: {name}" if where.tier == 1 else f"not {pool.group}: {name}"
