"""One file into the database: its columns found, its cells understood, every cell that does not fit a problem.

Rows keep the file and the row they came from (`file`, `row`) until the canonical tables are written.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from commonground.engines.measures.inputs import values
from commonground.engines.measures.inputs.codes import known_codes
from commonground.engines.measures.inputs.layout import LAYOUTS, SQL_TYPES, Field, Kind, Layout
from commonground.engines.measures.inputs.problems import Problem, Problems, Value
from commonground.engines.measures.inputs.scanning import ODD_SPACES, RefusedError, TextFile, scan
from commonground.engines.measures.inputs.values import Understood
from commonground.engines.measures.inputs.workspace import Workspace, name, text
from commonground.tables import Column, Table, match_columns, normalized

_REJECTED = {
    "MISSING COLUMNS": "too_few_cells",
    "TOO MANY COLUMNS": "too_many_cells",
    "UNQUOTED VALUE": "unclosed_quote",
}
_MOST_SUSPECTS = 100
_BATCH = 50_000


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that holds one table of one folder: `folder` numbers the LEA folder, `shown` is what problems call it."""

    path: Path
    table: str
    folder: int
    shown: str


def make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Empty tables for all layouts, each with the columns of its origin."""
    for layout in LAYOUTS.values():
        columns = ", ".join(f"{name(field.name)} {SQL_TYPES[field.kind]}" for field in layout.fields)
        connection.execute(f"CREATE TABLE {name(layout.name)} ({columns}, folder INTEGER, file VARCHAR, row BIGINT)")


def load(space: Workspace, file: InputFile, problems: Problems) -> None:
    """Read one file into the table of its layout; what is wrong with it becomes problems.

    All of it is one transaction: the database then waits for the disk once, and not after every step.
    """
    space.connection.execute("BEGIN")
    try:
        _load(space, file, problems)
    except RefusedError as refused:
        space.connection.execute("ROLLBACK")
        problems.add(refused.problem)
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        space.connection.execute("ROLLBACK")
        problems.add(Problem("damaged", file.shown))
    except BaseException:
        space.connection.execute("ROLLBACK")
        raise
    else:
        space.connection.execute("COMMIT")


def _load(space: Workspace, file: InputFile, problems: Problems) -> None:
    parquet = file.path.suffix.lower() == ".parquet"
    query, header, spaces = _parquet(space, file) if parquet else _text(space, file, problems)
    layout = LAYOUTS[file.table]
    found, wrong = find_columns(file, layout, header)
    problems.add_all(wrong)
    if found is None:
        return
    cells, filled = staged(layout, found, spaces)
    space.connection.execute(
        f"CREATE OR REPLACE TABLE raw AS SELECT * FROM (SELECT {cells}, row FROM {query}) WHERE {filled}"
    )
    _rejected(space.connection, file, problems)
    understand(space.connection, layout, file, found, problems)


def _text(space: Workspace, file: InputFile, problems: Problems) -> tuple[str, Sequence[str], str]:
    source = scan(file.path, file.shown, space.folder / "repaired.csv")
    problems.add_all(source.warnings)
    return f"(SELECT *, row_number() OVER () + 1 AS row FROM {read_csv([source])})", source.header, source.spaces


def read_csv(sources: Sequence[TextFile]) -> str:
    """The cells of text files that have the same header and delimiter: c0, c1, ... and the filename.

    The options are stated, for a guess of the reader would be a guess about somebody's child. All but the line end: with one
    stated, the strict reader finds no rows in a file with Windows ones.
    """
    columns = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(len(sources[0].header)))
    return f"""read_csv([{", ".join(text(source.path) for source in sources)}], auto_detect=false, filename=true,
        header=true, columns={{{columns}}}, delim={text(sources[0].delimiter)}, quote='"', escape='"',
        strict_mode=true, store_rejects=true, rejects_limit=0, max_line_size=1000000)"""


def _parquet(space: Workspace, file: InputFile) -> tuple[str, Sequence[str], str]:
    source = f"read_parquet({text(file.path)}, file_row_number=true)"
    try:
        columns = space.connection.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {source}").fetchall()
    except duckdb.Error:
        raise RefusedError(Problem("damaged", file.shown)) from None
    header = [str(column[0]) for column in columns]
    cells = ", ".join(f"CAST({name(column)} AS VARCHAR) AS c{at}" for at, column in enumerate(header))
    return f"(SELECT {cells}, file_row_number + 1 AS row FROM {source})", header, ODD_SPACES


def find_columns(
    file: InputFile, layout: Layout, header: Sequence[str]
) -> tuple[dict[str, int] | None, Sequence[Problem]]:
    """Where each column of the layout stands in the file, and what is wrong; None where that makes the file useless."""
    known = [Column(field.name, field.needed, field.aliases) for field in layout.fields]
    named = [column for column in header if column]
    found, faults = match_columns(Table(file.shown, tuple(dict.fromkeys(named))), known, allow_unknown=True)
    errors = [Problem(fault.code, file.shown, 1, fault.column, values=fault.values) for fault in faults]
    errors += [Problem("repeated_column", file.shown, 1, one) for one in dict.fromkeys(named) if named.count(one) > 1]
    used = {column for column in found.values() if column is not None}
    blamed = {error.column for error in errors}
    warnings = [
        Problem("ignored_column", file.shown, 1, column)
        for column in named
        if column not in used and column not in blamed
    ]
    warnings += [
        Problem("missing_groups", file.shown, values={"name": field.name})
        for field in layout.fields
        if layout.name == "students" and found[field.name] is None and not field.needed
    ]
    if errors:
        return None, errors
    return {field: header.index(column) for field, column in found.items() if column is not None}, warnings


def staged(layout: Layout, found: Mapping[str, int], spaces: str) -> tuple[str, str]:
    """The columns in use as trimmed text, as SQL, and the condition that a row holds any text at all."""
    trim = "trim(coalesce(c{at}, ''))" if spaces == " " else "trim(coalesce(c{at}, ''), " + text(spaces) + ")"
    cells = ", ".join(
        f"{trim.format(at=at)} AS {name(field)}" if at is not None else f"'' AS {name(field)}"
        for field, at in ((field.name, found.get(field.name)) for field in layout.fields)
    )
    return cells, " OR ".join(f"{name(field)} <> ''" for field in layout.names)


def _rejected(connection: duckdb.DuckDBPyConnection, file: InputFile, problems: Problems) -> None:
    """Rows that could not be cut into cells, by their line. The database keeps them for one connection."""
    if not connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'reject_errors'").fetchone():
        return
    rows = connection.execute(
        "SELECT line, min(CAST(error_type AS VARCHAR)) FROM reject_errors GROUP BY line"
    ).fetchall()
    if rows:
        problems.add_all([Problem(_REJECTED.get(kind, "unreadable_row"), file.shown, line) for line, kind in rows])
        _count_rejected(connection)
    connection.execute("DELETE FROM reject_errors")
    connection.execute("DELETE FROM reject_scans")


def _count_rejected(connection: duckdb.DuckDBPyConnection) -> None:
    """Rows below a rejected one were numbered without it; number them as they stand in the file."""
    connection.execute("""CREATE OR REPLACE TABLE raw AS
        WITH before AS (
            SELECT line - row_number() OVER (ORDER BY line) + 1 AS first, row_number() OVER (ORDER BY line) AS rejected
            FROM (SELECT DISTINCT line FROM reject_errors)
        ), shifts AS (SELECT first, max(rejected) AS rejected FROM before GROUP BY first)
        SELECT raw.* REPLACE (row + coalesce(rejected, 0) AS row)
        FROM raw ASOF LEFT JOIN shifts ON raw.row >= shifts.first ORDER BY row""")


@dataclass(frozen=True, slots=True)
class Fault:
    """Cells that do not fit: those rows of `raw` (with the texts joined to it) where `condition` holds."""

    code: str
    column: str
    condition: str
    values: Mapping[str, Value] = field(default_factory=dict)


def understand(
    connection: duckdb.DuckDBPyConnection, layout: Layout, file: InputFile, found: dict[str, int], problems: Problems
) -> None:
    """Turn the text in `raw` into typed rows of the layout's table, and report every cell that does not fit."""
    faults = [*cell_faults(layout, found)]
    for one in coded(layout):
        faults += _by_text(connection, one, file, problems)
    columns, joins = typed(layout)
    source = f"raw {joins}"
    _blame_rows(connection, source, faults, file, problems)
    values_of_rows = f"{columns}, {file.folder}, {text(file.shown)}, raw.row"
    connection.execute(f"INSERT INTO {name(layout.name)} SELECT {values_of_rows} FROM {source}")


