"""OneRoster 1.1 and 1.2 CSV: schools, students, enrollments, sex and race.

Which columns mean what is in the standard's "CSV Binding" (1EdTech, 2017 and 2022). Version 1.1 says in users.csv who is a
student of which school, version 1.2 in roles.csv. An enrollment in a class stands for one in the class's school: a
student's classes at a school become one enrollment, from the first beginning to the last end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from commonground.engines.measures.inputs.codes import GRADES, decoded
from commonground.engines.measures.inputs.exchange.source import Options, Source, SourceError, Tables
from commonground.engines.measures.inputs.problems import Problem
from commonground.engines.measures.inputs.values import dates, ending_year
from commonground.tables import Limits, normalized, read_table

_LIMITS = Limits(file_bytes=2 * 2**30, rows=10_000_000)
_GONE = {"tobedeleted", "inactive"}
_RACES = {
    "americanindianoralaskanative": "american_indian",
    "asian": "asian",
    "blackorafricanamerican": "black",
    "nativehawaiianorotherpacificislander": "pacific_islander",
    "white": "white",
}
_GRADES = {"pk": "PK4", "pr": "PK3", "it": "PK3", "tk": "KG", "13": "12", "ps": "AD"}
_NOT_HERE = ("attendance_totals", "incidents", "consequences", "cohorts", "assessments")


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a file under small letters without marks, with its number."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")


@dataclass(slots=True)
class _Roster:
    """What has been gathered so far. `spans` are (student, school) to the dates of each class or role."""

    source: Source
    year: str = ""
    problems: list[Problem] = field(default_factory=list)
    grades: dict[str, str] = field(default_factory=dict)
    spans: dict[tuple[str, str], list[tuple[str, str]]] = field(default_factory=dict)

    def say(self, code: str, name: str, row: int | None = None, column: str | None = None, **values: str) -> None:
        self.problems.append(Problem(code, self.source.shown(name), row, column, values=values))

    def rows(self, name: str) -> Iterator[_Row]:
        """The rows that are not marked as gone; none where there is no such file."""
        if not self.source.find(name):
            return
        with self.source.open(name) as file:
            table = read_table(file.read(), name=self.source.shown(name), limits=_LIMITS)
        if table.problems and not (len(table.problems) == 1 and table.problems[0].code == "empty"):
            # Columns without a name beyond the standard's are common, and hold nothing that is used.
            serious = [one for one in table.problems if one.code not in {"nameless_column", "extra_cells"}]
            for one in serious:
                self.problems.append(Problem("unreadable_row", self.source.shown(name), one.row, one.column))
        for row in table.rows:
            cells = {normalized(header).replace("_", ""): cell for header, cell in row.as_dict().items()}
            if cells.get("status", "").casefold() not in _GONE:
                yield _Row(row.number, cells)


def read_oneroster(source: Source, options: Options) -> tuple[Tables, list[Problem]]:
    """The tables leas, schools, students and enrollments, and the problems with the row of the source's file."""
    roster = _Roster(source)
    _version(roster)
    roster.year = options.year or _year(roster)
    schools = {row["sourcedid"]: row for row in roster.rows("orgs.csv") if row["type"].casefold() == "school"}
    if not schools:
        roster.say("no_schools", "orgs.csv")
    leas = _leas(roster, schools, options)
    students = _students(roster)
    _class_spans(roster, schools, students)
    _role_spans(roster, schools, students)
    for table in _NOT_HERE:
        roster.problems.append(Problem("not_in_source", source.path.name, values={"name": table}))
    enrollments = list(_enrollments(roster))
    tables: Tables = {
        "leas": [{"lea": lea, "name": name, "sector": options.sector} for lea, name in sorted(leas.items())],
        "schools": [_school(row, leas, options, enrollments) for row in schools.values()],
        "students": _student_rows(roster, {one["student"] for one in enrollments}),
        "enrollments": enrollments,
    }
    return tables, roster.problems


def _version(roster: _Roster) -> None:
    said = {row["propertyname"]: row["value"] for row in roster.rows("manifest.csv")}
    version = said.get("oneroster.version", "")
    if version and not version.startswith(("1.1", "1.2")):
        roster.say("roster_version", "manifest.csv", column="oneroster.version")
    for name in ("users", "orgs", "enrollments"):
        if said.get(f"file.{name}", "").casefold() == "delta":
            roster.say("roster_delta", f"{name}.csv")


def _year(roster: _Roster) -> str:
    """The newest school year that a session states."""
    said = [year for row in roster.rows("academicSessions.csv") if (year := ending_year(row["schoolyear"]))]
    if not said:
        raise SourceError([Problem("no_year", roster.source.shown("academicSessions.csv"))])
    return max(said)


def _leas(roster: _Roster, schools: Mapping[str, _Row], options: Options) -> dict[str, str]:
    if options.lea:
        return {options.lea: options.lea_name or options.lea}
    found = {row["sourcedid"]: row["name"] for row in roster.rows("orgs.csv") if row["type"].casefold() == "district"}
    if not found:
        roster.say("no_lea", "orgs.csv")
    return found


