"""The invented city as files: one folder for each LEA, with the tables that the documents describe."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from commonground.engines.measures.inputs.codes import GRADES, RACES
from commonground.engines.measures.inputs.invented.people import (
    LAST,
    Bools,
    People,
    invent_people,
    newcomers,
    next_year,
)
from commonground.engines.measures.inputs.invented.plan import Ints, Plan, invent_plan
from commonground.engines.measures.inputs.invented.records import (
    Cohort,
    Stays,
    days_present,
    invent_cohort,
    invent_incidents,
    invent_stays,
    invent_tests,
    school_days,
)
from commonground.engines.measures.inputs.placing import new_folder

ABOUT = "about.json"
_SEXES = np.array(["female", "male", "nonbinary"])
_RACE_CODES = np.array([*RACES, ""])  # position -1 is the last one: unknown
_GRADE_CODES = np.array(GRADES)
_YES_NO = np.array(["no", "yes"])
# The newest year, and the first student number of six digits' worth of invented ones.
NEWEST = 2025
Tables = dict[str, list[pa.Table]]


@dataclass(frozen=True, slots=True)
class _Year:
    """What one year of the city rests on; `ids` turns a student's number into the id in the files."""

    plan: Plan
    ids: Callable[[Ints], Any]
    year: int
    daily: int
    rng: np.random.Generator


def write_invented_city(
    out: Path,
    *,
    schools: int,
    seed: int,
    years: int = 1,
    kind: str = "csv",
    progress: Callable[[str], None] | None = None,
) -> dict[str, int]:
    """Write the city to the folder `out`, one folder for each LEA, and return how many rows each table has.

    The same seed gives the same bytes. One small charter LEA reports attendance by day, all others by totals.

    Args:
        schools: how many schools, at least 2; about 362 students each.
        years: how many school years, the last ending in 2025; students are carried forward, schools open and close.
        kind: "csv" or "parquet".
        progress: is told each year's name.

    Raises:
        NotWrittenError: the folder cannot be written, or holds something else.
    """
    rng = np.random.default_rng([schools, seed])
    plan = invent_plan(schools, rng)
    tables: Tables = {}
    for part in _years(plan, years, rng, progress or (lambda step: None)):
        for name, table in part.items():
            tables.setdefault(name, []).append(table)
    whole = {name: pa.concat_tables(parts) for name, parts in tables.items()} | _places(plan)
    about = {"invented": True, "schools": schools, "seed": seed, "years": years}
    with new_folder(out, ABOUT) as fresh:
        for at, lea in enumerate(plan.leas):
            _write_lea(fresh / f"{lea}-{_slug(plan.lea_names[at])}", at, whole, kind)
        (fresh / ABOUT).write_text(json.dumps(about) + "\n", encoding="utf-8")
    return {name: table.num_rows for name, table in whole.items()}


