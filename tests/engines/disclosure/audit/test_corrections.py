"""Two reports of one year, the later with corrected data: what an outsider works out from both, against every table."""

from collections.abc import Iterable
from itertools import product
from pathlib import Path

import pyarrow as pa
import pytest

from commonground.engines.disclosure.audit import Audit, AuditError, audit

from .publishing import HIDDEN, RACES, Cells, counts, publish, row, schools, shown, truth

ENTITIES = schools({"d1": ["s1", "s2"], "c1": ["s3"]})
CELLS = {
    ("s1", "race:asian"): 4, ("s1", "race:black"): 60, ("s1", "race:white"): 30,
    ("s2", "race:asian"): 20, ("s2", "race:black"): 7, ("s2", "race:white"): 50,
    ("s3", "race:asian"): 12, ("s3", "race:black"): 80, ("s3", "race:white"): 33,
}  # fmt: skip
SQUARE = {("school", school, race) for school in ("s1", "s2") for race in ("race:asian", "race:black")}
DAY = "2026-10-01"
Cell = tuple[str, str, str]


def corrected(**more: int) -> Cells:
    """All totals when ``s1_black=12`` more students, and so on, are counted."""
    cells = dict(CELLS)
    for name, by in more.items():
        school, race = name.split("_")
        cells[school, f"race:{race}"] += by
    return counts(ENTITIES, cells)


def both(folder: Path, now: Cells, anew: Iterable[Cell]) -> list[Path]:
    """The first report, and one that tells the cells ``anew`` and lets all others stand."""
    old, marked = counts(ENTITIES, CELLS), set(anew)

    def told(key: Cell) -> dict[str, object]:
        return HIDDEN if key in SQUARE else shown(old[key])

    first = [row(*key, **told(key)) for key in old]
    second = [row(*key, **(shown(now[key]) | {"corrected": DAY} if key in marked else told(key))) for key in old]
    return [
        publish(folder / "second", ENTITIES, second, made=DAY),
        publish(folder / "first", ENTITIES, first, made="2025-10-01"),
    ]


def failed(found: Audit) -> dict[tuple[str, str], tuple[str, float, float]]:
    return {(f.key[3], f.key[6]): (f.verdict, f.low, f.high) for f in found.failed}


def places(school: str, lea: str, group: str) -> list[Cell]:
    sector = "district" if lea.startswith("d") else "charter"
    return [("school", school, group), ("lea", lea, group), ("sector", sector, group), ("city", "city", group)]


def test_one_student_more_is_seen_where_both_reports_tell_the_number(tmp_path: Path) -> None:
    anew = [*places("s3", "c1", "all"), *places("s3", "c1", "race:black")]
    found = failed(audit(both(tmp_path, corrected(s3_black=1), anew)))
    assert found["s3", "race:black"] == ("recovered", 81, 81)


def test_a_small_correction_is_seen_between_a_large_one_and_their_total(tmp_path: Path) -> None:
    """Of two schools one is told to have 50 more, their LEA 51 more."""
    anew = [("school", "s1", "all"), ("lea", "d1", "all")]
    found = failed(audit(both(tmp_path, corrected(s1_white=50, s2_white=1), anew)))
    assert found["s2", "all"] == ("recovered", 78, 78)


def test_a_small_correction_is_seen_beside_the_other_groups_of_the_school(tmp_path: Path) -> None:
    anew = [("school", "s3", "all"), ("school", "s3", "race:black"), ("school", "s3", "race:white")]
    found = failed(audit(both(tmp_path, corrected(s3_black=40, s3_white=30, s3_asian=2), anew)))
    assert found["s3", "race:asian"] == ("recovered", 14, 14)


def test_who_believes_that_other_schools_did_not_change_sees_it_as_well(tmp_path: Path) -> None:
    """Withheld figures of the other school, which did not change, would hide a correction from nobody."""
    now = corrected(s1_white=5, s1_black=30, s3_white=20)
    anew = [("school", "s1", "all"), ("school", "s3", "race:white"), ("city", "city", "race:white")]
    found = failed(audit(both(tmp_path, now, anew)))
    assert found["s1", "race:white"] == ("recovered", 35, 35)


