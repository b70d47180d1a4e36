"""Counts that may be published: how many children got which of their choices, overall and by student group.

A group is named only when it and those outside it are both at least ten children, and a share only when those who have
it and those who have not are too. Otherwise subtraction from the total would show a small group.
"""

from typing import Any

from commonground.engines.lottery.results import Result

SMALLEST = 10


NO_SEAT = "none"


def rank_counts(result: Result) -> dict[str, int | None]:
    """How many children got their first, second, ... choice; "none" for no seat.

    The last choices are put together ("7+") until they are ten children. A number that is still below ten is None, and so
    is a second one if it would be the only one, since the rest would tell it.
    """
    longest = max((len(application.choices) for application in result.applications), default=0)
    ranks = [0] * (longest + 1)
    for at in range(len(result.applications)):
        ranks[result.rank_of(at) or 0] += 1
    by_choice = ranks[1:]
    while len(by_choice) > 1 and by_choice[-1] < SMALLEST:
        last = by_choice.pop()
        by_choice[-1] += last
    names = [str(rank) for rank in range(1, len(by_choice) + 1)]
    if names and len(names) < longest:
        names[-1] += "+"
    cells = dict(zip([*names, NO_SEAT], [*by_choice, ranks[0]], strict=True))
    return _withhold(cells)


def _withhold(cells: dict[str, int]) -> dict[str, int | None]:
    hidden = [name for name, count in cells.items() if 0 < count < SMALLEST]
    if len(hidden) == 1:
        others = [(count, name) for name, count in cells.items() if count >= SMALLEST]
        hidden += [name for _, name in sorted(others)[:1]]
    return {name: None if name in hidden else count for name, count in cells.items()}


def group_counts(result: Result) -> dict[str, dict[str, Any]]:
    """For each group (a label of the application itself): children, matched, and matched to their first choice.

    A number that would show fewer than ten children, or all but fewer than ten, is None.
    """
    total = len(result.applications)
    groups = sorted({label for application in result.applications for label in application.labels})
    found: dict[str, dict[str, Any]] = {}
    for group in groups:
        ranks = [
            result.rank_of(at) for at, application in enumerate(result.applications) if group in application.labels
        ]
        size = len(ranks)
        shown = _shown(size, total)
        matched = sum(rank is not None for rank in ranks)
        first = sum(rank == 1 for rank in ranks)
        found[group] = {
            "children": shown,
            "matched": None if shown is None else _shown(matched, size),
            "first_choice": None if shown is None else _shown(first, size),
        }
    return found


def _shown(part: int, whole: int) -> int | None:
    return part if part >= SMALLEST and whole - part >= SMALLEST else None
