"""A table of sign-ups becomes members, or every slip in it is named with its row and column."""

from pathlib import Path

import pytest

from commonground.formats import SignUps, Vocabulary, read_schools
from commonground.tables import csv_bytes, read_table, xlsx_bytes

HEADER = ["name", "sector", "latitude", "longitude", "focus_areas", "needs", "strengths"]
ALDER = ["Alder", "district", 36.75, -119.78, "Literacy; STEAM", "attendance; writing:2", "mathematics"]
BIRCH = ["Birch", "Charter", 36.80, -119.70, "steam", "mathematics", "Attendance"]


def sign_up(*rows, header=HEADER, **options) -> SignUps:
    return read_schools(read_table(csv_bytes(header, rows), name="schools.csv"), **options)


def said(result: SignUps) -> list[str]:
    return [str(problem) for problem in result.problems]


def codes(result: SignUps) -> list[str]:
    return [problem.code for problem in result.problems]


def many(*extra):
    """Ten schools around Fresno, and the rows in question."""
    near = [["School " + str(k), "district", 36.7 + k / 100, -119.8 + k / 90, "literacy", "", ""] for k in range(10)]
    return sign_up(*near, *extra)


class TestWhatARowSays:
    def test_a_row_becomes_a_member(self):
        result = sign_up(ALDER, BIRCH)
        assert result.problems == ()
        alder, birch = result.members
        assert (alder.id, alder.sector, alder.latitude) == ("alder", "district", 36.75)
        assert alder.areas == ("Literacy", "STEAM")
        assert alder.needs == {"attendance": 1.0, "writing": 2.0}
        assert birch.sector == "charter"

    def test_one_spelling_counts_whoever_typed_it(self):
        alder, birch = sign_up(ALDER, BIRCH).members
        assert birch.areas == ("STEAM",)
        assert birch.strengths == {"attendance": 1.0}
        assert alder.strengths == {"mathematics": 1.0}

    def test_everything_optional_is_read(self):
        header = [*HEADER, "id", "lea", "grades", "locale", "enrollment", "readiness", "languages", "travel_limit"]
        result = sign_up(
            [*ALDER, "CA-1", "Fresno Unified", "K-8", "21", "1,204", "0.5", "Spanish|Hmong", 30], header=header
        )
        assert result.problems == ()
        (alder,) = result.members
        assert (alder.id, alder.lea, alder.locale, alder.enrollment) == ("CA-1", "Fresno Unified", "suburb", 1204)
        assert alder.grade_bands == {"elementary", "middle"}
        assert (alder.readiness, alder.travel_limit, alder.languages) == (0.5, 30.0, {"Spanish", "Hmong"})

    @pytest.mark.parametrize(
        ("stated", "bands"),
        [
            ("K-5", {"elementary"}),
            ("PK – 12", {"elementary", "middle", "high"}),
            ("9-12", {"high"}),
            ("06 to 08", {"middle"}),
            ("KG", {"elementary"}),
            ("middle; high", {"middle", "high"}),
        ],
    )
    def test_grades_are_read_as_people_write_them(self, stated, bands):
        (member,) = sign_up([*ALDER, stated], header=[*HEADER, "grades"]).members
        assert member.grade_bands == bands

    def test_partners_are_known_by_name_or_id_and_strangers_are_noted(self):
        header = [*HEADER, "worked_well_with", "worked_badly_with"]
        result = sign_up([*ALDER, "Birch; Old Oak", ""], [*BIRCH, "", "alder"], header=header)
        alder, birch = result.members
        assert (alder.good_with, birch.bad_with) == ({"birch"}, {"alder"})
        assert [note.code for note in result.notes] == ["unknown_partner"]
        assert result.problems == ()

    def test_two_schools_of_one_name_at_two_places_are_two(self):
        other = ["Alder", "charter", 36.4, -119.3, "literacy", "", ""]
        assert [member.id for member in sign_up(ALDER, other).members] == ["alder", "alder-3"]

    def test_the_same_table_as_a_spreadsheet_gives_the_same_members(self):
        table = read_table(xlsx_bytes({"Schools": (HEADER, [ALDER, BIRCH])}))
        assert read_schools(table).members == sign_up(ALDER, BIRCH).members


