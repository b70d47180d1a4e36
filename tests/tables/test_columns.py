"""The columns that a person wrote are found whatever their case and dress; what does not fit is named."""

from commonground.tables import Column, match_columns, normalized, read_table

KNOWN = (
    Column("id"),
    Column("name", required=True, aliases=("School Name",)),
    Column("latitude", required=True, aliases=("lat",)),
    Column("focus_areas", required=True),
)


def test_case_stars_and_punctuation_do_not_matter():
    assert normalized("  School-Name* ") == "school_name"
    table = read_table(b"SCHOOL NAME*,Lat,Focus Areas\nAlder,36.5,reading\n")
    columns, problems = match_columns(table, KNOWN)
    assert not problems
    assert (columns["name"], columns["latitude"], columns["id"]) == ("SCHOOL NAME*", "Lat", None)
    assert table.rows[0].get(columns["id"], "none") == "none"


def test_a_misspelled_column_is_recognized_instead_of_being_missing():
    columns, problems = match_columns(read_table(b"name,lattitude,focus_areas\nAlder,36,x\n", name="s.csv"), KNOWN)
    assert [str(problem) for problem in problems] == [
        "s.csv, row 1, column “lattitude”: This column is not known. Did you mean “latitude”?"
    ]
    assert columns["latitude"] is None


def test_a_column_that_nothing_resembles_is_unknown_and_the_known_ones_are_listed():
    _, problems = match_columns(read_table(b"name,latitude,focus_areas,mascot\nAlder,36,x,owl\n"), KNOWN)
    (problem,) = problems
    assert (problem.code, problem.column) == ("unknown_column", "mascot")
    assert "focus_areas" in problem.message


def test_extra_columns_may_be_left_alone():
    _, problems = match_columns(
        read_table(b"name,latitude,focus_areas,mascot\nAlder,36,x,owl\n"), KNOWN, allow_unknown=True
    )
    assert not problems


def test_a_missing_column_is_named():
    _, problems = match_columns(read_table(b"name,latitude\nAlder,36\n"), KNOWN)
    assert [problem.message for problem in problems] == ["The column “focus_areas” is missing."]


def test_two_names_for_one_column_are_refused():
    _, problems = match_columns(read_table(b"name,school name,latitude,focus_areas\nA,B,36,x\n"), KNOWN)
    assert [problem.code for problem in problems] == ["ambiguous_column"]
