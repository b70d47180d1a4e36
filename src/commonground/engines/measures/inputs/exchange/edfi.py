"""Ed-Fi sample XML (Suite 3, data standard 4 and 5): schools, students, enrollments, attendance events, discipline.

Ed-Fi writes down absences, not presence. Days enrolled are the instructional days of the sessions of a school and year;
days present are those minus the absences. Where the files hold no enrollments, only students with an event have days.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from commonground.engines.measures.inputs.codes import GRADES, RACES, SEXES, decoded
from commonground.engines.measures.inputs.exchange.source import Options, Source, SourceError, Tables
from commonground.engines.measures.inputs.exchange.xml import Record, RefusedXmlError, records
from commonground.engines.measures.inputs.problems import Problem
from commonground.engines.measures.inputs.values import ending_year
from commonground.tables import normalized

_NUMBERS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
]
_GRADES = {f"{word}_grade": f"{at:02d}" for at, word in enumerate(_NUMBERS, start=1)} | {
    "kindergarten": "KG", "transitional_kindergarten": "KG", "preschool_prekindergarten": "PK4", "prekindergarten": "PK4",
    "infant_toddler": "PK3", "early_education": "PK3", "adult_education": "AD", "ungraded": "UN", "postsecondary": "AD",
}  # fmt: skip
_RACES = {"american_indian_alaska_native": "american_indian", "black_african_american": "black", **{r: r for r in RACES},
          "native_hawaiian_pacific_islander": "pacific_islander"}  # fmt: skip
# How much of a day's presence an event takes away; events that take nothing away (tardy) are not listed.
_ABSENT = {"excused_absence": 1.0, "unexcused_absence": 1.0, "absence": 1.0, "partial": 0.5}
_KINDS = {
    "out_of_school_suspension": "suspension_out", "in_school_suspension": "suspension_in", "expulsion": "expulsion",
    "expulsion_with_services": "expulsion", "expulsion_without_services": "expulsion",
}  # fmt: skip


@dataclass(slots=True)
class _Found:
    """What has been gathered from all files so far."""

    problems: list[Problem] = field(default_factory=list)
    leas: dict[str, tuple[str, str]] = field(default_factory=dict)  # id in the file, or reference: (id, name)
    schools: dict[str, dict[str, Any]] = field(default_factory=dict)
    students: dict[str, dict[str, Any]] = field(default_factory=dict)
    enrollments: list[dict[str, Any]] = field(default_factory=list)
    sessions: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    absences: dict[tuple[str, str, str], float] = field(default_factory=lambda: defaultdict(float))
    days: dict[tuple[str, str, str, str], float] = field(default_factory=dict)
    incidents: dict[str, tuple[str, str, str]] = field(default_factory=dict)  # reference or key: (id, school, date)
    taking_part: list[tuple[str, str, str]] = field(default_factory=list)  # incident reference, student, file
    actions: list[Record] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)


def read_edfi(source: Source, options: Options) -> tuple[Tables, list[Problem]]:
    """The tables that the files allow, and the problems.

    Raises:
        SourceError: there is no Ed-Fi XML, or a file is broken or defines entities.
    """
    found = _Found()
    for name in source.names(".xml"):
        _read_file(source, name, found)
    if not found.kinds & _READERS.keys():
        raise SourceError([Problem("not_exchange", source.path.name)])
    tables = _tables(found, options)
    for name in ("students", "enrollments", "attendance_totals", "incidents", "consequences", "cohorts", "assessments"):
        if name not in tables:
            found.problems.append(Problem("not_in_source", source.path.name, values={"name": name}))
    return tables, found.problems


def _read_file(source: Source, name: str, found: _Found) -> None:
    try:
        with source.open(name) as file:
            for record in records(file):
                reader = _READERS.get(record.name)
                if reader is not None:
                    found.kinds.add(record.name)
                    reader(found, record, source.shown(name))
    except RefusedXmlError as refused:
        raise SourceError([Problem("broken_xml", source.shown(name), refused.line)]) from None


def _descriptor(text: str) -> str:
    """The last part of `uri://ed-fi.org/GradeLevelDescriptor#Ninth grade`, as other codes are compared."""
    return normalized(text.rpartition("#")[2])


def _lea(found: _Found, record: Record, _: str) -> None:
    lea = record.first("LocalEducationAgencyId")
    found.leas[lea] = found.leas[record.id or lea] = (lea, record.first("NameOfInstitution"))


def _school(found: _Found, record: Record, _: str) -> None:
    grades = [GRADES.index(grade) for text in record.all("GradeLevel") if (grade := _GRADES.get(_descriptor(text)))]
    charter = _descriptor(record.first("CharterStatus"))
    found.schools[record.first("SchoolId")] = {
        "school": record.first("SchoolId"), "name": record.first("NameOfInstitution"),
        "lea": record.first("LocalEducationAgencyReference") or record.first("LocalEducationAgencyId"),
        "low_grade": GRADES[min(grades, default=0)], "high_grade": GRADES[max(grades, default=GRADES.index("12"))],
        "charter": bool(charter) and "not_a" not in charter,
    }  # fmt: skip


def _student(found: _Found, record: Record, _: str) -> None:
    found.students.setdefault(record.first("StudentUniqueId"), {})


def _groups(found: _Found, record: Record, _: str) -> None:
    """Sex, race and English learner from the student's association with the LEA."""
    races = {race for text in record.all("Race") if (race := _RACES.get(_descriptor(text)))}
    hispanic = record.first("HispanicLatinoEthnicity").casefold() == "true"
    race = "hispanic" if hispanic else "multiracial" if len(races) > 1 else next(iter(races), "")
    sex, english = _descriptor(record.first("Sex")), _descriptor(record.first("LimitedEnglishProficiency"))
    learner = "" if not english else "yes" if english in {"limited", "limited_monitored_1"} else "no"
    groups = {"race": race, "sex": sex if sex in SEXES else decoded(sex, "sex") or "", "english_learner": learner}
    found.students.setdefault(record.first("StudentUniqueId"), {}).update(groups)


