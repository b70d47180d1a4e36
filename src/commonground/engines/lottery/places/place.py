"""What a public file tells of a place: its programs, the published counts, and how often each priority was used."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from commonground.engines.lottery.files import InputError
from commonground.engines.lottery.model import Program
from commonground.i18n import N_
from commonground.tables import Column, Columns, Problem, Table, match_columns, read_table

Row = tuple[str, str]  # program, seat pool


@dataclass(frozen=True, slots=True)
class Published:
    """One row of published counts; None where the place does not publish a number.

    `matches`: children matched. `waiting`: children on the waiting list. `asked`: children who ranked the program.
    """

    seats: int
    matches: int | None = None
    waiting: int | None = None
    asked: int | None = None

    @property
    def demand(self) -> int:
        """How many children came to this line: those who asked, or those matched and waiting."""
        return self.asked if self.asked is not None else (self.matches or 0) + (self.waiting or 0)


@dataclass(frozen=True, slots=True)
class Place:
    """Programs with what is published of them.

    `shares`: for each program the chance that a child who asks has each of its priorities. `reached`: published demand
    counts only children who were not matched to something better (else everyone who ranked the program). `lasts`:
    programs whose last priority holds everyone.
    """

    programs: tuple[Program, ...]
    published: Mapping[Row, Published]
    shares: Mapping[str, tuple[tuple[str, float], ...]]
    reached: bool

    def demand(self, program: Program) -> int:
        return sum(self.published[program.name, pool.name].demand for pool in program.pools)


def label(text: str) -> str:
    """A published label without the signs that mean something in a priority ("+", ">", ";", parentheses)."""
    return re.sub(r"\s+", " ", re.sub(r"[+>;()|]", " ", text)).strip().removeprefix("=").lstrip("-@")


def oldest_first(grades: Iterable[str]) -> tuple[str, ...]:
    """Grades in the order of a draw: 12 down to 1, then K, PK4, PK3."""

    def key(grade: str) -> tuple[int, str, int]:
        digits = re.search(r"\d+$", grade)
        return (0 if grade.isdigit() else 1, re.sub(r"\d+$", "", grade), -int(digits[0]) if digits else 0)

    return tuple(sorted(set(grades), key=key))


def opened(table: Table, known: tuple[Column, ...]) -> Columns:
    """The columns of a table.

    Raises:
        InputError: the file cannot be read or lacks a column.
    """
    if table.problems:
        raise InputError(table.problems)
    columns, problems = match_columns(table, known, allow_unknown=True)
    # A public file has columns that mean nothing here, and some look like misspellings of those that do.
    missing = [problem for problem in problems if problem.code in {"missing_column", "ambiguous_column"}]
    if missing:
        raise InputError(missing)
    return columns


def whole(table: Table, number: int, column: str, cell: str) -> int:
    """A count in a public file.

    Raises:
        InputError: naming the cell.
    """
    plain = cell.replace(",", "").removesuffix(".0")
    if plain.isascii() and plain.isdigit():
        return int(plain)
    text = N_("“{cell}” is not a count. Correct the cell, or leave the row out.")
    raise InputError([Problem("not_a_count", table.file, number, column, {"cell": cell}, text)])


__all__ = ["Place", "Published", "Row", "label", "oldest_first", "opened", "read_table", "whole"]
