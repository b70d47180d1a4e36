"""Counts that may be published: how many children got which of their choices, overall and by student group.

Ten children is the smallest number shown. A number is also withheld when others that are shown would tell a smaller one:
the rest of a total, a group inside another, the last of groups that make up everyone. To see that, children are put into *atoms*
(the same groups, the same result); what is shown are sums of atoms, and a small sum is safe only when no combination of shown
sums gives it.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from commonground.engines.lottery.results import Result

SMALLEST = 10
NO_SEAT = "none"
WITHHELD = "withheld"

Name = TypeVar("Name", bound=Hashable)
Atom = tuple[frozenset[str], int]  # a child's groups, and which choice it got (0: none)
Sum = NDArray[np.float64]  # one number an atom: 1 where it is counted


def rank_counts(result: Result) -> dict[str, int | None]:
    """How many children got their first, second, ... choice; "none" for no seat.

    The last choices are put together ("7+") until they are ten children. Numbers that are still below ten are None, and so
    are others as long as the rest of the total would tell them.
    """
    longest = max((len(application.choices) for application in result.applications), default=0)
    return withhold(_by_choice(ranks_of(result), longest))


def ranks_shown(ranks: Sequence[int]) -> dict[str, int | None]:
    """The same from the choice that each child got, 0 for none."""
    return withhold(_by_choice(ranks))


def ranks_of(result: Result) -> list[int]:
    """For every child which choice it got, 0 for none."""
    return [result.rank_of(at) or 0 for at in range(len(result.applications))]


def _by_choice(ranks: Sequence[int], longest: int | None = None) -> dict[str, int]:
    counts = Counter(ranks)
    longest = max(ranks, default=0) if longest is None else longest
    by_choice = [counts[rank] for rank in range(1, longest + 1)]
    while len(by_choice) > 1 and by_choice[-1] < SMALLEST:
        last = by_choice.pop()
        by_choice[-1] += last
    names = [str(rank) for rank in range(1, len(by_choice) + 1)]
    if names and len(names) < longest:
        names[-1] += "+"
    return dict(zip([*names, NO_SEAT], [*by_choice, counts[0]], strict=True))


def withhold(cells: Mapping[Name, int]) -> dict[Name, int | None]:
    """Parts of a known total without those below ten; the total does not tell them, for what is hidden is ten or more in sum."""
    hidden = {name for name, count in cells.items() if 0 < count < SMALLEST}
    others = sorted((count, place) for place, (name, count) in enumerate(cells.items()) if count >= SMALLEST)
    names = list(cells)
    while hidden and others and (len(hidden) < 2 or sum(cells[name] for name in hidden) < SMALLEST):
        hidden.add(names[others.pop(0)[1]])
    return {name: None if name in hidden else count for name, count in cells.items()}


def shown_filled(result: Result) -> list[int | None]:
    """Children seated in every pool. A full pool shows its seats by its cutoff; small counts in others are withheld."""
    room = {at: cutoff.filled for at, cutoff in enumerate(result.cutoffs) if not cutoff.full}
    shown = withhold(room)
    return [shown.get(at, cutoff.filled) for at, cutoff in enumerate(result.cutoffs)]


def small(count: int) -> str:
    """A count that stands alone, in words for a table: itself, or that it is small."""
    return str(count) if count == 0 or count >= SMALLEST else f"<{SMALLEST}"


def group_counts(result: Result) -> dict[str, dict[str, Any]]:
    """For each group (a label of the application itself): children, matched, and matched to their first choice.

    A number that would show fewer than ten children, or all but fewer than ten, is None.
    """
    return shown_groups([application.labels for application in result.applications], ranks_of(result))


def shown_groups(labels: Sequence[frozenset[str]], ranks: Sequence[int]) -> dict[str, dict[str, Any]]:
    """The same from each child's groups and the choice it got."""
    atoms = _Atoms(Counter(zip(labels, ranks, strict=True)))
    groups = sorted({label for own in labels for label in own})
    shown = [atoms.everyone, *_shown_ranks(atoms, ranks)]
    found: dict[str, dict[str, Any]] = {group: {} for group in groups}
    secrets = atoms.secrets(groups)
    size = {group: atoms.count(atoms.group(group)) for group in groups}
    for measure, least in (("children", 0), ("matched", 1), ("first_choice", 1)):
        for group in sorted(groups, key=lambda name: (-size[name], name)):
            whole = found[group].get("children", atoms.count(atoms.everyone)) if least else len(ranks)
            asked = atoms.group(group) * (atoms.first if measure == "first_choice" else atoms.matched if least else 1.0)
            count = atoms.count(asked)
            ok = whole is not None and count >= SMALLEST and whole - count >= SMALLEST
            if ok and not _tells(np.array([*shown, asked]), secrets):
                shown.append(asked)
                found[group][measure] = count
            else:
                found[group][measure] = None
    return found


def _shown_ranks(atoms: "_Atoms", ranks: Sequence[int]) -> Iterable[Sum]:
    cells = _by_choice(ranks)
    for name, count in withhold(cells).items():
        if count is not None:
            low = 0 if name == NO_SEAT else int(name.rstrip("+"))
            yield atoms.ranked(low, max(ranks, default=0) if name.endswith("+") else low)


class _Atoms:
    """Children who are alike in everything that is counted."""

    def __init__(self, sizes: Mapping[Atom, int]) -> None:
        self.kinds = list(sizes)
        self.sizes = np.array(list(sizes.values()), dtype=float)
        self.everyone: Sum = np.ones(len(self.kinds))
        self.matched: Sum = np.array([float(rank > 0) for _, rank in self.kinds])
        self.first: Sum = self.ranked(1, 1)

    def count(self, asked: Sum) -> int:
        return round(float(asked @ self.sizes))

    def group(self, name: str) -> Sum:
        return np.array([float(name in labels) for labels, _ in self.kinds])

    def ranked(self, low: int, high: int) -> Sum:
        return np.array([float(low <= rank <= high) for _, rank in self.kinds])

    def secrets(self, groups: Sequence[str]) -> NDArray[np.float64]:
        """The sums below ten that a reader could ask for: of a group, of those outside it, of one group without another."""
        own = [self.group(group) for group in groups]
        sets = [self.everyone, *own, *(1 - each for each in own), *(a * (1 - b) for a in own for b in own)]
        sets += [a * b for a in own for b in own]
        results = (self.everyone, self.matched, 1 - self.matched, self.first, self.matched - self.first)
        asked = np.unique([one * result for one in sets for result in results], axis=0)
        sizes = asked @ self.sizes
        found: NDArray[np.float64] = asked[(sizes > 0) & (sizes < SMALLEST)]
        return found


def _tells(shown: NDArray[np.float64], secrets: NDArray[np.float64]) -> bool:
    """Is any of the secret sums a combination of the shown ones?"""
    if not len(secrets):
        return False
    _, strength, rows = np.linalg.svd(shown, full_matrices=False)
    basis = rows[strength > 1e-9 * strength.max()]
    rest = secrets - (secrets @ basis.T) @ basis
    return bool((np.linalg.norm(rest, axis=1) < 1e-6).any())
