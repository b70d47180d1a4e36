"""Reads minutes of driving between schools: a square table, or one row per pair."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from commonground.engines.formation import Member, TravelTable
from commonground.formats.texts import problem
from commonground.tables import Problem, Table, in_order, normalized

_NO_WAY = {"none", "-", "–", "x"}
_UNKNOWN = -1.0
_MOST = 24 * 60.0
_PAIR_HEADER = ["from", "to", "minutes"]
_MOST_GAPS = 20  # a table with more gaps is unfinished; a list of thousands helps nobody

Floats = NDArray[np.float64]


def read_drive_times(table: Table, members: Sequence[Member]) -> tuple[TravelTable | None, tuple[Problem, ...]]:
    """Drive times between all members, by id or name. None where there are problems.

    Either the header and the first column name the schools, and every cell holds minutes; or the columns are ``from``,
    ``to`` and ``minutes``. A pair given in one direction only counts for both. ``none`` says that there is no way.
    """
    if not table.ok:
        return None, table.problems
    position = {normalized(name): k for k, m in enumerate(members) for name in (m.name, m.id)}
    problems: list[Problem] = []
    minutes = np.full((len(members), len(members)), _UNKNOWN)
    listed = [normalized(header) for header in table.header] == _PAIR_HEADER
    for row, first, second, cell, column in _pairs(table) if listed else _square(table, members, position, problems):
        value = _minutes(cell)
        if value is None:
            problems.append(problem("not_a_number", table.file, row, column, found=cell))
        elif normalized(first) in position and normalized(second) in position:  # others did not sign up
            minutes[position[normalized(first)], position[normalized(second)]] = value
    minutes = np.where(minutes == _UNKNOWN, minutes.T, minutes)
    np.fill_diagonal(minutes, 0.0)
    problems += _gaps(table.file, minutes, members)
    if problems:
        return None, tuple(in_order(problems))
    return TravelTable(tuple(member.id for member in members), minutes), ()


def _minutes(cell: str) -> float | None:
    """Minutes, NaN for no way, None for what is neither."""
    if cell.casefold() in _NO_WAY:
        return np.nan
    try:
        value = float(cell.replace(",", "."))
    except ValueError:
        return None
    return value if 0 <= value <= _MOST else None


def _pairs(table: Table) -> Iterator[tuple[int, str, str, str, str]]:
    for row in table.rows:
        yield row.number, row.cells[0], row.cells[1], row.cells[2], "minutes"


def _square(
    table: Table, members: Sequence[Member], position: dict[str, int], problems: list[Problem]
) -> Iterator[tuple[int, str, str, str, str]]:
    """The cells of a square table that hold something; problems where rows and columns do not name the same schools."""
    columns = {position.get(normalized(name)) for name in table.header[1:]} - {None}
    rows = {position.get(normalized(row.cells[0])) for row in table.rows} - {None}
    for lost in sorted(k for k in columns ^ rows if k is not None):
        detail = f"“{members[lost].name}” is only a row or only a column"
        problems.append(problem("table_not_square", table.file, None, None, detail=detail))
    for row in table.rows:
        for header in table.header[1:]:
            if cell := row[header]:
                yield row.number, row.cells[0], header, cell, header


def _gaps(file: str, minutes: Floats, members: Sequence[Member]) -> list[Problem]:
    missing = [(i, j) for i, j in np.argwhere(minutes == _UNKNOWN).tolist() if i < j][:_MOST_GAPS]
    return [problem("table_gap", file, None, None, first=members[i].name, second=members[j].name) for i, j in missing]
