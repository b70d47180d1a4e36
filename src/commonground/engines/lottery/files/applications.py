"""applications.csv: one row a choice, gathered into one application a child."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from commonground.engines.lottery.files.cells import YES, Cells, InputError, opened, parts, problem
from commonground.engines.lottery.model import Application, Choice
from commonground.tables import Column, Columns, Problem, Table

APPLICATION_COLUMNS = (
    Column("application", required=True),
    Column("grade", required=True),
    Column("rank", required=True),
    Column("program", required=True),
    Column("priorities"),
    Column("school_rank"),
    Column("eligible"),
    Column("groups"),
    Column("guaranteed"),
    Column("older_sibling"),
    Column("linked"),
    Column("late"),
)
CHILD_COLUMNS = ("grade", "groups", "guaranteed", "older_sibling", "linked", "late")


def read_applications(
    path: Path, programs: tuple[str, Mapping[str, int]], *, encoding: str | None = None
) -> tuple[tuple[Application, ...], dict[str, int]]:
    """The applications, and for each the first row it stands in.

    Args:
        programs: the programs file's name, and the codes that it knows.

    Raises:
        InputError: with every problem found.
    """
    table, columns = opened(path, APPLICATION_COLUMNS, encoding)
    reader = Applications(table, columns, programs[1], programs[0])
    return tuple(reader.read()), reader.first


class Applications:
    """Gathers the rows of applications.csv, one for each choice, into applications."""

    def __init__(self, table: Table, columns: Columns, programs: Mapping[str, object], programs_file: str) -> None:
        self.table, self.columns = table, columns
        self.programs, self.programs_file = programs, programs_file
        self.problems: list[Problem] = []
        self.first: dict[str, int] = {}
        self.children: dict[str, tuple[str, ...]] = {}
        self.choices: dict[str, dict[int, tuple[Choice, int]]] = {}
        self.known: dict[tuple[str, ...], Choice] = {}

    def read(self) -> list[Application]:
        for row in self.table:
            self._row(Cells(self.table, row, self.columns, self.problems))
        for number, ranks in self.choices.items():
            gap = next(((want, rank) for want, rank in enumerate(sorted(ranks), start=1) if rank != want), None)
            if gap is not None:
                place = (self.table.file, ranks[gap[1]][1], "rank")
                self.problems.append(problem("rank_gap", *place, name=number, rank=gap[0]))
        if self.problems:
            raise InputError(self.problems)
        return [self._application(number) for number in self.first]

    def _row(self, cells: Cells) -> None:
        number = cells.code("application")
        child = tuple(cells.text(name) for name in CHILD_COLUMNS)
        if number not in self.first:
            self.first[number] = cells.row.number
            self.children[number] = child
            self.choices[number] = {}
            for name in ("grade", "guaranteed", "older_sibling", "linked"):
                cells.code(name, required=name == "grade")
            cells.yes("late", False)
        elif child != self.children[number]:
            at = next(at for at, cell in enumerate(child) if cell != self.children[number][at])
            other, first = self.children[number][at], self.first[number]
            cells.blame("two_children", CHILD_COLUMNS[at], name=number, cell=child[at], other=other, first=first)
        rank, program = cells.whole("rank"), cells.text("program")
        if rank is None and not program and not cells.text("rank"):
            return
        if rank is None or not program:
            if not (program and cells.text("rank")):
                cells.blame("needs_rank", "rank" if program else "program")
            return
        self._choice(cells, number, rank, program)

    def _choice(self, cells: Cells, number: str, rank: int, program: str) -> None:
        own = self.choices[number]
        if program not in self.programs:
            cells.blame("unknown_program", "program", name=program, file=self.programs_file)
        if rank in own:
            cells.blame("repeated_rank", "rank", name=number, rank=rank, first=own[rank][1])
            return
        twice = next((row for choice, row in own.values() if choice.program == program), None)
        if twice is not None:
            cells.blame("repeated_choice", "program", name=number, first=twice)
        key = (program, *(cells.text(name) for name in ("priorities", "school_rank", "eligible")))
        if key not in self.known:
            self.known[key] = Choice(
                program, cells.labels("priorities"), cells.whole("school_rank"), cells.yes("eligible", True)
            )
        own[rank] = (self.known[key], cells.row.number)

    def _application(self, number: str) -> Application:
        grade, groups, guaranteed, older, linked, late = self.children[number]
        ranks = self.choices[number]
        return Application(
            number=number,
            grade=grade,
            choices=tuple(ranks[rank][0] for rank in sorted(ranks)),
            labels=frozenset(parts(groups)),
            guaranteed=guaranteed or None,
            older_siblings=tuple(dict.fromkeys(parts(older))),
            linked=linked or None,
            late=late.casefold() in YES,
        )


def application_rows(applications: Iterable[Application]) -> Iterator[list[str]]:
    """Rows of applications.csv, under `APPLICATION_COLUMNS`, one a choice."""
    for application in applications:
        groups = ";".join(sorted(application.labels))
        child = [groups, application.guaranteed or "", ";".join(application.older_siblings), application.linked or ""]
        child.append("yes" if application.late else "")
        for rank, choice in enumerate(application.choices, start=1):
            own = [
                str(rank), choice.program, ";".join(sorted(choice.labels)),
                "" if choice.school_rank is None else str(choice.school_rank), "" if choice.eligible else "no",
            ]  # fmt: skip
            yield [application.number, application.grade, *own, *child]
        if not application.choices:
            yield [application.number, application.grade, "", "", "", "", "", *child]
