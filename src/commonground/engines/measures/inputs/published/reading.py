"""The rows of a published file, sorted by metric, place and group, with the denominators that it lets us know."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from commonground.engines.measures.figures import ALL
from commonground.engines.measures.inputs.published.mapping import PublishedMapping, PublishedMetric

COLUMNS = ("level", "org", "exhibit", "metric", "value", "year", "subgroup", "grade", "month", "type", "population")
_YEAR = "year"
_LAST_MONTH = "05"
Place = tuple[str, str, str]  # year, level, entity


class PublishedError(ValueError):
    """The file is no published file of this kind."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the file says of one metric at one place: rates or counts by (grade, period, group), and sizes by group.

    `digits` is the largest number of decimals with which the metric was published in that year and level.
    """

    values: dict[tuple[str, str, str], float] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Published:
    """Everything that was read: by metric and exhibit, then by place; and the decimals by exhibit, metric, year and level."""

    told: dict[tuple[str, str], dict[Place, Told]]
    digits: dict[tuple[str, str, str, str], int]


def read_published(path: Path, mapping: PublishedMapping) -> Published:
    """Read a published file (Parquet or CSV).

    Raises:
        PublishedError: it cannot be read, or lacks a column.
    """
    told: dict[tuple[str, str], dict[Place, Told]] = defaultdict(lambda: defaultdict(Told))
    digits: dict[tuple[str, str, str, str], int] = defaultdict(int)
    wanted = _wanted(mapping)
    for level, org, exhibit, metric, value, year, subgroup, grade, month, kind, population in _rows(path, mapping):
        ours, number = mapping.levels.get(level), _number(value)
        group, its_grade = mapping.groups.get(subgroup), mapping.grades.get(grade)
        if ours is None or number is None or group is None or its_grade is None:
            continue
        if population not in mapping.populations[level]:
            continue
        place = (year, ours, "city" if ours == "city" else org)
        for one, role in wanted.get((exhibit, metric), ()):
            if one.type and kind != one.type:
                continue
            if role == "value":
                digits[exhibit, one.id, year, level] = max(digits[exhibit, one.id, year, level], _decimals(value))
            _keep(told[one.id, exhibit][place], one, role, (its_grade, month, group), number)
    return Published(told, digits)


def _wanted(mapping: PublishedMapping) -> dict[tuple[str, str], list[tuple[PublishedMetric, str]]]:
    found: dict[tuple[str, str], list[tuple[PublishedMetric, str]]] = defaultdict(list)
    for one in mapping.metrics:
        for exhibit in one.exhibits:
            for role, name in (("value", one.metric), ("size", one.size), ("hidden", one.hidden)):
                if name:
                    found[exhibit, name].append((one, role))
    return found


def _keep(told: Told, one: PublishedMetric, role: str, key: tuple[str, str, str], number: float) -> None:
    grade, month, group = key
    if role == "hidden":
        told.hidden.update([group] if number else [])
    elif role == "size":
        told.sizes[group] = round(number)
    else:
        for period in _periods(one, month):
            told.values[grade, period, group] = number


def _periods(one: PublishedMetric, month: str) -> Iterator[str]:
    """Months are cumulative, so that the last one also stands for the year."""
    if not one.by_month:
        yield _YEAR
    elif month:
        padded = month.zfill(2)
        yield padded
        if padded == _LAST_MONTH:
            yield _YEAR


def _rows(path: Path, mapping: PublishedMapping) -> list[tuple[str, ...]]:
    reader = "read_parquet(?)" if path.suffix.lower() == ".parquet" else "read_csv(?, all_varchar=true, header=true)"
    columns = ", ".join(f'''coalesce(CAST("{name}" AS VARCHAR), '') AS "{name}"''' for name in COLUMNS)
    query = f"""SELECT {columns} FROM {reader} WHERE CAST("year" AS VARCHAR) >= ? AND "value" IS NOT NULL
        ORDER BY ALL"""
    try:
        with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
            return connection.execute(query, [str(path), mapping.from_year]).fetchall()
    except duckdb.BinderException:
        raise PublishedError(f"{path.name}: a column is missing. It needs {', '.join(COLUMNS)}.") from None
    except duckdb.Error:
        raise PublishedError(f"{path.name}: it cannot be read as a table. Name a Parquet or CSV file.") from None


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _decimals(value: str) -> int:
    return len(value.partition(".")[2])


def enrolled(told: dict[Place, Told], place: Place) -> int | None:
    """The count of all students at a place."""
    found = told[place].values.get((ALL, _YEAR, ALL)) if place in told else None
    return None if found is None else round(found)
