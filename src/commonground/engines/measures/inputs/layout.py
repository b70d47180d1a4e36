"""The tables that an LEA gives, column by column: the one description that reading, checking and the documents share."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a cell holds, which decides how it is read and what can be wrong with it."""

    KEY = "key"  # an id: text, leading zeros kept
    TEXT = "text"
    CODE = "code"
    DATE = "date"
    NUMBER = "number"
    WHOLE = "whole"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Field:
    """One column. `needed`: the file must have it; `filled`: no cell of it may be empty.

    `codes` names its vocabulary in `codes`; `low` and `high` bound a number (both allowed).
    """

    name: str
    kind: Kind
    needed: bool = True
    filled: bool = True
    aliases: tuple[str, ...] = ()
    codes: str = ""
    low: float = 0.0
    high: float = float("inf")


@dataclass(frozen=True, slots=True)
class Layout:
    """One table: its columns, the columns that no two rows may share, and whether every LEA must give it."""

    name: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    needed: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)


_YEAR = Field("year", Kind.YEAR, aliases=("school_year", "schoolyear", "academic_year", "sy"))
_STUDENT = Field("student", Kind.KEY, aliases=("student_id", "studentid", "state_id", "usi", "sasid", "ssid", "suid"))
_SCHOOL = Field("school", Kind.KEY, aliases=("school_id", "school_code", "schoolid", "school_number", "campus_id"))
_LEA = Field("lea", Kind.KEY, aliases=("lea_id", "lea_code", "leaid", "district_id", "district_code"))
_NAME = ("lea_name", "school_name", "district_name")


def _group(name: str, codes: str, *aliases: str) -> Field:
    return Field(name, Kind.CODE, needed=False, filled=False, aliases=aliases, codes=codes)


LEAS = Layout(
    "leas",
    (
        _LEA,
        Field("name", Kind.TEXT, aliases=_NAME),
        Field("sector", Kind.CODE, codes="sector", aliases=("lea_type", "governance")),
    ),
    key=("lea",),
    needed=True,
)
SCHOOLS = Layout(
    "schools",
    (
        _SCHOOL,
        _LEA,
        Field("name", Kind.TEXT, aliases=_NAME),
        Field("sector", Kind.CODE, codes="sector", aliases=("school_type", "governance")),
        Field("low_grade", Kind.CODE, codes="grade", aliases=("lowest_grade", "grade_low", "from_grade", "gslo")),
        Field("high_grade", Kind.CODE, codes="grade", aliases=("highest_grade", "grade_high", "to_grade", "gshi")),
    ),
    key=("school",),
    needed=True,
)
STUDENTS = Layout(
    "students",
    (
        _YEAR,
        _STUDENT,
        _group("race", "race", "race_ethnicity", "ethnicity", "raceethnicity"),
        _group("sex", "sex", "gender"),
        _group("english_learner", "yes_no", "el", "ell", "lep", "english_language_learner", "emergent_bilingual"),
        _group("disability", "yes_no", "swd", "sped", "special_education", "iep", "students_with_disabilities"),
        _group("at_risk", "yes_no", "atrisk", "economically_disadvantaged", "low_income", "frl"),
    ),
    key=("year", "student"),
    needed=True,
)
ENROLLMENTS = Layout(
    "enrollments",
    (
        _YEAR,
        _STUDENT,
        _SCHOOL,
        Field("grade", Kind.CODE, codes="grade", aliases=("grade_level", "gradelevel")),
        Field("entry", Kind.DATE, aliases=("entry_date", "begin_date", "start_date", "enrollment_date")),
        Field("exit", Kind.DATE, filled=False, aliases=("exit_date", "end_date", "withdrawal_date")),
    ),
    key=("year", "student", "school", "entry"),
    needed=True,
)
ATTENDANCE_DAYS = Layout(
    "attendance_days",
    (
        _YEAR,
        _STUDENT,
        _SCHOOL,
        Field("date", Kind.DATE, aliases=("attendance_date", "day")),
        Field("status", Kind.CODE, codes="attendance", aliases=("attendance_code", "attendance_status", "code")),
    ),
    key=("student", "school", "date"),
)
ATTENDANCE_TOTALS = Layout(
    "attendance_totals",
    (
        _YEAR,
        _STUDENT,
        _SCHOOL,
        Field("days_enrolled", Kind.NUMBER, high=366.0, aliases=("membership_days", "days_membership", "days_member")),
        Field("days_present", Kind.NUMBER, high=366.0, aliases=("present_days", "days_attended", "attended_days")),
    ),
    key=("year", "student", "school"),
)
INCIDENTS = Layout(
    "incidents",
    (
        _YEAR,
        _STUDENT,
        _SCHOOL,
        Field("incident", Kind.KEY, aliases=("incident_id", "incident_number")),
        Field("date", Kind.DATE, aliases=("incident_date",)),
    ),
    key=("incident",),
)
CONSEQUENCES = Layout(
    "consequences",
    (
        Field("incident", Kind.KEY, aliases=("incident_id", "incident_number")),
        Field("kind", Kind.CODE, codes="consequence", aliases=("consequence", "action", "disciplinary_action")),
        Field("days", Kind.NUMBER, high=366.0, aliases=("length", "duration", "days_suspended")),
    ),
    key=("incident", "kind"),
)
COHORTS = Layout(
    "cohorts",
    (
        _YEAR,
        _STUDENT,
        _SCHOOL,
        Field("cohort", Kind.CODE, codes="cohort", aliases=("cohort_years",)),
        Field("status", Kind.CODE, codes="outcome", aliases=("outcome", "graduation_status")),
    ),
    key=("year", "student", "cohort"),
)
ASSESSMENTS = Layout(
    "assessments",
    (
        _YEAR,
        _STUDENT,
        _SCHOOL,
        Field("subject", Kind.CODE, codes="subject", aliases=("test_subject",)),
        Field("level", Kind.WHOLE, low=1, high=9, filled=False, aliases=("performance_level", "achievement_level")),
        Field("proficient", Kind.CODE, codes="yes_no", filled=False, aliases=("is_proficient",)),
        Field("growth_percentile", Kind.NUMBER, False, False, ("sgp", "student_growth_percentile"), low=1, high=99),
    ),
    key=("year", "student", "subject"),
)
NOTHING_HAPPENED = Layout(
    "nothing_happened",
    (_YEAR, Field("table", Kind.CODE, codes="table", aliases=("table_name",))),
    key=("year", "table"),
)

LAYOUTS = {
    layout.name: layout
    for layout in (
        LEAS, SCHOOLS, STUDENTS, ENROLLMENTS, ATTENDANCE_DAYS, ATTENDANCE_TOTALS, INCIDENTS, CONSEQUENCES, COHORTS,
        ASSESSMENTS, NOTHING_HAPPENED,
    )
}  # fmt: skip
SQL_TYPES = {
    Kind.KEY: "VARCHAR",
    Kind.TEXT: "VARCHAR",
    Kind.CODE: "VARCHAR",
    Kind.YEAR: "VARCHAR",
    Kind.DATE: "DATE",
    Kind.NUMBER: "DOUBLE",
    Kind.WHOLE: "BIGINT",
}
