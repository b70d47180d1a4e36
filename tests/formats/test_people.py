"""A table of facilitators becomes people who know the same words and schools as the sign-ups."""

from commonground.engines.formation import Member
from commonground.formats import Vocabulary, read_people
from commonground.tables import csv_bytes, read_table

HEADER = [
    "name",
    "latitude",
    "longitude",
    "radius_km",
    "expertise",
    "languages",
    "caseload",
    "worked_well_with",
    "employer",
]
MEMBERS = (
    Member(id="1", name="Alder", sector="district", lea="Fresno Unified"),
    Member(id="2", name="Birch", sector="charter"),
)


def people(*rows, **options):
    return read_people(read_table(csv_bytes(HEADER, rows), name="people.csv"), members=MEMBERS, **options)


def test_a_row_becomes_a_person_who_knows_schools_by_name_and_leas():
    words = Vocabulary()
    words.spell("Literacy")
    ana = ["Ana Ruiz", 36.7, -119.7, 80, "literacy; attendance", "Spanish", 3, "birch", "fresno unified; A bakery"]
    result = people(ana, expertise=words)
    assert result.problems == ()
    (person,) = result.people
    assert (person.id, person.caseload, person.radius_km) == ("ana-ruiz", 3, 80.0)
    assert person.expertise == {"Literacy", "attendance"}
    assert (person.worked_with, person.employers) == ({"2"}, {"Fresno Unified", "A bakery"})


def test_what_is_wrong_is_named_at_once():
    result = people(
        ["Ana", 36.7, "", "-5", "", "", "", "", ""],
        ["Ben", -119.7, 36.7, "", "", "", "2.5", "", ""],
        ["Ben", 36.7, -119.7, "", "", "", 2, "", ""],
        ["Ben", 36.7, -119.7, "", "", "", 2, "", ""],
    )
    assert [(p.code, p.row, p.column) for p in result.problems] == [
        ("empty_cell", 2, "caseload"),
        ("out_of_range", 2, "radius_km"),
        ("not_whole", 3, "caseload"),
        ("swapped", 3, None),
        ("same_id", 5, "id"),
    ]


def test_half_a_place_is_refused_as_the_engine_says_it():
    (problem,) = people(["Ana", 36.7, "", "", "", "", 2, "", ""]).problems
    assert str(problem) == "people.csv, row 2: Ana has only one of latitude and longitude. Give both or neither."


def test_a_missing_caseload_column_is_named():
    result = read_people(read_table(b"name,caselod\nAna,2\n"))
    assert [problem.code for problem in result.problems] == ["misspelled_column"]
