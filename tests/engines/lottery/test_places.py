"""Public files of real places become programs without knowing any label; invented applicants follow the published counts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from commonground.engines.lottery.bundle.contents import table
from commonground.engines.lottery.draw import draw
from commonground.engines.lottery.files import PROGRAM_COLUMNS, InputError, program_rows, read_programs
from commonground.engines.lottery.model import SeatPool
from commonground.engines.lottery.places.compare import Compared, compare, totals
from commonground.engines.lottery.places.dc import PREFERENCES, RESULTS, read_dc
from commonground.engines.lottery.places.invent import ROUNDS, invent
from commonground.engines.lottery.places.nyc import DISABILITY, GENERAL, read_nyc
from commonground.engines.lottery.places.place import Place, Published, oldest_first
from commonground.engines.lottery.results import Result
from commonground.tables import xlsx_bytes

RESULT_HEADER = ("School Grade Code", "School Name", "Grade", "Lottery Year", "Seats", "Matches", "Waitlist Length")
PREFERENCE_HEADER = (
    "Lottery Year",
    "MSDC School Code",
    "School Name",
    "Grade",
    "Preference Order",
    "Preference Name",
    "Matches",
)
YEAR = "SY30-31"


def workbook(folder: Path, waitlist: object = 30) -> Path:
    """A place that nobody has seen before: its priorities and groups have names of their own."""
    results = [
        ("7 K", "Fern School", "K", YEAR, 20, 20, waitlist),
        ("70 K", "Fern School - River Families", "K", YEAR, 5, 5, 2),
        ("8 K", "Moss School", "K", YEAR, 30, 25, 0),
        ("9 1", "Moss School", 1, YEAR, 10, 4, 0),
    ]
    preferences = [
        (YEAR, 7, "Fern School", "K", 2, "2. Cousins + Friends", 4),
        (YEAR, 7, "Fern School", "K", 1, "1. River Families", 6),
        (YEAR, 7, "Fern School", "K", 99, "Anyone", 10),
        (YEAR, 70, "Fern School - River Families", "K", 1, "1. Cousins + Friends", 1),
        (YEAR, 8, "Moss School", "K", 99, "Anyone", 25),
    ]
    path = folder / "results.xlsx"
    path.write_bytes(
        xlsx_bytes(
            {
                "Notes": (("about",), [("x",)]),
                RESULTS: (RESULT_HEADER, results),
                PREFERENCES: (PREFERENCE_HEADER, preferences),
            }
        )
    )
    return path


def test_preferences_become_classes_and_designated_seats_a_pool(tmp_path: Path) -> None:
    place = read_dc(workbook(tmp_path))
    fern, moss, first = place.programs
    assert fern.classes == ("River Families", "Cousins Friends")
    assert fern.pools == (
        SeatPool("River Families", 5, "River Families", hard=True, classes=("Cousins Friends",)),
        SeatPool("open", 20),
    )
    assert (fern.seats, moss.seats, first.grade) == (25, 30, "1")
    assert place.published["7 K", "River Families"] == Published(5, 5, 2)
    assert dict(place.shares["7 K"])["River Families"] == 6 / 57


def test_a_count_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"results\.xlsx, row 2, column “Waitlist Length”: “about thirty” is not a count"
    ):
        read_dc(workbook(tmp_path, "about thirty"))


def test_a_workbook_without_the_sheets_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    path.write_bytes(xlsx_bytes({"Sheet1": (("a",), [("b",)])}))
    with pytest.raises(InputError, match="no sheet"):
        read_dc(path)


DIRECTORY = (
    "dbn,programcode1,admissionsmethod1,seats9ge1,grade9geapplicants1,seats9swd1,grade9swdapplicants1,"
    "admissionspriority11,admissionspriority21,pct11,pct21,programcode2,seats9ge2\n"
    "01X1,AA,Portfolio Screening,50,500,10,40,Priority to river children,Then to all,40% of offers,60% of offers,AB,N/A\n"
    "01X2,BA,Open,40,100,10,30,Priority to hill children for up to 50% of the seats,Then to all,,,,\n"
)


def test_a_wide_directory_becomes_programs_with_pools_for_both_kinds_of_seats(tmp_path: Path) -> None:
    (tmp_path / "directory.csv").write_text(DIRECTORY)
    first, second = read_nyc(tmp_path / "directory.csv").programs
    assert (first.name, first.school, first.seats, first.screened) == ("AA", "01X1", 60, True)
    assert first.classes == ("Priority to river children", "Then to all")
    assert [(pool.name, pool.seats, pool.hard) for pool in first.pools] == [
        (GENERAL, 50, True),
        (DISABILITY, 10, True),
    ]
    assert not second.screened
    aside = second.pools[0]
    assert (aside.seats, aside.group) == (20, f"Priority to hill children+not {DISABILITY}")


def test_seats_without_a_count_of_their_own_are_not_compared_with_zero(tmp_path: Path) -> None:
    (tmp_path / "directory.csv").write_text(DIRECTORY)
    place = read_nyc(tmp_path / "directory.csv")
    market = invent(place, 100, "board")
    compared = compare(Result(market, draw(market, "seed")), place.published)
    assert {(one.program, one.pool) for one in compared} == {
        (program, pool) for program in ("AA", "BA") for pool in (GENERAL, DISABILITY)
    }


def test_a_file_that_is_no_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "directory.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="dbn"):
        read_nyc(tmp_path / "directory.csv")


def test_grades_are_drawn_from_the_oldest_down() -> None:
    assert oldest_first(["K", "PK3", "9", "PK4", "12", "1"]) == ("12", "9", "1", "K", "PK4", "PK3")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return read_dc(workbook(tmp_path))


def test_invented_demand_follows_the_published_counts(place: Place) -> None:
    market = invent(place, 80, "board")
    compared = compare(Result(market, draw(market, "seed")), place.published)
    told, seen, _, _ = totals(compared)["matches"]
    assert seen == pytest.approx(told, rel=0.25)


def test_the_same_words_invent_the_same_applicants(place: Place) -> None:
    rounds: list[int] = []
    assert invent(place, 40, "board", rounds.append) == invent(place, 40, "board")
    assert invent(place, 40, "board") != invent(place, 40, "council")
    assert len(rounds) == ROUNDS


def test_invented_applicants_of_a_directory_follow_who_ranked_what(tmp_path: Path) -> None:
    """Each program's seats for students with disabilities have a demand of their own, far from one share for all."""
    (tmp_path / "directory.csv").write_text(DIRECTORY.replace("100,10,30", "100,10,300"))
    place = read_nyc(tmp_path / "directory.csv")
    market = invent(place, 930, "board")
    compared = {(c.program, c.pool): c for c in compare(Result(market, draw(market, "seed")), place.published)}
    told = {("AA", GENERAL): 500, ("AA", DISABILITY): 40, ("BA", GENERAL): 100, ("BA", DISABILITY): 300}
    assert {row: one.simulated for row, one in compared.items()} == pytest.approx(told, rel=0.2)