def _lea_of(row: _Row, leas: Mapping[str, str]) -> str:
    return row["parentsourcedid"] if row["parentsourcedid"] in leas else next(iter(leas), "")


def _school(row: _Row, leas: Mapping[str, str], options: Options, enrollments: list[dict[str, Any]]) -> dict[str, Any]:
    """A school serves the grades of the students whom it enrolls; without any, all."""
    served = sorted(
        {
            GRADES.index(one["grade"])
            for one in enrollments
            if one["school"] == row["sourcedid"] and one["grade"] != "UN"
        }
    )
    low, high = (GRADES[served[0]], GRADES[served[-1]]) if served else ("PK3", "12")
    return {
        "school": row["sourcedid"], "lea": _lea_of(row, leas), "name": row["name"], "sector": options.sector,
        "low_grade": low, "high_grade": high,
    }  # fmt: skip


def _students(roster: _Roster) -> set[str]:
    """Users who are students by role; their grades are kept."""
    roles = {row["usersourcedid"] for row in roster.rows("roles.csv") if row["role"].casefold() == "student"}
    found = set()
    for row in roster.rows("users.csv"):
        if row["role"].casefold() == "student" or row["sourcedid"] in roles:
            found.add(row["sourcedid"])
            said = (row["grades"] or row["grade"]).split(",")[0].strip()
            roster.grades[row["sourcedid"]] = _GRADES.get(said.casefold()) or decoded(said, "grade") or "UN"
    return found


def _class_spans(roster: _Roster, schools: Mapping[str, _Row], students: set[str]) -> None:
    of_class = {row["sourcedid"]: row["schoolsourcedid"] for row in roster.rows("classes.csv")}
    for row in roster.rows("enrollments.csv"):
        if row["role"].casefold() != "student":
            continue
        school = row["schoolsourcedid"] or of_class.get(row["classsourcedid"], "")
        if row["usersourcedid"] not in students:
            roster.say("roster_student", "enrollments.csv", row.number, "userSourcedId")
        elif school not in schools:
            roster.say("roster_school", "enrollments.csv", row.number, "schoolSourcedId")
        else:
            roster.spans.setdefault((row["usersourcedid"], school), []).append((row["begindate"], row["enddate"]))


def _role_spans(roster: _Roster, schools: Mapping[str, _Row], students: set[str]) -> None:
    """Students without a class: the school of their role (1.2) or of their user row (1.1)."""
    placed = {student for student, _ in roster.spans}
    for row in roster.rows("roles.csv"):
        if (
            row["role"].casefold() == "student"
            and row["usersourcedid"] in students - placed
            and row["orgsourcedid"] in schools
        ):
            key = (row["usersourcedid"], row["orgsourcedid"])
            roster.spans.setdefault(key, []).append((row["begindate"], row["enddate"]))
    placed = {student for student, _ in roster.spans}
    for row in roster.rows("users.csv"):
        if row["sourcedid"] in students - placed:
            orgs = [one.strip() for one in (row["orgsourcedids"] or row["primaryorgsourcedid"]).split(",")]
            known = [org for org in orgs if org in schools]
            for org in known:
                roster.spans.setdefault((row["sourcedid"], org), []).append(("", ""))
            if not known:
                roster.say("roster_school", "users.csv", row.number, "orgSourcedIds")


def _enrollments(roster: _Roster) -> Iterator[dict[str, Any]]:
    first, last = f"{int(roster.year) - 1}-07-01", f"{roster.year}-06-30"
    for (student, school), spans in sorted(roster.spans.items()):
        begins, ends = [_iso(begin) or first for begin, _ in spans], [_iso(end) or last for _, end in spans]
        entry, exit_ = max(min(begins), first), max(ends)
        if entry > last or exit_ < first:
            continue  # classes of another year
        yield {
            "year": roster.year, "student": student, "school": school, "grade": roster.grades[student], "entry": entry,
            "exit": "" if exit_ >= last else exit_,
        }  # fmt: skip


def _iso(text: str) -> str:
    """The day in ISO form; the standard allows no other order of the parts."""
    day = dates([text[:10]]).values.get(text[:10]) if text else None
    return str(day) if day is not None else ""


def _student_rows(roster: _Roster, enrolled: set[str]) -> list[dict[str, Any]]:
    demographics = {row["sourcedid"] or row["usersourcedid"]: row for row in roster.rows("demographics.csv")}
    if not demographics:
        roster.say("no_demographics", "demographics.csv")
    nobody = _Row(0, {})
    return [
        {"year": roster.year, "student": student, "race": _race(row), "sex": decoded(row["sex"], "sex") or ""}
        for student in sorted(enrolled)
        for row in [demographics.get(student, nobody)]
    ]


def _race(row: _Row) -> str:
    if row["hispanicorlatinoethnicity"].casefold() == "true":
        return "hispanic"
    said = [race for name, race in _RACES.items() if row[name].casefold() == "true"]
    if len(said) > 1 or row["demographicracetwoormoreraces"].casefold() == "true":
        return "multiracial"
    return said[0] if said else ""
