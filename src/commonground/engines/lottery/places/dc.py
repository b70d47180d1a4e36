"""The workbook of results that one city publishes of its common lottery, as programs.

Two sheets: one row a school and grade (seats, matches, waiting list), and one row a school, grade and preference (its
place in the order, its name, matches). A preference with a number before its name is a priority class at that place;
the one without is everyone else. A school whose name is another's, “ - ” and a preference holds that school's seats
designated for the group: a hard seat pool of the same program, filled first, with its own order of preferences.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from commonground.engines.lottery.model import OPEN, Program, SeatPool
from commonground.engines.lottery.places.place import Place, Published, Row, label, opened, read_table, whole
from commonground.tables import Column

RESULTS, PREFERENCES = "Tableau_Final_Table_forReview", "Tableau_Match_Preference_Table"
_RESULT_COLUMNS = (
    Column("code", required=True, aliases=("School Grade Code",)),
    Column("school", required=True, aliases=("School Name",)),
    Column("grade", required=True),
    Column("seats", required=True),
    Column("matches", required=True),
    Column("waitlist", required=True, aliases=("Waitlist Length",)),
)
_PREFERENCE_COLUMNS = (
    Column("code", required=True, aliases=("MSDC School Code",)),
    Column("grade", required=True),
    Column("order", required=True, aliases=("Preference Order",)),
    Column("name", required=True, aliases=("Preference Name",)),
    Column("matches", required=True),
)
_NUMBERED = re.compile(r"\d+\.\s*(.+)")


@dataclass(frozen=True, slots=True)
class _Line:
    """A school and grade: a row of the results sheet."""

    code: str
    school: str
    grade: str
    counts: Published


def read_dc(path: Path) -> Place:
    """The city's programs, seat pools, priorities and published counts.

    Raises:
        InputError: naming file, row and column of what cannot be read.
    """
    lines, preferences = list(_lines(path)), _preferences(path)
    groups = {name for classes in preferences.values() for name, _ in classes}
    by_place = {(line.school, line.grade): line for line in lines}
    pools: dict[str, list[tuple[_Line, str]]] = defaultdict(list)
    for line in lines:
        base, _, group = line.school.rpartition(" - ")
        home = by_place.get((base, line.grade)) if label(group) in groups else None
        pools[(home or line).code].append((line, OPEN if home is None else label(group)))
    programs, published = [], {}
    for line in lines:
        if line.code in pools and any(own.code == line.code for own, _ in pools[line.code]):
            parts = sorted(pools[line.code], key=lambda part: part[1] == OPEN)
            programs.append(_program(line, parts, preferences))
            published.update({(line.code, group): part.counts for part, group in parts})
    shares = {program.name: _shares(program, preferences, published) for program in programs}
    return Place(tuple(programs), published, shares, reached=True)


def _lines(path: Path) -> Iterator[_Line]:
    table = read_table(path, sheet=RESULTS)
    columns = opened(table, _RESULT_COLUMNS)
    for row in table:
        cells = {name: row.get(header) for name, header in columns.items()}
        seats, matches, waiting = (
            whole(table, row.number, columns[name] or name, cells[name]) for name in ("seats", "matches", "waitlist")
        )
        yield _Line(cells["code"], label(cells["school"]), cells["grade"], Published(seats, matches, waiting))


def _preferences(path: Path) -> dict[str, list[tuple[str, int]]]:
    """School and grade code -> (priority, matches), best first, without everyone else."""
    table = read_table(path, sheet=PREFERENCES)
    columns = opened(table, _PREFERENCE_COLUMNS)
    found: dict[str, list[tuple[int, str, int]]] = defaultdict(list)
    for row in table:
        cells = {name: row.get(header) for name, header in columns.items()}
        order, matches = (whole(table, row.number, columns[name] or name, cells[name]) for name in ("order", "matches"))
        numbered = _NUMBERED.fullmatch(cells["name"])
        if numbered is not None:
            found[f"{cells['code']} {cells['grade']}"].append((order, label(numbered[1]), matches))
    return {code: [(name, matches) for _, name, matches in sorted(lines)] for code, lines in found.items()}


def _classes(code: str, preferences: dict[str, list[tuple[str, int]]]) -> tuple[str, ...]:
    return tuple(name for name, _ in preferences.get(code, []))


def _program(line: _Line, parts: list[tuple[_Line, str]], preferences: dict[str, list[tuple[str, int]]]) -> Program:
    pools = tuple(
        SeatPool(
            name=group,
            seats=part.counts.seats,
            group=None if group == OPEN else group,
            hard=group != OPEN,
            classes=None if group == OPEN else _classes(part.code, preferences),
        )
        for part, group in parts
    )
    return Program(
        line.code, line.school, line.grade, sum(pool.seats for pool in pools), _classes(line.code, preferences), pools
    )


def _shares(
    program: Program, preferences: dict[str, list[tuple[str, int]]], published: dict[Row, Published]
) -> tuple[tuple[str, float], ...]:
    """Those matched under a priority, among all who came: whoever has one is seldom turned away."""
    came = sum(published[program.name, pool.name].demand for pool in program.pools) or 1
    return tuple((name, matches / came) for name, matches in preferences.get(program.name, []))