def test_a_gap_counts_as_a_difference_only_beyond_chance() -> None:
    assert not Compared("P", "open", "matches", 0, 5).differs
    assert not Compared("P", "open", "matches", 100, 130).differs
    assert Compared("P", "open", "matches", 100, 60).differs


def test_the_whole_published_workbook_becomes_programs(public_data: Path) -> None:
    place = read_dc(public_data / "enrollment" / "dc_lottery_results_2023-24.xlsx")
    assert len(place.published) == 1768
    assert sum(program.seats for program in place.programs) == 30_214
    assert sum(row.matches or 0 for row in place.published.values()) == 16_845
    assert sum(row.waiting or 0 for row in place.published.values()) == 33_269
    orders = {
        (at, name) for p in place.programs for pool in p.pools for at, name in enumerate(pool.classes or p.classes, 1)
    }
    assert len(orders) == 50, "with everyone else, the 51 published labels"


def test_the_whole_published_directory_becomes_programs(public_data: Path) -> None:
    place = read_nyc(public_data / "enrollment" / "nyc_high_school_directory_2021.csv")
    assert len(place.programs) == 715
    general = [pool for program in place.programs for pool in program.pools if pool.name != DISABILITY]
    assert sum(pool.seats for pool in general) == 51_839
    assert sum(row.asked or 0 for (_, pool), row in place.published.items() if pool == GENERAL) == 527_581


@pytest.mark.parametrize("read", [read_dc, read_nyc], ids=["dc", "nyc"])
def test_published_counts_find_their_seat_pools_again_in_the_market_that_is_read_back(
    read: Callable[[Path], Place], tmp_path: Path
) -> None:
    (tmp_path / "directory.csv").write_text(DIRECTORY)
    place = read(workbook(tmp_path) if read is read_dc else tmp_path / "directory.csv")
    (tmp_path / "programs.csv").write_bytes(table([c.name for c in PROGRAM_COLUMNS], program_rows(place.programs)))
    programs, _ = read_programs(tmp_path / "programs.csv")
    assert set(place.published) == {(program.name, pool.name) for program in programs for pool in program.pools}
