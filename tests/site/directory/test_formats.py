"""Every published format is recognized by its columns and read as its layout says; what cannot be read is named by its place."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.site.directory.imports import comparing, formats, reading, values
from commonground.site.directory.imports.values import BadValueError
from commonground.site.directory.models.organization import Kind, Sector, Status
from commonground.tables import read_table

CCD_SCHOOLS = (
    "SCHOOL_YEAR,FIPST,STATENAME,ST,SCH_NAME,LEA_NAME,ST_LEAID,LEAID,ST_SCHID,NCESSCH,LSTREET1,LSTREET2,LCITY,LSTATE,LZIP,LZIP4,"
    "PHONE,WEBSITE,SY_STATUS,SY_STATUS_TEXT,UPDATED_STATUS,EFFECTIVE_DATE,SCH_TYPE_TEXT,CHARTER_TEXT,GSLO,GSHI\n"
)
CCD_ROW = (
    "2022-2023,06,CALIFORNIA,CA,Alder Elementary,Valley Unified,CA-01,0600001,CA-01-1,060000100001,1 Oak St,Suite 4,Fresno,CA,"
    "93701,1838,(559)555-0101,http://alder.example,1,Open,2,06/30/2023,Regular School,Not applicable,PK,05\n"
)
CCD_LEAS = (
    "SCHOOL_YEAR,ST,LEA_NAME,ST_LEAID,LEAID,LSTREET1,LCITY,LZIP,LEA_TYPE,LEA_TYPE_TEXT,SY_STATUS,GSLO,GSHI\n"
    "2022-2023,CA,Valley Unified,CA-01,0600001,9 Main St,Fresno,93701,7,Independent Charter District,1,KG,12\n"
)
MEMBERSHIP = (
    "SCHOOL_YEAR,ST,LEAID,NCESSCH,GRADE,RACE_ETHNICITY,SEX,STUDENT_COUNT,TOTAL_INDICATOR,DMS_FLAG\n"
    "2022-2023,CA,0600001,060000100001,Grade 1,Hispanic/Latino,Female,17,Category Set A,Reported\n"
    "2022-2023,CA,0600001,060000100001,No Category Codes,No Category Codes,No Category Codes,334,Education Unit Total,Derived\n"
)
LUNCH = (
    "SCHOOL_YEAR,ST,NCESSCH,DATA_GROUP,LUNCH_PROGRAM,STUDENT_COUNT,TOTAL_INDICATOR,DMS_FLAG\n"
    "2022-2023,CA,060000100001,Free and Reduced-price Lunch Table,Free lunch qualified,182,Category Set A,Reported\n"
    "2022-2023,CA,060000100001,Free and Reduced-price Lunch Table,Reduced-price lunch qualified,22,Category Set A,Reported\n"
    "2022-2023,CA,060000100001,Free and Reduced-price Lunch Table,No Category Codes,204,Education Unit Total,Derived\n"
    "2022-2023,CA,060000100001,Direct Certification,Not Applicable,137,Education Unit Total,Reported\n"
)
EDGE = "LEAID,NCESSCH,NAME,OPSTFIPS,STREET,CITY,STATE,ZIP,NMCNTY,LOCALE,LAT,LON\n0600001,060000100001,Alder,06,1 Oak,Fresno,CA,93701,Fresno County,12,36.75,-119.78\n"  # noqa: E501
EDGE_LEA = "LEAID,NAME,CITY,NMCNTY,LOCALE,LAT,LON\n0600001,Valley,Fresno,Fresno County,12,36.75,-119.78\n"
STAFF = "SCHOOL_YEAR,ST,NCESSCH,TEACHERS,TOTAL_INDICATOR\n2022-2023,CA,060000100001,17.07,Education Unit Total\n"


def read(text: str) -> reading.Reading:
    table = read_table(text.encode(), name="file.csv")
    form = formats.recognize(table.header)
    assert form is not None
    return reading.read(table, form)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (CCD_SCHOOLS + CCD_ROW, "ccd_schools"),
        (CCD_LEAS, "ccd_leas"),
        (MEMBERSHIP, "ccd_membership"),
        (LUNCH, "ccd_lunch"),
        (STAFF, "ccd_staff"),
        (EDGE, "edge_schools"),
        (EDGE_LEA, "edge_leas"),
    ],
)
def test_a_format_is_recognized_by_its_columns(text, code):
    form = formats.recognize(read_table(text.encode()).header)
    assert form is not None and form.code == code


def test_a_ccd_school_is_read_by_its_location_and_its_updated_status():
    (record,) = read(CCD_SCHOOLS + CCD_ROW).records
    assert record.facts["street"] == "1 Oak St, Suite 4"
    assert (record.facts["zip_code"], record.facts["low_grade"]) == ("93701-1838", "PK")
    assert (record.facts["status"], record.facts["closed_on"]) == (Status.CLOSED, "2023-06-30")
    assert (
        "sector" not in record.facts
    )  # "Not applicable": the state has no charters, which says nothing of this school
    assert record.lea == {"nces_id": "0600001", "state_id": "CA-01", "name": "Valley Unified"}


def test_a_ccd_lea_of_type_seven_is_a_charter_operator():
    (record,) = read(CCD_LEAS).records
    assert (record.facts["kind"], record.facts["sector"]) == (Kind.CHARTER_OPERATOR, Sector.CHARTER)


def test_long_files_give_one_total_for_each_school():
    assert [record.facts for record in read(MEMBERSHIP).records] == [{"nces_id": "060000100001", "enrollment": 334}]
    (lunch,) = read(LUNCH).records
    assert (lunch.facts["free_lunch"], lunch.facts["reduced_lunch"], lunch.facts["directly_certified"]) == (
        182,
        22,
        137,
    )


def test_files_that_only_add_facts_make_no_schools_and_say_so():
    found = comparing.compare([read(EDGE), read(MEMBERSHIP)], [])
    assert found.changes == ()
    assert [note.values["count"] for note in found.notes] == [1, 1]


def test_files_sent_together_make_one_entry_whatever_their_order():
    together = [read(text) for text in (CCD_SCHOOLS + CCD_ROW, CCD_LEAS, MEMBERSHIP, LUNCH, STAFF, EDGE, EDGE_LEA)]
    forward, backward = comparing.compare(together, []), comparing.compare(together[::-1], [])
    facts = {change.key: change.facts for change in forward.changes}
    assert facts == {change.key: change.facts for change in backward.changes}
    school = facts["school:060000100001"]
    assert (school["enrollment"], school["teachers"], school["latitude"], school["county"]) == (
        334,
        17.07,
        36.75,
        "Fresno County",
    )
    assert school["sector"] == Sector.CHARTER  # its LEA is a charter operator


@pytest.mark.parametrize(
    ("old", "new", "column", "code"),
    [
        ("060000100001", "6.00001E+10", "NCESSCH", "bad_nces_id"),
        ("060000100001", "", "NCESSCH", None),
        (",0600001,", ",,", None, None),
        (",PK,05", ",PK,45", "GSHI", "unknown_value"),
        (",1,Open,2,", ",1,Open,19,", "UPDATED_STATUS", "unknown_value"),
        ("06/30/2023", "someday", "EFFECTIVE_DATE", "not_a_date"),
        (",CA,Alder", ",Calif.,Alder", "ST", "bad_state"),
        ("Alder Elementary", "A" * 201, "SCH_NAME", "too_long"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named_by_row_and_column(old, new, column, code):
    found = read(CCD_SCHOOLS + CCD_ROW.replace(old, new, 1))
    if code is None:  # the state's own ID stands in
        assert found.problems == []
    else:
        (problem,) = found.problems
        assert (problem.row, problem.column, problem.code) == (2, column, code)
        assert problem.message


def test_a_dropped_leading_zero_is_put_back_and_noted():
    found = read(CCD_SCHOOLS + CCD_ROW.replace("060000100001", "60000100001"))
    assert found.records[0].facts["nces_id"] == "060000100001"
    assert [note.code for note in found.notes] == ["zeros_restored"]


def test_the_same_school_twice_in_a_file_is_a_problem_of_the_second_row():
    (problem,) = read(CCD_SCHOOLS + CCD_ROW + CCD_ROW).problems
    assert (problem.code, problem.row, problem.values["first"]) == ("twice", 3, 2)


def test_a_file_of_mistakes_ends_after_two_hundred():
    found = read(EDGE + "x,y,z,0,a,b,c,d,e,f,g,h\n" * 300)
    assert len(found.problems) <= reading.MOST_PROBLEMS + 5
    assert found.problems[-1].code == "too_many_problems"


@pytest.mark.parametrize(
    ("latitude", "longitude", "code"),
    [
        (36.7, None, "half_a_place"),
        (-119.8, 36.7, "swapped"),
        (0.0, 0.0, "not_on_earth"),
        (95.0, -119.0, "not_on_earth"),
        (30.0, -140.0, "not_in_state"),  # the open sea
        (42.3, -83.0, "not_in_state"),  # Michigan
    ],
)
def test_a_place_that_cannot_be_is_refused(latitude, longitude, code):
    with pytest.raises(BadValueError) as refused:
        values.checked_place(latitude, longitude, "CA")
    assert refused.value.code == code


def test_islands_and_invented_states_are_not_refused():
    assert values.checked_place(21.3, -157.8, "HI")
    assert values.checked_place(52.9, 172.9, "AK")
    assert values.checked_place(39.0, -98.4, "LR")


@given(st.integers(0, 5_000_000))
def test_a_count_is_read_as_it_was_written_in_any_published_form(number):
    assert {values.count(form) for form in (str(number), f"{number}.00000", f"{number:,}")} == {number}


@given(st.text(max_size=12))
def test_a_number_is_either_read_or_refused_with_a_reason(cell):
    try:
        assert math.isfinite(values.number(cell)) and values.number(cell) >= 0
    except BadValueError as bad:
        assert values.TEXTS[bad.code].format(**bad.values)


FACT = st.fixed_dictionaries(
    {},
    optional={"enrollment": st.integers(0, 3), "city": st.sampled_from(["Alder", "Birch"]), "low_grade": st.just("KG")},
)


@given(st.dictionaries(st.integers(1, 6), FACT), st.dictionaries(st.integers(1, 6), FACT))
def test_comparing_agrees_with_an_obvious_twin(ours, theirs):
    """The twin looks at every pair of rows and every fact, one by one."""

    def identity(number: int) -> str:
        return f"0600001{number:05d}"

    base = {"name": "Alder", "state": "CA", "kind": "school", "sector": "district", "status": "open", "state_id": ""}
    known = [
        comparing.Known(number, f"school:{identity(number)}", "school", {**base, "nces_id": identity(number), **facts})
        for number, facts in ours.items()
    ]
    records = [
        reading.Record("school", number, {"name": "Alder", "state": "CA", "nces_id": identity(number), **facts})
        for number, facts in theirs.items()
    ]
    found = comparing.compare([reading.Reading(formats.BY_CODE["nces_schools"], records)], known)
    expected = {}
    for number in {*ours, *theirs}:
        if not theirs:
            continue  # a file without rows covers no state, so nothing is missing from it
        if number not in theirs:
            expected[identity(number)] = ("missing", {})
        elif number not in ours:
            expected[identity(number)] = ("new", None)
        else:
            changed = {
                name: (ours[number].get(name), new)
                for name, new in theirs[number].items()
                if ours[number].get(name) != new
            }
            expected[identity(number)] = ("changed" if changed else "unchanged", changed)
    for change in found.changes:
        kind, facts = expected.pop(change.nces_id)
        assert change.kind == kind
        assert facts is None or dict(change.facts) == facts
    assert not expected
