"""Small invented cities as figures, made from one number; sums hold because figures are counted from students."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from commonground.engines.measures.figures import ENTITIES, FIGURES, GROUPS, METRICS, Figures

RACES = ("asian", "black", "hispanic", "white")


@dataclass(frozen=True)
class Student:
    school: str
    grade: str
    race: str
    disability: str
    absent: bool
    suspended: bool
    long: bool


@dataclass(frozen=True)
class City:
    """Which LEA and sector each school has, and the students."""

    schools: dict[str, tuple[str, str]]
    students: tuple[Student, ...]


def city(
    seed: int,
    sizes: Sequence[int] = (60, 40, 55, 30, 25),
    leas: int = 3,
    races: Sequence[str] = RACES,
    grades: Sequence[str] = ("01",),
) -> City:
    draw = random.Random(seed)
    schools = {}
    for at in range(len(sizes)):
        lea = at % leas
        schools[f"s{at:03d}"] = (f"L{lea:02d}", "district" if lea == 0 else "charter")
    students = []
    for school, size in zip(schools, sizes, strict=True):
        shares = [draw.random() ** 2 + 0.02 for _ in races]
        for _ in range(size):
            once = draw.random() < 0.15
            students.append(
                Student(
                    school,
                    draw.choice(list(grades)),
                    draw.choices(races, shares)[0],
                    "yes" if draw.random() < 0.15 else "no",
                    draw.random() < 0.3,
                    once,
                    once and draw.random() < 0.2,
                )
            )
    return City(schools, tuple(students))


def metric(name: str, kind: str, population: str, within: str = "") -> dict[str, object]:
    text = dict.fromkeys(("name_en", "name_es", "sentence_en", "sentence_es"), name)
    adds = dict.fromkeys(("adds_over_entities", "adds_over_groups", "adds_over_grades"), kind in ("count", "rate"))
    base = {"metric": name, "version": "1", "kind": kind, "population": population, "within": within}
    return {**base, **text, "source": "invented", "effective": "2020", **adds}


METRICS_HERE = (
    metric("enrollment", "count", "enrolled"),
    metric("absent", "rate", "rolls"),
    metric("suspended", "rate", "discipline"),
    metric("suspended_long", "rate", "discipline", "suspended"),
)


def figures(
    where: City, year: str = "2025", metrics: Sequence[str] = ("enrollment", "absent"), crossed: bool = False
) -> Figures:
    counted: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for one in where.students:
        for place in _places(where, one.school):
            for grade in ("all", one.grade) if place[0] in ("city", "sector") else ("all",):
                for group in _groups(one, crossed):
                    entry = counted[*place, grade, group]
                    for at, amount in enumerate((1, one.absent, one.suspended, one.long)):
                        entry[at] += amount
    rows = [row for name in metrics for row in _rows(name, year, counted)]
    chosen = [one for one in METRICS_HERE if one["metric"] in metrics]
    groups = sorted({row["group"] for row in rows})
    return Figures(
        pa.Table.from_pylist(rows, FIGURES),
        pa.Table.from_pylist(chosen, METRICS),
        pa.Table.from_pylist(list(_entities(where)), ENTITIES),
        pa.Table.from_pylist(
            [
                {
                    "group": g,
                    "family": "*".join(p.split(":")[0] for p in str(g).split("*")) if g != "all" else "",
                    "name_en": g,
                    "name_es": g,
                }
                for g in groups
            ],
            GROUPS,
        ),
    )


def _places(where: City, school: str) -> tuple[tuple[str, str], ...]:
    lea, sector = where.schools[school]
    return ("city", "city"), ("sector", sector), ("lea", lea), ("school", school)


def _groups(one: Student, crossed: bool) -> Iterator[str]:
    yield from ("all", f"race:{one.race}", f"disability:{one.disability}")
    if crossed:
        yield f"disability:{one.disability}*race:{one.race}"


def _rows(name: str, year: str, counted: dict[tuple[str, str, str, str], list[int]]) -> Iterator[dict[str, object]]:
    for (level, entity, grade, group), (students, *numerators) in counted.items():
        base = {
            "year": year, "metric": name, "version": "1", "level": level, "entity": entity, "grade": grade,
            "period": "year", "group": group, "students": students,
        }  # fmt: skip
        if name == "enrollment":
            yield {**base, "numerator": None, "denominator": None, "value": float(students)}
        else:
            numerator = float(numerators[("absent", "suspended", "suspended_long").index(name)])
            yield {**base, "numerator": numerator, "denominator": float(students), "value": numerator / students}


def _entities(where: City) -> Iterator[dict[str, str]]:
    grades = {"low_grade": "01", "high_grade": "12"}
    yield {"entity": "city", "level": "city", "name": "City", "lea": "", "sector": "", **grades}
    for sector in sorted({sector for _, sector in where.schools.values()}):
        yield {"entity": sector, "level": "sector", "name": sector, "lea": "", "sector": sector, **grades}
    for lea, sector in sorted(set(where.schools.values())):
        yield {"entity": lea, "level": "lea", "name": lea, "lea": lea, "sector": sector, **grades}
    for school, (lea, sector) in where.schools.items():
        yield {"entity": school, "level": "school", "name": school, "lea": lea, "sector": sector, **grades}


def shuffled(table: Figures, seed: int) -> Figures:
    """The same figures in another order."""
    draw = random.Random(seed)
    order = list(range(table.figures.num_rows))
    draw.shuffle(order)
    places = list(range(table.entities.num_rows))
    draw.shuffle(places)
    return replace(table, figures=table.figures.take(order), entities=table.entities.take(places))