def test_totals_that_hold_the_corrections_told_and_no_others_say_nothing(tmp_path: Path) -> None:
    """A student more in the second school; the totals are told with the twenty of the third alone."""
    anew = [*places("s3", "c1", "all"), *places("s3", "c1", "race:white")]
    found = audit(both(tmp_path, corrected(s3_white=20), anew))
    assert found.ok
    assert found.withheld == len(SQUARE)


def test_the_corrected_report_alone_is_refused_with_what_to_add(tmp_path: Path) -> None:
    folders = both(tmp_path, corrected(s3_white=20), places("s3", "c1", "all"))
    with pytest.raises(AuditError, match="Name also the report that tells enrolled of 2025 as first published"):
        audit(folders[:1])


@pytest.mark.parametrize("more", [{"s1_black": 15, "s1_white": 12}, {"s1_black": 25, "s1_asian": 2}, {"s1_white": -18}])
def test_intervals_are_those_of_every_table_that_fits(tmp_path: Path, more: dict[str, int]) -> None:
    """All numbers of three groups whose sums are as told anew for the first school; nothing ties them to other places."""
    now = corrected(**more)
    anew = [key for group in ("all", "race:white") if abs(now[key := ("school", "s1", group)] - TOTALS[key]) >= 10]
    found = audit(both(tmp_path, now, anew), exact=True)
    tables = [table for table in product(range(130), repeat=3) if fits(table, now, anew)]
    intervals = {
        f.key[6]: (f.outer_low, f.outer_high)
        for f in found.findings
        if f.key[0].startswith(f"2025, corrected {DAY}") and f.key[3] == "s1" and f.key[6] != "all"
    }
    assert intervals
    for group, ends in intervals.items():
        values = [table[RACES.index(group)] for table in tables]
        assert ends[0] == min(values)
        assert min(ends[1], 129) == max(values)


TOTALS = counts(ENTITIES, CELLS)


def fits(table: tuple[int, ...], now: Cells, anew: Iterable[Cell]) -> bool:
    known = {key[2]: now[key] for key in anew}
    mine = {"all": sum(table), **dict(zip(RACES, table, strict=True))}
    return all(mine[group] == number for group, number in known.items())


def unseen(folder: Path, cells: Cells, hidden: set[Cell]) -> tuple[Path, Path, pa.Table]:
    """Two reports that tell the same, and the truth since: in each school two students are in another group."""
    totals = counts(ENTITIES, cells)
    rows = [row(*key, **(HIDDEN if key in hidden else shown(count))) for key, count in totals.items()]
    moved = {("s1", "race:asian"): -2, ("s1", "race:black"): 2, ("s2", "race:asian"): 2, ("s2", "race:black"): -2}
    since = counts(ENTITIES, {key: count + moved.get(key, 0) for key, count in cells.items()})
    return publish(folder / "second", ENTITIES, rows, made=DAY), publish(folder / "first", ENTITIES, rows), truth(since)


def test_of_a_correction_that_nothing_shows_only_what_is_added_counts(tmp_path: Path) -> None:
    """7 students kept 3 .. 27 and needed 4 .. 10; of 5, who would need 2 .. 8, readers of the first report know no more."""
    second, first, since = unseen(tmp_path, CELLS, SQUARE)
    assert failed(audit([second], truth=since))["s2", "race:black"][0] == "under-protected"
    assert audit([second, first], truth=since).ok


def test_an_interval_that_is_wide_enough_for_no_number_fails_whoever_told_it(tmp_path: Path) -> None:
    cells = dict(CELLS) | {("s2", "race:asian"): 1, ("s1", "race:black"): 3}
    second, first, since = unseen(tmp_path, cells, SQUARE)
    assert ("s2", "race:black") in failed(audit([second, first], truth=since))


def test_what_the_second_report_adds_counts(tmp_path: Path) -> None:
    """The first one left out the totals of the district and its sector, the second tells them."""
    second, _, since = unseen(tmp_path, CELLS, SQUARE)
    kept = [row(*key, **(HIDDEN if key in SQUARE else shown(n))) for key, n in counts(ENTITIES, CELLS).items()]
    kept = [one for one in kept if one["level"] == "school"]
    first = publish(tmp_path / "schools", ENTITIES, kept)
    assert failed(audit([second, first], truth=since))["s2", "race:black"][0] == "under-protected"
