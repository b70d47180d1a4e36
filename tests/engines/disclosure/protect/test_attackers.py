"""Three attackers: one who tries every table, one who solves whole-number programs, and the auditor."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from commonground.engines.disclosure.audit import audit
from commonground.engines.disclosure.protect import Settings, protect
from commonground.engines.disclosure.protect.protecting import Protected
from commonground.engines.measures.figures import Figures
from tests.engines.disclosure.cities import City, Student, city, figures

Cell = tuple[str, str, str]  # level, entity, group
SETTINGS = Settings()


def protected(table: Figures) -> Protected:
    return protect(table, SETTINGS, title="Report", made="2025-10-01", seconds=1)


def told(result: Protected, metric: str) -> dict[Cell, dict[str, float]]:
    rows = (row for row in result.publication.figures.to_pylist() if row["metric"] == metric and row["grade"] == "all")
    return {(row["level"], row["entity"], row["group"]): row for row in rows}


def two_schools(counts: list[int], absent: list[int]) -> City:
    """Two schools of one LEA with three groups each."""
    places = list(product(("s1", "s2"), ("asian", "black", "white")))
    students = tuple(
        Student(school, "01", race, "no", at < away, False, False)
        for (school, race), count, away in zip(places, counts, absent, strict=True)
        for at in range(count)
    )
    return City({"s1": ("L1", "district"), "s2": ("L1", "district")}, students)


def needed(value: int, most: float = np.inf) -> tuple[float, float]:
    distance = max(3, int(np.ceil(0.3 * value - 1e-9)))
    return max(0, value - distance), min(most, value + distance)


@settings(max_examples=8)
@given(st.lists(st.integers(1, 30), min_size=6, max_size=6))
def test_who_tries_every_table_cannot_tell_how_small_a_group_is(counts: list[int]) -> None:
    """Every table of six numbers that fits what is told: those that are told are as told, the others may be anything."""
    result = protected(figures(two_schools(counts, [0] * 6), metrics=("enrollment",)))
    known = told(result, "enrollment")
    cells = [("school", school, f"race:{race}") for school, race in product(("s1", "s2"), ("asian", "black", "white"))]
    tables = np.array(list(_tables(cells, counts, known)))
    for at, value in enumerate(counts):
        if value < 10:
            assert known[cells[at]]["status"] == "withheld"
            low, high = needed(value)
            assert tables[:, at].min() <= low
            assert tables[:, at].max() >= high


def _tables(cells: list[Cell], counts: list[int], known: dict[Cell, dict[str, float]]) -> Iterator[tuple[int, ...]]:
    """Numbers near the true ones (near enough to show what is asked) that fit everything told."""
    ranges = [
        [count] if known[cell]["low"] is not None else [*range(max(0, count - 5), count), *range(count, count + 6)]
        for cell, count in zip(cells, counts, strict=True)
    ]
    for table in product(*ranges):
        if all(_fits(known.get(cell), total) for cell, total in _totals(table)):
            yield table


def _totals(table: tuple[int, ...]) -> Iterator[tuple[Cell, int]]:
    yield ("school", "s1", "all"), sum(table[:3])
    yield ("school", "s2", "all"), sum(table[3:])
    for at, race in enumerate(("asian", "black", "white")):
        yield ("lea", "L1", f"race:{race}"), table[at] + table[at + 3]
        yield ("sector", "district", f"race:{race}"), table[at] + table[at + 3]
        yield ("city", "city", f"race:{race}"), table[at] + table[at + 3]
    for place in (("lea", "L1"), ("sector", "district"), ("city", "city")):
        yield (*place, "all"), sum(table)


def _fits(row: dict[str, float] | None, value: int) -> bool:
    return row is None or row["low"] is None or row["low"] <= value <= row["high"]


@settings(max_examples=10)
@given(st.lists(st.integers(1, 120), min_size=6, max_size=6), st.data())
def test_who_solves_programs_cannot_tell_small_numbers_behind_rates(counts: list[int], data: st.DataObject) -> None:
    """Students and students counted of the six groups, in whole numbers, under everything told of them and their sums."""
    absent = [data.draw(st.integers(0, count)) for count in counts]
    result = protected(figures(two_schools(counts, absent), metrics=("absent",)))
    assert result.exposed == ()
    known = told(result, "absent")
    cells = [("school", school, f"race:{race}") for school, race in product(("s1", "s2"), ("asian", "black", "white"))]
    for at, (count, away) in enumerate(zip(counts, absent, strict=True)):
        row = known[cells[at]]
        if count < 10:
            assert row["students_low"] is None
            _assert_reaches(known, at, needed(count))
        exact = row["students_low"] is not None and row["students_low"] == row["students_high"]
        if min(away, count - away) < 10 and (exact or count >= 10):
            smaller = min(away, count - away)
            distance = max(3, int(np.ceil(0.3 * smaller)))
            _assert_reaches(known, at + 6, (max(0, away - distance), min(count, away + distance)))


def _assert_reaches(known: dict[Cell, dict[str, float]], variable: int, interval: tuple[float, float]) -> None:
    matrix, low, high = _program(known)
    for sign, end in ((1, interval[0]), (-1, interval[1])):
        cost = np.zeros(12)
        cost[variable] = sign
        solution = milp(
            cost, constraints=LinearConstraint(matrix, low, high), integrality=np.ones(12), bounds=Bounds(0, 2000)
        )
        assert solution.success
        assert sign * round(solution.x[variable]) <= sign * end


def _program(known: dict[Cell, dict[str, float]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows: list[np.ndarray] = []
    bounds: list[tuple[float, float]] = []
    unit = np.eye(6)
    sums = [(cell, np.asarray(unit.T @ np.array(_member(cell)))) for cell in known]
    for cell, member in sums:
        row = known[cell]
        none = np.zeros(6)
        rows.append(np.concatenate([-member, member]))  # no more counted than there are
        bounds.append((-np.inf, 0))
        if row["students_low"] is not None:
            rows.append(np.concatenate([member, none]))
            bounds.append((row["students_low"], row["students_high"]))
        if row["low"] is not None:
            rows += [np.concatenate([-row["low"] * member, member]), np.concatenate([-row["high"] * member, member])]
            bounds += [(0, np.inf), (-np.inf, 0)]
    return np.array(rows), np.array([low for low, _ in bounds]), np.array([high for _, high in bounds])


def _member(cell: Cell) -> list[float]:
    """Which of the six groups make up a cell."""
    level, entity, group = cell
    places = product(("s1", "s2"), ("race:asian", "race:black", "race:white"))
    inside = lambda school, race: (level != "school" or school == entity) and (group in ("all", race, "disability:no"))  # noqa: E731
    return [float(inside(school, race)) for school, race in places]


@pytest.mark.parametrize(
    ("seed", "sizes", "leas", "crossed"),
    [
        (1, (60, 40, 55, 30, 25), 3, False),
        (2, (90, 120), 2, True),
        (3, (12, 9, 30), 1, False),
        (4, (250, 60, 80, 45), 2, True),
        (5, (400, 380, 20), 3, False),
        (6, (35,), 1, True),
    ],
)
def test_the_auditor_who_knows_the_truth_finds_every_small_number_protected(
    tmp_path: Path, seed: int, sizes: tuple[int, ...], leas: int, crossed: bool
) -> None:
    metrics = ("enrollment", "absent", "suspended", "suspended_long")
    table = figures(city(seed, sizes, leas, races=("black", "hispanic", "white")), metrics=metrics, crossed=crossed)
    result = protected(table)
    assert result.exposed == ()
    result.publication.write(tmp_path / "data")
    found = audit([tmp_path / "data"], truth=table.figures)
    assert list(found.failed) == []
    assert found.withheld > 0


SPANS = (("03", "04", "05"), ("06", "07", "08"), ("10",), ("03", "10"))


def schools_of_different_grades(seed: int) -> City:
    """Nobody in one sector or the other may be in some grade; few schools share one."""
    drawn = city(seed, (150, 90, 60, 120, 45, 70, 110, 35), 4)
    span = {school: SPANS[(at + seed) % len(SPANS)] for at, school in enumerate(drawn.schools)}
    students = (
        replace(one, grade=span[one.school][at % len(span[one.school])]) for at, one in enumerate(drawn.students)
    )
    return replace(drawn, students=tuple(students))


@pytest.mark.parametrize("seed", range(1, 7))
def test_nothing_can_be_worked_out_where_schools_serve_different_grades(tmp_path: Path, seed: int) -> None:
    table = figures(schools_of_different_grades(seed), metrics=("enrollment", "absent", "suspended"), crossed=True)
    protected(table).publication.write(tmp_path / "data")
    found = audit([tmp_path / "data"], truth=table.figures)
    assert list(found.failed) == []
    assert found.shown > 100