def coded(layout: Layout) -> list[Field]:
    """The columns in which a text stands for something, and is looked up."""
    return [one for one in layout.fields if one.kind in (Kind.CODE, Kind.DATE, Kind.YEAR)]


def cell_faults(layout: Layout, found: Mapping[str, int]) -> Iterator[Fault]:
    """What can be wrong with a cell without looking its text up."""
    for one in layout.fields:
        if one.filled and one.name in found:
            yield Fault("empty_cell", one.name, f"raw.{name(one.name)} = ''")
        if one.kind in (Kind.NUMBER, Kind.WHOLE):
            yield from _number_faults(one, _number(one))


def typed(layout: Layout) -> tuple[str, str]:
    """The layout's columns made of the text in `raw`, as SQL, and the joins that they need."""
    columns, joins = [], []
    for one in layout.fields:
        table = name("text_" + one.name)
        if one.kind in (Kind.NUMBER, Kind.WHOLE):
            columns.append(f"CAST({_number(one)} AS {SQL_TYPES[one.kind]})")
        elif one not in coded(layout):
            columns.append(f"raw.{name(one.name)}")
        else:
            columns.append(f"coalesce({table}.value, '')" if one.kind is Kind.CODE else f"{table}.value")
            joins.append(f"LEFT JOIN {table} ON raw.{name(one.name)} = {table}.text")
    return ", ".join(columns), " ".join(joins)