def _enrollment(found: _Found, record: Record, file: str) -> None:
    year, entry = ending_year(record.first("SchoolYear")), record.first("EntryDate")
    grade = _GRADES.get(_descriptor(record.first("EntryGradeLevel")), "UN")
    if not year and len(entry) == 10:
        year = str(int(entry[:4]) + (entry[5:7] >= "07"))
    found.enrollments.append({
        "year": year or "", "student": record.first("StudentUniqueId"), "school": record.first("SchoolId"), "grade": grade,
        "entry": entry, "exit": record.first("ExitWithdrawDate"),
    })  # fmt: skip


def _session(found: _Found, record: Record, _: str) -> None:
    year, days = ending_year(record.first("SchoolYear")), record.first("TotalInstructionalDays")
    if year and days.isdigit():
        found.sessions[year, record.first("SchoolId")] += int(days)


def _attendance(found: _Found, record: Record, file: str) -> None:
    """One event; several on one day take away one day at most."""
    year = ending_year(record.first("SchoolYear"))
    kind = _descriptor(record.first("AttendanceEventCategory"))
    student, school, day = record.first("StudentUniqueId"), record.first("SchoolId"), record.first("EventDate")
    if not (year and student and school and day):
        found.problems.append(Problem("incomplete_record", file, record.line))
        return
    try:
        lost = _ABSENT.get(kind, 0.0) * min(float(record.first("EventDuration") or 1), 1.0)
    except ValueError:
        found.problems.append(Problem("bad_number", file, record.line, "EventDuration"))
        return
    key = (year, student, school, day)
    found.days[key] = max(found.days.get(key, 0.0), lost)


def _incident(found: _Found, record: Record, _: str) -> None:
    incident, school = record.first("IncidentIdentifier"), record.first("SchoolId")
    found.incidents[record.id or incident] = found.incidents[f"{school}/{incident}"] = (
        incident, school, record.first("IncidentDate"),
    )  # fmt: skip


def _takes_part(found: _Found, record: Record, file: str) -> None:
    """Who is said to have done it; victims and witnesses are other records."""
    reference = record.first("DisciplineIncidentReference") or "/".join(
        (record.first("SchoolId"), record.first("IncidentIdentifier"))
    )
    found.taking_part.append((reference, record.first("StudentUniqueId"), f"{file}:{record.line}"))


