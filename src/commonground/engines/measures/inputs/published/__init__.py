"""Figures from a file that somebody else has published, as far as it lets the students behind each rate be known.

    figures = published_figures(Path("dc_equity_reports.parquet"))

1. Enrollment is published as a count for all and shares for groups; each share gives the group's count.
2. A rate among a known number of students gives its numerator: the whole number that rounds to it. Where several do (large
   places), they are chosen so that the groups of each family add up to all students.
3. What a family does not publish becomes its rest, such as "disability:no" or "race:unknown". A family whose parts
   contradict their whole, or leave open how many of each group are counted, is missing in that metric: nothing is told of
   it, so that nothing follows from the rest. Where enrollment is not published, a figure has its value only.

The file names no LEA of a school and leaves schools out, so that nothing is claimed to add up over places.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor
from pathlib import Path

import pyarrow as pa

from commonground.engines.measures.figures import ALL, CITY, ENTITIES, FIGURES, GROUPS, METRICS, Figures
from commonground.engines.measures.inputs.codes import GRADES
from commonground.engines.measures.inputs.published.mapping import PublishedMapping, PublishedMetric, read_mapping
from commonground.engines.measures.inputs.published.reading import (
    Place,
    Published,
    PublishedError,
    Told,
    read_published,
)
from commonground.engines.measures.inputs.published.whole import Family, Span, fitted, span_of
from commonground.engines.measures.rules import shipped_rules

__all__ = ["PublishedError", "published_figures"]
VERSION = "published"
_YEAR = "year"
Row = dict[str, str | int | float | None]


def published_figures(path: Path, mapping: PublishedMapping | None = None) -> Figures:
    """The figures of a published file (Parquet or CSV), for all its places and years since the mapping's first.

    Raises:
        PublishedError: the file cannot be read, lacks a column, or holds nothing that the mapping knows.
    """
    known = mapping or read_mapping()
    published = read_published(path, known)
    rows = [row for metric in known.metrics for row in _metric_rows(metric, published, known)]
    if not rows:
        raise PublishedError(f"{path.name}: none of its rows is known. The mapping expects {known.title}.")
    figures = Figures(
        pa.Table.from_pylist(rows, FIGURES),
        pa.Table.from_pylist([_metric(metric, known, path.name) for metric in known.metrics], METRICS),
        pa.Table.from_pylist(_entities(rows), ENTITIES),
        pa.Table.from_pylist([*shipped_rules().groups.rows()], GROUPS),
    )
    figures.validate()
    return figures


@dataclass(frozen=True, slots=True)
class _Place:
    """One metric at one place: what was published, and the students of each group where they are known."""

    metric: PublishedMetric
    place: Place
    told: Told
    digits: int
    students: "_Students"
    mapping: PublishedMapping


@dataclass(frozen=True, slots=True)
class _Students:
    """How many students each group has; of `estimated` groups a share was published that several counts round to."""

    counts: dict[str, int]
    estimated: frozenset[str] = frozenset()


def _metric_rows(metric: PublishedMetric, published: Published, mapping: PublishedMapping) -> Iterator[Row]:
    done: set[Place] = set()
    for exhibit in metric.exhibits:
        told = published.told.get((metric.id, exhibit), {})
        for place in sorted(told.keys() - done):
            done.add(place)
            digits = published.digits.get((exhibit, metric.id, place[0], _theirs(place[1], mapping)), 0)
            students = _counts(told[place], mapping, digits) if metric.kind == "count" else None
            if students is None:
                sizes = _Students(told[place].sizes)
                students = sizes if sizes.counts else _denominators(metric, place, published, mapping)
            yield from _place_rows(_Place(metric, place, told[place], digits, students, mapping))


def _theirs(level: str, mapping: PublishedMapping) -> str:
    return next(theirs for theirs, ours in mapping.levels.items() if ours == level)


def _denominators(metric: PublishedMetric, place: Place, published: Published, mapping: PublishedMapping) -> _Students:
    """The students of each group whose number the population's own metric tells, at the same place and year."""
    source = next((one for one in mapping.metrics if one.population == metric.population and one.kind == "count"), None)
    for exhibit in source.exhibits if source else ():
        told = published.told.get((source.id, exhibit), {}) if source else {}
        if place in told:
            digits = published.digits.get(
                (exhibit, source.id if source else "", place[0], _theirs(place[1], mapping)), 0
            )
            return _counts(told[place], mapping, digits)
    return _Students({})


