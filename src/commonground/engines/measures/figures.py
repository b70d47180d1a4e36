"""Figures: one row for each year, metric, entity, grade, period and student group, with the tables that explain them.

Everything after the student records stands on these four tables: protection, comparators and the report. A figure that
nobody reported is null, never 0. Where `adds_over_...` says so, numerators and denominators of a table's parts add up to
the whole: schools to their LEA, LEAs to sector and city, groups of a family to "all", grades to "all".
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

LEVELS = ("city", "sector", "lea", "school")
SECTORS = ("district", "charter", "other")
KINDS = ("count", "rate", "days", "signed_count", "median")
ALL = "all"
CITY = "city"
YEAR = "year"
KEY = ("year", "metric", "version", "level", "entity", "grade", "period", "group")

_NUMBERS = {"students": pa.int64(), "numerator": pa.float64(), "denominator": pa.float64(), "value": pa.float64()}
FIGURES = pa.schema([pa.field(name, pa.string(), nullable=False) for name in KEY] + list(_NUMBERS.items()))
METRICS = pa.schema(
    [
        *(
            pa.field(name, pa.string(), nullable=False)
            for name in (
                "metric", "version", "kind", "population", "within", "name_en", "name_es", "sentence_en", "sentence_es",
                "source", "effective",
            )
        ),
        *(
            pa.field(name, pa.bool_(), nullable=False)
            for name in ("adds_over_entities", "adds_over_groups", "adds_over_grades")
        ),
        pa.field("source_es", pa.string()),
    ]
)  # fmt: skip
ENTITIES = pa.schema(
    [
        pa.field(name, pa.string(), nullable=False)
        for name in ("entity", "level", "name", "lea", "sector", "low_grade", "high_grade")
    ]
)
GROUPS = pa.schema([pa.field(name, pa.string(), nullable=False) for name in ("group", "family", "name_en", "name_es")])
SCHEMAS = {"figures": FIGURES, "metrics": METRICS, "entities": ENTITIES, "groups": GROUPS}
FIGURE_COLUMNS = tuple(FIGURES.names)

# A value may be rounded, but not to coarser than a whole per cent.
_ROUNDING = 0.005 + 1e-9


class FiguresError(ValueError):
    """These tables are not figures; `problems` says everything that was found, each with its table and what to do."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class Figures:
    """Four Arrow tables under the schemas of `SCHEMAS`.

    Attributes:
        figures: the figures; `students` are distinct students in the denominator, or the count itself; `value` is a rate
            from 0 to 1, a mean, a median or a count, and null where there are no data.
        metrics: what each metric in a version is. Metrics of one `population` have the same students in the
            denominator; `within` names a metric whose numerator contains this one's.
        entities: the city, its sectors, LEAs and schools.
        groups: the student groups; a crossing is two of them joined by "*".
    """

    figures: pa.Table
    metrics: pa.Table
    entities: pa.Table
    groups: pa.Table

    @classmethod
    def read(cls, folder: Path) -> "Figures":
        """The figures in a folder: for each table `name.parquet`, or else `name.csv`.

        Raises:
            FiguresError: a table is absent, cannot be read, or does not fit its schema.
        """
        problems: list[str] = []
        tables = {name: _read(folder, name, problems) for name in SCHEMAS}
        if problems:
            raise FiguresError(problems)
        figures = cls(**tables)
        figures.validate()
        return figures

    def write(self, folder: Path, kind: str = "parquet") -> None:
        """Write the four tables as Parquet, or as CSV (`kind="csv"`); each is made aside and then put in place.

        Raises:
            FiguresError: the tables are not figures; nothing is written.
        """
        self.validate()
        folder.mkdir(parents=True, exist_ok=True)
        for field in fields(self):
            target = folder / f"{field.name}.{kind}"
            aside = target.with_name(f".{target.name}.part")
            table = getattr(self, field.name)
            if kind == "csv":
                pa_csv.write_csv(table, aside)
            else:
                pq.write_table(table, aside, compression="zstd")
            aside.replace(target)

    def validate(self) -> None:
        """Check schemas, keys, references and the bounds of numbers.

        Raises:
            FiguresError: with every kind of fault found.
        """
        problems = [text for field in fields(self) for text in _schema_faults(field.name, getattr(self, field.name))]
        if not problems:
            problems = [*self._key_faults(), *self._reference_faults(), *self._number_faults()]
        if problems:
            raise FiguresError(problems)

    def _key_faults(self) -> Iterator[str]:
        yield from _repeated("figures", self.figures, list(KEY))
        yield from _repeated("metrics", self.metrics, ["metric", "version"])
        yield from _repeated("entities", self.entities, ["level", "entity"])
        yield from _repeated("groups", self.groups, ["group"])

    def _reference_faults(self) -> Iterator[str]:
        yield from _unknown(self.figures, self.metrics, ["metric", "version"], "metrics")
        yield from _unknown(self.figures, self.entities, ["level", "entity"], "entities")
        yield from _unknown(self.figures, self.groups, ["group"], "groups")
        yield from _outside("entities", self.entities, "level", LEVELS)
        yield from _outside("metrics", self.metrics, "kind", KINDS)
        yield from _outside("metrics", self.metrics, "within", (*self.metrics["metric"].to_pylist(), ""))

    def _number_faults(self) -> Iterator[str]:
        rows = self.figures
        for name in _NUMBERS:
            if name != "students" and pc.any(pc.is_nan(rows[name])).as_py():
                yield f"figures, {name}: holds NaN. Leave a figure that is missing null."
        yield from _wrong(rows, pc.less(rows["students"], 0), "students", "is below 0. Count students from 0.")
        kinds = dict(zip(self.metrics["metric"].to_pylist(), self.metrics["kind"].to_pylist(), strict=True))
        rates = rows.filter(
            pc.is_in(rows["metric"], pa.array([m for m, k in kinds.items() if k == "rate"], pa.string()))
        )
        yield from _rate_faults(rates)


