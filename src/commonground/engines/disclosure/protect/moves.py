"""Steps of students between groups that keep every sum of groups: what an outsider cannot tell from the truth."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from commonground.engines.disclosure.protect.places import ALL, Floats, Ints, family_of

Moves = NDArray[np.int8]


def moves(groups: Sequence[str], totals: Floats) -> Moves:
    """Steps of one student, one row each with +1 and -1 by group, that keep all sums of groups at one place.

    Every row's opposite is there too. ``totals``: the size of each group, to add students to the usual ones.
    """
    size = dict(zip(groups, totals.tolist(), strict=True))
    ranked = [sorted(members, key=lambda g: (-size[g], g)) for members in _families(groups).values()]
    usual = tuple(tuple(members[min(rank, len(members) - 1)] for members in ranked) for rank in (0, 1))
    return _moves(tuple(groups), usual)


@lru_cache(maxsize=64)
def _moves(groups: tuple[str, ...], usual: tuple[tuple[str, ...], ...]) -> Moves:
    found = set(_steps(list(groups), usual))
    both = found | {tuple(-one for one in step) for step in found}
    return np.array(sorted(both), np.int8).reshape(len(both), len(groups))


def _families(groups: Sequence[str]) -> dict[str, list[str]]:
    singles: dict[str, list[str]] = {}
    for name in groups:
        if "*" not in name and name != ALL:
            singles.setdefault(family_of(name), []).append(name)
    return singles


def _steps(groups: list[str], usual: tuple[tuple[str, ...], ...]) -> Iterator[tuple[int, ...]]:
    singles = _families(groups)
    crossed = sorted({tuple(family_of(part) for part in name.split("*")) for name in groups if "*" in name})
    partners = {
        family: sorted({g for pair in crossed if family in pair for g in pair if g != family}) for family in singles
    }
    bases = [dict(zip(singles, members, strict=True)) for members in usual]
    for family, members in singles.items():
        for others in product(*(singles.get(partner, []) for partner in partners[family])):
            fixed = dict(zip(partners[family], others, strict=True))
            for plus, minus in permutations(members, 2):
                yield _vector(groups, [({**fixed, family: plus}, 1), ({**fixed, family: minus}, -1)])
            for member, base in product(members, bases):
                yield _vector(groups, [({**base, **fixed, family: member}, 1)])
    if not singles and ALL in groups:
        yield _vector(groups, [({}, 1)])


def _vector(groups: Sequence[str], students: Sequence[tuple[dict[str, str], int]]) -> tuple[int, ...]:
    """What happens to every group when students with these memberships come or go."""
    step = dict.fromkeys(groups, 0)
    for member, sign in students:
        for name in groups:
            parts = [] if name == ALL else name.split("*")
            if all(member.get(family_of(part)) == part for part in parts):
                step[name] += sign
    return tuple(step[name] for name in groups)


def alone(groups: int) -> Moves:
    """Steps of one group each, for numbers that do not add up over groups."""
    return np.vstack([np.eye(groups, dtype=np.int8), -np.eye(groups, dtype=np.int8)])


def opposites(steps: Moves) -> Ints:
    """The position of each step's opposite. All steps differ, and all opposites are there, so the order of steps that are turned
    about is the order of the steps, turned about."""
    order = np.lexsort(steps.T[::-1])
    found = np.empty(len(steps), np.int64)
    found[order] = order[::-1]
    return found