def _counts(told: Told, mapping: PublishedMapping, digits: int) -> _Students:
    """Students by group: counts as they are, shares of the total made whole, and the rest of each family."""
    total = told.values.get((ALL, _YEAR, ALL))
    if total is None:
        return _Students({})
    whole = round(total)
    spans: dict[str, Span] = {}
    shares = all(value <= 1 for (grade, _, group), value in told.values.items() if grade == ALL and group != ALL)
    for (grade, _, group), value in told.values.items():
        if grade == ALL and group != ALL:
            span = span_of(value, whole, digits) if shares else Span(round(value), round(value), round(value))
            if span is not None:
                spans[group] = span
    families = {family: Family(parts, whole) for family, parts in _by_family(spans).items()}
    _, found = fitted(Span(whole, whole, whole), families)
    counts = {ALL: whole}
    for family, (parts, rest) in found.items():
        counts |= parts | ({mapping.rest[family]: rest} if rest else {})
    return _Students(counts, frozenset(group for group, span in spans.items() if span.low < span.high))


def _by_family(spans: dict[str, Span]) -> dict[str, dict[str, Span]]:
    families: dict[str, dict[str, Span]] = {}
    for group, span in sorted(spans.items()):
        families.setdefault(group.partition(":")[0], {})[group] = span
    return families


def _place_rows(at: _Place) -> Iterator[Row]:
    if at.metric.kind == "count":
        for group, count in sorted(at.students.counts.items()):
            yield _row(at, ALL, _YEAR, group, count, None, None, float(count))
        yield from _grade_rows(at)
        return
    for period in sorted({period for _, period, _ in at.told.values}):
        values = {
            group: value for (grade, its, group), value in at.told.values.items() if its == period and grade == ALL
        }
        values = {group: value for group, value in values.items() if 0 <= value <= 1 and group not in at.told.hidden}
        yield from _rate_rows(at, period, values) if at.metric.kind == "rate" else _share_rows(at, period, values)


def _grade_rows(at: _Place) -> Iterator[Row]:
    """Grades of all students, where they add up to the total; small ones are missing from some."""
    grades = {
        grade: round(value) for (grade, _, group), value in at.told.values.items() if group == ALL and grade != ALL
    }
    if sum(grades.values()) == at.students.counts.get(ALL):
        for grade, count in sorted(grades.items()):
            yield _row(at, grade, _YEAR, ALL, count, None, None, float(count))


def _share_rows(at: _Place, period: str, values: dict[str, float]) -> Iterator[Row]:
    """A share of days: the students are known at times, the days never."""
    counts = at.students.counts
    for group, value in sorted(values.items()):
        if not counts or group in counts:
            yield _row(at, ALL, period, group, counts.get(group), None, None, value)


def _rate_rows(at: _Place, period: str, values: dict[str, float]) -> Iterator[Row]:
    """All students, the published groups, and what follows for the groups of their families that were not published.

    Students are those of enrollment, so that all metrics of a population agree; a rate that fits no number of them is
    about other students, and has no value here. A family is known whole or not at all: one known group among unknown ones
    would tell of these what nobody has looked at.
    """
    counts = at.students.counts
    if not counts:
        yield from (_row(at, ALL, period, group, None, None, None, value) for group, value in sorted(values.items()))
        return
    numerators = _whole(_numerators(at, values), counts)
    families = {group.partition(":")[0] for group in values}
    for group in sorted(group for group, count in counts.items() if count and group.partition(":")[0] in families):
        numerator, students = numerators.get(group), counts[group]
        if numerator is None:
            yield _row(at, ALL, period, group, None, None, None, None)
        else:
            yield _row(at, ALL, period, group, students, numerator, students, values.get(group, numerator / students))


