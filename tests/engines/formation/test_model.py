"""Members, markets and rules refuse what cannot be right, and say what to do."""

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from commonground.engines.formation import (
    SENTENCES,
    FormationError,
    Group,
    Market,
    MarketError,
    Member,
    Reason,
    RoadEstimate,
    RuleError,
    Rules,
    TravelTable,
    Weights,
    pairs,
)


def member(**values: Any) -> Member:
    return Member(**{"id": "a", "name": "Alder", "sector": "district", "latitude": 36.0, "longitude": -120.0, **values})


WRONG: list[tuple[str, Callable[[], object]]] = [
    ("empty_id", lambda: member(id="")),
    ("empty_name", lambda: member(name="")),
    ("empty_sector", lambda: member(sector="")),
    ("unknown_locale", lambda: member(locale="village")),
    ("half_a_place", lambda: member(longitude=None)),
    ("place_swapped", lambda: member(latitude=-120.0, longitude=36.0)),
    ("place_outside", lambda: member(latitude=36.0, longitude=-520.0)),
    ("place_outside", lambda: member(latitude=float("nan"))),
    ("place_zero", lambda: member(latitude=0.0, longitude=0.0)),
    ("area_twice", lambda: member(areas=("steam", "steam"))),
    ("importance", lambda: member(needs={"writing": 0.0})),
    ("importance", lambda: member(strengths={"writing": float("inf")})),
    ("enrollment", lambda: member(enrollment=-1)),
    ("readiness", lambda: member(readiness=1.1)),
    ("own_travel_limit", lambda: member(travel_limit=0.0)),
    ("relation_both", lambda: member(good_with=frozenset("b"), bad_with=frozenset("b"))),
    ("no_members", lambda: Market(())),
    ("id_twice", lambda: Market((member(), member()))),
    ("no_place", lambda: Market((member(latitude=None, longitude=None),))),
    ("road_factor", lambda: RoadEstimate({"city": 0.9})),
    ("table_shape", lambda: TravelTable(("a", "b"), np.zeros((2, 3)))),
    ("table_shape", lambda: TravelTable(("a", "b"), np.zeros(4))),
    ("table_id_twice", lambda: TravelTable(("a", "a"), np.zeros((2, 2)))),
    ("table_negative", lambda: TravelTable(("a", "b"), -np.ones((2, 2)))),
    ("table_missing", lambda: Market((member(),), TravelTable(("b",), np.zeros((1, 1))))),
    ("group_size", lambda: Rules(size_min=1)),
    ("group_size", lambda: Rules(size_min=5)),
    ("group_size", lambda: Rules(size_target=5)),
    ("sector_limit", lambda: Rules(sector_min={"charter": -1})),
    ("sector_crossed", lambda: Rules(sector_min={"charter": 2}, sector_max={"charter": 1})),
    ("sector_crossed", lambda: Rules(sector_min={"charter": 5})),
    ("sector_too_many", lambda: Rules(sector_min={"charter": 3, "district": 2})),
    ("travel_limit", lambda: Rules(travel_limit=-5.0)),
    ("weight", lambda: Weights(travel=-1.0)),
    ("weight", lambda: Weights(past=float("nan"))),
    ("unplaced_penalty", lambda: Rules(unplaced_penalty=-1.0)),
    ("group_count", lambda: Rules(group_count=0)),
    ("pair_of_one", lambda: Rules(blackouts=pairs(("a", "a")))),
    ("together_of_one", lambda: Rules(together=(frozenset("a"),))),
    ("group_empty", lambda: Group(())),
    ("group_member_twice", lambda: Group(("a", "a"))),
    ("fixed_twice", lambda: Rules(fixed=(Group(("a", "b")), Group(("b", "c"))))),
]


@pytest.mark.parametrize(("code", "make"), WRONG, ids=[f"{i}-{code}" for i, (code, _) in enumerate(WRONG)])
def test_a_wrong_value_is_refused_with_its_reason_and_the_next_step(code: str, make: Callable[[], object]) -> None:
    with pytest.raises(FormationError) as error:
        make()
    assert error.value.code == code
    assert str(error.value).count(". ") >= 1  # what is wrong, then what to do


def test_errors_say_whether_the_market_or_the_rules_are_wrong() -> None:
    with pytest.raises(MarketError):
        member(sector="")
    with pytest.raises(RuleError):
        Rules(size_min=1)


def test_places_that_look_swapped_are_named_so() -> None:
    with pytest.raises(MarketError, match="look swapped"):
        member(latitude=-119.8, longitude=36.7)


def test_a_reason_that_cannot_be_said_does_not_exist() -> None:
    with pytest.raises(KeyError):
        Reason("not_placed", {})
    assert all(sentence.endswith((".", "{why}")) for sentence in SENTENCES.values())


def test_the_target_size_defaults_to_the_largest() -> None:
    assert Rules(size_min=3, size_max=5).target == 5
    assert Rules(size_min=3, size_max=5, size_target=4).target == 4


def test_a_member_ranks_areas_from_zero() -> None:
    school = member(areas=("steam", "writing"))
    assert (school.rank("steam"), school.rank("writing"), school.rank("music")) == (0, 1, None)


def test_a_refusal_reaches_another_process_whole() -> None:
    """The search runs in a process of its own, and what it refuses is told by the one that asked."""
    refusal = RuleError("too_few_members", members=6, groups=4, low=2)
    again = pickle.loads(pickle.dumps(refusal))
    assert (type(again), again.code, dict(again.data), str(again)) == (
        RuleError, refusal.code, dict(refusal.data), str(refusal),
    )  # fmt: skip
