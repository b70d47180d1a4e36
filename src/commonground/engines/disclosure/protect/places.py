"""Cells and what they add up to: places to larger places, groups of a family to all, grades and months to their year.

A cell is a place, a grade, a period and a group, kept as one whole number. Numbers follow the sorted names, so nothing
depends on the order of rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ALL, YEAR, CITY = "all", "year", "city"
AXES = ("place", "grade", "period", "group")
_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Adds:
    """Along which axes the numbers of a metric add up."""

    place: bool = True
    grade: bool = True
    period: bool = False
    group: bool = True


class Names:
    """The names of every part of a cell, sorted, and the parent of each.

    ``places`` are pairs (level, entity); ``above`` the position of the place that contains each, -1 where none does.
    """

    def __init__(self, figures: pa.Table, entities: pa.Table) -> None:
        rows = {(row["level"], row["entity"]): row for row in entities.to_pylist()}
        used = figures.select(["level", "entity"]).group_by(["level", "entity"]).aggregate([]).to_pylist()
        found = {(row["level"], row["entity"]) for row in used}
        pending = list(found)
        while pending:
            above = _above(pending.pop(), rows)
            if above is not None and above not in found:
                found.add(above)
                pending.append(above)
        self.places = sorted(found)
        self.grades = sorted({ALL, *figures["grade"].unique().to_pylist()})
        self.periods = sorted({YEAR, *figures["period"].unique().to_pylist()})
        self.groups = sorted({ALL, *figures["group"].unique().to_pylist()})
        number = {place: at for at, place in enumerate(self.places)}
        self.above = np.array([number.get(_above(place, rows) or ("", ""), -1) for place in self.places], np.int64)
        self.levels = np.array([level for level, _ in self.places])
        self.sizes = (len(self.places), len(self.grades), len(self.periods), len(self.groups))

    def cells(self, figures: pa.Table) -> Ints:
        """The cell of every row."""
        number = {place: at for at, place in enumerate(self.places)}
        pairs = zip(figures["level"].to_pylist(), figures["entity"].to_pylist(), strict=True)
        cells = np.array([number[pair] for pair in pairs], np.int64)
        for column, names in (("grade", self.grades), ("period", self.periods), ("group", self.groups)):
            cells = cells * len(names) + codes(figures[column], names)
        return cells

    def part(self, cells: Ints, axis: str) -> Ints:
        """The place, grade, period or group of each cell, as a position in its names."""
        at = AXES.index(axis)
        return np.asarray(cells // prod(self.sizes[at + 1 :]) % self.sizes[at])

    def moved(self, cells: Ints, axis: str, to: Ints) -> Ints:
        unit = prod(self.sizes[AXES.index(axis) + 1 :])
        return np.asarray(cells + (to - self.part(cells, axis)) * unit)

    def name(self, cell: int) -> str:
        place, grade, period, group = (int(self.part(np.array([cell]), axis)[0]) for axis in AXES)
        level, entity = self.places[place]
        return "|".join((level, entity, self.grades[grade], self.periods[period], self.groups[group]))

    def parents(self, adds: Adds) -> Iterator[tuple[str, Ints]]:
        """For each way of adding up: its axis, and for every position on that axis the parent's, -1 for none."""
        if adds.place:
            yield "place", self.above
        for axis, names, whole in (("grade", self.grades, ALL), ("period", self.periods, YEAR)):
            if getattr(adds, axis):
                yield axis, np.array([-1 if name == whole else names.index(whole) for name in names], np.int64)
        if adds.group:
            yield from (("group", parents) for parents in self._group_parents())

    def _group_parents(self) -> Iterator[Ints]:
        number = {name: at for at, name in enumerate(self.groups)}
        for family in sorted({family_of(part) for name in self.groups for part in name.split("*") if name != ALL}):
            yield np.array([number.get(without(name, family), -1) for name in self.groups], np.int64)


def family_of(part: str) -> str:
    return part.partition(":")[0]


def without(group: str, family: str) -> str:
    """What a group is when its family is summed up; "" where it is not of that family."""
    parts = group.split("*")
    left = [part for part in parts if family_of(part) != family]
    return "" if len(left) == len(parts) or group == ALL else "*".join(left) or ALL