class TestWhatIsWrong:
    def test_all_slips_are_reported_at_once_with_their_places(self):
        header = [*HEADER, "enrollment", "locale", "grades", "readiness"]
        result = sign_up(
            ["", "district", 36.7, -119.7, "literacy", "", "", "many", "", "", ""],
            ["Birch", "chater", "abc", -119.7, "", "writing:0", "", 10.5, "moon", "K-20", 3],
            header=header,
        )
        assert said(result) == [
            "schools.csv, row 2, column “name”: This cell must not be empty.",
            "schools.csv, row 2, column “enrollment”: “many” is not a whole number of 0 or more.",
            "schools.csv, row 3, column “sector”: “chater” is not a sector. Use district, charter or private.",
            "schools.csv, row 3, column “focus_areas”: Birch names no focus area. Every school needs at least one, "
            "first choice first.",
            "schools.csv, row 3, column “latitude”: “abc” is not a number.",
            "schools.csv, row 3, column “locale”: “moon” is not a locale. Use city, suburb, town or rural, or an NCES "
            "locale code.",
            "schools.csv, row 3, column “needs”: “writing:0” is not a topic with an importance. Write the topic alone, "
            "or topic:2.",
            "schools.csv, row 3, column “grades”: “K-20” are not grades. Write a range such as K-5, or elementary, "
            "middle or high.",
            "schools.csv, row 3, column “enrollment”: “10.5” is not a whole number of 0 or more.",
            "schools.csv, row 3, column “readiness”: 3 is not between 0 and 1.",
        ]

    def test_an_unknown_column_is_named_with_what_was_meant(self):
        header = ["name", "sectr", *HEADER[2:]]
        assert said(sign_up(ALDER, header=header))[0] == (
            "schools.csv, row 1, column “sectr”: This column is not known. Did you mean “sector”?"
        )

    def test_a_file_that_is_no_table_gives_its_own_problem(self):
        result = read_schools(read_table("name\nPeña\n".encode("latin-1"), name="schools.csv"))
        assert codes(result) == ["encoding"]

    def test_an_id_twice_and_a_school_twice_are_found(self):
        header = [*HEADER, "id"]
        result = sign_up([*ALDER, "1"], [*BIRCH, "1"], [*ALDER, "2"], header=header)
        assert [(p.code, p.row) for p in result.problems] == [("same_id", 3), ("same_school", 4)]

    def test_a_closed_list_of_focus_areas_suggests_the_nearest(self):
        result = sign_up(ALDER, areas=Vocabulary(["Literacy", "STEM"]))
        assert said(result) == [
            "schools.csv, row 2, column “focus_areas”: “STEAM” is not in the list of the rules. Did you mean “STEM”?"
        ]

    def test_a_round_without_areas_or_with_drive_times_asks_for_less(self):
        row = ["Alder", "district", "", "", "", "", ""]
        assert codes(sign_up(row)) == ["no_focus_area", "no_place"]
        assert codes(sign_up(row, need_area=False, need_place=False)) == []

    def test_half_a_place_is_never_enough(self):
        row = ["Alder", "district", 36.7, "", "literacy", "", ""]
        assert codes(sign_up(row, need_place=False)) == ["half_a_place"]


class TestPlaces:
    def test_swapped_numbers_are_recognized(self):
        result = many(["Alder", "district", -119.78, 36.75, "literacy", "", ""])
        assert [(p.code, p.row) for p in result.problems] == [("swapped", 12)]
        assert "Latitude and longitude look swapped" in result.problems[0].message

    def test_swapped_numbers_that_could_be_a_place_are_recognized_by_the_others(self):
        near = [["S" + str(k), "district", 42.3 + k / 100, -85.6 + k / 90, "literacy", "", ""] for k in range(10)]
        assert codes(sign_up(*near, ["Alder", "district", -85.6, 42.3, "literacy", "", ""])) == ["swapped"]
        near = [["S" + str(k), "district", 10 + k / 100, 45 + k / 90, "literacy", "", ""] for k in range(10)]
        assert codes(sign_up(*near, ["Alder", "district", 45, 10, "literacy", "", ""])) == ["swapped"]

    def test_swapped_columns_are_reported_once(self):
        rows = [["S" + str(k), "district", -119.8, 36.7 + k / 100, "literacy", "", ""] for k in range(5)]
        assert codes(sign_up(*rows)) == ["all_swapped"]

    def test_a_lost_minus_sign_is_recognized(self):
        (problem,) = many(["Alder", "district", 36.75, 119.78, "literacy", "", ""]).problems
        assert problem.code == "sign_lost"
        assert "36.75, -119.78 would be among the others" in problem.message

    @pytest.mark.parametrize(("latitude", "longitude"), [(0, 0), (36.0, -123.5), (40.0, -150.0)])
    def test_the_sea_is_recognized(self, latitude, longitude):
        assert codes(many(["Alder", "district", latitude, longitude, "literacy", "", ""])) == ["in_the_sea"]

    def test_the_poles_are_recognized(self):
        assert codes(many(["Alder", "district", -88, 95, "literacy", "", ""])) == ["no_school_there"]

    def test_a_place_far_from_all_others_is_noted_but_allowed(self):
        result = many(["Alder", "district", 40.7, -74.0, "literacy", "", ""])
        assert result.problems == ()
        assert [note.code for note in result.notes] == ["far_from_all"]

    def test_islands_and_piers_are_land(self):
        honolulu, avalon, mackinac = (21.3, -157.86), (33.34, -118.33), (45.85, -84.62)
        rows = [
            ["S" + str(k), "district", *place, "literacy", "", ""]
            for k, place in enumerate([honolulu, avalon, mackinac])
        ]
        assert codes(sign_up(*rows)) == []


@pytest.mark.public_data
@pytest.mark.parametrize("state", ["california", "michigan"])
def test_no_public_school_is_called_wrong(public_data: Path, state: str):
    table = read_table(public_data / "directory" / f"{state}_schools.csv")
    rows = [
        [f"{row['School Name']} {row.number}", "charter", row["Latitude"], row["Longitude"], "literacy", "", ""]
        for row in table.rows
        if row["Latitude"]
    ]
    result = sign_up(*rows)
    assert result.problems == ()
    assert len(result.members) == len(rows) > 3000
