"""Readers keep earlier releases: two together reveal no more than each alone."""

import random
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from commonground.engines.disclosure.audit import audit
from commonground.engines.disclosure.protect import ProtectionError, Settings, protect
from commonground.engines.disclosure.protect.settings import BANDS, Step
from commonground.engines.disclosure.publication import Publication
from commonground.engines.measures.figures import Figures
from tests.engines.disclosure.cities import RACES, City, Student, city, figures

KEY = ("year", "metric", "level", "entity", "grade", "period", "group")


LENIENT = Settings(minimum=5, bands=(Step(5, 50), *BANDS[1:]), medians=(Step(5, 5),))


def publish(table: Figures, *earlier: Publication) -> Publication:
    made = f"{2025 + len(earlier)}-10-01"
    result = protect(table, Settings(), title="Report", made=made, seconds=1, earlier=earlier)
    assert result.exposed == ()
    return result.publication


def rows(release: Publication) -> dict[tuple[str, ...], dict[str, object]]:
    return {tuple(row[name] for name in KEY): row for row in release.figures.to_pylist()}


def with_one_more(where: City) -> City:
    return replace(where, students=(*where.students, where.students[0]))


def passes(tmp_path: Path, table: Figures, *releases: Publication) -> bool:
    folders = []
    for at, release in enumerate(releases):
        release.write(tmp_path / str(at))
        folders.append(tmp_path / str(at))
    return audit(folders, truth=table.figures).ok


def test_the_same_figures_are_told_the_same_way_again() -> None:
    table = figures(city(7))
    first = publish(table)
    again = publish(table, first)
    assert again.figures.equals(first.figures)
    assert len(again.manifest.earlier) == 1


def test_a_second_year_beside_the_first_reveals_nothing_of_it(tmp_path: Path) -> None:
    first = figures(city(7), "2024")
    both = replace(first, figures=pa.concat_tables([first.figures, figures(city(8), "2025").figures]))
    old = publish(first)
    new = publish(both, old)
    assert {key: row for key, row in rows(new).items() if key[0] == "2024"} == rows(old)
    assert passes(tmp_path, both, new, old)


def test_what_an_earlier_release_withheld_stays_withheld() -> None:
    """A group that grows to the minimum by a correction would tell what it was before."""
    where = city(9, sizes=(60, 50, 70))
    first = figures(where)
    old = publish(first)
    new = publish(figures(with_one_more(where)), old)
    withheld = {key for key, row in rows(old).items() if row["status"] == "withheld"}
    assert withheld
    assert all(rows(new)[key]["status"] == "withheld" for key in withheld)


def test_releases_with_different_metrics_pass_the_auditor_together(tmp_path: Path) -> None:
    """The first release tells students of all schools, the second rates of the same children."""
    where = city(10, sizes=(80, 45, 60, 35), leas=2)
    old = publish(figures(where, metrics=("enrollment", "suspended")))
    table = figures(where, metrics=("enrollment", "absent", "suspended"))
    assert passes(tmp_path, table, publish(table, old), old)


def test_a_release_that_withheld_less_does_not_help() -> None:
    """Another minimum before: what was told is told again, and the rest is protected as far as that allows."""
    table = figures(city(12, sizes=(90, 80, 70)), metrics=("enrollment",))
    lenient = protect(table, LENIENT, title="Report", made="2025-10-01", seconds=1).publication
    result = protect(table, Settings(), title="Report", made="2025-10-01", seconds=1, earlier=[lenient])
    now, before = rows(result.publication), rows(lenient)
    small = [key for key, row in before.items() if row["status"] == "exact" and 0 < row["low"] < 10]  # type: ignore[operator]
    assert small
    assert all(now[key]["status"] == "withheld" for key in small)


MEASURED = ("enrollment", "absent", "suspended")
CORRECTIONS = ("came", "left", "other race", "absent", "many came", "school closed", "school opened")


def corrected(where: City, what: str, draw: random.Random) -> City:
    """One correction of the records of a city."""
    students, schools = list(where.students), dict(where.schools)
    at = draw.randrange(len(students))
    if what == "came":
        students.append(students[at])
    elif what == "left":
        del students[at]
    elif what == "other race":
        students[at] = replace(students[at], race=draw.choice(RACES))
    elif what == "absent":
        students[at] = replace(students[at], absent=not students[at].absent)
    elif what == "many came":
        students += [replace(students[at], race=draw.choice(RACES[:2])) for _ in range(draw.randint(12, 60))]
    elif what == "school closed" and len({one.school for one in students}) > 1:
        students = [one for one in students if one.school != students[at].school]
    elif what == "school opened":
        schools[f"n{len(schools)}"] = draw.choice(sorted(set(schools.values())))
        students += [replace(draw.choice(students), school=f"n{len(schools) - 1}") for _ in range(draw.randint(8, 90))]
    return City(schools, tuple(students))


@settings(max_examples=12)
@given(
    st.integers(0, 1000),
    st.lists(st.integers(15, 130), min_size=2, max_size=5),
    st.lists(st.lists(st.sampled_from(CORRECTIONS), min_size=1, max_size=4), min_size=1, max_size=2),
)
@example(seed=266, sizes=[100, 24], rounds=[["left"]])  # nothing that is told shows that one left
def test_two_and_three_releases_of_corrected_data_pass_the_auditor_together(
    tmp_path_factory: pytest.TempPathFactory, seed: int, sizes: list[int], rounds: list[list[str]]
) -> None:
    draw, where = random.Random(seed), city(seed, sizes, leas=2)
    releases = [publish(figures(where, metrics=MEASURED))]
    for corrections in rounds:
        for what in corrections:
            where = corrected(where, what, draw)
        table = figures(where, metrics=MEASURED)
        made = f"{2025 + len(releases)}-10-01"
        result = protect(table, Settings(), title="Report", made=made, seconds=1, earlier=releases)
        releases.append(result.publication)
        assert passes(tmp_path_factory.mktemp("releases"), table, *reversed(releases))


