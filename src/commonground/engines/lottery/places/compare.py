"""Simulated and published counts side by side, and where the two differ."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from commonground.engines.lottery.files import InputError
from commonground.engines.lottery.lines import CLOSED
from commonground.engines.lottery.places.place import Published, Row
from commonground.engines.lottery.results import Result
from commonground.tables import read_table

COLUMNS = ("program", "pool", "measure", "published", "simulated", "differs")
PUBLISHED_COLUMNS = ("program", "pool", "seats", "matches", "waiting", "asked")
# Counts of this size wander by so much from one draw to the next that a smaller difference says nothing.
FEWEST, SPREAD = 5, 3.0


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure of one seat pool, or of a whole program (`pool` is empty).

    It differs when the gap is more than chance alone would often give.
    """

    program: str
    pool: str
    measure: str
    published: int
    simulated: int

    @property
    def differs(self) -> bool:
        gap = abs(self.published - self.simulated)
        return gap > max(FEWEST, SPREAD * math.sqrt(max(self.published, self.simulated)))


def compare(result: Result, published: Mapping[Row, Published]) -> list[Compared]:
    """Matches, waiting lists and applicants of every seat pool that has published counts."""
    waiting = np.bincount([pool for _, pool, _ in result.waiting], minlength=len(result.pools))
    open_to = result.lines.entry_pool[result.lines.entry_key != CLOSED]
    asked = np.bincount(open_to, minlength=len(result.pools))
    found = []
    for at, (program, pool) in enumerate(result.pools):
        counts = published.get((program.name, pool.name))
        if counts is None:
            continue
        pairs = (
            ("matches", counts.matches, result.filled[at]),
            ("waiting", counts.waiting, waiting[at]),
            ("asked", counts.asked, asked[at]),
        )
        found += [
            Compared(program.name, pool.name, measure, told, int(seen))
            for measure, told, seen in pairs
            if told is not None
        ]
    return found


def by_program(compared: Iterable[Compared]) -> list[Compared]:
    """The same measures program by program, over all seat pools that have a published count."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for one in compared:
        told, seen = sums.get((one.program, one.measure), (0, 0))
        sums[one.program, one.measure] = (told + one.published, seen + one.simulated)
    return [Compared(program, "", measure, *counts) for (program, measure), counts in sums.items()]


def totals(compared: Iterable[Compared]) -> dict[str, tuple[int, int, int, int]]:
    """For each measure: published, simulated, how many programs (or seat pools), and how many of them differ."""
    found: dict[str, tuple[int, int, int, int]] = {}
    for one in compared:
        told, seen, pools, differ = found.get(one.measure, (0, 0, 0, 0))
        found[one.measure] = (told + one.published, seen + one.simulated, pools + 1, differ + one.differs)
    return found


def published_rows(published: Mapping[Row, Published]) -> Iterable[tuple[object, ...]]:
    """Rows of published.csv."""
    return ((*row, own.seats, own.matches, own.waiting, own.asked) for row, own in published.items())


def read_published(path: Path) -> dict[Row, Published]:
    """The published counts that `lottery example` wrote.

    Raises:
        InputError: the file cannot be read.
    """
    read = read_table(path)
    if read.problems:
        raise InputError(read.problems)

    def count(cell: str) -> int | None:
        return int(cell) if cell.isdigit() else None

    return {
        (row["program"], row["pool"]): Published(
            count(row["seats"]) or 0, count(row["matches"]), count(row["waiting"]), count(row["asked"])
        )
        for row in read
    }
