"""OneRoster and Ed-Fi files become an LEA's tables; what they do not know is missing and said, never zero."""

import csv
import io
import zipfile
from pathlib import Path

import pytest

from commonground.engines.measures.inputs import open_city
from commonground.engines.measures.inputs.exchange import Options, SourceError, convert
from commonground.engines.measures.inputs.exchange.xml import RefusedXmlError, records

ROSTER = {
    "manifest.csv": "propertyName,value\noneroster.version,1.2\nfile.users,bulk\n",
    "orgs.csv": "sourcedId,status,name,type,identifier,parentSourcedId\nd1,active,North,district,,\n"
    "s1,active,Alder,school,,d1\ns2,tobedeleted,Gone,school,,d1\nx,active,History,department,,s1\n",
    "academicSessions.csv": "sourcedId,status,title,type,startDate,endDate,schoolYear\n"
    "t1,active,Fall,term,2024-08-26,2024-12-20,2025\n",
    "classes.csv": "sourcedId,status,title,schoolSourcedId\nc1,active,Math,s1\nc2,active,Art,s1\n",
    "users.csv": "sourcedId,status,enabledUser,username,givenName,familyName,grades\n"
    "u1,active,true,u1,Ana,Doe,03\nu2,active,true,u2,Ben,Doe,KG\nu3,active,true,u3,Cy,Doe,\nu4,tobedeleted,true,u4,D,D,03\n",
    "roles.csv": "sourcedId,status,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\n"
    "r1,active,u1,primary,student,,,s1\nr2,active,u2,primary,student,2024-08-26,2025-02-01,s1\n"
    "r3,active,u3,primary,teacher,,,s1\nr4,active,u4,primary,student,,,s1\n",
    "enrollments.csv": "sourcedId,status,classSourcedId,schoolSourcedId,userSourcedId,role,beginDate,endDate\n"
    "e1,active,c1,s1,u1,student,2024-08-26,2024-12-20\ne2,active,c2,s1,u1,student,2025-01-06,2025-05-30\n"
    "e3,active,c1,s1,u9,student,,\ne4,active,c1,s1,u3,teacher,,\n",
    "demographics.csv": "sourcedId,status,sex,americanIndianOrAlaskaNative,asian,blackOrAfricanAmerican,"
    "nativeHawaiianOrOtherPacificIslander,white,demographicRaceTwoOrMoreRaces,hispanicOrLatinoEthnicity\n"
    "u1,active,female,false,false,true,false,false,false,false\nu2,active,male,false,true,false,false,true,false,false\n",
}


def packed(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"export/{name}", content)
    return path


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_roster_becomes_tables_that_pass_the_check_without_errors(tmp_path: Path) -> None:
    said = convert(packed(tmp_path / "r.zip", ROSTER), tmp_path / "north", Options("district"))
    assert table(tmp_path / "north", "enrollments") == [
        {"year": "2025", "student": "u1", "school": "s1", "grade": "03", "entry": "2024-08-26", "exit": "2025-05-30"},
        {"year": "2025", "student": "u2", "school": "s1", "grade": "KG", "entry": "2024-08-26", "exit": "2025-02-01"},
    ]
    students = {
        row["student"]: (row["race"], row["sex"], row["disability"]) for row in table(tmp_path / "north", "students")
    }
    assert students == {"u1": ("black", "female", ""), "u2": ("multiracial", "male", "")}
    assert table(tmp_path / "north", "schools")[0]["low_grade"] == "KG"
    assert ("roster_student", "r.zip/enrollments.csv", 4) in [(one.code, one.file, one.row) for one in said]
    with open_city([tmp_path / "north"]) as city:
        assert city.problems.errors == 0
        assert city.rows("enrollments") == 2


def test_what_one_roster_does_not_know_is_said_and_no_file(tmp_path: Path) -> None:
    said = convert(packed(tmp_path / "r.zip", ROSTER), tmp_path / "north", Options("district"))
    missing = {one.values["name"] for one in said if one.code == "not_in_source"}
    assert missing == {"attendance_totals", "incidents", "consequences", "cohorts", "assessments"}
    assert {path.stem for path in (tmp_path / "north").glob("*.csv")} == {"leas", "schools", "students", "enrollments"}


def test_version_1_1_keeps_roles_with_users(tmp_path: Path) -> None:
    older = dict(ROSTER)
    del older["roles.csv"]
    older["users.csv"] = (
        "sourcedId,status,enabledUser,orgSourcedIds,role,username,givenName,familyName,grades\n"
        "u1,active,true,s1,student,a,A,A,03\nu2,active,true,s1,student,b,B,B,KG\nu3,active,true,s1,teacher,c,C,C,\n"
    )
    convert(packed(tmp_path / "r.zip", older), tmp_path / "north", Options("charter"))
    assert [row["student"] for row in table(tmp_path / "north", "enrollments")] == ["u1", "u2"]


@pytest.mark.parametrize("name", [
    "Test_full_data_set", "Test_minimal_data_set", "oneroster_test_data", "v1p1_csv", "v1p2_full_dataset",
])  # fmt: skip
def test_public_test_sets_are_read_or_refused_with_reasons(name: str, public_data: Path, tmp_path: Path) -> None:
    """Some have departments only: nothing to report for. None of them may break the reader, or half-write a folder."""
    source = public_data / "exchange" / "oneroster" / f"{name}.zip"
    try:
        convert(source, tmp_path / "out", Options("district", "L1", "An LEA", "2018"))
        assert table(tmp_path / "out", "schools")
    except SourceError as refused:
        assert "no_schools" in {one.code for one in refused.problems}
        assert not (tmp_path / "out").exists()


