"""Reading cells: each with its meaning, and every fault named by file, row and column with the remedy."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commonground.engines.lottery.model import SEPARATOR
from commonground.i18n import N_
from commonground.tables import Column, Columns, Limits, Problem, Row, Table, match_columns, read_table

# A city's applications are millions of rows; what a table may otherwise hold is too little.
LIMITS = Limits(file_bytes=2 * 2**30, rows=10_000_000, columns=60)
YES = {"yes", "y", "true", "1", "x"}
NO = {"no", "n", "false", "0"}
TEXTS: Mapping[str, str] = {
    "not_whole": N_("“{cell}” is not a whole number. Write digits only, for example 25."),
    "not_yes_no": N_("“{cell}” is neither yes nor no. Write yes or no."),
    "blank": N_("The cell is empty. Fill it in."),
    "code": N_(
        "“{cell}” cannot be a code: it may not begin with =, +, - or @, nor hold “{separator}”. Choose another code."
    ),
    "pool": N_(
        "“{cell}” is not a seat pool. Write the group, its seats, and hard if need be: “access 5 hard; open 20”."
    ),
    "repeated_program": N_("Program {name} is already in row {first}. Keep one of the two rows."),
    "unknown_program": N_("There is no program “{name}” in {file}. Correct the code, or add the program."),
    "repeated_rank": N_(
        "Application {name} already has rank {rank}, in row {first}. Give each choice a rank of its own."
    ),
    "repeated_choice": N_(
        "Application {name} already ranks this program, in row {first}. Keep the row with the better rank."
    ),
    "rank_gap": N_("Application {name} has no rank {rank}. Number its choices 1, 2, 3 without gaps."),
    "two_children": N_(
        "Application {name} has “{cell}” here but “{other}” in row {first}. One child has one application: make the rows agree."
    ),
    "needs_rank": N_("A choice needs both its rank and its program. Fill in both, or leave both empty."),
    "market": N_("{message} {remedy}"),
    "unknown_event": N_("There is no event “{name}”. Write one of: {known}."),
    "event_program": N_("“{name}” needs the program whose seat it is about. Fill in its code."),
    "event_no_program": N_("“{name}” is about the whole application. Leave the program empty."),
    "event": N_("{detail} Correct the row, or the rows before it."),
    "late_guarantee": N_(
        "A late application cannot bring a guaranteed seat, because the seats are given. Clear the cell, or add a seat by hand."
    ),
    "rules_syntax": N_("The rules cannot be read: {detail}. Compare with the example in the documentation."),
    "unknown_rule": N_("There is no rule “{name}”. Known rules: {known}."),
    "rule_value": N_("“{cell}” does not fit the rule “{name}”. Write {wanted}."),
}


class InputError(ValueError):
    """The files do not make a market; `problems` names every place and what to do there."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def problem(code: str, file: str, row: int | None = None, column: str | None = None, /, **values: Any) -> Problem:
    return Problem(code, file, row, column, values, TEXTS[code])


@dataclass(frozen=True)
class Cells:
    """The cells of one row under the names of this module, with problems collected."""

    table: Table
    row: Row
    columns: Columns
    problems: list[Problem]

    def text(self, name: str) -> str:
        return self.row.get(self.columns[name])

    def blame(self, code: str, column: str, /, **values: Any) -> None:
        self.problems.append(problem(code, self.table.file, self.row.number, self.columns[column] or column, **values))

    def code(self, name: str, *, required: bool = True) -> str:
        cell = self.text(name)
        if not cell:
            if required:
                self.blame("blank", name)
        elif cell[0] in "=+-@" or SEPARATOR in cell:
            self.blame("code", name, cell=cell, separator=SEPARATOR)
        return cell

    def whole(self, name: str) -> int | None:
        cell = self.text(name)
        if not cell:
            return None
        plain = cell.removeprefix("'").removesuffix(
            ".0"
        )  # how spreadsheets write a number as text, or a text as number
        if plain.isascii() and plain.isdigit() and len(plain) < 10:
            return int(plain)
        self.blame("not_whole", name, cell=cell)
        return None

    def yes(self, name: str, default: bool) -> bool:
        cell = self.text(name).casefold()
        if not cell:
            return default
        if cell not in YES | NO:
            self.blame("not_yes_no", name, cell=self.text(name))
        return cell in YES

    def labels(self, name: str) -> frozenset[str]:
        return frozenset(parts(self.text(name)))


def parts(cell: str) -> list[str]:
    """What a cell lists, divided by semicolons."""
    return [part.strip() for part in cell.split(";") if part.strip()]


def opened(path: Path, known: tuple[Column, ...], encoding: str | None) -> tuple[Table, Columns]:
    table = read_table(path, limits=LIMITS, encoding=encoding)
    if table.problems:
        raise InputError(table.problems)
    columns, problems = match_columns(table, known)
    if problems:
        raise InputError(problems)
    return table, columns
