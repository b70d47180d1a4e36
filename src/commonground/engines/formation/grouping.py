"""Published grouping problems: reading their files, and solving any instance of the general form.

The file format is that of the maximally diverse grouping problem's library: first the number of members, the number of
groups, "ss" or "ds" (same or different sizes), and the least and greatest size of every group; then lines `i j weight`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from commonground.engines.formation.instance import Instance
from commonground.engines.formation.prepare import prepare
from commonground.engines.formation.proof import Proof
from commonground.engines.formation.search import Watch, search


@dataclass(frozen=True, eq=False)
class Grouping:
    """Groups of an instance as lists of member numbers, one option each; `alone` are in no group."""

    groups: tuple[tuple[int, ...], ...]
    options: tuple[int, ...]
    alone: tuple[int, ...]
    objective: float
    bound: float
    proof: Proof
    status: str


def read_grouping(text: str) -> Instance:
    """The instance of a published file. Raises ValueError that names the line where the text is not of this format."""
    lines = text.splitlines()
    head = lines[0].split() if lines else []
    try:
        n, count = int(head[0]), int(head[1])
        limits = [int(word) for word in head[3:]]
        slots = tuple(zip(limits[0::2], limits[1::2], strict=True))
        if head[2] not in ("ss", "ds") or len(slots) != count:
            raise ValueError
    except (ValueError, IndexError) as error:
        message = "Line 1 must hold members, groups, ss or ds, and a least and a greatest size per group."
        raise ValueError(message) from error
    pair = np.zeros((n, n))
    for number, line in enumerate(lines[1:], start=2):
        if line.strip():
            _read_weight(pair, line, number)
    low, high = min(low for low, _ in slots), max(high for _, high in slots)
    return Instance(pair=pair, size_min=low, size_max=high, slots=slots)


def _read_weight(pair: np.ndarray[tuple[int, int], np.dtype[np.float64]], line: str, number: int) -> None:
    try:
        first, second, weight = line.split()
        i, j = int(first), int(second)
        if not (0 <= i < len(pair) and 0 <= j < len(pair) and i != j):
            raise ValueError
        pair[i, j] = pair[j, i] = float(weight)
    except ValueError as error:
        message = f"Line {number} must hold two different members below {len(pair)} and a weight: {line!r}"
        raise ValueError(message) from error


def solve_instance(
    instance: Instance,
    *,
    seconds: float,
    seed: int = 0,
    on_progress: Callable[[float, float, float], bool | None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Grouping:
    """The best groups of any instance found within `seconds`.

    `on_progress(seconds, objective, bound)` hears of every round and stops the search by returning False.
    """

    def tell(watch: Watch) -> bool:
        if on_progress is None or watch.state is None:
            return True
        return on_progress(watch.elapsed, watch.state.total(), watch.bound) is not False

    prepare()
    found = search(instance, seed=seed, watch=Watch(seconds, clock, tell))
    rows = [tuple(row[:size].tolist()) for row, size in zip(found.groups.members, found.groups.size, strict=True)]
    options = tuple(found.groups.option.tolist())
    objective = instance.total(rows, options)
    bound = max(objective, found.bound)
    return Grouping(tuple(rows), options, tuple(found.alone.tolist()), objective, bound, found.proof, found.ended)
