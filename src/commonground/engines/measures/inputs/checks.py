"""What only the whole shows: each check is one query over the tables as read, and names both rows that disagree.

The checks run inside the database, so that ten million rows of attendance need no more memory than ten. A cell that could
not be understood is null here; it has its own problem already, and is not blamed twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import duckdb

from commonground.engines.measures.inputs.codes import GRADES
from commonground.engines.measures.inputs.layout import LAYOUTS, Layout
from commonground.engines.measures.inputs.problems import Problems, Value
from commonground.engines.measures.inputs.workspace import name

_BY_SCHOOL = ("enrollments", "attendance_days", "attendance_totals", "incidents", "cohorts", "assessments")
_DATED = {"enrollments": ("entry", "exit"), "attendance_days": ("date",), "incidents": ("date",)}
# Tables whose keys are an LEA's own.
_OF_FOLDER = {"students", "incidents", "consequences", "nothing_happened"}
# The tables that follow from an enrollment of the year; a cohort outlives it.
_OF_ENROLLED = {
    "attendance_days": "never_enrolled",
    "attendance_totals": "never_enrolled",
    "incidents": "never_enrolled",
    "assessments": "tested_elsewhere",
}
# The school year of a row, from its ending year; `_prepare` makes these macros from the day on which school years begin.
_FIRST_DAY, _LAST_DAY = "year_first(year)", "year_last(year)"


@dataclass(frozen=True, slots=True)
class Check:
    """One query that gives `file, row` (and `other_file, other_row` where two rows disagree) for each problem.

    `before` is a statement to run first, for what several checks share.
    """

    code: str
    rows: str
    column: str | None = None
    values: dict[str, Value] = field(default_factory=dict)
    before: str = ""


def check(connection: duckdb.DuckDBPyConnection, problems: Problems, begins: str) -> None:
    """Run all checks over the tables in the database; school years begin on the day `begins` ("07-01")."""
    _prepare(connection, begins)
    for one in _checks(begins):
        if one.before:
            connection.execute(one.before)
        problems.add_rows(one.code, one.rows, one.column, **one.values)


def _checks(begins: str) -> Iterator[Check]:
    for layout in LAYOUTS.values():
        yield from _repeated(layout)
    yield from _places()
    for table in _BY_SCHOOL:
        yield from _schools_of(table)
        yield from _students_of(table)
    yield from _groups()
    yield from _enrollments()
    yield from _dates(begins)
    yield from _attendance()
    yield Check("incident_unknown", _without("consequences", "incidents", ("folder", "incident")), "incident")


def _prepare(connection: duckdb.DuckDBPyConnection, begins: str) -> None:
    """Schools once each with their grades as numbers, and one row for each student, school and year enrolled."""
    month, day = map(int, begins.split("-"))
    for macro, years, days in (("year_first", 1, 0), ("year_last", 0, 1)):
        years = years if (month, day) != (1, 1) else years - 1  # a school year that is a calendar year ends in it
        connection.execute(
            f"CREATE OR REPLACE MACRO {macro}(year) AS make_date(CAST(year AS INTEGER) - {years}, {month}, {day}) - {days}"
        )
    order = ", ".join(f"'{grade}': {at}" for at, grade in enumerate(GRADES))
    connection.execute(f"CREATE OR REPLACE MACRO grade_order(grade) AS MAP {{{order}}}[grade]")
    connection.execute("""CREATE OR REPLACE TEMP TABLE known_schools AS
        SELECT school, min(folder) AS folder, any_value(grade_order(low_grade)) AS low, any_value(grade_order(high_grade)) AS high
        FROM schools WHERE school <> '' GROUP BY school""")
    connection.execute(f"""CREATE OR REPLACE TEMP TABLE enrolled AS
        SELECT year, student, school, min(entry) AS first, max(coalesce(exit, {_LAST_DAY})) AS last,
            sum(greatest(date_diff('day', entry, coalesce(exit, {_LAST_DAY} + 1)), 0)) AS days
        FROM enrollments WHERE student <> '' AND year IS NOT NULL GROUP BY ALL""")


def _repeated(layout: Layout) -> Iterator[Check]:
    """Rows that share a key. Several LEAs may list one student, and number their incidents alike.

    The key is looked for with the key alone, and rows are compared only where it occurs twice: large tables stay small.
    """
    table, within = name(layout.name), "folder, " if layout.name in _OF_FOLDER else ""
    key = within + ", ".join(map(name, layout.key))
    rest = ", ".join(name(column) for column in layout.names)
    filled = " AND ".join(
        f"{name(column)} IS NOT NULL AND CAST({name(column)} AS VARCHAR) <> ''" for column in layout.key
    )
    twice = f"""CREATE OR REPLACE TEMP TABLE twice AS
        SELECT {key} FROM {table} WHERE {filled} GROUP BY {key} HAVING count(*) > 1"""
    pairs = f"""SELECT file, row, first_value(file) OVER first AS other_file, first_value(row) OVER first AS other_row,
        said = first_value(said) OVER first AS same FROM (SELECT *, hash({rest}) AS said FROM {table} SEMI JOIN twice
        USING ({key})) WINDOW first AS (PARTITION BY {key} ORDER BY file, row)"""
    other = f"FROM ({pairs}) WHERE (file, row) <> (other_file, other_row)"
    shown: dict[str, Value] = {"key": ", ".join(layout.key)}
    yield Check("repeated_row", f"SELECT file, row, other_file, other_row {other} AND same", before=twice)
    yield Check("repeated_key", f"SELECT file, row, other_file, other_row {other} AND NOT same", values=shown)


def _places() -> Iterator[Check]:
    yield Check("lea_unknown", _without("schools", "leas", ("folder", "lea")), "lea")
    yield Check(
        "grades_reversed",
        "SELECT file, row FROM schools WHERE grade_order(low_grade) > grade_order(high_grade)",
        "high_grade",
    )


def _without(table: str, known: str, columns: tuple[str, ...]) -> str:
    """Rows of one table whose key is not in the other; an empty key has its own problem."""
    using = ", ".join(map(name, columns))
    return (
        f"SELECT file, row FROM {name(table)} ANTI JOIN {name(known)} USING ({using}) WHERE {name(columns[-1])} <> ''"
    )


def _schools_of(table: str) -> Iterator[Check]:
    unknown = f"SELECT file, row FROM {table} ANTI JOIN known_schools USING (school) WHERE school <> ''"
    other = f"SELECT t.file, t.row FROM {table} t JOIN known_schools k ON t.school = k.school AND t.folder <> k.folder"
    yield Check("school_unknown", unknown, "school")
    yield Check("school_of_other", other, "school")


def _students_of(table: str) -> Iterator[Check]:
    """The student must be listed by the same LEA; where it is, records of a year follow from an enrollment in it."""
    listed = f"""SELECT file, row FROM {table} ANTI JOIN students USING (folder, year, student)
        WHERE student <> '' AND year IS NOT NULL"""
    yield Check("student_unknown", listed, "student")
    if table in _OF_ENROLLED:
        known = f"""SELECT file, row FROM {table} SEMI JOIN students USING (folder, year, student)
            ANTI JOIN enrolled USING (year, student, school) SEMI JOIN known_schools USING (school)"""
        yield Check(_OF_ENROLLED[table], known, "school")


def _groups() -> Iterator[Check]:
    """Rows of two LEAs, for one student and year; what one of them does not know is no contradiction."""
    listed = f"CREATE OR REPLACE TEMP TABLE listed AS SELECT * FROM students {_SEVERAL.format(table='students')}"
    for group in LAYOUTS["students"].names[2:]:
        column = name(group)
        said = f"SELECT * FROM listed WHERE {column} <> '' AND student <> ''"
        pairs = f"""SELECT file, row,
            {column} <> first_value({column}) OVER first AND folder <> first_value(folder) OVER first AS differs,
            first_value(file) OVER first AS other_file, first_value(row) OVER first AS other_row
            FROM ({said}) WINDOW first AS (PARTITION BY year, student ORDER BY file, row)"""
        yield Check(
            "groups_differ",
            f"SELECT file, row, other_file, other_row FROM ({pairs}) WHERE differs",
            group,
            {"name": group},
            before=listed,
        )
        listed = ""


def _enrollments() -> Iterator[Check]:
    yield Check("exit_before_entry", "SELECT file, row FROM enrollments WHERE exit < entry", "exit")
    yield Check("no_day", "SELECT file, row FROM enrollments WHERE exit = entry", "exit")
    yield Check(
        "grade_not_served",
        """SELECT file, row FROM enrollments JOIN known_schools USING (school)
        WHERE grade <> 'UN' AND NOT grade_order(grade) BETWEEN low AND high""",
        "grade",
    )
    found = "SELECT file, row, before[2] AS other_file, before[3] AS other_row FROM overlapping WHERE folder"
    yield Check("overlap", f"{found} = before[1]", before=f"CREATE OR REPLACE TEMP TABLE overlapping AS {_OVERLAPS}")
    yield Check("claimed_twice", f"{found} <> before[1]")


# Most students have one row in a year; only others can disagree with themselves.
_SEVERAL = (
    "SEMI JOIN (SELECT year, student FROM {table} GROUP BY year, student HAVING count(*) > 1) USING (year, student)"
)
# Sorted by entry, an enrollment overlaps an earlier one exactly if it begins before the latest exit so far. A row that
# repeats another (same school and entry) is a repetition, and is said to be one.
_OVERLAPS = f"""
    SELECT folder, file, row, entry, max_by(row(folder, file, row, school, entry), until) OVER earlier AS before
    FROM (
        SELECT *, coalesce(exit, {_LAST_DAY} + 1) AS until FROM enrollments {_SEVERAL.format(table="enrollments")}
        WHERE student <> '' AND year IS NOT NULL AND entry IS NOT NULL AND coalesce(exit >= entry, true)
    )
    WINDOW earlier AS (
        PARTITION BY year, student ORDER BY entry, file, row ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
    QUALIFY entry < max(until) OVER earlier AND until > entry AND (before[4], before[5]) <> (school, entry)"""


def _dates(begins: str) -> Iterator[Check]:
    for table, columns in _DATED.items():
        for column in columns:
            outside = f"NOT {column} BETWEEN {_FIRST_DAY} AND {_LAST_DAY}"
            rows = f"SELECT file, row FROM {table} WHERE year IS NOT NULL AND {outside}"
            yield Check("outside_year", rows, column, {"begins": begins})
    for table in ("attendance_days", "incidents"):
        then = f"""SELECT t.file, t.row FROM {table} t JOIN enrolled e USING (year, student, school)
            WHERE NOT t.date BETWEEN e.first AND e.last AND t.date BETWEEN {_FIRST_DAY} AND {_LAST_DAY}"""
        yield Check("not_enrolled_then", then, "date")


def _attendance() -> Iterator[Check]:
    more = "SELECT file, row FROM attendance_totals WHERE days_present > days_enrolled"
    yield Check("more_present", more, "days_present")
    longer = """SELECT t.file, t.row FROM attendance_totals t JOIN enrolled e USING (year, student, school)
        WHERE t.days_enrolled > e.days"""
    yield Check("more_days", longer, "days_enrolled")
    without = """SELECT file, row FROM enrollments
        SEMI JOIN (SELECT DISTINCT folder, year FROM attendance_totals UNION SELECT DISTINCT folder, year FROM attendance_days)
        USING (folder, year)
        ANTI JOIN attendance_totals USING (folder, year, student, school)
        ANTI JOIN attendance_days USING (folder, year, student, school)
        WHERE coalesce(exit > entry, true)"""
    yield Check("no_attendance", without)
