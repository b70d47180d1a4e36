"""programs.csv: one row a program, with its priorities and seat pools."""

import re
from collections.abc import Iterable
from pathlib import Path

from commonground.engines.lottery.files.cells import Cells, InputError, opened
from commonground.engines.lottery.model import OPEN, Program, SeatPool
from commonground.engines.lottery.problems import MarketError
from commonground.engines.lottery.problems import Problem as MarketProblem
from commonground.tables import Column, Problem

PROGRAM_COLUMNS = (
    Column("program", required=True),
    Column("school", required=True),
    Column("grade", required=True),
    Column("seats", required=True),
    Column("priorities"),
    Column("pools"),
    Column("screened"),
)
_POOL = re.compile(r"(?P<group>.+?)\s+(?P<seats>\d+)(?:\s+(?P<kind>hard|soft))?(?:\s*\((?P<classes>[^()]*)\))?")


def read_programs(path: Path, *, encoding: str | None = None) -> tuple[tuple[Program, ...], dict[str, int]]:
    """The programs, and for each the row it stands in.

    Raises:
        InputError: with every problem found.
    """
    table, columns = opened(path, PROGRAM_COLUMNS, encoding)
    problems: list[Problem] = []
    programs: list[Program] = []
    rows: dict[str, int] = {}
    for row in table:
        cells = Cells(table, row, columns, problems)
        name = cells.code("program")
        if name in rows:
            cells.blame("repeated_program", "program", name=name, first=rows[name])
        rows.setdefault(name, row.number)
        program = _program(cells, name)
        if program is not None:
            programs.append(program)
    if problems:
        raise InputError(problems)
    return tuple(programs), rows


def _program(cells: Cells, name: str) -> Program | None:
    before = len(cells.problems)
    school, grade, seats = cells.code("school"), cells.code("grade"), cells.whole("seats")
    if not cells.text("seats"):
        cells.blame("blank", "seats")
    classes, pools, screened = in_order(cells.text("priorities")), _pools(cells), cells.yes("screened", False)
    if len(cells.problems) > before or seats is None:
        return None
    try:
        return Program(name, school, grade, seats, classes, pools, screened)
    except MarketError as error:
        for problem in error.problems:
            cells.blame("market", _column(problem), message=problem.message, remedy=problem.remedy)
        return None


def _column(problem: MarketProblem) -> str:
    return problem.field if problem.field in {column.name for column in PROGRAM_COLUMNS} else "pools"


def in_order(text: str) -> tuple[str, ...]:
    """Priority classes, best first: “sibling > zone”."""
    return tuple(part.strip() for part in text.split(">") if part.strip())


def _pools(cells: Cells) -> tuple[SeatPool, ...]:
    pools: list[SeatPool] = []
    for part in (part.strip() for part in cells.text("pools").split(";")):
        if not part:
            continue
        found = _POOL.fullmatch(part)
        if found is None:
            cells.blame("pool", "pools", cell=part)
            continue
        group = found["group"]
        again = 1 + sum(pool.name.split(" #")[0] == group for pool in pools)
        pools.append(
            SeatPool(
                name=group if again == 1 else f"{group} #{again}",
                seats=int(found["seats"]),
                group=None if group == OPEN else group,
                hard=found["kind"] == "hard" and group != OPEN,
                classes=None if found["classes"] is None else in_order(found["classes"]),
            )
        )
    return tuple(pools)


def program_rows(programs: Iterable[Program]) -> list[list[str]]:
    """Rows of programs.csv, under `PROGRAM_COLUMNS`."""
    return [
        [
            program.name, program.school, program.grade, str(program.seats), " > ".join(program.classes),
            "; ".join(map(_pool_text, program.pools)), "yes" if program.screened else "",
        ]
        for program in programs
    ]  # fmt: skip


def _pool_text(pool: SeatPool) -> str:
    classes = "" if pool.classes is None else f" ({' > '.join(pool.classes)})"
    return f"{pool.group or OPEN} {pool.seats}{' hard' if pool.hard else ''}{classes}"
