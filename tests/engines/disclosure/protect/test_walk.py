"""Chance exchanges and tightened sums against linear programs over the same table."""

import numpy as np
import pyarrow.compute as pc
import pytest
from scipy.optimize import linprog

from commonground.engines.disclosure.protect import walk as walking
from commonground.engines.disclosure.protect.places import Adds, Floats, Names, Whole, complete
from commonground.engines.disclosure.protect.walk import Walk
from tests.engines.disclosure.cities import city, figures

ADDS = Adds(place=True, grade=True, period=False, group=True)


def table(seed: int) -> tuple[Names, Whole]:
    """A small city's numbers of students: schools, LEAs, sectors, two grades, crossed groups."""
    made = figures(city(seed, sizes=(40, 25, 30, 20), leas=2, grades=("01", "02")), crossed=True)
    rows = made.figures.filter(pc.equal(made.figures["metric"], "enrollment"))
    names = Names(rows, made.entities)
    return names, complete(names, names.cells(rows), np.asarray(rows["value"].to_numpy(), np.float64), ADDS)


def room(whole: Whole, seed: int) -> tuple[Floats, Floats]:
    """How far each cell may be from its number: some not at all, some a little, some far."""
    generator = np.random.default_rng(seed)
    down, up = (generator.choice([0.0, 2.0, 4.0, 30.0], len(whole.value), p=[0.05, 0.15, 0.3, 0.5]) for _ in range(2))
    return np.minimum(down, whole.value), up


def furthest(whole: Whole, down: Floats, up: Floats, cell: int, sign: int) -> float:
    """How far a program gets the cell from its number in the direction."""
    cost = np.zeros(len(down))
    cost[cell] = -sign
    relations = whole.relations
    found = linprog(cost, A_eq=relations, b_eq=np.zeros(relations.shape[0]), bounds=np.column_stack([-down, up]))
    assert found.status == 0
    return float(-found.fun)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_tightened_room_keeps_all_that_a_program_reaches(seed: int) -> None:
    names, whole = table(seed)
    down, up = room(whole, seed)
    less, more = Walk(names, whole, ADDS).tightened(down, up)
    assert (less <= down).all() and (more <= up).all()
    assert less.sum() + more.sum() < down.sum() + up.sum()
    for cell in np.random.default_rng(seed).choice(len(up), 25, replace=False).tolist():
        assert furthest(whole, down, up, cell, 1) <= more[cell] + 1e-6
        assert furthest(whole, down, up, cell, -1) <= less[cell] + 1e-6


@pytest.mark.parametrize("rounds", [walking._ROUNDS, ()], ids=["all", "searches alone"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_the_walk_reaches_a_program_reaches_too(
    seed: int, rounds: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "_ROUNDS", rounds)
    names, whole = table(seed)
    down, up = room(whole, seed)
    walk = Walk(names, whole, ADDS)
    less, more = walk.tightened(down, up)
    cells = np.tile(np.arange(len(up)), 2)
    sign = np.repeat([1, -1], len(up))
    by = np.tile(np.random.default_rng(seed).integers(1, 5, len(up)), 2).astype(np.float64)
    found = walk.reached(less, more, cells, by, sign)
    reachable = by <= np.concatenate([more, less])
    assert not found[~reachable].any()
    assert 0.5 * reachable.sum() < found.sum()
    for at in np.random.default_rng(seed).choice(np.flatnonzero(found), 30, replace=False).tolist():
        assert furthest(whole, down, up, int(cells[at]), int(sign[at])) >= by[at] - 1e-6