def _blame_rows(
    connection: duckdb.DuckDBPyConnection, source: str, faults: list[Fault], file: InputFile, problems: Problems
) -> None:
    """Count all kinds of faults in one pass; only those that occur are looked for row by row."""
    counts = ", ".join(["count(*)", *(f"count_if({fault.condition})" for fault in faults)])
    found = connection.execute(f"SELECT {counts} FROM {source}").fetchone() or ()
    if not found[0]:
        problems.add(Problem("no_rows", file.shown))
    for fault, number in zip(faults, found[1:], strict=True):
        if number:
            rows = f"SELECT {text(file.shown)} AS file, raw.row AS row FROM {source} WHERE {fault.condition}"
            problems.add_rows(fault.code, rows, fault.column, **fault.values)


def _by_text(connection: duckdb.DuckDBPyConnection, one: Field, file: InputFile, problems: Problems) -> list[Fault]:
    """A table `text_FIELD` of every text in the column that means something, with what it means."""
    column, table = name(one.name), name("text_" + one.name)
    understood = meanings(one, list(_texts(connection, column)))
    keep_meanings(connection, one, understood.values)
    if understood.fault:
        _blame_column(connection, one, file, understood, problems)
        return []
    code = {Kind.CODE: "unknown_code", Kind.DATE: "bad_date", Kind.YEAR: "bad_year"}[one.kind]
    known = {"known": ", ".join(known_codes(one.codes))} if one.codes else {}
    return [Fault(code, one.name, f"raw.{column} <> '' AND {table}.text IS NULL", known)]


def keep_meanings(connection: duckdb.DuckDBPyConnection, one: Field, known: Mapping[str, str | date]) -> None:
    """A table `text_FIELD` of texts and what they mean."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {name('text_' + one.name)} AS "
        f"SELECT unnest(?::VARCHAR[]) AS text, unnest(?::{SQL_TYPES[one.kind]}[]) AS value",
        [list(known), list(known.values())],
    )


def _texts(connection: duckdb.DuckDBPyConnection, column: str) -> Iterator[str]:
    found = connection.execute(f"SELECT {column} FROM raw WHERE {column} <> '' GROUP BY {column}")
    while rows := found.fetchmany(_BATCH):
        yield from (row[0] for row in rows)


def meanings(one: Field, texts: Sequence[str]) -> Understood:
    """What the texts of one column of one file mean."""
    if one.kind is Kind.DATE:
        return values.dates(sorted(texts))
    return values.years(texts) if one.kind is Kind.YEAR else values.codes(texts, one.codes)


def _blame_column(
    connection: duckdb.DuckDBPyConnection, one: Field, file: InputFile, understood: Understood, problems: Problems
) -> None:
    """One problem for the column, at the first row that shows it; the number of such rows is in the message."""
    suspects = ", ".join(text(suspect) for suspect in understood.suspects[:_MOST_SUSPECTS])
    query = f"SELECT min(row), count(*) FROM raw WHERE {name(one.name)} IN ({suspects})"
    first, rows = connection.execute(query).fetchall()[0]
    problems.add(Problem(understood.fault, file.shown, first, one.name, values={"rows": rows}))


def _number(one: Field) -> str:
    """The number as SQL, null where there is none; a comma before the decimals is as good as a point."""
    column = f"raw.{name(one.name)}"
    return f"CASE WHEN {_is_number(column)} THEN CAST(replace({column}, ',', '.') AS DOUBLE) END"


def _is_number(column: str) -> str:
    return f"regexp_full_match({column}, '-?[0-9]{{1,9}}([.,][0-9]+)?')"


def _number_faults(one: Field, number: str) -> Iterator[Fault]:
    column = f"raw.{name(one.name)}"
    yield Fault("bad_number", one.name, f"{column} <> '' AND NOT {_is_number(column)}")
    yield Fault("negative", one.name, f"({number}) < 0")
    if one.high < float("inf"):
        beyond = f"({number}) >= 0 AND NOT ({number}) BETWEEN {one.low} AND {one.high}"
        yield Fault("out_of_bounds", one.name, beyond, {"low": f"{one.low:g}", "high": f"{one.high:g}"})
    if one.kind is Kind.WHOLE:
        yield Fault("not_whole", one.name, f"({number}) <> round({number})")


def table_of(path: Path) -> str | None:
    """The table that a file holds, by its name: `Attendance Days.csv` holds `attendance_days`."""
    stem = normalized(path.stem)
    if path.suffix.lower() not in {".csv", ".tsv", ".txt", ".parquet"}:
        return None
    return stem if stem in LAYOUTS else None
