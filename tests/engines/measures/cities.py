"""Small random cities with everything that makes counting hard: moves, returns, overlaps, halves, blanks, silent LEAs."""

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from commonground.engines.measures.tables import Tables, arrow_schema, tables_of

City = dict[str, list[dict[str, Any]]]
LEAS = (("D1", "district", ("S1", "S2", "S3")), ("C1", "charter", ("S4", "S5")), ("C2", "charter", ("S6",)))
STATUSES = ("present", "present", "present", "late", "half", "absent", "excused", "closed")
VALUES = {
    "race": ("black", "hispanic", "white", "asian", ""),
    "sex": ("female", "male", ""),
    "english_learner": ("yes", "no", "no"),
    "disability": ("yes", "no", "no", ""),
    "at_risk": ("yes", "no", "maybe"),
}


def random_city(seed: int, *, students: int = 25, years: tuple[str, ...] = ("2025",)) -> City:
    """A city of three LEAs and six schools. The LEA C2 gives totals of attendance, and some LEAs give no incidents."""
    dice = random.Random(seed)
    city: City = {name: [] for name in ("schools", "leas", "students", "enrollments", "attendance_days",
                  "attendance_totals", "incidents", "consequences", "cohorts", "assessments")}  # fmt: skip
    for lea, sector, schools in LEAS:
        city["leas"].append({"lea": lea, "name": f"LEA {lea}", "sector": sector})
        for school in schools:
            city["schools"].append({"school": school, "lea": lea, "name": school, "sector": sector, "low_grade": "KG",
                                    "high_grade": "12"})  # fmt: skip
    if dice.random() < 0.5:
        givers = dice.sample(["D1", "C1", "C2"], 2)
        city["provided"] = [{"lea": lea, "table": "incidents", "year": year} for lea in givers for year in years]
    for year in years:
        for number in range(students):
            _student(dice, city, year, f"{number:03}")
    return city


def _student(dice: random.Random, city: City, year: str, name: str) -> None:
    who = {"year": year, "student": name}
    if dice.random() < 0.95:
        city["students"].append({**who, **{column: dice.choice(values) for column, values in VALUES.items()}})
    schools = dice.sample([f"S{at}" for at in range(1, 7)], dice.choice((1, 1, 1, 2, 3)))
    # Some begin on the first or last day of a window, or 30 days before its end.
    day = date(int(year) - 1, 8, 1) + timedelta(days=dice.choice((0, 20, 60, 66, 90, 200, 213, 242, 333)))
    for _ in range(dice.choice((1, 1, 2, 3))):
        length = dice.choice((0, 5, 30, 66, 120))
        ends = None if dice.random() < 0.4 else day + timedelta(days=length)
        for school in dice.sample(
            schools, min(len(schools), dice.choice((1, 1, 1, 1, 2)))
        ):  # two schools at once: a tie
            grade = dice.choice(("KG", "03", "04", "08", "09", "12", "UN"))
            if not any(row["entry"] == day and (row["student"], row["school"], row["year"]) == (name, school, year)
                       for row in city["enrollments"]):  # fmt: skip
                row = {**who, "school": school, "grade": grade, "entry": day, "exit": ends}
                city["enrollments"].append(row)
        day += timedelta(days=length + dice.choice((0, 0, 3, 12)))
    for school in schools:
        _school_year(dice, city, {**who, "school": school})


def _school_year(dice: random.Random, city: City, place: dict[str, str]) -> None:
    year = int(place["year"])
    if place["school"] == "S6":
        roll = dice.choice((0.0, 4.5, 20.0, 35.0))
        city["attendance_totals"].append(
            {**place, "days_enrolled": roll, "days_present": roll * dice.choice((1, 0.9, 0.5))}
        )
    elif dice.random() < 0.9:
        days = dice.sample(range(300), dice.choice((1, 10, 20)))
        city["attendance_days"] += [
            {**place, "date": date(year - 1, 8, 1) + timedelta(days=day), "status": dice.choice(STATUSES)}
            for day in days
        ]
    for at in range(dice.choice((0, 0, 1, 3))):
        incident = f"{place['student']}-{place['school']}-{year}-{at}"
        when = date(year - 1, 9, 1) + timedelta(days=dice.randrange(270))
        city["incidents"].append({**place, "incident": incident, "date": when})
        for kind in dice.sample(("suspension_out", "suspension_in", "expulsion"), dice.choice((0, 1, 2))):
            whom = dice.choice((place["student"], ""))
            days = dice.choice((0.5, 3.0, 6.0, 12.0, None))
            city["consequences"].append({"incident": incident, "student": whom, "kind": kind, "days": days})
    if dice.random() < 0.4:
        status = dice.choice(("graduated", "graduated", "dropped_out", "transferred_out"))
        city["cohorts"].append({**place, "cohort": dice.choice("45"), "status": status})
    for subject in ("ela", "math"):
        if dice.random() < 0.7:
            result = {"level": dice.choice((1, 2, 3, 4, None)), "proficient": dice.choice(("yes", "no", ""))}
            growth = dice.choice((None, 1.0, 33.5, 50.0, 50.25, 99.0))
            city["assessments"].append({**place, "subject": subject, **result, "growth_percentile": growth})


def arrow_tables(city: City) -> dict[str, pa.Table]:
    return {name: pa.Table.from_pylist(rows, arrow_schema(name)) for name, rows in city.items()}


def tables_in(city: City, connection: Any) -> Tables:
    """The city's tables in a connection of Ibis."""
    return tables_of({name: ibis.memtable(table) for name, table in arrow_tables(city).items()})


def write_city(city: City, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in arrow_tables(city).items():
        pq.write_table(table, folder / f"{name}.parquet")
