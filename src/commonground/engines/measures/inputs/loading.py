"""One file into the database: its columns found, its cells understood, every cell that does not fit a problem.

Rows keep the file and the row they came from (`file`, `row`) until the canonical tables are written.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from commonground.engines.measures.inputs import values
from commonground.engines.measures.inputs.codes import known_codes
from commonground.engines.measures.inputs.layout import LAYOUTS, SQL_TYPES, Field, Kind, Layout
from commonground.engines.measures.inputs.problems import Problem, Problems
from commonground.engines.measures.inputs.scanning import RefusedError, TextFile, scan
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
    """Read one file into the table of its layout; what is wrong with it becomes problems."""
    try:
        if file.path.suffix.lower() == ".parquet":
            query, header = _parquet(space, file)
        else:
            query, header = _text(space, file, problems)
    except RefusedError as refused:
        problems.add(refused.problem)
        return
    layout = LAYOUTS[file.table]
    found = _columns(file, layout, header, problems)
    if found is None:
        return
    try:
        _stage(space.connection, query, layout, found)
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        problems.add(Problem("damaged", file.shown))
        return
    _rejected(space.connection, file, problems)
    understand(space.connection, layout, file, found, problems)


def _text(space: Workspace, file: InputFile, problems: Problems) -> tuple[str, Sequence[str]]:
    source = scan(file.path, file.shown, space.folder / "repaired.csv")
    for warning in source.warnings:
        problems.add(warning)
    return _csv_query(source), source.header


def _csv_query(source: TextFile) -> str:
    """The options are stated, for a guess of the reader would be a guess about somebody's child.

    All but the line end: with one stated, the strict reader finds no rows in a file with Windows ones.
    """
    columns = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(len(source.header)))
    return f"""(SELECT *, row_number() OVER () + 1 AS row FROM read_csv({text(source.path)}, auto_detect=false,
        header=true, columns={{{columns}}}, delim={text(source.delimiter)}, quote='"', escape='"',
        strict_mode=true, store_rejects=true, rejects_limit=0, max_line_size=1000000))"""


def _parquet(space: Workspace, file: InputFile) -> tuple[str, Sequence[str]]:
    source = f"read_parquet({text(file.path)}, file_row_number=true)"
    try:
        columns = space.connection.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {source}").fetchall()
    except duckdb.Error:
        raise RefusedError(Problem("damaged", file.shown)) from None
    header = [str(column[0]) for column in columns]
    cells = ", ".join(f"CAST({name(column)} AS VARCHAR) AS c{at}" for at, column in enumerate(header))
    return f"(SELECT {cells}, file_row_number + 1 AS row FROM {source})", header


def _columns(file: InputFile, layout: Layout, header: Sequence[str], problems: Problems) -> dict[str, int] | None:
    """Where each column of the layout stands in the file; None where an error makes the file useless."""
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
    problems.add_all(errors or warnings)
    if errors:
        return None
    return {field: header.index(column) for field, column in found.items() if column is not None}


def _stage(connection: duckdb.DuckDBPyConnection, query: str, layout: Layout, found: dict[str, int]) -> None:
    """The columns in use as trimmed text, in the order of the file; rows without any text are left out."""
    cells = ", ".join(
        f"trim(coalesce(c{at}, ''), ' \t\u00a0\r\n') AS {name(field)}" if at is not None else f"'' AS {name(field)}"
        for field, at in ((field.name, found.get(field.name)) for field in layout.fields)
    )
    filled = " OR ".join(f"{name(field)} <> ''" for field in layout.names)
    connection.execute("DROP TABLE IF EXISTS raw")
    connection.execute(f"CREATE TABLE raw AS SELECT * FROM (SELECT {cells}, row FROM {query}) WHERE {filled}")


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


def understand(
    connection: duckdb.DuckDBPyConnection, layout: Layout, file: InputFile, found: dict[str, int], problems: Problems
) -> None:
    """Turn the text in `raw` into typed rows of the layout's table, and report every cell that does not fit."""
    if not connection.execute("SELECT 1 FROM raw LIMIT 1").fetchone():
        problems.add(Problem("no_rows", file.shown))
    columns, joins = [], []
    for field in layout.fields:
        _empty_cells(field, file, field.name in found, problems)
        if field.kind in {Kind.CODE, Kind.DATE, Kind.YEAR}:
            _by_text(connection, field, file, problems)
            joins.append(
                f"LEFT JOIN {name('text_' + field.name)} ON raw.{name(field.name)} = {name('text_' + field.name)}.text"
            )
            value = f"{name('text_' + field.name)}.value"
            columns.append(f"coalesce({value}, '')" if field.kind is Kind.CODE else value)
        elif field.kind in {Kind.NUMBER, Kind.WHOLE}:
            columns.append(_number(field, file, problems))
        else:
            columns.append(f"raw.{name(field.name)}")
    connection.execute(
        f"INSERT INTO {name(layout.name)} SELECT {', '.join(columns)}, {file.folder}, {text(file.shown)}, raw.row "
        f"FROM raw {' '.join(joins)}"
    )
    for field in layout.fields:
        connection.execute(f"DROP TABLE IF EXISTS {name('text_' + field.name)}")
    connection.execute("DROP TABLE raw")