def _whole(numerators: dict[str, int], counts: dict[str, int]) -> dict[str, int]:
    """The numerators of all students, and of the families in which every group has one and all add up."""
    found = {group: number for group, number in numerators.items() if group == ALL}
    for family in {group.partition(":")[0] for group in numerators.keys() - found.keys()}:
        parts = {group: number for group, number in numerators.items() if group.startswith(f"{family}:")}
        members = {group for group, count in counts.items() if count and group.startswith(f"{family}:")}
        if members <= parts.keys() and sum(parts.values()) == numerators[ALL]:
            found |= parts
    return found


def _numerators(at: _Place, values: dict[str, float]) -> dict[str, int]:
    """The students counted in each group, as far as they follow. They add up to those of all students in each family.

    A family that is not published whole leaves a rest. It is told where it belongs to one group, or is zero.
    """
    spans = {group: span for group, value in values.items() if (span := _span(at, group, value)) is not None}
    total = spans.pop(ALL, None)
    if total is None:
        return {}
    counts, families = at.students.counts, {}
    for family, parts in _by_family(spans).items():
        if parts.keys() == {group for group in values if group.startswith(f"{family}:")}:
            families[family] = Family(parts, counts[ALL] - sum(counts[group] for group in parts))
    whole, found = fitted(total, families)
    numerators = {ALL: whole}
    for family, (known, rest) in found.items():
        others = [group for group in counts if group.startswith(f"{family}:") and group not in known]
        numerators |= known | (dict.fromkeys(others, rest) if len(others) == 1 or not rest else {})
    return numerators


def _span(at: _Place, group: str, value: float) -> Span | None:
    """The students behind a rate. Among an estimated number of students, the two whole numbers beside it will do."""
    students = at.students.counts.get(group)
    if students is None:
        return None
    span = span_of(value, students, at.digits)
    if span is None and group in at.students.estimated:
        return Span(floor(value * students), ceil(value * students), round(value * students))
    return span


def _row(
    at: _Place, grade: str, period: str, group: str, students: int | None, numerator: int | None, denominator: int | None,
    value: float | None,
) -> Row:  # fmt: skip
    year, level, entity = at.place
    key = (year, at.metric.id, VERSION, level, entity, grade, period, group)
    return dict(zip(FIGURES.names, (*key, students, numerator, denominator, value), strict=True))


def _metric(metric: PublishedMetric, mapping: PublishedMapping, file: str) -> dict[str, str | bool]:
    words = {
        name: getattr(metric, name) for name in ("name_en", "name_es", "sentence_en", "sentence_es", "kind", "within")
    }
    whole = metric.kind in ("count", "rate")
    return {
        "metric": metric.id, "version": VERSION, "population": metric.population, "source": f"{mapping.title} ({file})",
        "effective": mapping.from_year, **words,
        "adds_over_entities": False, "adds_over_groups": whole, "adds_over_grades": metric.kind == "count",
    }  # fmt: skip


def _entities(rows: list[Row]) -> list[dict[str, str]]:
    """The city, LEAs and schools that have figures. The file names none of them, so that their codes must do."""
    served: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        served.setdefault((str(row["level"]), str(row["entity"])), set()).add(str(row["grade"]))
    return [_entity(level, entity, grades) for (level, entity), grades in sorted(served.items())]


def _entity(level: str, entity: str, grades: set[str]) -> dict[str, str]:
    known = [grade for grade in GRADES if grade in grades]
    span = {"low_grade": known[0] if known else "", "high_grade": known[-1] if known else ""}
    name = "City" if level == CITY else entity
    return {
        "entity": entity,
        "level": level,
        "name": name,
        "lea": entity if level == "lea" else "",
        "sector": "",
        **span,
    }
