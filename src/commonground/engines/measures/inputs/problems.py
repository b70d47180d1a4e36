"""Problems of a city's files, kept in the working database: there may be millions, and only a few fit on a screen."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from commonground.engines.measures.inputs.texts import TEXTS

Value = str | int | float
_TABLE = """CREATE TABLE problems (
    code VARCHAR NOT NULL, file VARCHAR NOT NULL, row BIGINT, "column" VARCHAR, other_file VARCHAR, other_row BIGINT,
    filling VARCHAR NOT NULL
)"""
_COLUMNS = 'code, file, row, "column", other_file, other_row, filling'
_ORDER = 'severity, code, file, row NULLS FIRST, "column", other_file, other_row'
_BATCH = 10_000
_PLACE = {
    "code": "VARCHAR", "file": "VARCHAR", "row": "BIGINT", "column": "VARCHAR", "other_file": "VARCHAR", "other_row": "BIGINT",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where; `other_file` and `other_row` are the second place that it disagrees with.

    `row` is the number that a spreadsheet shows (the header of a CSV file is row 1), in Parquet the row counted from 1.
    """

    code: str
    file: str
    row: int | None = None
    column: str | None = None
    other_file: str | None = None
    other_row: int | None = None
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def severity(self) -> str:
        return TEXTS[self.code].severity

    @property
    def message(self) -> str:
        """What is wrong, in English; to translate, look `TEXTS[code].message` up and fill `values` in afterwards."""
        return TEXTS[self.code].message.format(**self.values)

    @property
    def remedy(self) -> str:
        return TEXTS[self.code].remedy.format(**self.values)


@dataclass(frozen=True, slots=True)
class Count:
    """How often one problem occurs in one file."""

    code: str
    file: str
    column: str | None
    rows: int

    @property
    def severity(self) -> str:
        return TEXTS[self.code].severity


class Problems:
    """All problems of one reading. Counting and listing are queries; nothing is kept in memory."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        connection.execute(_TABLE)
        connection.execute("CREATE TABLE severities (code VARCHAR, severity VARCHAR)")
        severities = [text.severity for text in TEXTS.values()]
        connection.execute("INSERT INTO severities SELECT unnest(?), unnest(?)", [list(TEXTS), severities])

    def add(self, problem: Problem) -> None:
        self.add_all([problem])

    def add_all(self, problems: Sequence[Problem]) -> None:
        if not problems:
            return
        columns = [[getattr(one, name) for one in problems] for name in _PLACE]
        filling = [json.dumps(dict(one.values)) for one in problems]
        # One statement for all rows: one statement for each is a hundred times slower.
        lists = ", ".join(f"unnest(?::{kind}[])" for kind in (*_PLACE.values(), "VARCHAR"))
        self._connection.execute(f"INSERT INTO problems SELECT {lists}", [*columns, filling])

    def add_rows(self, code: str, rows: str, column: str | None = None, **values: Value) -> None:
        """Add one problem for each row of a query that gives `file, row` and, if it wants, `other_file, other_row`."""
        wanted = [name for name in ("other_file", "other_row") if name in rows] or ["NULL", "NULL"]
        self._connection.execute(
            f"INSERT INTO problems SELECT ?, file, row, ?, {', '.join(wanted)}, ? FROM ({rows})",
            [code, column, json.dumps(values)],
        )

    @property
    def errors(self) -> int:
        return self._how_many("error")

    @property
    def warnings(self) -> int:
        return self._how_many("warning")

    def _how_many(self, severity: str) -> int:
        query = "SELECT count(*) FROM problems JOIN severities USING (code) WHERE severity = ?"
        found = self._connection.execute(query, [severity]).fetchone()
        return int(found[0]) if found else 0

    def counts(self) -> list[Count]:
        """How often each problem occurs in each file and column, errors first."""
        query = """SELECT code, file, "column", count(*) FROM problems JOIN severities USING (code)
            GROUP BY ALL ORDER BY any_value(severity), code, file, "column" NULLS FIRST"""
        return [Count(*row) for row in self._connection.execute(query).fetchall()]

    def first(self, code: str, file: str, column: str | None, limit: int) -> list[Problem]:
        """The first rows of one problem in one file and column."""
        query = f"""SELECT {_COLUMNS} FROM problems WHERE code = ? AND file = ? AND "column" IS NOT DISTINCT FROM ?
            ORDER BY row NULLS FIRST, other_file, other_row LIMIT ?"""
        return [_problem(row) for row in self._connection.execute(query, [code, file, column, limit]).fetchall()]

    def __iter__(self) -> Iterator[Problem]:
        """Every problem, errors first, sorted by code, file and row, whatever the order in which they were found."""
        cursor = self._connection.cursor()
        cursor.execute(f"SELECT {_COLUMNS} FROM problems JOIN severities USING (code) ORDER BY {_ORDER}")
        while rows := cursor.fetchmany(_BATCH):
            yield from map(_problem, rows)


def _problem(row: tuple[str, str, int | None, str | None, str | None, int | None, str]) -> Problem:
    return Problem(*row[:-1], values=json.loads(row[-1]))
