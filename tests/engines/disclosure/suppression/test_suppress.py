"""Hiding as little as possible, so that no sensitive count can be worked out."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from commonground.engines.disclosure.suppression import Problem, ProblemError, UnprotectableError, suppress
from commonground.engines.disclosure.suppression.cuts import Cut
from commonground.engines.disclosure.suppression.master import solve_mip
from tests.engines.disclosure.suppression.cast import cheapest, protects, table

counts = st.integers(0, 3).flatmap(lambda small: st.integers(0, 12 + small * 9))
small_tables = st.tuples(st.integers(2, 3), st.integers(2, 3)).flatmap(
    lambda shape: st.lists(st.lists(counts, min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0])
)


def test_a_lone_small_count_takes_three_companions() -> None:
    # One of four cells is small. Its row, its column, and the cell where these cross must give way with it.
    problem = table([[4, 20, 30], [25, 40, 50], [35, 60, 70]])
    pattern = suppress(problem, seconds=10)
    assert np.flatnonzero(pattern.hidden).tolist() == [0, 1, 4, 5]
    assert (pattern.weight, pattern.proven) == (4 + 20 + 25 + 40, True)
    assert pattern.lower_bound == pytest.approx(89)
    assert pattern.protects == {1: (0,), 4: (0,), 5: (0,)}


def test_nothing_sensitive_hides_nothing() -> None:
    pattern = suppress(table([[20, 30], [40, 50]]), seconds=10)
    assert not pattern.hidden.any()
    assert (pattern.weight, pattern.proven, pattern.gap) == (0.0, True, 0.0)


def test_no_cells_at_all() -> None:
    none = np.zeros(0)
    empty = Problem(none, none, none, none, csr_matrix((0, 0)), none, none, none)  # type: ignore[arg-type]
    assert suppress(empty, seconds=10).hidden.tolist() == []


@settings(max_examples=40)
@given(small_tables)
def test_the_pattern_costs_what_trying_all_patterns_finds(inner: list[list[int]]) -> None:
    problem = table(inner)
    best = cheapest(problem)
    if best == float("inf"):
        with pytest.raises(UnprotectableError):
            suppress(problem, seconds=20)
        return
    pattern = suppress(problem, seconds=20)
    assert protects(problem, pattern.hidden)
    assert pattern.proven
    assert pattern.weight == pytest.approx(best)
    assert pattern.lower_bound == pytest.approx(best)


@settings(max_examples=25)
@given(small_tables, st.randoms(use_true_random=False))
def test_the_order_of_cells_and_relations_changes_nothing(inner: list[list[int]], random) -> None:  # type: ignore[no-untyped-def]
    problem = table(inner, keys=True)
    n, m = len(problem.value), problem.relations.shape[0]
    cells, rows = random.sample(range(n), n), random.sample(range(m), m)
    place = np.argsort(cells)
    shuffled = dataclasses.replace(
        problem,
        **{name: getattr(problem, name)[cells] for name in ("value", "weight", "low", "high", "may_hide")},
        band_low=problem.band_low[cells],
        band_high=problem.band_high[cells],
        relations=-problem.relations[rows][:, cells],
        sensitive=place[problem.sensitive],
        keys=[problem.keys[i] for i in cells],
    )
    try:
        expected = suppress(problem, seconds=20)
    except UnprotectableError:
        with pytest.raises(UnprotectableError):
            suppress(shuffled, seconds=20)
        return
    assert suppress(shuffled, seconds=20).hidden[place].tolist() == expected.hidden.tolist()


def test_a_published_band_protects_without_hiding() -> None:
    # The row of the sensitive count has a neighbor that is published within a band wide enough.
    problem = Problem(
        value=np.array([5.0, 40.0, 45.0]),
        weight=np.array([5.0, 40.0, 45.0]),
        low=np.zeros(3),
        high=np.full(3, 200.0),
        relations=csr_matrix([[1.0, 1.0, -1.0]]),
        sensitive=np.array([0]),
        need_down=np.array([3.0]),
        need_up=np.array([3.0]),
        band_low=np.array([5.0, 35.0, 45.0]),
        band_high=np.array([5.0, 44.0, 45.0]),
    )
    assert suppress(problem, seconds=10).hidden.tolist() == [True, False, False]
    narrow = dataclasses.replace(problem, band_high=np.array([5.0, 42.0, 45.0]))
    assert suppress(narrow, seconds=10).hidden.tolist() == [True, True, False]


def test_cells_that_are_always_equal_are_hidden_together() -> None:
    # An LEA with one school: its count is the school's count.
    problem = Problem(
        value=np.array([4.0, 30.0, 34.0, 4.0]),
        weight=np.array([4.0, 30.0, 34.0, 4.0]),
        low=np.zeros(4),
        high=np.full(4, 100.0),
        relations=csr_matrix([[1.0, 1.0, -1.0, 0.0], [1.0, 0.0, 0.0, -1.0]]),
        sensitive=np.array([0]),
        need_down=np.array([3.0]),
        need_up=np.array([3.0]),
    )
    pattern = suppress(problem, seconds=10)
    assert pattern.hidden.tolist() == [True, True, False, True]
    assert pattern.weight == 38


def test_what_cannot_be_protected_is_named() -> None:
    problem = table([[4, 20], [25, 40]], keys=True, may_hide=np.array([True] * 4 + [False] * 5))
    with pytest.raises(UnprotectableError, match=r"cell 000 can move 0 down and 0 up, but needs 3 and 3") as caught:
        suppress(problem, seconds=10)
    assert caught.value.cells.tolist() == [0]


def test_without_time_the_answer_still_protects() -> None:
    problem = table([[4, 20, 8, 30], [25, 6, 50, 11], [35, 60, 7, 70]])
    pattern = suppress(problem, seconds=0)
    assert protects(problem, pattern.hidden)
    assert pattern.lower_bound <= pattern.weight


def test_the_listener_hears_and_stops_the_search() -> None:
    heard = []
    pattern = suppress(table([[4, 20, 30], [25, 40, 50], [35, 60, 70]]), progress=lambda p: bool(heard.append(p)))
    assert len(heard) == 1
    assert pattern.lower_bound <= pattern.weight


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight": np.full(9, -1.0)}, "cell 000: weight is negative"),
        ({"low": np.full(9, 50.0)}, "cell 000: the value is outside low..high"),
        ({"high": np.full(9, np.inf)}, "cell 000: high is not a finite number"),
        ({"band_low": np.full(9, 50.0)}, "the value is outside its band"),
        ({"may_hide": np.ones(4, bool)}, "may_hide has 4 entries, but there are 9 values"),
        ({"sensitive": np.array([0, 0])}, "sensitive, need_down and need_up differ in length"),
        ({"sensitive": np.array([99])}, r"outside 0\.\.8"),
        ({"relations": csr_matrix(np.ones((1, 9)))}, "relation 0 misses zero by"),
        ({"keys": ["a"] * 9}, "keys must be 9 different texts"),
    ],
)
def test_arrays_that_contradict_each_other_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        dataclasses.replace(table([[4, 20], [25, 40]], keys=True), **change)  # type: ignore[arg-type]


def test_a_choice_that_settled_cells_rule_out_is_no_choice() -> None:
    # Nothing is open any more: without this answer the search would ask for the same choice until its time is over.
    shown = np.array([0.0, 0.0])
    bound, _, proven, _ = solve_mip(
        np.array([3.0, 4.0]), shown, shown, [Cut(np.array([1]), np.array([1.0]))], seconds=1
    )
    assert (bound, proven) == (np.inf, False)
