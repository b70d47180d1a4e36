"""Finds the columns that a reader knows in the header that a person wrote, and says what does not fit."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from commonground.tables.problems import Problem
from commonground.tables.table import Table


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a reader knows, with other names under which it is accepted."""

    name: str
    required: bool = False
    aliases: tuple[str, ...] = ()


class Columns(Mapping[str, str | None]):
    """The reader's name of a column to the header in the file, or None where the file has no such column."""

    def __init__(self, found: Mapping[str, str | None]) -> None:
        self._found = dict(found)

    def __getitem__(self, name: str) -> str | None:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def normalized(header: str) -> str:
    """A header without case, punctuation and footnote stars: ``" School Name* "`` and ``school_name`` are the same."""
    return re.sub(r"[\W_]+", "_", header.casefold()).strip("_")


def match_columns(
    table: Table, known: Sequence[Column], *, allow_unknown: bool = False
) -> tuple[Columns, tuple[Problem, ...]]:
    """Which header of the table is which known column; unknown, missing and doubled columns as problems.

    With ``allow_unknown`` a header that no column claims is left alone, unless it looks like a misspelling of a column
    that is missing.
    """
    names = {normalized(name): column for column in known for name in (column.name, *column.aliases)}
    found: dict[str, str | None] = dict.fromkeys((column.name for column in known), None)
    problems: list[Problem] = []
    unclaimed: list[str] = []
    for header in table.header:
        column = names.get(normalized(header))
        if column is None:
            unclaimed.append(header)
        elif (other := found[column.name]) is None:
            found[column.name] = header
        else:
            values = {"name": other, "other": header, "meaning": column.name}
            problems.append(Problem("ambiguous_column", table.file, table.header_row, header, values))
    problems += _unclaimed(table, unclaimed, known, found, allow_unknown)
    return Columns(found), tuple(problems)


def _unclaimed(
    table: Table, headers: list[str], known: Sequence[Column], found: dict[str, str | None], allow_unknown: bool
) -> Iterator[Problem]:
    free = {normalized(column.name): column.name for column in known if found[column.name] is None}
    suggested: set[str] = set()
    for header in headers:
        close = difflib.get_close_matches(normalized(header), list(free), n=1, cutoff=0.7)
        if close:
            suggested.add(free[close[0]])
            yield Problem("misspelled_column", table.file, table.header_row, header, {"suggestion": free[close[0]]})
        elif not allow_unknown:
            everything = ", ".join(column.name for column in known)
            yield Problem("unknown_column", table.file, table.header_row, header, {"known": everything})
    for column in known:
        if column.required and found[column.name] is None and column.name not in suggested:
            yield Problem("missing_column", table.file, table.header_row, None, {"name": column.name})
