"""The published formats of school and district directories: which columns tell a file's format, and which fact each one holds.

Column names: the NCES search exports carry a star at the names of facts of another year; CCD and EDGE names are those of their
file layouts since 2014. Headers are compared without case, punctuation and stars.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from commonground.i18n import N_
from commonground.site.directory.imports import values
from commonground.tables import normalized

Level = Literal["school", "lea"]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that a column can hold: its name (of a field of Organization, or of what leads to one), and how to read it."""

    name: str
    read: Callable[[str], Any]
    label: str


FACTS: Mapping[str, Fact] = {
    fact.name: fact
    for fact in (
        Fact("nces_id", values.nces_id(12), N_("NCES ID")),
        Fact("state_id", values.text(40), N_("State ID")),
        Fact("name", values.text(200), N_("Name")),
        Fact("lea_nces_id", values.nces_id(7), N_("NCES ID of the LEA")),
        Fact("lea_state_id", values.text(40), N_("State ID of the LEA")),
        Fact("lea_name", values.text(200), N_("Name of the LEA")),
        Fact("lea_kind", values.lea_kind, N_("Type of LEA")),
        Fact("charter", values.charter, N_("Charter: yes or no")),
        Fact("sector", values.sector, N_("Sector")),
        Fact("status", values.status, N_("Status")),
        Fact("updated_status", values.status, N_("Status, brought up to date")),
        Fact("closed_on", values.day, N_("Date of the status")),
        Fact("category", values.text(60), N_("Type, as the source calls it")),
        Fact("street", values.text(200), N_("Street address")),
        Fact("street_2", values.text(200), N_("Street address, second line")),
        Fact("street_3", values.text(200), N_("Street address, third line")),
        Fact("city", values.text(100), N_("City")),
        Fact("county", values.text(100), N_("County")),
        Fact("state", values.state, N_("State")),
        Fact("zip_code", values.text(10), N_("ZIP code")),
        Fact("zip_4", values.text(4), N_("ZIP code, last four digits")),
        Fact("phone", values.text(30), N_("Phone")),
        Fact("website", values.text(200), N_("Website")),
        Fact("latitude", values.coordinate, N_("Latitude")),
        Fact("longitude", values.coordinate, N_("Longitude")),
        Fact("locale", values.locale, N_("Locale code")),
        Fact("low_grade", values.grade, N_("Lowest grade")),
        Fact("high_grade", values.grade, N_("Highest grade")),
        Fact("enrollment", values.count, N_("Students")),
        Fact("teachers", values.measure, N_("Teachers (full-time equivalent)")),
        Fact("free_lunch", values.count, N_("Students with free lunch")),
        Fact("reduced_lunch", values.count, N_("Students with reduced-price lunch")),
        Fact("directly_certified", values.count, N_("Students directly certified")),
    )
}


@dataclass(frozen=True)
class Format:
    """A format: ``needs`` are the headers that tell it from the others, ``columns`` leads from header to fact.

    A file that only ``adds_to`` the directory brings facts of schools that are known already and makes no new ones. Where a file
    has several rows for one school, ``tells`` gives the facts of one row as (fact, cell) pairs.
    """

    code: str
    title: str
    level: Level
    needs: frozenset[str]
    columns: Mapping[str, str]
    lacks: frozenset[str] = frozenset()
    adds_to: bool = False
    coded: bool = False
    tells: Callable[[Mapping[str, str]], Sequence[tuple[str, str]]] | None = field(default=None, compare=False)


_PLACE = {
    "county_name": "county",
    "street_address": "street",
    "city": "city",
    "state": "state",
    "zip": "zip_code",
    "zip_4_digit": "zip_4",
    "phone": "phone",
    "locale_code": "locale",
    "students": "enrollment",
    "teachers": "teachers",
    "status": "status",
    "latitude": "latitude",
    "longitude": "longitude",
}
_CCD = {
    "st": "state",
    "lstreet1": "street",
    "lstreet2": "street_2",
    "lstreet3": "street_3",
    "lcity": "city",
    "lzip": "zip_code",
    "lzip4": "zip_4",
    "phone": "phone",
    "website": "website",
    "sy_status": "status",
    "updated_status": "updated_status",
    "effective_date": "closed_on",
    "gslo": "low_grade",
    "gshi": "high_grade",
}
_EDGE = {"nmcnty": "county", "locale": "locale", "lat": "latitude", "lon": "longitude"}


