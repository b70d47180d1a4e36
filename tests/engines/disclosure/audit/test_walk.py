"""The walk, and programs near the table where it begins, show only what is possible, and nearly all of it."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import highspy
import numpy as np
import pytest

from commonground.engines.disclosure.audit import attack as attacking
from commonground.engines.disclosure.audit import audit
from commonground.engines.disclosure.audit import walk as walking
from commonground.engines.disclosure.audit.attack import attack
from commonground.engines.disclosure.audit.auditing import _needs, _Task, _tasks, _true_values
from commonground.engines.disclosure.audit.ground import Ground
from commonground.engines.disclosure.audit.narrowing import narrow
from commonground.engines.disclosure.audit.near import Near
from commonground.engines.disclosure.audit.programs import Part, model_of
from commonground.engines.disclosure.audit.reading import read_release
from commonground.engines.disclosure.audit.system import build
from commonground.engines.disclosure.audit.walk import Trail, Walk
from commonground.engines.disclosure.protect import Settings, protect
from tests.engines.disclosure.audit.publishing import counts, publish, truth
from tests.engines.disclosure.audit.test_audit import CELLS, ENTITIES, SQUARE
from tests.engines.disclosure.audit.test_audit import figures as published
from tests.engines.disclosure.cities import city, figures

METRICS = ("enrollment", "absent", "suspended", "suspended_long")
SMALL = city(seed=7, sizes=(80, 45, 60, 35, 50, 40), leas=3, grades=("01", "02", "03"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    table = figures(SMALL, metrics=METRICS, crossed=True)
    where = tmp_path_factory.mktemp("walk") / "release"
    protect(table, Settings(), title="Walk", made="2025-10-01", seconds=2).publication.write(where)
    return where


@pytest.fixture(scope="module")
def tasks(folder: Path) -> list[_Task]:
    """The larger parts of a small city's publication."""
    releases = [read_release(folder)]
    system, asked, codes = build(releases)
    narrow(system)
    true = _true_values(releases, system, codes, figures(SMALL, metrics=METRICS, crossed=True).figures)
    need = _needs(releases, system, asked, true)
    found = _tasks(system, Ground.of(codes), true, asked, need, False, 200)
    return [task for task in found if len(task.part.low) > 100]


def walked(task: _Task) -> tuple[Walk, Trail]:
    part = task.part
    walk = Walk(part.ground, part.kind, part.truth, part.rows, (part.low, part.high), (part.row_low, part.row_high))
    goals = task.need.goals(part.low[part.asked], part.high[part.asked], *[part.truth[part.asked]] * 2)
    return walk, walk.prove(part.asked, task.need.enough, *goals, part.apart)


def ends(part: Part, column: int) -> Iterator[float]:
    """The least and the most that a column can be, by a program of its own."""
    model = model_of(part)
    for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
        model.changeColCost(column, 1.0)
        model.changeObjectiveSense(sense)
        model.run()
        yield model.getInfo().objective_function_value
    model.changeColCost(column, 0.0)


def test_the_walk_ends_in_a_table_that_fits(tasks: list[_Task]) -> None:
    assert len(tasks) >= 2
    for task in tasks:
        walk, trail = walked(task)
        part, table = task.part, task.part.truth + walk.past.shift
        lines = part.rows @ table
        assert (lines >= part.row_low - 1e-6).all() and (lines <= part.row_high + 1e-6).all()
        assert (table >= part.low).all() and (table <= part.high).all()
        assert (trail.low <= part.truth).all() and (trail.high >= part.truth).all()
        assert (trail.high > trail.low).any()


def test_the_walk_shows_nothing_that_a_program_excludes(tasks: list[_Task]) -> None:
    for task in tasks:
        _, trail = walked(task)
        chosen = np.random.default_rng(3).choice(len(trail.low), 40, replace=False)
        for column in chosen.tolist():
            least, most = ends(task.part, column)
            assert least - 1e-6 <= trail.low[column] <= trail.high[column] <= most + 1e-6


def test_searches_alone_show_much_and_nothing_that_a_program_excludes(
    tasks: list[_Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"FEWEST": 0, "MOST": 0, "SEARCHES": (2, 6), "MOST_SEARCHES": 10**6, "SEARCHED": 10**6}.items():
        monkeypatch.setattr(walking, name, value)
    for task in tasks:
        walk, trail = walked(task)
        part, table, asked = task.part, task.part.truth + walk.past.shift, task.part.asked
        lines = part.rows @ table
        assert (lines >= part.row_low - 1e-6).all() and (lines <= part.row_high + 1e-6).all()
        assert (trail.low == np.round(trail.low)).all() and (trail.high == np.round(trail.high)).all()
        assert task.need.enough(trail.low[asked], trail.high[asked]).mean() > 0.5
        for column in np.random.default_rng(5).choice(len(trail.low), 40, replace=False).tolist():
            least, most = ends(part, column)
            assert least - 1e-6 <= trail.low[column] <= trail.high[column] <= most + 1e-6


def test_the_walk_leaves_little_to_programs(tasks: list[_Task]) -> None:
    shown = proven = 0
    for task in tasks:
        part, need = task.part, task.need
        _, trail = walked(task)
        bounds = part.low[part.asked], part.high[part.asked]
        reach = attack(part, need.enough, partial(need.goals, *bounds), False, 200)
        assert reach is not None
        shown += int(need.enough(trail.low[part.asked], trail.high[part.asked]).sum())
        proven += int(need.enough(reach.low, reach.high).sum())
    assert proven > 100
    assert 0.8 * proven <= shown <= proven


def test_a_push_near_the_table_takes_a_figure_as_far_as_a_program_of_its_own(tasks: list[_Task]) -> None:
    for task in tasks:
        part = task.part
        near = Near(part, part.truth)
        for column in np.random.default_rng(4).choice(part.asked, 20, replace=False).tolist():
            for end, way in zip(ends(part, column), (-1.0, 1.0), strict=True):
                wish = np.zeros(len(part.low))
                wish[column] = way * 1e6
                table = near.push(wish)
                assert table is not None and table[column] == pytest.approx(end, abs=1e-5)


def test_a_push_moves_few_other_figures_and_its_own_no_further_than_is_wished(tasks: list[_Task]) -> None:
    for task in tasks:
        part, column = task.part, int(task.part.asked[np.argmax(task.part.high[task.part.asked])])
        wish = np.zeros(len(part.low))
        wish[column] = 1.0
        table = Near(part, part.truth).push(wish)
        assert table is not None and table[column] == pytest.approx(part.truth[column] + 1)
        assert (np.abs(table - part.truth) > 1e-6).mean() < 0.2


def test_a_reader_who_does_not_know_the_truth_walks_from_a_table_that_fits(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attacking, "WALKED", (50, 50))
    known = audit([folder], truth=figures(SMALL, metrics=METRICS, crossed=True).figures)
    assert known.ok and audit([folder]).ok


def test_what_moves_too_little_stays_under_protected_after_a_walk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attacking, "WALKED", (0, 0))
    cells = CELLS | {("s1", "race:asian"): 8, ("s1", "race:black"): 1, ("s2", "race:asian"): 1, ("s2", "race:black"): 8}
    totals = counts(ENTITIES, cells)
    release = publish(tmp_path / "release", ENTITIES, published(totals, SQUARE))
    found = {(one.key[3], one.key[6]): one for one in audit([release], truth=truth(totals)).findings}
    eight = found["s1", "race:asian"]
    assert (eight.low, eight.high, eight.verdict) == (0, 9, "under-protected")