def _action(found: _Found, record: Record, _: str) -> None:
    found.actions.append(record)


_READERS = {
    "LocalEducationAgency": _lea, "School": _school, "Student": _student, "StudentSchoolAssociation": _enrollment,
    "StudentEducationOrganizationAssociation": _groups, "Session": _session, "StudentSchoolAttendanceEvent": _attendance,
    "DisciplineIncident": _incident, "StudentDisciplineIncidentBehaviorAssociation": _takes_part,
    "StudentDisciplineIncidentAssociation": _takes_part, "DisciplineAction": _action,
}  # fmt: skip


def _tables(found: _Found, options: Options) -> Tables:
    leas = dict(found.leas.values())
    tables: Tables = {
        "leas": [{"lea": lea, "name": name, "sector": options.sector} for lea, name in sorted(leas.items())],
        "schools": [_school_row(row, found, options) for _, row in sorted(found.schools.items())],
    }
    years = {one["year"] for one in found.enrollments} | {key[0] for key in found.days}
    if found.students and years:
        tables["students"] = [
            {"year": year, "student": student, **groups}
            for year in sorted(years)
            for student, groups in sorted(found.students.items())
        ]
    if found.enrollments:
        tables["enrollments"] = found.enrollments
    if found.days:
        tables["attendance_totals"] = list(_totals(found))
    if found.taking_part:
        incidents = list(_incidents(found))
        tables["incidents"] = incidents
        tables["consequences"] = list(_consequences(found, {row["incident"] for row in incidents}))
    return tables


def _school_row(row: dict[str, Any], found: _Found, options: Options) -> dict[str, Any]:
    lea = found.leas.get(row["lea"], (row["lea"], ""))[0]
    known = {name: value for name, value in row.items() if name != "charter"}
    return {**known, "lea": lea, "sector": "charter" if row["charter"] else options.sector}


def _totals(found: _Found) -> Iterator[dict[str, Any]]:
    absent: dict[tuple[str, str, str], float] = defaultdict(float)
    for (year, student, school, _), lost in found.days.items():
        absent[year, student, school] += lost
    absent |= {
        key: absent.get(key, 0.0) for one in found.enrollments if (key := (one["year"], one["student"], one["school"]))
    }
    if not found.enrollments:
        found.problems.append(Problem("only_absences", "StudentSchoolAttendanceEvent"))
    for (year, student, school), lost in sorted(absent.items()):
        days = found.sessions.get((year, school))
        if days is not None:
            yield {
                "year": year, "student": student, "school": school, "days_enrolled": days, "days_present": max(days - lost, 0.0)
            }  # fmt: skip


def _incidents(found: _Found) -> Iterator[dict[str, Any]]:
    """One incident for each student who took part, as the tables want it."""
    done = set()
    for reference, student, place in found.taking_part:
        told = found.incidents.get(reference)
        if told is None:
            file, _, line = place.rpartition(":")
            found.problems.append(Problem("incident_unknown", file, int(line)))
            continue
        incident, school, day = told
        id = f"{school}/{incident}/{student}"
        if id not in done:
            done.add(id)
            year = str(int(day[:4]) + (day[5:7] >= "07"))
            yield {"year": year, "student": student, "school": school, "incident": id, "date": day}


def _consequences(found: _Found, known: set[str]) -> Iterator[dict[str, Any]]:
    for record in found.actions:
        kinds = {kind for text in record.all("Discipline") if (kind := _KINDS.get(_descriptor(text)))}
        days = record.first("ActualDisciplineActionLength") or record.first("DisciplineActionLength") or "0"
        school = record.first("DisciplineIncidentIdentity/SchoolReference/SchoolIdentity/SchoolId")
        incident = f"{school}/{record.first('IncidentIdentifier')}/{record.first('StudentUniqueId')}"
        for kind in sorted(kinds):
            if incident in known:
                yield {"incident": incident, "kind": kind, "days": days}
            else:
                found.problems.append(Problem("incident_unknown", "DisciplineAction", record.line))
