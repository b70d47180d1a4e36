"""An LEA's files become canonical tables, whatever program wrote them; what cannot be understood is named by row."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from commonground.engines.measures.inputs import InputsError, NotWrittenError, Problem, open_city, read_city
from tests.engines.measures.inputs.conftest import FILES, Folder

Find = Callable[..., list[Problem]]


def rows(path: Path) -> list[dict[str, object]]:
    return pq.read_table(path).to_pylist()


def said(problems: list[Problem], severity: str = "error") -> list[tuple[str, str, int | None, str | None]]:
    return [(one.code, one.file, one.row, one.column) for one in problems if one.severity == severity]


def test_a_folder_of_tables_becomes_canonical_parquet(north: Folder, tmp_path: Path) -> None:
    tables, problems = read_city([north.path], tmp_path / "city")
    assert problems == []
    assert set(tables) == {*FILES, "provided"}
    assert rows(tables["students"])[0]["student"] == "0001"
    assert [str(row["exit"]) for row in rows(tables["enrollments"])] == [
        "None",
        "2025-01-17",
        "None",
        "None",
        "2025-03-01",
    ]
    assert rows(tables["attendance_totals"])[0]["days_present"] == 171.5
    assert [row["growth_percentile"] for row in rows(tables["assessments"])] == [61.5, None]
    assert {"lea": "01", "table": "incidents", "year": "2025"} in rows(tables["provided"])


SEMICOLONS = [line.replace(",", ";") for line in FILES["students"]]
TABS = [line.replace(",", "\t") for line in FILES["students"]]


@pytest.mark.parametrize("lines", [FILES["students"], SEMICOLONS, TABS], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old-mac"])
def test_delimiters_encodings_and_line_ends_make_no_difference(
    north: Folder, tmp_path: Path, lines: list[str], encoding: str, end: str
) -> None:
    plain, _ = read_city([north.path], tmp_path / "plain")
    north.write("students", *lines, encoding=encoding, end=end)
    other, problems = read_city([north.path], tmp_path / "other")
    assert problems == []
    assert rows(other["students"]) == rows(plain["students"])


@pytest.mark.parametrize(("encoding", "guess"), [("latin-1", "Latin-1"), ("cp1252", "Windows-1252")])
def test_older_encodings_are_found_and_said(north: Folder, tmp_path: Path, encoding: str, guess: str) -> None:
    name = "Peña “Río”" if encoding == "cp1252" else "Peña Río"
    north.change("schools", 2, f"101,01,{name},district,KG,05")
    north.write("schools", encoding=encoding)
    tables, problems = read_city([north.path], tmp_path / "city")
    assert [(one.code, dict(one.values)) for one in problems] == [("encoding_guessed", {"guess": guess})]
    assert rows(tables["schools"])[0]["name"] == name


def test_two_encodings_in_one_file_are_refused_at_the_row_that_breaks(north: Folder, problems: Find) -> None:
    good, bad = "101,01,Peña,district,KG,05\n".encode(), "102,01,Peña,district,06,08\n".encode("latin-1")
    (north.path / "schools.csv").write_bytes(f"{FILES['schools'][0]}\n".encode() + good + bad)
    assert ("encoding", "north/schools.csv", 3, None) in said(problems(north))


def test_headers_of_other_systems_are_known(north: Folder, problems: Find) -> None:
    north.write(
        "students",
        "School Year,State ID,Race/Ethnicity,Gender,ELL,IEP,At-Risk",
        "2024-25,0001,Two or More Races,F,Y,N,1",
    )
    found = [one for one in problems(north) if one.file == "north/students.csv"]
    assert found == []


def test_missing_misspelled_doubled_and_unused_columns_are_told_apart(north: Folder, problems: Find) -> None:
    north.write("incidents", "year,student,schol,incident,date,student_id,surname")
    north.write("consequences", "incident,days")
    found = said(problems(north))
    assert ("misspelled_column", "north/incidents.csv", 1, "schol") in found
    assert ("ambiguous_column", "north/incidents.csv", 1, "student_id") in found
    assert ("missing_column", "north/consequences.csv", 1, None) in found
    north.write("incidents", "year,student,school,incident,date,surname", "2025,0003,102,i1,2024-11-05,Doe")
    north.write("consequences", *FILES["consequences"])
    assert said(problems(north), "warning") == [("ignored_column", "north/incidents.csv", 1, "surname")]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (("2024-08-26", "2025-01-07", ""), "2025-01-07"),
        (("8/26/2024", "1/7/2025", ""), "2025-01-07"),
        (("26/08/2024", "07/01/2025", ""), "2025-01-07"),
        (("26.08.2024", "7.1.2025", ""), "2025-01-07"),
    ],
    ids=["iso", "us", "day-first", "dots"],
)
def test_a_date_format_that_the_column_proves_is_read(
    north: Folder, tmp_path: Path, dates: tuple[str, ...], expected: str
) -> None:
    north.write(
        "incidents",
        "year,student,school,incident,date",
        *(f"2025,0003,102,i{n},{day}" for n, day in enumerate(dates) if day),
    )
    north.drop("consequences")
    tables, _ = read_city([north.path], tmp_path / "city")
    assert str(rows(tables["incidents"])[1]["date"]) == expected


@pytest.mark.parametrize(
    ("dates", "code", "row"),
    [
        (("1/7/2025", "2/3/2025"), "ambiguous_dates", 2),
        (("8/26/2024", "26/8/2024"), "mixed_dates", 3),
        (("2024-08-26", "8/27/2024"), "mixed_dates", 3),
        (("2024-08-26", "2024-02-31"), "bad_date", 3),
        (("2024-08-26", "45536"), "bad_date", 3),
    ],
)
def test_dates_that_nobody_can_be_sure_of_are_refused(
    north: Folder, problems: Find, dates: tuple[str, ...], code: str, row: int
) -> None:
    lines = [f"2025,0003,102,i{n},{day}" for n, day in enumerate(dates)]
    north.write("incidents", "year,student,school,incident,date", *lines)
    assert (code, "north/incidents.csv", row, "date") in said(problems(north))


def test_a_decimal_comma_is_a_decimal_point(north: Folder, tmp_path: Path) -> None:
    north.write("attendance_totals", "year;student;school;days_enrolled;days_present", "2025;0001;101;180;171,5")
    tables, _ = read_city([north.path], tmp_path / "city")
    assert rows(tables["attendance_totals"])[0]["days_present"] == 171.5


def test_every_cell_that_does_not_fit_is_named_by_row_and_column(north: Folder, problems: Find) -> None:
    north.write("students", FILES["students"][0], "2025,,green,female,maybe,no,yes", "next,0002,,,,,")
    north.add("attendance_totals", "2025,0001,102,-3,many")
    north.change("assessments", 2, "2025,0003,102,ela,4.5,yes,100")
    found = said(problems(north))
    assert {
        ("empty_cell", "north/students.csv", 2, "student"),
        ("unknown_code", "north/students.csv", 2, "race"),
        ("unknown_code", "north/students.csv", 2, "english_learner"),
        ("bad_year", "north/students.csv", 3, "year"),
        ("negative", "north/attendance_totals.csv", 7, "days_enrolled"),
        ("bad_number", "north/attendance_totals.csv", 7, "days_present"),
        ("not_whole", "north/assessments.csv", 2, "level"),
        ("out_of_bounds", "north/assessments.csv", 2, "growth_percentile"),
    } <= set(found)


def test_rows_keep_their_numbers_below_blank_and_broken_ones(north: Folder, problems: Find) -> None:
    spoiled = ["", "2025,0002", "2025,0003,white,male,no,yes,no,more", " ", "2025,0004,green,,,,"]
    north.write("students", *FILES["students"][:2], *spoiled)
    assert {
        ("too_few_cells", "north/students.csv", 4, None),
        ("too_many_cells", "north/students.csv", 5, None),
        ("unknown_code", "north/students.csv", 7, "race"),
    } <= set(said(problems(north)))


def test_parquet_and_csv_say_the_same(north: Folder, tmp_path: Path) -> None:
    plain, _ = read_city([north.path], tmp_path / "plain")
    for name in ("enrollments", "attendance_totals", "students"):
        typed = pa_csv.read_csv(
            north.path / f"{name}.csv",
            convert_options=pa_csv.ConvertOptions(column_types={"student": pa.string(), "school": pa.string()}),
        )
        pq.write_table(typed, north.path / f"{name}.parquet")
        north.drop(name)
    other, problems = read_city([north.path], tmp_path / "other")
    assert problems == []
    for name, path in plain.items():
        assert rows(path) == rows(other[name]), name


def test_a_file_that_is_no_table_is_refused(north: Folder, problems: Find) -> None:
    (north.path / "students.csv").write_bytes(b"PK\x03\x04" + bytes(100))
    north.drop("schools")
    (north.path / "schools.parquet").write_bytes(b"nothing")
    (north.path / "notes.csv").write_text("a,b\n")
    found = problems(north)
    assert [one[:2] for one in said(found)][:2] == [
        ("damaged", "north/schools.parquet"),
        ("not_text", "north/students.csv"),
    ]
    assert ("unknown_file", "north/notes.csv", None, None) in said(found, "warning")


def test_what_an_lea_does_not_give_is_said_and_absent(north: Folder, tmp_path: Path) -> None:
    for name in ("incidents", "consequences", "attendance_totals"):
        north.drop(name)
    tables, problems = read_city([north.path], tmp_path / "city")
    assert {one.values["name"] for one in problems} == {"incidents", "consequences", "attendance_totals"}
    assert {one.code for one in problems} == {"not_provided"}
    assert "incidents" not in tables and "attendance_totals" not in tables


def test_one_error_and_nothing_is_written(north: Folder, tmp_path: Path) -> None:
    kept, _ = read_city([north.path], tmp_path / "city")
    before = kept["students"].read_bytes()
    north.add("students", "2025,0005,green,,,,")
    tables, problems = read_city([north.path], tmp_path / "city")
    assert tables == {} and [one.code for one in problems] == ["unknown_code"]
    assert kept["students"].read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    with open_city([north.path]) as city, pytest.raises(InputsError, match="1 errors"):
        city.write(tmp_path / "other")


def test_a_folder_with_other_things_is_not_overwritten(north: Folder, tmp_path: Path) -> None:
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "thesis.txt").write_text("all there is")
    with pytest.raises(NotWrittenError, match="something else"):
        read_city([north.path], tmp_path / "city")
    assert (tmp_path / "city" / "thesis.txt").read_text() == "all there is"


def test_two_leas_are_read_together_with_their_folder(tmp_path: Path) -> None:
    Folder(tmp_path / "city" / "a")
    with open_city([tmp_path / "city"]) as city:
        assert city.rows("students") == 4 and city.rows("leas") == 1


def _leas(path: Path, number: int) -> list[Folder]:
    """LEAs whose files look alike, each with a school and two students of its own."""
    return [
        Folder(
            path / f"lea{at}",
            {
                "leas": ["lea,name,sector", f"{at},Lea {at},district"],
                "schools": [FILES["schools"][0], f"{at}01,{at},School {at},district,KG,08"],
                "students": [FILES["students"][0], f"2025,{at}1,black,female,no,no,yes", f"2025,{at}2,,,,,"],
                "enrollments": [
                    FILES["enrollments"][0],
                    f"2025,{at}1,{at}01,03,2024-08-26,",
                    f"2025,{at}2,{at}01,04,2024-08-26,2025-03-02",
                ],
                "incidents": FILES["incidents"][:1],
            },
        )
        for at in range(1, number + 1)
    ]


def test_rows_keep_their_file_and_number_where_files_are_read_as_one(tmp_path: Path, problems: Find) -> None:
    one, two, three = _leas(tmp_path, 3)
    two.change("enrollments", 2, ",,,,,")
    two.add("enrollments", "2025,21,999,03,2024-08-26,")
    found = [one for one in problems(one, two, three) if one.code in ("school_unknown", "no_rows")]
    assert [(one.code, one.file, one.row) for one in found] == [
        ("school_unknown", "lea2/enrollments.csv", 4),
        *[("no_rows", f"lea{at}/incidents.csv", None) for at in (1, 2, 3)],
    ]


def test_each_lea_writes_dates_as_it_likes(tmp_path: Path) -> None:
    """The 2nd of March for the one is the 3rd of February for the other, and each proves which it means."""
    one, two = _leas(tmp_path, 2)
    for lea, entry, late in ((one, "26/08/2024", "20/03/2025"), (two, "08/26/2024", "03/20/2025")):
        head, first, second = lea.lines["enrollments"]
        second = second.replace("2025-03-02", "02/03/2025")
        lea.write("enrollments", head, *(line.replace("2024-08-26", entry) for line in (first + late, second)))
    tables, _ = read_city([one.path, two.path], tmp_path / "city")
    exits = {row["student"]: str(row["exit"]) for row in rows(tables["enrollments"]) if row["exit"]}
    assert exits == {"11": "2025-03-20", "12": "2025-03-02", "21": "2025-03-20", "22": "2025-02-03"}


def test_a_folder_that_is_named_twice_is_read_twice(tmp_path: Path, problems: Find) -> None:
    (one,) = _leas(tmp_path, 1)
    assert {found.code for found in problems(one, one) if found.severity == "error"} == {"school_of_other"}
