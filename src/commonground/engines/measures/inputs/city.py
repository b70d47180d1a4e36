"""From the LEAs' folders to one city: every file read, checked and put together, and the canonical tables written.

1. Find the files: a folder of tables is one LEA, or a folder of such folders.
2. Read each file into a database on disk; every cell that does not fit is a problem.
3. Check what only the whole shows: overlaps, unknown students, schools of others.
4. Write the canonical tables as Parquet, all or none, and only where no error was found.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from commonground.engines.measures.inputs.checks import check
from commonground.engines.measures.inputs.codes import GRADES
from commonground.engines.measures.inputs.layout import LAYOUTS, NOTHING_HAPPENED
from commonground.engines.measures.inputs.loading import InputFile, make_tables, table_of
from commonground.engines.measures.inputs.placing import NO_ROOM, NotWrittenError, new_folder, reason
from commonground.engines.measures.inputs.problems import Count, Problem, Problems
from commonground.engines.measures.inputs.together import load_all
from commonground.engines.measures.inputs.workspace import MEMORY_MB, name, text, workspace

PROVIDED = "provided"
YEAR_BEGINS = "07-01"
_FIRST = 20
_BOTH = {"attendance_days", "attendance_totals"}
# The grades whose schools are expected to give a table; every school is expected to give the others.
_GRADES_OF = {"cohorts": ("12", "12"), "assessments": ("03", "08")}
Progress = Callable[[str], None]


class InputsError(ValueError):
    """The files have errors, so no canonical tables were written; `problems` are the first of each kind."""

    def __init__(self, problems: Sequence[Problem], errors: int) -> None:
        self.problems = tuple(problems)
        self.errors = errors
        super().__init__(f"{errors} errors in the files. Run the check, mend them, and try again.")


@dataclass(frozen=True, slots=True)
class City:
    """The files of a city as read: its problems, and the door to the canonical tables."""

    problems: Problems
    files: tuple[InputFile, ...]
    _connection: duckdb.DuckDBPyConnection

    def first_problems(self, each: int = _FIRST) -> list[Problem]:
        counts: list[Count] = self.problems.counts()
        return [one for count in counts for one in self.problems.first(count.code, count.file, count.column, each)]

    def rows(self, table: str) -> int:
        found = self._connection.execute(f"SELECT count(*) FROM {name(table)}").fetchone()
        return int(found[0]) if found else 0

    def write(self, out: Path) -> dict[str, Path]:
        """Write the canonical tables to the folder `out`, aside first: afterwards all are there, or none.

        A table that no LEA gave is absent. `provided.parquet` (lea, table, year) says who gave what of which year, so
        that a missing table is never taken for zero.

        Raises:
            InputsError: there are errors.
            NotWrittenError: the disk is full, or the folder may not be written.
        """
        if self.problems.errors:
            raise InputsError(self.first_problems(), self.problems.errors)
        with new_folder(out, f"{PROVIDED}.parquet") as fresh:
            for table, query in self._canonical().items():
                self._connection.execute(f"COPY ({query}) TO {text(fresh / (table + '.parquet'))} ({_PARQUET})")
        return tables_in(out)

    def _canonical(self) -> dict[str, str]:
        given = dict.fromkeys(file.table for file in self.files if file.table != NOTHING_HAPPENED.name)
        return {table: _query(table) for table in given} | {PROVIDED: f"SELECT * FROM {PROVIDED} ORDER BY ALL"}


_PARQUET = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000"


def _query(table: str) -> str:
    """A canonical table.

    A student whom two LEAs list is one row: what one of them knows is known. Two LEAs may number their incidents alike,
    so an incident gets the LEA's id in front.
    """
    layout = LAYOUTS[table]
    if table == "students":
        groups = ", ".join(f"coalesce(max(nullif({name(f)}, '')), '') AS {name(f)}" for f in layout.names[2:])
        return f"SELECT year, student, {groups} FROM students GROUP BY year, student ORDER BY year, student"
    if "incident" in layout.names:
        lea = "(SELECT folder, min(lea) AS lea FROM leas GROUP BY folder)"
        rows = f"SELECT t.* REPLACE (l.lea || ':' || incident AS incident) FROM {name(table)} t JOIN {lea} l USING (folder)"
        return f"SELECT {', '.join(map(name, layout.names))} FROM ({rows}) ORDER BY {', '.join(map(name, layout.key))}"
    columns = ", ".join(map(name, layout.names))
    order = "" if table.startswith("attendance") else f" ORDER BY {', '.join(map(name, layout.key))}"
    return f"SELECT {columns} FROM {name(table)}{order}"


@contextmanager
def open_city(
    folders: Sequence[Path],
    *,
    beside: Path | None = None,
    memory_mb: int = MEMORY_MB,
    year_begins: str = YEAR_BEGINS,
    progress: Progress | None = None,
) -> Iterator[City]:
    """Read the folders' files; inside the block their problems can be listed and the canonical tables written.

    `beside` is where the working database goes (default: the temporary folder): about as big as the files, readable by
    this user only, removed at the end. `memory_mb` is what the database may take in memory. School years begin on the day
    `year_begins` ("MM-DD"), as the business rules say. `progress` is told each step's name.

    Raises:
        NotWrittenError: the disk of the working database is full.
    """
    say = progress or (lambda step: None)
    try:
        with workspace(beside, memory_mb) as space:
            problems = Problems(space.connection)
            make_tables(space.connection)
            files = find_files(folders, problems)
            load_all(space, files, problems, say)
            _provided(space.connection, files)
            say("checks")
            check(space.connection, problems, year_begins)
            _absent(space.connection, files, problems)
            yield City(problems, files, space.connection)
    except (*NO_ROOM, OSError) as error:
        if isinstance(error, NotWrittenError):
            raise
        raise NotWrittenError(f"The files could not be read to the end: {reason(error)}.") from None


def read_city(
    folders: Sequence[Path],
    out: Path,
    *,
    memory_mb: int = MEMORY_MB,
    year_begins: str = YEAR_BEGINS,
    progress: Progress | None = None,
) -> tuple[dict[str, Path], list[Problem]]:
    """The canonical tables (name to Parquet file, in the folder `out`) and the problems: the first 20 of each kind.

    With an error among the problems no table is written, and the first result is empty. Warnings do not hinder.
    """
    with open_city(folders, memory_mb=memory_mb, year_begins=year_begins, progress=progress) as city:
        problems = city.first_problems()
        return ({} if city.problems.errors else city.write(out)), problems


def tables_in(folder: Path) -> dict[str, Path]:
    """The canonical tables in a folder, by name."""
    known = [*LAYOUTS, PROVIDED]
    return {table: folder / f"{table}.parquet" for table in known if (folder / f"{table}.parquet").exists()}


def find_files(folders: Sequence[Path], problems: Problems) -> tuple[InputFile, ...]:
    """The tables in the folders. A folder without tables may hold one folder for each LEA."""
    found: list[InputFile] = []
    number = 0
    for folder in folders:
        if not folder.is_dir():
            problems.add(Problem("no_folder", str(folder)))
            continue
        inside = (
            [folder] if _tables(folder) else [one for one in sorted(folder.iterdir()) if one.is_dir() and _tables(one)]
        )
        if not inside:
            problems.add(Problem("no_tables", str(folder)))
        for one in inside:
            found += _one_folder(one, number, problems)
            number += 1
    return tuple(found)


def _tables(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.is_file() and table_of(path)]


def _one_folder(folder: Path, number: int, problems: Problems) -> list[InputFile]:
    found: dict[str, InputFile] = {}
    for path in sorted(folder.iterdir()):
        table, shown = table_of(path), f"{folder.name}/{path.name}"
        if table is None:
            if path.is_file() and not path.name.startswith("."):
                problems.add(Problem("unknown_file", shown, values={"known": ", ".join(LAYOUTS)}))
        elif table in found:
            problems.add(Problem("two_files", shown, other_file=found[table].shown, values={"name": table}))
        else:
            found[table] = InputFile(path, table, number, shown)
    for one in _BOTH if found.keys() >= _BOTH else ():
        problems.add(Problem("two_attendances", found[one].shown))
    return list(found.values())


def _absent(connection: duckdb.DuckDBPyConnection, files: Sequence[InputFile], problems: Problems) -> None:
    """Say which tables an LEA did not give, unless none of its schools has the grades that the table is about."""
    years = _years_not_given(connection)
    for folder in sorted({file.folder for file in files}):
        given = {file.table for file in files if file.folder == folder}
        shown = next(Path(file.shown).parent.name for file in files if file.folder == folder)
        for table, layout in LAYOUTS.items():
            if table in given:
                problems.add_all(
                    [
                        Problem("year_not_provided", shown, values={"name": table, "year": year})
                        for year in years(folder, table)
                    ]
                )
                continue
            if (table in _BOTH and given & _BOTH) or table in ("attendance_days", NOTHING_HAPPENED.name):
                continue
            if layout.needed:
                problems.add(Problem("missing_table", shown, values={"name": table}))
            elif _expected(connection, folder, table):
                problems.add(Problem("not_provided", shown, values={"name": table}))


def _expected(connection: duckdb.DuckDBPyConnection, folder: int, table: str) -> bool:
    grades = _GRADES_OF.get(table)
    if grades is None:
        return True
    query = (
        """SELECT 1 FROM schools WHERE folder = ? AND grade_order(low_grade) <= ? AND grade_order(high_grade) >= ?"""
    )
    low, high = (GRADES.index(grade) for grade in grades)
    return connection.execute(query, [folder, high, low]).fetchone() is not None


def _years_not_given(connection: duckdb.DuckDBPyConnection) -> Callable[[int, str], list[str]]:
    """Of a folder and a table: the years of which it gave other tables only."""
    enrolled, given = defaultdict(set), defaultdict(set)
    for folder, year in connection.execute(
        "SELECT DISTINCT folder, year FROM enrollments WHERE year IS NOT NULL"
    ).fetchall():
        enrolled[folder].add(year)
    for folder, table, year in connection.execute(
        f'SELECT folder, "table", year FROM {PROVIDED} JOIN leas USING (lea)'
    ).fetchall():
        given[folder, table].add(year)
    return lambda folder, table: (
        [] if table == NOTHING_HAPPENED.name else sorted(enrolled[folder] - given[folder, table])
    )


def _provided(connection: duckdb.DuckDBPyConnection, files: Sequence[InputFile]) -> None:
    """Who gave which table of which year: the years of its rows, or all of the LEA's where it has no rows or no years."""
    connection.execute(f'CREATE TABLE {PROVIDED} (lea VARCHAR, "table" VARCHAR, year VARCHAR)')
    for table in dict.fromkeys(file.table for file in files):
        folders = [file.folder for file in files if file.table == table]
        _provided_by(connection, f'SELECT folder, year, {text(table)} AS "table" FROM ({_years(table, folders)})')
    _provided_by(connection, f'SELECT folder, year, "table" FROM {NOTHING_HAPPENED.name}')


def _provided_by(connection: duckdb.DuckDBPyConnection, rows: str) -> None:
    connection.execute(
        f"""INSERT INTO {PROVIDED} SELECT lea, "table", year FROM ({rows}) JOIN leas USING (folder)
        WHERE lea <> '' AND year IS NOT NULL AND "table" <> '' GROUP BY ALL
        EXCEPT SELECT lea, "table", year FROM {PROVIDED}"""
    )


def _years(table: str, folders: Sequence[int]) -> str:
    """The years (folder, year) of a table that these folders gave."""
    given = f"folder IN ({', '.join(map(str, folders))})"
    enrolled = f"SELECT DISTINCT folder, year FROM enrollments WHERE {given}"
    if "year" not in LAYOUTS[table].names:
        return enrolled
    quiet = f"{enrolled} AND folder NOT IN (SELECT DISTINCT folder FROM {name(table)})"
    return f"SELECT DISTINCT folder, year FROM {name(table)} UNION {quiet}"
