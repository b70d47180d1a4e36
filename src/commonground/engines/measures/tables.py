"""The canonical tables of a city's student records, as Ibis tables of any backend.

They are Parquet files in one folder (`students.parquet`, ...), made and checked from the LEAs' files. A table or column that
is absent is empty. `provided` (lea, table, year) says which tables an LEA has given of which year, even where no row is in
them (a year without incidents); without it, an LEA has given, for each year, what it has rows of.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

_STUDENT = {"year": "string", "student": "string"}
_AT = {**_STUDENT, "school": "string"}
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "schools": dict.fromkeys(("school", "lea", "name", "sector", "low_grade", "high_grade"), "string"),
    "leas": dict.fromkeys(("lea", "name", "sector"), "string"),
    "students": dict.fromkeys(
        ("year", "student", "race", "sex", "english_learner", "disability", "at_risk"), "string"
    ),
    "enrollments": {**_AT, "grade": "string", "entry": "date", "exit": "date"},
    "attendance_days": {**_AT, "date": "date", "status": "string"},
    "attendance_totals": {**_AT, "days_enrolled": "float64", "days_present": "float64"},
    "incidents": {**_AT, "incident": "string", "date": "date"},
    "consequences": {"incident": "string", "student": "string", "kind": "string", "days": "float64"},
    "cohorts": {**_AT, "cohort": "string", "status": "string"},
    "assessments": {
        **_AT, "subject": "string", "level": "int64", "proficient": "string", "growth_percentile": "float64",
    },
    "provided": {"lea": "string", "table": "string", "year": "string"},
}  # fmt: skip
_ARROW = {"string": pa.string(), "date": pa.date32(), "float64": pa.float64(), "int64": pa.int64()}


class TablesError(ValueError):
    """The folder does not hold the tables that figures are computed from."""


@dataclass(frozen=True)
class Tables:
    """The tables by name, with every column of `COLUMNS` in its type, and the names of those that are not absent."""

    named: Mapping[str, ir.Table]
    present: frozenset[str]
    _kept: dict[Any, ir.Table] = field(default_factory=dict, compare=False, repr=False)

    @property
    def has_provided(self) -> bool:
        """Whether the folder says who gave what."""
        return "provided" in self.present

    def __getitem__(self, name: str) -> ir.Table:
        return self.named[name]

    def once(self, table: ir.Table) -> ir.Table:
        """What the expression gives, worked out once for all rules that ask the same."""
        if table.op() not in self._kept:
            self._kept[table.op()] = table.cache()
        return self._kept[table.op()]


def arrow_schema(name: str) -> pa.Schema:
    """The Arrow schema of a canonical table, to write one."""
    return pa.schema([(column, _ARROW[kind]) for column, kind in COLUMNS[name].items()])


def open_tables(folder: Path, connection: Any) -> Tables:
    """The tables of a folder, read by an Ibis connection when they are needed.

    Raises:
        TablesError: the folder has no schools or no enrollments.
    """
    present = {name for name in COLUMNS if (folder / f"{name}.parquet").exists()}
    for name in ("schools", "enrollments"):
        if name not in present:
            raise TablesError(f"{folder}: there is no {name}.parquet. Name a folder of checked tables.")
    read = {name: connection.read_parquet(str(folder / f"{name}.parquet")) for name in present}
    return tables_of(read)


def tables_of(read: Mapping[str, ir.Table]) -> Tables:
    """Tables with the canonical columns, from those that there are."""
    named = {name: _shaped(name, read[name]) if name in read else _empty(name) for name in COLUMNS}
    return Tables(named, frozenset(read))


def _shaped(name: str, table: ir.Table) -> ir.Table:
    have = set(table.columns)
    return table.select(
        **{
            column: table[column].cast(kind) if column in have else ibis.null().cast(kind)
            for column, kind in COLUMNS[name].items()
        }
    )


def _empty(name: str) -> ir.Table:
    return ibis.memtable(arrow_schema(name).empty_table())
