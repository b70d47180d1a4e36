"""Counts that may be published: how many children got which of their choices, overall and by student group.

A group is named only when it and those outside it are both at least ten children, and a share only when those who have
it and those who have not are too. Otherwise subtraction from the total would show a small group.
"""

from typing import Any

from commonground.engines.lottery.results import Result

SMALLEST = 10


def rank_counts(result: Result) -> dict[str, int]:
    """How many children got their first, second, ... choice; "none" for no seat."""
    counts: dict[str, int] = {}
    for at in range(len(result.applications)):
        rank = result.rank_of(at)
        name = "none" if rank is None else str(rank)
        counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (item[0] == "none", len(item[0]), item[0])))


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
