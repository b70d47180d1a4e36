"""Drive times come as a square table or as a list of pairs, and every pair of schools needs one."""

import numpy as np

from commonground.engines.formation import Member
from commonground.formats import read_drive_times
from commonground.tables import read_table

MEMBERS = tuple(Member(id=str(k), name=name, sector="district") for k, name in enumerate(["Alder", "Birch", "Cedar"]))


def read(text: str):
    return read_drive_times(read_table(text.encode(), name="times.csv"), MEMBERS)


def test_a_square_table_is_read_by_name_or_id_and_the_longer_way_counts():
    travel, problems = read("school,Alder,1,Cedar\nAlder,,12,30.5\nBirch,15,,none\n2,30,none,0\n")
    assert problems == ()
    assert travel is not None
    assert travel.unit == "min"
    assert travel.matrix(MEMBERS, MEMBERS).tolist() == [[0, 15, 30.5], [15, 0, np.inf], [30.5, np.inf, 0]]


def test_a_list_of_pairs_in_one_direction_is_enough():
    travel, problems = read("From,To,Minutes\nalder,birch,12\nalder,cedar,30\ncedar,birch,20\nalder,elsewhere,5\n")
    assert problems == ()
    assert travel is not None
    assert travel.matrix(MEMBERS[1:2], MEMBERS).tolist() == [[12, 0, 20]]


def test_gaps_and_nonsense_are_named():
    _, problems = read("from,to,minutes\nalder,birch,soon\nalder,cedar,-3\n")
    assert [(p.code, p.row) for p in problems] == [
        ("table_gap", None),
        ("table_gap", None),
        ("table_gap", None),
        ("not_a_number", 2),
        ("not_a_number", 3),
    ]
    assert problems[0].message == (
        "There is no drive time from Alder to Birch. Fill it in, or write “none” for no way."
    )


def test_a_school_that_is_only_a_row_is_named():
    _, problems = read("school,Alder,Birch\nAlder,,12\nBirch,12,\nCedar,30,30\n")
    assert "“Cedar” is only a row" in problems[0].message
    assert problems[0].code == "table_not_square"
