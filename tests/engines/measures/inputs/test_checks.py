"""What only the whole city shows is found, at the row where it stands, and nothing else is blamed."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonground.engines.measures.inputs import Problem, open_city, read_city
from commonground.engines.measures.inputs.texts import TEXTS
from tests.engines.measures.inputs.conftest import FILES, Folder

Find = Callable[..., list[Problem]]
Place = tuple[str, str, int | None]


def places(problems: list[Problem]) -> list[Place]:
    return sorted((one.code, one.file.removeprefix("north/").removesuffix(".csv"), one.row) for one in problems)


# One line added to a table of a clean folder: exactly this is found, in that row.
ADDED = {
    "a student twice": ("students", "2025,0001,black,female,no,no,yes", "repeated_row"),
    "a student twice, differently": ("students", "2025,0001,asian,female,no,no,yes", "repeated_key"),
    "a school twice": ("schools", "101,01,Alder Elementary,district,KG,06", "repeated_key"),
    "a school of an LEA that is not here": ("schools", "103,99,Cedar,charter,KG,05", "lea_unknown"),
    "grades upside down": ("schools", "103,01,Cedar,district,05,KG", "grades_reversed"),
    "attendance twice": ("attendance_totals", "2025,0001,101,180,170", "repeated_key"),
    "attendance of a stranger": ("attendance_totals", "2025,0009,101,80,80", "student_unknown"),
    "attendance at a school never attended": ("attendance_totals", "2025,0001,102,80,80", "never_enrolled"),
    "attendance at a school that nobody lists": ("attendance_totals", "2025,0001,999,80,80", "school_unknown"),
    "an incident of a stranger": ("incidents", "2025,0009,102,i2,2024-11-05", "student_unknown"),
    "an incident of somebody from elsewhere": ("incidents", "2025,0001,102,i2,2024-11-05", "never_enrolled"),
    "an incident after the exit": ("incidents", "2025,0004,102,i2,2025-05-05", "not_enrolled_then"),
    "an incident in summer": ("incidents", "2025,0003,102,i2,2025-07-04", "outside_year"),
    "an incident twice": ("incidents", "2025,0003,102,i1,2024-11-06", "repeated_key"),
    "a consequence without incident": ("consequences", "i9,suspension_out,2", "incident_unknown"),
    "a result at another school": ("assessments", "2025,0001,102,ela,3,no,", "tested_elsewhere"),
    "two outcomes of one cohort": ("cohorts", "2025,0001,101,4,dropped_out", "repeated_key"),
}


@pytest.mark.parametrize(("table", "line", "code"), ADDED.values(), ids=ADDED)
def test_a_line_too_many_is_found_and_nothing_else(
    north: Folder, problems: Find, table: str, line: str, code: str
) -> None:
    row = north.add(table, line)
    assert places(problems(north)) == [(code, table, row)]


# One line of a clean folder changed.
CHANGED = {
    "exit before entry": (
        "enrollments",
        6,
        "2025,0004,102,07,2024-10-01,2024-09-01",
        {"exit_before_entry", "more_days"},
    ),
    "a grade that the school does not serve": ("enrollments", 2, "2025,0001,101,06,2024-08-26,", {"grade_not_served"}),
    "an entry in another year": ("enrollments", 2, "2025,0001,101,03,2023-08-26,", {"outside_year"}),
    "an enrollment of an hour": ("enrollments", 6, "2025,0004,102,07,2024-10-01,2024-10-01", {"no_day", "more_days"}),
    "two schools at once": ("enrollments", 3, "2025,0002,101,KG,2024-08-26,2025-01-18", {"overlap"}),
    "more present than enrolled": ("attendance_totals", 2, "2025,0001,101,170,171.5", {"more_present"}),
    "more days than the enrollment had": ("attendance_totals", 6, "2025,0004,102,200,80", {"more_days"}),
    "no attendance of somebody enrolled": ("attendance_totals", 6, "", {"no_attendance"}),
}


@pytest.mark.parametrize(("table", "row", "line", "codes"), CHANGED.values(), ids=CHANGED)
def test_a_wrong_line_is_found_and_nothing_else(
    north: Folder, problems: Find, table: str, row: int, line: str, codes: set[str]
) -> None:
    north.change(table, row, line)
    assert {one.code for one in problems(north)} == codes


def test_an_overlap_names_both_rows(north: Folder, problems: Find) -> None:
    north.change("enrollments", 3, "2025,0002,101,KG,2024-08-26,2025-01-18")
    (found,) = problems(north)
    assert (found.file, found.row, found.other_file, found.other_row) == (
        "north/enrollments.csv",
        4,
        "north/enrollments.csv",
        3,
    )


@pytest.fixture
def river(tmp_path: Path) -> Folder:
    """A charter LEA whose only student moved there from North in January."""
    files = {
        "leas": ["lea,name,sector", "02,River Charter,charter"],
        "schools": ["school,lea,name,sector,low_grade,high_grade", "201,02,River Academy,charter,KG,12"],
        "students": [FILES["students"][0], "2025,0004,,female,,,"],
        "enrollments": [FILES["enrollments"][0], "2025,0004,201,07,2025-03-01,"],
        "attendance_totals": [FILES["attendance_totals"][0], "2025,0004,201,70,70"],
        "incidents": FILES["incidents"][:1],
        "consequences": FILES["consequences"][:1],
        "cohorts": FILES["cohorts"][:1],
        "assessments": FILES["assessments"][:1],
    }
    return Folder(tmp_path / "river", files)


def test_a_student_who_moves_between_leas_is_no_problem(north: Folder, river: Folder, problems: Find) -> None:
    assert {one.code for one in problems(north, river)} == {"no_rows"}
    assert all(one.severity == "warning" for one in problems(north, river))


def test_two_leas_that_claim_one_student_are_told_where_the_other_row_stands(
    north: Folder, river: Folder, problems: Find
) -> None:
    river.change("enrollments", 2, "2025,0004,201,07,2025-02-28,")
    (found,) = [one for one in problems(north, river) if one.severity == "error"]
    assert (found.code, found.file, found.row) == ("claimed_twice", "river/enrollments.csv", 2)
    assert (found.other_file, found.other_row) == ("north/enrollments.csv", 6)


def test_two_leas_may_number_their_incidents_alike(north: Folder, river: Folder, tmp_path: Path) -> None:
    river.add("incidents", "2025,0004,201,i1,2025-04-02")
    river.add("consequences", "i1,expulsion,0")
    tables, _ = read_city([north.path, river.path], tmp_path / "city")
    incidents = {row["incident"]: row["student"] for row in pq.read_table(tables["incidents"]).to_pylist()}
    kinds = {incidents[row["incident"]]: row["kind"] for row in pq.read_table(tables["consequences"]).to_pylist()}
    assert kinds == {"0003": "suspension_out", "0004": "expulsion"}


def test_groups_that_two_leas_see_differently_are_found_but_not_what_one_does_not_know(
    north: Folder, river: Folder, problems: Find
) -> None:
    north.change("students", 5, "2025,0004,white,male,,,")
    (found,) = [one for one in problems(north, river) if one.severity == "error"]
    assert (found.code, found.file, found.row, found.column) == ("groups_differ", "river/students.csv", 2, "sex")


def test_a_school_of_another_lea_is_refused(north: Folder, river: Folder, problems: Find) -> None:
    row = river.add("enrollments", "2025,0004,102,07,2025-06-01,")
    assert ("school_of_other", "river/enrollments", row) in [one[:3] for one in places(problems(north, river))]


def test_attendance_by_day_is_checked_like_totals(north: Folder, problems: Find) -> None:
    north.drop("attendance_totals")
    header = "year,student,school,date,status"
    days = [f"2025,{student},{school},{day},present" for student, school, day in (
        ("0001", "101", "2024-09-03"), ("0002", "101", "2024-09-03"), ("0002", "102", "2025-02-03"),
        ("0003", "102", "2024-09-03"), ("0004", "102", "2024-10-03"))]  # fmt: skip
    north.write("attendance_days", header, *days)
    assert problems(north) == []
    north.write(
        "attendance_days", header, *days, days[0], "2025,0004,102,2025-05-05,absent", "2025,0001,101,2026-01-05,late"
    )
    assert places(problems(north)) == [
        ("not_enrolled_then", "attendance_days", 8), ("outside_year", "attendance_days", 9),
        ("repeated_row", "attendance_days", 7),
    ]  # fmt: skip


def test_attendance_given_twice_is_refused(north: Folder, problems: Find) -> None:
    north.write("attendance_days", "year,student,school,date,status", "2025,0001,101,2024-09-03,present")
    assert "two_attendances" in {one.code for one in problems(north)}


def test_no_message_repeats_what_a_table_about_students_says(north: Folder, problems: Find) -> None:
    """A name in the wrong column must not travel with a list of problems."""
    north.add("students", "2025,Quimby Doe,Quimby Doe,Quimby Doe,Quimby Doe,Quimby Doe,Quimby Doe")
    north.add("enrollments", "Quimby Doe,Quimby Doe,Quimby Doe,Quimby Doe,Quimby Doe,Quimby Doe")
    north.add("attendance_totals", "2025,Quimby Doe,Quimby Doe,Quimby Doe,Quimby Doe")
    said = [f"{one} {one.message} {one.remedy}" for one in problems(north)]
    assert len(said) > 10 and not [text for text in said if "Quimby" in text or "Doe" in text]


def test_every_text_can_be_filled_in(north: Folder, problems: Find) -> None:
    for text in TEXTS.values():
        assert text.severity in {"error", "warning"} and text.message.endswith(".") and text.remedy


@settings(max_examples=12)
@given(st.lists(st.sampled_from(sorted(ADDED)), min_size=2, max_size=5, unique=True))
def test_faults_are_found_together_as_they_are_alone(names: list[str]) -> None:
    """Whatever else is wrong, every injected line is named, and no row that was right before."""
    with tempfile.TemporaryDirectory() as place:
        north = Folder(Path(place) / "north")
        wanted = []
        for name in names:
            table, line, code = ADDED[name]
            wanted.append((code, table, north.add(table, line)))
        with open_city([north.path]) as city:
            found = places(list(city.problems))
    assert {(table, row) for _, table, row in wanted} == {(table, row) for _, table, row in found}
    assert {code for code, _, _ in wanted} <= {code for code, _, _ in found} | {"repeated_row", "repeated_key"}