def _rate_faults(rates: pa.Table) -> Iterator[str]:
    numerator, denominator, value = rates["numerator"], rates["denominator"], rates["value"]
    beyond = pc.or_kleene(pc.less(numerator, 0), pc.greater(numerator, denominator))
    yield from _wrong(rates, beyond, "numerator", "is not between 0 and the denominator. Correct the two.")
    apart = pc.greater(
        pc.abs(pc.subtract(pc.multiply(value, denominator), numerator)), pc.multiply(denominator, _ROUNDING)
    )
    yield from _wrong(rates, apart, "value", "is not numerator / denominator. Compute it from the two.")
    outside = pc.or_(pc.less(value, 0), pc.greater(value, 1))
    yield from _wrong(rates, outside, "value", "is not a rate from 0 to 1. Divide per cents by 100.")


def _read(folder: Path, name: str, problems: list[str]) -> pa.Table:
    schema = SCHEMAS[name]
    parquet, csv = folder / f"{name}.parquet", folder / f"{name}.csv"
    try:
        if parquet.exists():
            return _cast(name, pq.read_table(parquet))
        if csv.exists():
            options = pa_csv.ConvertOptions(
                column_types=dict(zip(schema.names, schema.types, strict=True)),
                null_values=[""],
                strings_can_be_null=False,
            )
            return _cast(name, pa_csv.read_csv(csv, convert_options=options))
        problems.append(f"{folder}: there is no {name}.parquet and no {name}.csv. Name a folder that holds figures.")
    except FiguresError as error:
        problems.extend(error.problems)
    except (pa.ArrowException, OSError) as error:
        problems.append(f"{parquet if parquet.exists() else csv}: cannot be read ({error}). Write the file again.")
    return schema.empty_table()


def _cast(name: str, table: pa.Table) -> pa.Table:
    """The table with the schema's columns in their order and types; columns beyond them are dropped."""
    schema = SCHEMAS[name]
    for field in schema:
        if field.nullable and field.name not in table.column_names and field.name not in _NUMBERS:
            table = table.append_column(field, pa.nulls(table.num_rows, field.type))
    absent = [column for column in schema.names if column not in table.column_names]
    if absent:
        raise FiguresError([f"{name}: has no column {', '.join(absent)}. Add what is absent."])
    return table.select(schema.names).cast(schema)


def _schema_faults(name: str, table: pa.Table) -> Iterator[str]:
    schema = SCHEMAS[name]
    if table.schema.names != schema.names:
        yield f"{name}: has columns {', '.join(table.schema.names)}. Give it {', '.join(schema.names)}."
        return
    for field in schema:
        if table.schema.field(field.name).type != field.type:
            yield f"{name}, {field.name}: is {table.schema.field(field.name).type}. Make it {field.type}."
        elif not field.nullable and table[field.name].null_count:
            yield f"{name}, {field.name}: is empty in {table[field.name].null_count} rows. Fill it in."


def _repeated(name: str, table: pa.Table, key: list[str]) -> Iterator[str]:
    counted = table.group_by(key).aggregate([([], "count_all")])
    twice = counted.filter(pc.greater(counted["count_all"], 1))
    if twice.num_rows:
        yield f"{name}: {_shown(twice, key)} stands there {twice['count_all'][0]} times. Keep one row."


def _unknown(rows: pa.Table, known: pa.Table, key: list[str], name: str) -> Iterator[str]:
    used = rows.select(key).group_by(key).aggregate([])
    lost = used.join(known.select(key), keys=key, join_type="left anti")
    if lost.num_rows:
        yield f"figures: {_shown(lost, key)} is not in {name}. Add it there, or leave the figure out."


def _outside(name: str, table: pa.Table, column: str, allowed: tuple[str, ...]) -> Iterator[str]:
    for value in pc.unique(table[column]).to_pylist():
        if value not in allowed:
            yield f"{name}, {column}: “{value}” is not known. Write one of: {', '.join(word for word in allowed if word)}."


def _wrong(rows: pa.Table, mask: pa.ChunkedArray, column: str, text: str) -> Iterator[str]:
    wrong = rows.filter(mask)
    if wrong.num_rows:
        yield f"figures, {column}: {wrong[column][0]} of {_shown(wrong, list(KEY))} {text}"


def _shown(table: pa.Table, key: list[str]) -> str:
    return ", ".join(str(table[column][0]) for column in key)