def _empty_cells(field: Field, file: InputFile, there: bool, problems: Problems) -> None:
    if field.filled and there:
        problems.add_rows("empty_cell", _rows(file, f"{name(field.name)} = ''"), field.name)


def _rows(file: InputFile, condition: str) -> str:
    return f"SELECT {text(file.shown)} AS file, row FROM raw WHERE {condition}"


def _by_text(connection: duckdb.DuckDBPyConnection, field: Field, file: InputFile, problems: Problems) -> None:
    """A table `text_FIELD` of every text in the column that means something, with what it means."""
    column, table = name(field.name), name("text_" + field.name)
    understood = _read(field, list(_texts(connection, column)))
    kind = SQL_TYPES[field.kind]
    connection.execute(f"CREATE TABLE {table} (text VARCHAR, value {kind})")
    _insert(connection, table, understood.values, kind)
    if understood.fault:
        _blame_column(connection, field, file, understood, problems)
        return
    unknown = f"{column} <> '' AND {column} NOT IN (SELECT text FROM {table})"
    code = {Kind.CODE: "unknown_code", Kind.DATE: "bad_date", Kind.YEAR: "bad_year"}[field.kind]
    filling = {"known": ", ".join(known_codes(field.codes))} if field.codes else {}
    problems.add_rows(code, _rows(file, unknown), field.name, **filling)


def _texts(connection: duckdb.DuckDBPyConnection, column: str) -> Iterator[str]:
    cursor = connection.cursor()
    cursor.execute(f"SELECT {column} FROM raw WHERE {column} <> '' GROUP BY {column}")
    while rows := cursor.fetchmany(_BATCH):
        yield from (row[0] for row in rows)


def _read(field: Field, texts: Sequence[str]) -> Understood:
    if field.kind is Kind.DATE:
        return values.dates(sorted(texts))
    return values.years(texts) if field.kind is Kind.YEAR else values.codes(texts, field.codes)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, understood: Mapping[str, str | date], kind: str) -> None:
    arrow = pa.table(
        {
            "text": pa.array(list(understood), pa.string()),
            "value": pa.array(list(understood.values()), pa.date32() if kind == "DATE" else pa.string()),
        }
    )
    connection.register("understood", arrow)
    connection.execute(f"INSERT INTO {table} SELECT text, value FROM understood")
    connection.unregister("understood")


def _blame_column(
    connection: duckdb.DuckDBPyConnection, field: Field, file: InputFile, understood: Understood, problems: Problems
) -> None:
    """One problem for the column, at the first row that shows it; the number of such rows is in the message."""
    suspects = ", ".join(text(one) for one in understood.suspects[:_MOST_SUSPECTS])
    query = f"SELECT min(row), count(*) FROM raw WHERE {name(field.name)} IN ({suspects})"
    first, rows = connection.execute(query).fetchall()[0]
    problems.add(Problem(understood.fault, file.shown, first, field.name, values={"rows": rows}))


def _number(field: Field, file: InputFile, problems: Problems) -> str:
    """The number as SQL; a comma before the decimals is as good as a point."""
    column = f"raw.{name(field.name)}"
    good = f"regexp_full_match({column}, '-?[0-9]{{1,9}}([.,][0-9]+)?')"
    number = f"CASE WHEN {good} THEN CAST(replace({column}, ',', '.') AS DOUBLE) END"
    problems.add_rows("bad_number", _rows(file, f"{column} <> '' AND NOT {good}"), field.name)
    problems.add_rows("negative", _rows(file, f"({number}) < 0"), field.name)
    if field.high < float("inf"):
        beyond = f"({number}) >= 0 AND NOT ({number}) BETWEEN {field.low} AND {field.high}"
        problems.add_rows(
            "out_of_bounds", _rows(file, beyond), field.name, low=f"{field.low:g}", high=f"{field.high:g}"
        )
    if field.kind is Kind.WHOLE:
        problems.add_rows("not_whole", _rows(file, f"({number}) <> round({number})"), field.name)
        return f"CAST({number} AS BIGINT)"
    return number


def table_of(path: Path) -> str | None:
    """The table that a file holds, by its name: `Attendance Days.csv` holds `attendance_days`."""
    stem = normalized(path.stem)
    if path.suffix.lower() not in {".csv", ".tsv", ".txt", ".parquet"}:
        return None
    return stem if stem in LAYOUTS else None
