"""What earlier releases told of one population in one year, cell by cell."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from commonground.engines.disclosure.protect.places import Names

Interval = tuple[float, float]
Row = Mapping[str, Any]
NOBODY: Interval = (0.0, 0.0)


@dataclass(frozen=True)
class Release:
    """One release: its rows by metric and cell, and by cell the last number of students that it told."""

    rows: Mapping[str, Mapping[int, Row]]
    students: Mapping[int, Interval]
    places: frozenset[int]

    def told(self, cell: int, place: int) -> Interval | None:
        """The number of students; a row that is absent at a place with others stands for nobody. None: not told."""
        if cell in self.students or any(cell in rows for rows in self.rows.values()):
            return self.students.get(cell)
        return NOBODY if place in self.places else None


class Before:
    """Releases from the first to the last. ``last`` is what the last one told that has the place at all."""

    def __init__(self, releases: Sequence[Release], names: Names) -> None:
        self.releases, self.names = releases, names
        self.metrics = frozenset(metric for release in releases for metric in release.rows)
        self.places = frozenset(place for release in releases for place in release.places)

    def last(self, cell: int, place: int) -> Interval | None:
        return next((one.told(cell, place) for one in reversed(self.releases) if place in one.places), None)

    def every(self, cell: int, place: int) -> set[Interval]:
        """Everything that any release told of a number of students."""
        told = (one.told(cell, place) for one in self.releases)
        rows = (row for one in self.releases for rows in one.rows.values() if (row := rows.get(cell)))
        return {one for one in told if one} | {one for one in map(students_of, rows) if one}

    def row(self, metric: str, cell: int) -> Row | None:
        """The row of the last release that has the metric."""
        return next((one.rows[metric].get(cell) for one in reversed(self.releases) if metric in one.rows), None)

    def rows(self, metric: str, cell: int) -> Iterator[Row]:
        return (row for one in self.releases if (row := one.rows.get(metric, {}).get(cell)))

    def cells(self) -> set[int]:
        return {cell for one in self.releases for rows in one.rows.values() for cell in rows}


def students_of(row: Row) -> Interval | None:
    """What a row tells of its number of students."""
    low, high = row["students_low"], row["students_high"]
    return None if low is None or high is None else (low, high)


def read_before(tables: Iterable[pa.Table], members: Iterable[str], names: Names) -> Before:
    """Of the rows of one year in each release, those of the metrics ``members``. A release without any is left out."""
    wanted = pa.array(sorted(members), pa.string())
    chosen = [table.filter(pc.is_in(table["metric"], wanted)) for table in tables]
    return Before([_release(table, names) for table in chosen if table.num_rows], names)


def _release(table: pa.Table, names: Names) -> Release:
    cells = names.cells(table)
    rows: dict[str, dict[int, Row]] = {}
    places: set[int] = set()
    students: dict[int, Interval] = {}
    day: dict[int, str] = {}
    for cell, place, row in zip(cells.tolist(), names.part(cells, "place").tolist(), table.to_pylist(), strict=True):
        rows.setdefault(row["metric"], {})[cell] = row
        if row["status"] != "missing":
            places.add(place)
        told = students_of(row)
        if told and (row["corrected"] or "") >= day.get(cell, ""):
            students[cell], day[cell] = told, row["corrected"] or ""
    return Release(rows, students, frozenset(places))