def _years(
    plan: Plan, years: int, rng: np.random.Generator, say: Callable[[str], None]
) -> Iterator[dict[str, pa.Table]]:
    opens, closes = _lifetimes(plan, years, rng)
    digits = rng.permutation(900_000 + 900_000 * (len(plan.schools) // 1000))

    def ids(numbers: Ints) -> Any:
        return np.char.zfill(
            (digits[numbers % len(digits)] + 100_000 + numbers // len(digits) * len(digits)).astype(str), 9
        )

    people = invent_people(plan, (opens == 0), rng)
    first = len(people)
    before: Cohort | None = None
    for at in range(years):
        open_now = (opens <= at) & (at < closes)
        if at:
            people = next_year(plan, people, open_now, first, rng)
            first = max(first, int(people.number.max()) + 1)
        year = _Year(plan, ids, NEWEST - years + 1 + at, _daily_lea(plan), rng)
        say(f"{year.year - 1}-{year.year % 100:02d}")
        tables, before, first = _one_year(year, people, open_now, before, first)
        yield tables


def _lifetimes(plan: Plan, years: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """First year of each school, and the year from which it is closed: over the years about one in fifty of each."""
    count = len(plan.schools)
    opens, closes = np.zeros(count, np.int64), np.full(count, years)
    changing = rng.permutation(np.arange(2, count))[: max(2, count // 25) if years > 1 and count > 8 else 0]
    half = len(changing) // 2
    opens[changing[:half]] = rng.integers(1, max(years, 2), half)
    closes[changing[half:]] = rng.integers(1, max(years, 2), len(changing) - half)
    for grade in range(LAST + 1):  # some school serves every grade in every year
        lasting = plan.serves(grade) & (opens == 0) & (closes == years)
        if not lasting.any():
            kept = np.flatnonzero(plan.serves(grade))[0]
            opens[kept], closes[kept] = 0, years
    return opens, closes


def _daily_lea(plan: Plan) -> int:
    """The largest charter LEA with at most three schools reports attendance by day."""
    seats = np.bincount(plan.lea, plan.seats)
    small = np.bincount(plan.lea) <= 3
    small[0] = False
    return int(np.argmax(np.where(small, seats, 0)))


def _one_year(
    year: _Year, people: People, open_now: Bools, before: Cohort | None, first: int
) -> tuple[dict[str, pa.Table], Cohort, int]:
    plan, rng = year.plan, year.rng
    days = school_days(year.year)
    stays = invent_stays(plan, people, days, open_now, rng)
    cohort, first = _cohort(plan, people, first, rng)
    former = before or _cohort_of_strangers(plan, people, first, rng)
    first = max(first, int(former.people.number.max(initial=-1)) + 1)
    tables = {
        "students": _students(year, people, stays, cohort, former),
        "enrollments": _enrollments(year, people, stays, days),
        "cohorts": pa.concat_tables([_cohorts(year, cohort, "4"), _cohorts(year, former, "5")]),
        "assessments": _assessments(year, people),
    }
    tables |= _attendance(year, people, stays, days) | _discipline(year, people, stays, days)
    return tables, cohort, first


def _cohort(plan: Plan, people: People, first: int, rng: np.random.Generator) -> tuple[Cohort, int]:
    """This year's seniors, and classmates who left before: about a quarter as many, at risk more often than not."""
    seniors = people.take(people.grade == LAST)
    count = len(seniors) // 4
    school = rng.choice(seniors.school, count) if count else np.zeros(0, np.int64)
    gone = newcomers(plan, school, np.full(count, LAST), first, rng)
    return invent_cohort(plan, seniors, gone, rng), first + count


def _cohort_of_strangers(plan: Plan, people: People, first: int, rng: np.random.Generator) -> Cohort:
    """Last year's cohort, for the first year that is told: nobody of it is in this year's enrollment."""
    seniors = people.take(people.grade == LAST)
    former = newcomers(plan, seniors.school, seniors.grade, first, rng)
    gone = len(former) // 5
    everybody = np.arange(len(former))
    return invent_cohort(plan, former.take(everybody[gone:]), former.take(everybody[:gone]), rng)


def _lea_column(year: _Year, school: Ints) -> pa.Array:
    return pa.array(year.plan.lea[school], pa.int32())


def _texts(values: Any) -> pa.Array:
    return pa.array(np.asarray(values).tolist(), pa.string())


def _table(year: _Year, lea: pa.Array, **columns: Any) -> pa.Table:
    """A table with the position of the LEA that gives each row, and the year in front."""
    return pa.table({"_lea": lea, "year": pa.array([str(year.year)] * len(lea), pa.string()), **columns})


def _students(year: _Year, people: People, stays: Stays, cohort: Cohort, former: Cohort) -> pa.Table:
    """One row per student and LEA that speaks of the student: by enrollment, or by cohort."""
    everybody = people.join(cohort.people).join(former.people)
    at = np.arange(len(everybody))
    rows = np.concatenate([stays.student, at[len(people) :]])
    lea = year.plan.lea[np.concatenate([stays.school, everybody.school[len(people) :]])]
    _, unique = np.unique(np.stack([everybody.number[rows], lea]), axis=1, return_index=True)
    who = everybody.take(rows[unique])
    return _table(
        year, pa.array(lea[unique], pa.int32()), student=_texts(year.ids(who.number)), race=_texts(_RACE_CODES[who.race]),
        sex=_texts(_SEXES[who.sex]), english_learner=_texts(_YES_NO[who.learner.astype(int)]),
        disability=_texts(_YES_NO[who.disability.astype(int)]), at_risk=_texts(_YES_NO[who.at_risk.astype(int)]),
    )  # fmt: skip


def _school_column(year: _Year, school: Ints) -> pa.Array:
    return _texts(np.array(year.plan.schools)[school])


def _enrollments(year: _Year, people: People, stays: Stays, days: list[date]) -> pa.Table:
    calendar = [*days, None]
    return _table(
        year, _lea_column(year, stays.school), student=_texts(year.ids(people.number[stays.student])),
        school=_school_column(year, stays.school), grade=_texts(_GRADE_CODES[people.grade[stays.student]]),
        entry=pa.array([calendar[day] for day in stays.start.tolist()], pa.date32()),
        exit=pa.array([calendar[day] for day in stays.until.tolist()], pa.date32()),
    )  # fmt: skip


def _attendance(year: _Year, people: People, stays: Stays, days: list[date]) -> dict[str, pa.Table]:
    """Totals for all LEAs but one, whose days are drawn so that they add up to the same."""
    enrolled, present = days_present(year.plan, people, stays, year.rng)
    by_day = year.plan.lea[stays.school] == year.daily
    key = [stays.school, stays.student]
    order = np.lexsort(key)
    order = order[~by_day[order] & (enrolled[order] > 0)]
    # A student who comes back to a school has two stays there, and one total.
    totals = pa.table({
        "_lea": pa.array(year.plan.lea[stays.school[order]], pa.int32()),
        "year": pa.array([str(year.year)] * len(order), pa.string()),
        "student": _texts(year.ids(people.number[stays.student[order]])),
        "school": _school_column(year, stays.school[order]),
        "days_enrolled": enrolled[order], "days_present": present[order],
    }).group_by(["_lea", "year", "student", "school"], use_threads=False).aggregate(
        [("days_enrolled", "sum"), ("days_present", "sum")]
    ).rename_columns(["_lea", "year", "student", "school", "days_enrolled", "days_present"])  # fmt: skip
    which = np.flatnonzero(by_day)
    return {"attendance_totals": totals, "attendance_days": _days(year, people, stays, days, which, present)}


def _days(year: _Year, people: People, stays: Stays, days: list[date], which: Ints, present: Any) -> pa.Table:
    length = (stays.until - stays.start)[which]
    stay = np.repeat(which, length)
    nobody = [np.zeros(0, np.int64)]
    spans = zip(stays.start[which], stays.until[which], strict=True)
    day = np.concatenate([np.arange(start, until) for start, until in spans] or nobody)
    absent = (length - present[which]).round(1)
    shuffled = np.concatenate([year.rng.permutation(count) for count in length] or nobody)
    limit = np.repeat(np.floor(absent), length)
    half = np.repeat(absent % 1 > 0, length) & (shuffled == limit)
    reason = year.rng.random(len(stay))
    status = np.select(
        [half, (shuffled < limit) & (reason < 0.4), shuffled < limit, reason > 0.96], ["half", "excused", "absent", "late"],
        "present",
    )  # fmt: skip
    calendar = np.array(days, dtype="datetime64[D]")
    return _table(
        year, _lea_column(year, stays.school[stay]), student=_texts(year.ids(people.number[stays.student[stay]])),
        school=_school_column(year, stays.school[stay]), date=pa.array(calendar[day], pa.date32()), status=_texts(status),
    )  # fmt: skip


def _discipline(year: _Year, people: People, stays: Stays, days: list[date]) -> dict[str, pa.Table]:
    found = invent_incidents(year.plan, people, stays, year.rng)
    school = stays.school[found.stay]
    ids = [f"{year.year}-{at + 1:06d}" for at in range(len(found.stay))]
    incidents = _table(
        year, _lea_column(year, school), student=_texts(year.ids(people.number[stays.student[found.stay]])),
        school=_school_column(year, school), incident=pa.array(ids, pa.string()),
        date=pa.array([days[day] for day in found.day.tolist()], pa.date32()),
    )  # fmt: skip
    consequences = pa.table({
        "_lea": incidents["_lea"], "incident": incidents["incident"], "kind": pa.array(found.kind, pa.string()),
        "days": pa.array(found.days),
    })  # fmt: skip
    return {"incidents": incidents, "consequences": consequences.filter(pc.not_equal(consequences["kind"], ""))}


def _cohorts(year: _Year, cohort: Cohort, after: str) -> pa.Table:
    """The five-year outcome belongs to the year in which the cohort should have graduated, plus one."""
    people = cohort.people
    return _table(
        year, _lea_column(year, people.school), student=_texts(year.ids(people.number)),
        school=_school_column(year, people.school), cohort=pa.array([after] * len(people), pa.string()),
        status=pa.array(cohort.four if after == "4" else cohort.five, pa.string()),
    )  # fmt: skip


def _assessments(year: _Year, people: People) -> pa.Table:
    tests = invent_tests(year.plan, people, year.rng)
    return _table(
        year, _lea_column(year, tests.school), student=_texts(year.ids(people.number[tests.student])),
        school=_school_column(year, tests.school), subject=pa.array(tests.subject, pa.string()), level=pa.array(tests.level),
        proficient=_texts(_YES_NO[(tests.level >= 4).astype(int)]),
        growth_percentile=pa.array(tests.growth, from_pandas=True),
    )  # fmt: skip


def _places(plan: Plan) -> dict[str, pa.Table]:
    at = pa.array(range(len(plan.leas)), pa.int32())
    leas = {"_lea": at, "lea": list(plan.leas), "name": list(plan.lea_names), "sector": list(plan.lea_sectors)}
    schools = {
        "_lea": pa.array(plan.lea, pa.int32()), "school": list(plan.schools), "lea": [plan.leas[lea] for lea in plan.lea],
        "name": list(plan.names), "sector": [plan.lea_sectors[lea] for lea in plan.lea],
        "low_grade": _texts(_GRADE_CODES[plan.low]), "high_grade": _texts(_GRADE_CODES[plan.high]),
    }  # fmt: skip
    return {"leas": pa.table(leas), "schools": pa.table(schools)}


def _write_lea(folder: Path, lea: int, tables: dict[str, pa.Table], kind: str) -> None:
    folder.mkdir()
    for name, table in tables.items():
        part = table.filter(pc.equal(table["_lea"], lea)).drop_columns(["_lea"])
        if not part.num_rows and name.startswith(("attendance", "cohorts", "assessments")):
            continue  # attendance comes in the other way, or no school has the grades
        if kind == "parquet":
            pq.write_table(part, folder / f"{name}.parquet", compression="zstd")
        else:
            pa_csv.write_csv(part, folder / f"{name}.csv", pa_csv.WriteOptions(quoting_style="needed"))


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")