def test_the_older_public_test_set_gives_its_students(public_data: Path, tmp_path: Path) -> None:
    source = public_data / "exchange" / "oneroster" / "v1p1_csv.zip"
    convert(source, tmp_path / "out", Options("district", "L1", "An LEA", "2018"))
    assert [row["student"] for row in table(tmp_path / "out", "students")] == ["user1", "user2"]
    assert [row["name"] for row in table(tmp_path / "out", "schools")] == ["School 1", "School 2"]


def test_ed_fi_sample_gives_attendance_and_discipline(public_data: Path, tmp_path: Path) -> None:
    """Counts made from the XML by hand: 1,917 events, 25 actions; 24 of them in-school suspensions, one expulsion."""
    source = public_data / "exchange" / "ed-fi" / "grand_bend_5.2.zip"
    said = convert(source, tmp_path / "out", Options("district"))
    assert len(table(tmp_path / "out", "students")) == 960
    assert {row["name"] for row in table(tmp_path / "out", "leas")} == {"Grand Bend ISD"}
    kinds = [row["kind"] for row in table(tmp_path / "out", "consequences")]
    assert (kinds.count("suspension_in"), kinds.count("expulsion")) == (24, 1)
    totals = table(tmp_path / "out", "attendance_totals")
    assert {row["days_enrolled"] for row in totals} == {"169.0"}
    assert "only_absences" in {one.code for one in said}


EDFI = """<InterchangeX>
<LocalEducationAgency id="L"><LocalEducationAgencyId>9</LocalEducationAgencyId><NameOfInstitution>North</NameOfInstitution>
</LocalEducationAgency><School><SchoolId>91</SchoolId><NameOfInstitution>Alder</NameOfInstitution>
<GradeLevel>uri#Third grade</GradeLevel><GradeLevel>uri#Kindergarten</GradeLevel><LocalEducationAgencyReference ref="L"/></School>
<Session><SchoolYear>2024-2025</SchoolYear><TotalInstructionalDays>100</TotalInstructionalDays><SchoolReference><SchoolId>91
</SchoolId></SchoolReference></Session>
<StudentSchoolAssociation><StudentUniqueId>1</StudentUniqueId><SchoolId>91</SchoolId><EntryDate>2024-08-26</EntryDate>
<EntryGradeLevel>uri#Third grade</EntryGradeLevel></StudentSchoolAssociation>
<StudentSchoolAssociation><StudentUniqueId>2</StudentUniqueId><SchoolId>91</SchoolId><EntryDate>2024-08-26</EntryDate>
<EntryGradeLevel>uri#Kindergarten</EntryGradeLevel></StudentSchoolAssociation>
<StudentEducationOrganizationAssociation><StudentUniqueId>1</StudentUniqueId><Sex>uri#Female</Sex>
<Race>uri#Black - African American</Race><LimitedEnglishProficiency>uri#Limited</LimitedEnglishProficiency>
</StudentEducationOrganizationAssociation><Student><StudentUniqueId>2</StudentUniqueId></Student>
{events}</InterchangeX>"""
EVENT = """<StudentSchoolAttendanceEvent><EventDate>{day}</EventDate><AttendanceEventCategory>uri#{kind}</AttendanceEventCategory>
<StudentUniqueId>1</StudentUniqueId><SchoolId>91</SchoolId><SchoolYear>2024-2025</SchoolYear></StudentSchoolAttendanceEvent>"""


def test_ed_fi_absences_are_taken_from_the_days_of_the_year_for_everybody_enrolled(tmp_path: Path) -> None:
    """100 days; excused and unexcused on one day count once, a part counts half, tardy nothing: 98.5 days present."""
    events = [("2024-09-03", "Excused Absence"), ("2024-09-03", "Unexcused Absence"), ("2024-09-04", "Partial"),
              ("2024-09-05", "Tardy")]  # fmt: skip
    text = EDFI.format(events="".join(EVENT.format(day=day, kind=kind) for day, kind in events))
    said = convert(packed(tmp_path / "e.zip", {"all.xml": text}), tmp_path / "out", Options("district"))
    assert {row["student"]: row["days_present"] for row in table(tmp_path / "out", "attendance_totals")} == {
        "1": "98.5", "2": "100.0",
    }  # fmt: skip
    first = table(tmp_path / "out", "students")[0]
    assert (first["race"], first["sex"], first["english_learner"], first["disability"]) == (
        "black",
        "female",
        "yes",
        "",
    )
    assert "incidents" in {one.values.get("name") for one in said}
    with open_city([tmp_path / "out"]) as city:
        assert city.problems.errors == 0


BOMB = (
    """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "boom"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a><x>&c;</x></a>"""
)


@pytest.mark.parametrize("text", [
    BOMB, '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "<a><b></a>", "<a>" + "<b>" * 100, "<a><b>" + "x" * 2**21,
], ids=["entities", "outside", "broken", "nested", "endless text"])  # fmt: skip
def test_xml_that_would_harm_the_reader_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedXmlError):
        list(records(io.BytesIO(text.encode())))
    with pytest.raises(SourceError, match="broken"):
        convert(packed(tmp_path / "e.zip", {"all.xml": text}), tmp_path / "out", Options())
    assert not (tmp_path / "out").exists()


def test_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.zip").write_bytes(b"no archive")
    for source in (tmp_path / "notes.zip", tmp_path):
        with pytest.raises(SourceError, match="neither"):
            convert(source, tmp_path / "out", Options())