def codes(column: pa.ChunkedArray, names: Sequence[str]) -> Ints:
    """The position of each text in sorted names."""
    encoded = column.combine_chunks().dictionary_encode()
    number = {name: at for at, name in enumerate(names)}
    of = np.array([number[name] for name in encoded.dictionary.to_pylist()], np.int64)
    return np.asarray(of[encoded.indices.to_numpy(zero_copy_only=False)], np.int64)


def _above(place: tuple[str, str], rows: Mapping[tuple[str, str], Mapping[str, str]]) -> tuple[str, str] | None:
    level, _entity = place
    row = rows.get(place, {})
    if level == "school":
        return ("lea", row["lea"]) if row.get("lea") else None
    if level == "lea":
        return ("sector", row["sector"]) if row.get("sector") else None
    return (CITY, CITY) if level == "sector" else None


@dataclass(frozen=True)
class Whole:
    """Cells with those that they add up to, even where nobody reports these; ``value`` is NaN where it stays unknown.

    ``reported``: the cell was among those given. ``relations``: one row for each sum that holds, -1 for the total; they
    connect known values only.
    """

    cells: Ints
    value: Floats
    reported: Bools
    relations: csr_matrix

    def find(self, cells: Ints) -> Ints:
        """Positions of cells that are there."""
        return np.searchsorted(self.cells, cells)


def complete(names: Names, cells: Ints, value: Floats, adds: Adds) -> Whole:
    """Add what the cells add up to, and find every sum that holds.

    A sum that does not hold in the data (students counted in two places, a table with holes) links nothing.
    """
    order = np.argsort(cells)
    cells, value = cells[order], value[order]
    every = cells
    while True:
        more = [every, *(parents for _, parents, _ in _splits(names, every, adds))]
        union = np.unique(np.concatenate(more))
        if len(union) == len(every):
            break
        every = union
    filled = np.full(len(every), np.nan)
    filled[np.searchsorted(every, cells)] = value
    reported = np.isin(every, cells)
    _fill(names, every, filled, reported, adds)
    return Whole(every, filled, reported, _sums(names, every, filled, adds))


def _splits(names: Names, cells: Ints, adds: Adds) -> Iterator[tuple[str, Ints, Ints]]:
    """Each way of adding up: axis, the parent of each child, and positions of the children."""
    for axis, parents in names.parents(adds):
        above = parents[names.part(cells, axis)]
        children = np.flatnonzero(above >= 0)
        yield axis, names.moved(cells[children], axis, above[children]), children


def _fill(names: Names, cells: Ints, value: Floats, reported: Bools, adds: Adds) -> None:
    """Totals that nobody reports, from their parts; twice, for a total of totals."""
    for _ in range(4):
        for _, parents, children in _splits(names, cells, adds):
            at = np.searchsorted(cells, parents)
            sums = np.zeros(len(cells))
            np.add.at(sums, at, value[children])
            is_sum = np.zeros(len(cells), bool)
            is_sum[at] = True
            unknown = np.isnan(value) & ~reported & is_sum
            value[unknown] = sums[unknown]


def _sums(names: Names, cells: Ints, value: Floats, adds: Adds) -> csr_matrix:
    rows, columns, entries, count = [], [], [], 0
    for _, parents, children in _splits(names, cells, adds):
        at = np.searchsorted(cells, parents)
        totals, row = np.unique(at, return_inverse=True)
        missed = np.abs(np.bincount(row, value[children], len(totals)) - value[totals])
        holds = missed <= _TOLERANCE * np.maximum(1.0, np.abs(value[totals]))  # false where anything is NaN
        kept = np.cumsum(holds) - 1
        mine = holds[row]
        rows += [count + kept[row[mine]], count + kept[np.flatnonzero(holds)]]
        columns += [children[mine], totals[holds]]
        entries += [np.ones(mine.sum()), -np.ones(holds.sum())]
        count += int(holds.sum())
    if not rows:
        return csr_matrix((0, len(cells)))
    data = (np.concatenate(entries), (np.concatenate(rows), np.concatenate(columns)))
    return csr_matrix(data, shape=(count, len(cells)))