def _members(row: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """The row with the school's total; the others split it by grade, race and sex."""
    is_total = row.get("total_indicator", "").casefold() == "education unit total"
    return [("enrollment", row["student_count"])] if is_total else []


_MEALS = {"free lunch qualified": "free_lunch", "reduced-price lunch qualified": "reduced_lunch"}


def _meals(row: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """Free and reduced-price counts; where direct certification has a group of rows of its own, its total."""
    if row.get("data_group", "").casefold() == "direct certification":
        return [("directly_certified", row["student_count"])]
    fact = _MEALS.get(row["lunch_program"].casefold())
    return [(fact, row["student_count"])] if fact else []


FORMATS = (
    Format(
        "nces_schools",
        N_("NCES school search"),
        "school",
        frozenset({"nces_school_id", "school_name", "nces_district_id"}),
        _PLACE
        | {
            "nces_school_id": "nces_id",
            "state_school_id": "state_id",
            "nces_district_id": "lea_nces_id",
            "state_district_id": "lea_state_id",
            "school_name": "name",
            "district": "lea_name",
            "low_grade": "low_grade",
            "high_grade": "high_grade",
            "charter": "charter",
            "free_lunch": "free_lunch",
            "reduced_lunch": "reduced_lunch",
            "directly_certified": "directly_certified",
            "type": "category",
        },
    ),
    Format(
        "nces_districts",
        N_("NCES district search"),
        "lea",
        frozenset({"nces_district_id", "district_name", "type"}),
        _PLACE
        | {"nces_district_id": "nces_id", "state_district_id": "state_id", "district_name": "name", "type": "lea_kind"},
        lacks=frozenset({"nces_school_id"}),
    ),
    Format(
        "ccd_schools",
        N_("Common Core of Data: school directory"),
        "school",
        frozenset({"ncessch", "sch_name", "sy_status", "leaid"}),
        _CCD
        | {
            "ncessch": "nces_id",
            "st_schid": "state_id",
            "sch_name": "name",
            "leaid": "lea_nces_id",
            "st_leaid": "lea_state_id",
            "lea_name": "lea_name",
            "charter_text": "charter",
            "sch_type_text": "category",
        },
        coded=True,
    ),
    Format(
        "ccd_leas",
        N_("Common Core of Data: LEA directory"),
        "lea",
        frozenset({"leaid", "lea_name", "lea_type"}),
        _CCD | {"leaid": "nces_id", "st_leaid": "state_id", "lea_name": "name", "lea_type": "lea_kind"},
        lacks=frozenset({"ncessch"}),
        coded=True,
    ),
    Format(
        "ccd_membership",
        N_("Common Core of Data: school membership"),
        "school",
        frozenset({"ncessch", "student_count", "total_indicator", "race_ethnicity"}),
        {"ncessch": "nces_id"},
        adds_to=True,
        coded=True,
        tells=_members,
    ),
    Format(
        "ccd_lunch",
        N_("Common Core of Data: lunch program"),
        "school",
        frozenset({"ncessch", "lunch_program", "student_count"}),
        {"ncessch": "nces_id"},
        adds_to=True,
        coded=True,
        tells=_meals,
    ),
    Format(
        "ccd_staff",
        N_("Common Core of Data: school staff"),
        "school",
        frozenset({"ncessch", "teachers"}),
        {"ncessch": "nces_id", "teachers": "teachers"},
        lacks=frozenset({"sch_type_text", "sy_status", "lat"}),
        adds_to=True,
        coded=True,
    ),
    Format(
        "edge_schools",
        N_("EDGE geocodes of public schools"),
        "school",
        frozenset({"ncessch", "lat", "lon"}),
        _EDGE | {"ncessch": "nces_id"},
        adds_to=True,
        coded=True,
    ),
    Format(
        "edge_leas",
        N_("EDGE geocodes of LEAs"),
        "lea",
        frozenset({"leaid", "lat", "lon"}),
        _EDGE | {"leaid": "nces_id"},
        lacks=frozenset({"ncessch"}),
        adds_to=True,
        coded=True,
    ),
)
BY_CODE = {known.code: known for known in FORMATS}
MATCHED = {"school": "matched_schools", "lea": "matched_leas"}
TITLES = {known.code: known.title for known in FORMATS} | {
    "matched_schools": N_("Schools, columns matched by hand"),
    "matched_leas": N_("LEAs, columns matched by hand"),
}


def recognize(header: Sequence[str]) -> Format | None:
    """The format whose own columns are all in the header; the one with most of them where several fit."""
    names = {normalized(name) for name in header}
    fitting = [known for known in FORMATS if known.needs <= names and not known.lacks & names]
    return max(fitting, key=lambda known: len(known.needs), default=None)


def matched(level: Level, mapping: Mapping[str, str]) -> Format:
    """A format made of the columns that a person matched: header to the name of a fact."""
    columns = {normalized(header): fact for header, fact in mapping.items() if fact in FACTS}
    return Format(MATCHED[level], TITLES[MATCHED[level]], level, frozenset(columns), columns)


_HINTS = {
    "id": "state_id",
    "school": "name",
    "school_name": "name",
    "district": "lea_name",
    "district_name": "lea_name",
    "lea": "lea_name",
    "address": "street",
    "zip": "zip_code",
    "postal_code": "zip_code",
    "lat": "latitude",
    "lon": "longitude",
    "lng": "longitude",
    "long": "longitude",
    "students": "enrollment",
    "grades_from": "low_grade",
    "grades_to": "high_grade",
    "type": "category",
    "telephone": "phone",
    "url": "website",
    "ncessch": "nces_id",
    "leaid": "lea_nces_id",
}


def guess(header: Sequence[str]) -> dict[str, str]:
    """What each column most likely holds, to start a matching by hand from."""
    labels = {normalized(fact.label): fact.name for fact in FACTS.values()} | {name: name for name in FACTS}
    found: dict[str, str] = {}
    for name in header:
        fact = labels.get(normalized(name)) or _HINTS.get(normalized(name))
        if fact and fact not in found.values():
            found[name] = fact
    return found
