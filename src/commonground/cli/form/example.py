"""Invents sign-ups for the real schools of one county, to try everything before anybody has signed up."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from commonground.cli.form.exits import INPUT_REFUSED, NOT_WRITTEN, stop, stop_for
from commonground.tables import Column, Columns, Problem, Row, Table, match_columns, read_table, write_csv

FOCUS_AREAS = (
    "Instruction made for each learner",
    "Multilingual learners",
    "Restorative practices",
    "Career and technical education",
    "Culturally responsive mathematics",
    "Families and communities",
    "Literacy across subjects",
    "STEAM",
)
TOPICS = (
    "Attendance",
    "Early reading",
    "Academic writing",
    "Algebra readiness",
    "Science inquiry",
    "English language development",
    "Dual language programs",
    "Inclusive special education",
    "Social and emotional learning",
    "Discipline without exclusion",
    "Family engagement",
    "College readiness",
    "Career pathways",
    "Teacher coaching",
    "New teacher support",
    "Use of data",
    "Student voice",
    "After-school programs",
    "Transition to high school",
    "Technology in class",
)
LANGUAGES = ("Spanish", "Hmong", "Punjabi", "Arabic")
GIVEN_NAMES = (
    "Ana",
    "Ben",
    "Carla",
    "Dev",
    "Elena",
    "Farid",
    "Grace",
    "Hugo",
    "Ines",
    "Jamal",
    "Kaoru",
    "Luz",
    "Mai",
    "Noor",
)
FAMILY_NAMES = ("Abara", "Brandt", "Castro", "Dhillon", "Ellis", "Flores", "Garza", "Huang", "Ibarra", "Jensen", "Khan")
SCHOOLS_HEADER = (
    *("id", "name", "sector", "lea", "latitude", "longitude", "focus_areas", "needs", "strengths"),
    *("grades", "locale", "enrollment", "readiness", "languages"),
)
PEOPLE_HEADER = ("id", "name", "latitude", "longitude", "radius_km", "expertise", "languages", "caseload")
# The NCES school search marks these as running; a school that opens next year or closed cannot work with others now.
_RUNNING = {"open", "new", "reopened", "changed agency"}
_DIRECTORY = (
    Column("NCES School ID", required=True),
    Column("School Name", required=True),
    Column("District", required=True),
    Column("County Name", required=True),
    Column("Charter", required=True),
    Column("Latitude", required=True),
    Column("Longitude", required=True),
    Column("Status"),
    Column("Low Grade"),
    Column("High Grade"),
    Column("Locale"),
    Column("Students"),
)

Cells = tuple[str | float | int | None, ...]


@dataclass(frozen=True, slots=True)
class Volunteers:
    """Rows of a sign-up table; `without_place` counts schools of the county that no map knows."""

    rows: tuple[Cells, ...]
    without_place: int


class NoSuchCountyError(Exception):
    """No school of the directory lies in that county; `near` names the county that was probably meant."""

    def __init__(self, county: str, near: str | None) -> None:
        super().__init__(county)
        self.near = near


def read_directory(table: Table) -> tuple[Columns | None, tuple[Problem, ...]]:
    """The columns of an NCES school search export; None where it is none."""
    if not table.ok:
        return None, table.problems
    columns, problems = match_columns(table, _DIRECTORY, allow_unknown=True)
    return (None if problems else columns), problems


def volunteers(table: Table, columns: Columns, county: str, seed: int) -> Volunteers:
    """All charters and district schools that run in one county, with invented needs. The same seed invents the same."""
    rows = [row for row in table.rows if row.get(columns["County Name"]).casefold() == county.casefold()]
    if not rows:
        raise NoSuchCountyError(county, _near(table, columns, county))
    running = [row for row in rows if row.get(columns["Status"], "open").casefold() in _RUNNING]
    placed = [row for row in running if row.get(columns["Latitude"]) and row.get(columns["Longitude"])]
    rng = np.random.default_rng(seed)
    return Volunteers(tuple(_volunteer(row, columns, rng) for row in placed), len(running) - len(placed))


def _near(table: Table, columns: Columns, county: str) -> str | None:
    counties = {row.get(columns["County Name"]).casefold(): row.get(columns["County Name"]) for row in table.rows}
    asked = county.casefold()
    close = (
        [f"{asked} county"] if f"{asked} county" in counties else difflib.get_close_matches(asked, list(counties), n=1)
    )
    return counties[close[0]] if close else None


def _volunteer(row: Row, columns: Columns, rng: np.random.Generator) -> Cells:
    def cell(name: str) -> str:
        return row.get(columns[name])

    topics = rng.permutation(len(TOPICS))
    needs, strengths = int(rng.integers(3, 7)), int(rng.integers(3, 7))
    return (
        cell("NCES School ID"),
        cell("School Name"),
        "charter" if cell("Charter").casefold() == "yes" else "district",
        cell("District"),
        float(cell("Latitude")),
        float(cell("Longitude")),
        _some(FOCUS_AREAS, 3, rng),
        "; ".join(TOPICS[k] for k in topics[:needs]),
        "; ".join(TOPICS[k] for k in topics[needs : needs + strengths]),
        _grades(cell("Low Grade"), cell("High Grade")),
        cell("Locale").split(":")[0].casefold(),
        _count(cell("Students")),
        round(float(rng.uniform(0.2, 1.0)), 2),
        _some(LANGUAGES, int(rng.integers(0, 3)), rng),
    )


def _some(names: Sequence[str], count: int, rng: np.random.Generator) -> str:
    return "; ".join(names[k] for k in rng.permutation(len(names))[:count])


def _grades(low: str, high: str) -> str:
    """A range, or nothing where the directory holds a mark (ungraded, adult education, not reported)."""
    known = {"PK", "KG", *(f"{grade:02d}" for grade in range(1, 13))}
    return f"{low}-{high}" if {low, high} <= known else ""


def _count(cell: str) -> int | None:
    try:
        return int(float(cell))
    except ValueError:  # a mark for "not reported"
        return None


def offers(rows: Sequence[Cells], count: int, seed: int) -> tuple[Cells, ...]:
    """Invented people who live where schools are and offer to accompany groups."""
    rng = np.random.default_rng([seed, 1])
    latitude, longitude = SCHOOLS_HEADER.index("latitude"), SCHOOLS_HEADER.index("longitude")
    people: list[Cells] = []
    for number in range(1, count + 1):
        home = rows[int(rng.integers(len(rows)))]
        name = (
            f"{GIVEN_NAMES[int(rng.integers(len(GIVEN_NAMES)))]} {FAMILY_NAMES[int(rng.integers(len(FAMILY_NAMES)))]}"
        )
        expertise = f"{_some(FOCUS_AREAS, int(rng.integers(1, 4)), rng)}; {_some(TOPICS, int(rng.integers(4, 9)), rng)}"
        languages = _some(LANGUAGES, int(rng.integers(0, 3)), rng)
        reach, most = 10 * int(rng.integers(4, 13)), int(rng.integers(2, 6))
        people.append((f"F{number}", name, home[latitude], home[longitude], reach, expertise, languages, most))
    return tuple(people)


def write_example(directory: Path, county: str, seed: int, out: Path, people: int, facilitators: Path | None) -> None:
    """Writes sign-ups and, if asked for, facilitators for one county of a directory, and says what it wrote."""
    table = read_table(directory)
    columns, problems = read_directory(table)
    if columns is None:
        stop_for(problems)
    try:
        found = volunteers(table, columns, county, seed)
    except NoSuchCountyError as error:
        hint = f" Did you mean “{error.near}”?" if error.near else ""
        stop(INPUT_REFUSED, f"{directory.name} has no school in “{county}”.{hint}")
    if not found.rows:
        stop(INPUT_REFUSED, "No school of this county is running and has a place on the map.")
    try:
        write_csv(out, SCHOOLS_HEADER, found.rows)
        if facilitators is not None:
            write_csv(facilitators, PEOPLE_HEADER, offers(found.rows, people, seed))
    except OSError as error:
        stop(NOT_WRITTEN, f"{error.filename} cannot be written: {error.strerror}.")
    charters = sum(row[SCHOOLS_HEADER.index("sector")] == "charter" for row in found.rows)
    click.echo(f"{out}: {len(found.rows)} schools with invented needs, {charters} of them charters.")
    if found.without_place:
        click.echo(f"Left out, because the directory has no place for them: {found.without_place}.")
