"""Who does not know the true table begins at another one in whole numbers that fits, and finds what programs find."""

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonground.engines.disclosure.audit import Audit, audit
from commonground.engines.disclosure.audit import attack as attacking
from commonground.engines.disclosure.audit import whole as wholes
from commonground.engines.disclosure.audit.attack import attack
from commonground.engines.disclosure.audit.auditing import _needs, _Task, _tasks, _true_values
from commonground.engines.disclosure.audit.ground import Ground
from commonground.engines.disclosure.audit.narrowing import narrow
from commonground.engines.disclosure.audit.programs import Part, held, middle
from commonground.engines.disclosure.audit.reading import read_release
from commonground.engines.disclosure.audit.system import build
from commonground.engines.disclosure.audit.whole import whole_table
from commonground.engines.disclosure.protect import Settings, protect
from tests.engines.disclosure.audit.publishing import RACES, Cells, counts, publish, schools
from tests.engines.disclosure.audit.test_audit import figures as published
from tests.engines.disclosure.cities import city, figures

METRICS = ("enrollment", "absent", "suspended", "suspended_long")
LEAS = {"d1": ["s1", "s2", "s3", "s4"], "c1": ["s5", "s6"], "c2": ["s7", "s8", "s9"]}
ENTITIES = schools(LEAS)
NAMES = [(school, race) for members in LEAS.values() for school in members for race in RACES]
Cell = tuple[str, str, str]


def tasks_of(folder: Path, known: pa.Table | None = None) -> Iterator[_Task]:
    """The parts for one who does not know the true table; ``known`` only says what it is in them."""
    releases = [read_release(folder)]
    system, asked, codes = build(releases)
    narrow(system)
    true = _true_values(releases, system, codes, known)
    need = _needs(releases, system, asked, np.full(len(true), np.nan))
    return _tasks(system, Ground.of(codes), true, asked, need, False, 2000)


def fits(part: Part, table: np.ndarray) -> bool:
    """The definition, row by row."""
    rows = part.rows.toarray()
    within = all(
        low - 1e-6 <= sum(row * table) <= high + 1e-6
        for row, low, high in zip(rows, part.row_low, part.row_high, strict=True)
    )
    return within and all(
        low <= value <= high and value == round(value)
        for value, low, high in zip(table.tolist(), part.low, part.high, strict=True)
    )


def careless(seed: int) -> tuple[Cells, set[Cell]]:
    """A publisher who withholds small groups, and by chance some more: much follows by subtraction."""
    draw = random.Random(seed)
    totals = counts(ENTITIES, {name: int(90 * draw.random() ** 3) for name in NAMES})
    small = {key for key, count in totals.items() if 0 < count < 10}
    return totals, small | {key for key in sorted(totals) if key[0] != "city" and draw.random() < 0.3}


