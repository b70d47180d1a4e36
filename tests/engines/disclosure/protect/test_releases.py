"""Readers keep earlier releases: two together reveal no more than each alone."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from commonground.engines.disclosure.audit import audit
from commonground.engines.disclosure.protect import Settings, protect
from commonground.engines.disclosure.protect.settings import BANDS, Step
from commonground.engines.disclosure.publication import Publication
from commonground.engines.measures.figures import Figures
from tests.engines.disclosure.cities import City, city, figures

KEY = ("year", "metric", "level", "entity", "grade", "period", "group")


LENIENT = Settings(minimum=5, bands=(Step(5, 50), *BANDS[1:]), medians=(Step(5, 5),))


def publish(table: Figures, *earlier: Publication) -> Publication:
    result = protect(table, Settings(), title="Report", made="2025-10-01", seconds=1, earlier=earlier)
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