def test_one_student_more_changes_nothing_that_is_told() -> None:
    """Otherwise whoever has both reports knows the groups of that student."""
    where = city(7)
    old = publish(figures(where, metrics=MEASURED))
    new = publish(figures(with_one_more(where), metrics=MEASURED), old)
    assert new.figures.equals(old.figures)


def grown(where: City, school: str, **groups: int) -> City:
    """So many more students of each race in a school, none with a disability."""
    more = (Student(school, "01", race, "no", False, False, False) for race, n in groups.items() for _ in range(n))
    return replace(where, students=(*where.students, *more))


def test_a_large_correction_is_told_with_its_day_and_small_ones_beside_it_are_not() -> None:
    where = city(3, sizes=(90, 80, 70), races=("black", "hispanic", "white", "asian"))
    old = publish(figures(where, metrics=("enrollment",)))
    new = publish(figures(grown(where, "s000", black=40, white=3, asian=2), metrics=("enrollment",)), old)
    changed = {key: row for key, row in rows(new).items() if row["corrected"]}
    assert {row["corrected"] for row in changed.values()} == {"2026-10-01"}
    assert {key[6] for key in changed} <= {"all", "race:black", "disability:no"}
    assert {key: row for key, row in rows(new).items() if key not in changed} == {
        key: row for key, row in rows(old).items() if key not in changed
    }
    assert rows(new)["2025", "enrollment", "school", "s000", "all", "year", "all"]["low"] == 90 + 45


def test_totals_grow_by_the_corrections_told_and_not_by_others() -> None:
    """A student more in another school would be the difference between the city and the first school."""
    where = city(3, sizes=(90, 80, 70))
    old = publish(figures(where, metrics=("enrollment",)))
    more = replace(where, students=(*where.students, next(one for one in where.students if one.school == "s001")))
    new = publish(figures(grown(more, "s000", black=40, white=30), metrics=("enrollment",)), old)
    everybody = [
        rows(one)["2025", "enrollment", *place, "all", "year", "all"]["low"]
        for one in (old, new)
        for place in (("school", "s000"), ("city", "city"))
    ]
    assert everybody == [90, 240, 160, 310]


def test_a_year_can_be_told_as_before_whatever_was_corrected() -> None:
    where = city(3, sizes=(90, 80, 70))
    old = publish(figures(where, metrics=MEASURED))
    table = figures(grown(where, "s000", black=40, white=30), metrics=MEASURED)
    new = protect(table, Settings(), title="Report", made="2026-10-01", earlier=[old], as_before=["2025"]).publication
    assert new.figures.equals(old.figures)


def test_a_correction_on_the_day_of_the_first_release_is_refused() -> None:
    """Nobody could tell which of the two holds."""
    where = city(3, sizes=(90, 80, 70))
    old = publish(figures(where, metrics=MEASURED))
    table = figures(grown(where, "s000", black=40, white=30), metrics=MEASURED)
    with pytest.raises(ProtectionError, match="Give it a later day with --made"):
        protect(table, Settings(), title="Report", made="2025-10-01", earlier=[old])


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("first", [("enrollment",), ("enrollment", "suspended"), ("absent", "suspended")])
def test_a_metric_that_is_new_in_a_corrected_year_adds_nothing(
    tmp_path: Path, first: tuple[str, ...], seed: int
) -> None:
    draw = random.Random(seed)
    where = city(seed, [draw.randint(20, 130) for _ in range(4)], leas=2)
    old = publish(figures(where, metrics=first))
    for what in ("many came", *draw.choices(CORRECTIONS, k=2)):
        where = corrected(where, what, draw)
    table = figures(where, metrics=MEASURED)
    result = protect(table, Settings(), title="Report", made="2026-10-01", seconds=1, earlier=[old])
    assert set(MEASURED) <= {key[1] for key in rows(result.publication)}
    assert passes(tmp_path, table, result.publication, old)


@pytest.mark.parametrize(
    ("seed", "sizes", "corrections"),
    [
        (2918, [46, 46, 62], ["other race", "left", "many came"]),
        (71940, [53, 43, 53, 43, 126], ["school opened", "other race", "school closed"]),
    ],
)
def test_where_corrections_give_too_much_away_the_earlier_figures_can_stand(
    tmp_path: Path, seed: int, sizes: list[int], corrections: list[str]
) -> None:
    """Three or five small schools: who believes that the others did not change sees too much of the one that did."""
    draw, where = random.Random(seed), city(seed, sizes, leas=2)
    old = publish(figures(where, metrics=MEASURED))
    for what in corrections:
        where = corrected(where, what, draw)
    table = figures(where, metrics=MEASURED)
    told, stands = (
        protect(
            table, Settings(), title="Report", made="2026-10-01", seconds=1, earlier=[old], as_before=years
        ).publication
        for years in ((), ("2025",))
    )
    assert not passes(tmp_path / "told", table, told, old)
    assert passes(tmp_path / "stands", table, stands, old)