@given(st.integers(0, 2**30))
@settings(max_examples=25)
def test_a_table_in_whole_numbers_fits_every_row_and_all_bounds(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    folder = publish(tmp_path_factory.mktemp("whole"), ENTITIES, published(*careless(seed)))
    for task in tasks_of(folder):
        start = middle(task.part)
        assert start is not None
        table = whole_table(task.part, start)
        assert table is not None and fits(task.part, table)


TRUTH = figures(
    city(seed=7, sizes=(80, 45, 60, 35, 50, 40), leas=3, grades=("01", "02", "03")), metrics=METRICS, crossed=True
)


@pytest.fixture(scope="module")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city with rates by crossed groups and grades, whose tables have corners in fractions."""
    where = tmp_path_factory.mktemp("crossed") / "release"
    protect(TRUTH, Settings(), title="Whole", made="2025-10-01", seconds=2).publication.write(where)
    return where


def test_it_does_where_rates_and_crossed_groups_make_corners_in_fractions(crossed: Path) -> None:
    large = [task for task in tasks_of(crossed) if len(task.part.low) > 100]
    assert len(large) >= 2
    for task in large:
        start = middle(task.part)
        assert start is not None
        table = whole_table(task.part, start)
        assert table is not None and fits(task.part, table)


def test_what_stays_in_fractions_is_settled_in_whole_numbers(crossed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without rounding first, everything is left to the program in whole numbers."""
    monkeypatch.setattr(wholes, "ROUNDS", 0)
    for task in tasks_of(crossed):
        if len(task.part.low) < 800:
            start = middle(task.part)
            assert start is not None
            table = whole_table(task.part, start)
            assert table is not None and fits(task.part, table)


def test_there_is_none_where_none_fits(tmp_path: Path) -> None:
    for task in tasks_of(publish(tmp_path, ENTITIES, published(*careless(1)))):
        start = middle(task.part)
        assert start is not None
        task.part.row_low[:], task.part.row_high[:] = task.part.row_low + 0.5, task.part.row_high + 0.5
        assert whole_table(task.part, start) is None


def failed(found: Audit) -> dict[tuple[str, ...], tuple[str, float, float]]:
    return {(*one.key, one.part): (one.verdict, one.outer_low, one.outer_high) for one in found.failed}


@pytest.mark.parametrize("fractions", [False, True])
def test_from_there_a_careless_publisher_s_leaks_are_found_as_by_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fractions: bool
) -> None:
    """Also where no table in whole numbers is found, and the walk begins in fractions."""
    folders = [publish(tmp_path / str(seed), ENTITIES, published(*careless(seed))) for seed in range(16)]
    by_programs = [audit([folder], exact=True) for folder in folders]
    monkeypatch.setattr(attacking, "WALKED", (0, 0))
    if fractions:
        monkeypatch.setattr(attacking, "whole_table", lambda part, start: None)
    walked = [audit([folder]) for folder in folders]
    assert {one.verdict for found in walked for one in found.failed} == {"recovered", "under-protected"}
    for found, exact in zip(walked, by_programs, strict=True):
        assert failed(found) == failed(exact)
        ends = {(one.key, one.part): one for one in exact.findings}
        for one in found.findings:
            most = ends[one.key, one.part]
            assert most.outer_low <= one.low <= one.high <= most.outer_high


def test_leaks_among_rates_and_crossed_groups_are_found_as_by_programs(
    crossed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some of what was withheld is told after all."""
    draw, leaks = np.random.default_rng(4), 0
    for task in (one for one in tasks_of(crossed, TRUTH.figures) if len(one.part.low) < 600):
        part, need = task.part, task.need
        told = draw.random(len(part.low)) < 0.05
        told_part = replace(held(part, told, part.truth), truth=np.full(len(part.low), np.nan))
        bounds, shown = (part.low[part.asked], part.high[part.asked]), []
        for columns in (10**6, 100):
            monkeypatch.setattr(attacking, "WALKED", (columns, columns))
            reach = attack(told_part, need.enough, partial(need.goals, *bounds), False, 2000)
            assert reach is not None
            shown.append(need.enough(reach.low, reach.high))
        assert (shown[0] == shown[1]).all()
        leaks += int((~shown[0] & ~told[part.asked]).sum())
    assert leaks > 20, leaks


def test_where_programs_are_too_many_what_stands_near_shows_most_leaks_and_no_others(
    crossed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, found, missed = np.random.default_rng(4), 0, 0
    for task in (one for one in tasks_of(crossed, TRUTH.figures) if len(one.part.low) < 600):
        part, need = task.part, task.need
        told = replace(held(part, draw.random(len(part.low)) < 0.05, part.truth), truth=np.full(len(part.low), np.nan))
        reaches = []
        for work in (attacking.WORK, 0):
            monkeypatch.setattr(attacking, "WORK", work)
            reach = attack(
                told, need.enough, partial(need.goals, part.low[part.asked], part.high[part.asked]), False, 2000
            )
            assert reach is not None
            reaches.append(reach)
        full, near = reaches
        assert (near.outer_low <= full.outer_low).all() and (near.outer_high >= full.outer_high).all()
        leak, shown = (~need.enough(one.outer_low, one.outer_high) for one in reaches)
        assert not (shown & ~leak).any()
        found, missed = found + int(shown.sum()), missed + int((leak & ~shown).sum())
    assert found > missed
