"""Large tables: blocks by themselves, then what links them."""

import dataclasses

import numpy as np
import pytest

from commonground.engines.disclosure.suppression import UnprotectableError, suppress
from commonground.engines.disclosure.suppression.attacker import Attacker, Pusher
from commonground.engines.disclosure.suppression.blocks import blocks_of
from commonground.engines.disclosure.suppression.exact import exact
from commonground.engines.disclosure.suppression.large import large
from commonground.engines.disclosure.suppression.local import Tableau
from commonground.engines.disclosure.suppression.model import compile_problem
from commonground.engines.disclosure.suppression.outcome import moves_matrix
from commonground.engines.disclosure.suppression.regions import Surveyor
from commonground.engines.disclosure.suppression.watch import Watch
from tests.engines.disclosure.suppression.cast import invented_schools, protects, reach

MINUTE = 60.0


def test_a_school_is_a_block_and_the_city_links_them() -> None:
    model = compile_problem(invented_schools(6, seed=1)).model
    blocks = blocks_of(model, 15)
    assert blocks.count == 7  # six schools and the city
    assert 0 < blocks.linking.sum() <= 15
    assert all(len(cells) <= 15 for cells in blocks.cells)


@pytest.mark.parametrize("kind", [Tableau, Pusher])
@pytest.mark.parametrize("seed", range(3))
def test_every_way_of_asking_gets_equally_far(kind: type[Tableau] | type[Pusher], seed: int) -> None:
    model = compile_problem(invented_schools(4, seed)).model
    hidden = model.must | (model.free & (np.random.default_rng(seed).random(model.n) < 0.5))
    slow, program = Attacker(model), kind(model)
    slow.show(hidden.astype(float))
    below, above = model.bounds(hidden.astype(float))
    for t in range(len(model.target)):
        expected, _ = slow.reach(t)
        value, x, prices = program.reach(t, below, above)
        assert value == pytest.approx(expected)
        assert model.A @ x == pytest.approx(np.zeros(model.A.shape[0]), abs=1e-6)
        if value < model.need[t] - 1e-6:
            cut = program.cut(t, prices)
            assert cut is not None
            assert cut.value(hidden.astype(float)) < 1  # the pattern breaks it
            assert cut.value((~model.never).astype(float)) >= 1  # hiding everything meets it


def test_deviations_of_many_targets_prove_each_that_they_reach() -> None:
    model = compile_problem(invented_schools(6, seed=3)).model
    hidden = (~model.never).astype(float)
    down = np.flatnonzero(model.sign < 0)
    below, above = model.bounds(hidden)
    for program in (Tableau(model), Pusher(model)):
        x = program.together(down, below, above)
        assert model.A @ x == pytest.approx(np.zeros(model.A.shape[0]), abs=1e-6)
        assert (x >= -below - 1e-6).all()
        assert (x <= above + 1e-6).all()
        assert (-x[model.target[down]] <= model.need[down] + 1e-6).all()
        assert (-x[model.target[down]] >= model.need[down] - 1e-6).sum() > len(down) / 2


def test_a_survey_finds_the_targets_that_fall_short_and_why() -> None:
    model = compile_problem(invented_schools(12, seed=5)).model
    hidden = model.must
    survey = Surveyor(model, blocks_of(model, 15)).survey(hidden)
    attacker = Attacker(model)
    attacker.show(hidden.astype(float))
    short = [t for t in range(len(model.target)) if not attacker.reached(t, attacker.reach(t)[0])]
    assert survey.lacking == short
    assert survey.cuts
    assert all(cut.value(hidden.astype(float)) < 1 for cut in survey.cuts)


def test_targets_that_share_a_deviation_share_its_row() -> None:
    both, one = np.array([0, 2]), np.array([1])
    reached, moved = moves_matrix([both, None, one, both], 3)
    assert reached.toarray().tolist() == [[1, 0], [0, 0], [0, 1], [1, 0]]
    assert moved.toarray().tolist() == [[1, 0, 1], [0, 1, 0]]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("limits", [(15,), (15, 60)])
def test_blocks_find_what_the_search_as_a_whole_finds(seed: int, limits: tuple[int, ...]) -> None:
    model = compile_problem(invented_schools(5, seed)).model
    whole = exact(model, Watch(MINUTE))
    apart = large(model, Watch(MINUTE), limits)
    assert (whole.proven, apart.proven) == (True, True)
    assert apart.weight == pytest.approx(whole.weight)
    assert apart.bound == pytest.approx(whole.weight)


def test_a_city_is_protected_and_explained() -> None:
    problem = invented_schools(28, seed=4)
    pattern = suppress(problem, seconds=MINUTE)
    assert protects(problem, pattern.hidden)
    assert pattern.lower_bound <= pattern.weight
    secondary = set(np.flatnonzero(pattern.hidden)) - set(problem.sensitive)
    assert set(pattern.protects) == secondary
    assert all(set(cells) <= set(problem.sensitive) for cells in pattern.protects.values())
    assert any(pattern.protects.values())


def test_every_secondary_cell_has_room_to_vary() -> None:
    problem = invented_schools(28, seed=4)
    hidden = suppress(problem, seconds=0.0).hidden  # the first pattern, before anything is improved
    secondary = set(np.flatnonzero(hidden)) - set(problem.sensitive)
    assert all(max(reach(problem, hidden, int(cell))) > 0 for cell in secondary)


def test_the_order_of_cells_changes_nothing_in_a_city() -> None:
    problem = invented_schools(40, seed=2)
    n = len(problem.value)
    cells = np.random.default_rng(5).permutation(n)
    place = np.argsort(cells)
    arrays = ("value", "weight", "low", "high", "may_hide", "band_low", "band_high")
    shuffled = dataclasses.replace(
        problem,
        **{name: getattr(problem, name)[cells] for name in arrays},
        relations=problem.relations[::-1][:, cells],
        sensitive=place[problem.sensitive],
        keys=[problem.keys[i] for i in cells],
    )
    expected = suppress(problem, seconds=MINUTE)
    assert suppress(shuffled, seconds=MINUTE).hidden[place].tolist() == expected.hidden.tolist()


def test_a_school_that_cannot_be_protected_is_named() -> None:
    problem = invented_schools(40, seed=2)
    lone = int(problem.sensitive[7])
    only = np.zeros(len(problem.value), bool)
    only[problem.sensitive[7]] = True
    stuck = dataclasses.replace(
        problem, sensitive=np.array([lone]), need_down=np.ones(1), need_up=np.ones(1), may_hide=only
    )
    with pytest.raises(UnprotectableError, match=f"cell {lone:05d} can move 0 down and 0 up"):
        suppress(stuck, seconds=MINUTE)
