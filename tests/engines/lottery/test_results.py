"""Cutoffs, reasons, waiting lists and the checks that guard a publication."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from commonground.engines.lottery.checks import PublicationStoppedError, checks, must_hold
from commonground.engines.lottery.draw import draw
from commonground.engines.lottery.model import Application, Choice, Linked, Market, Program, Rules, SeatPool
from commonground.engines.lottery.results import Reason, Result
from commonground.engines.lottery.tickets import number_of
from tests.engines.lottery.markets import markets

SEED = "spring"


def drawn(market: Market, seed: str = SEED) -> Result:
    return Result(market, draw(market, seed))


@pytest.fixture
def school() -> Market:
    """Two seats, one set aside; siblings first. Five children ask, one of them only after another program."""
    program = Program(
        "P", "S", "K", 2, classes=("sibling",), pools=(SeatPool("aside", 1, "access", hard=True), SeatPool("open", 1))
    )
    roomy = Program("R", "T", "K", 5)
    children = (
        Application("a", "K", (Choice("P"),), frozenset({"access"})),
        Application("b", "K", (Choice("P"), Choice("R")), frozenset({"access"})),
        Application("c", "K", (Choice("P", frozenset({"sibling"})),)),
        Application("d", "K", (Choice("P"), Choice("R"))),
        Application("e", "K", (Choice("R"), Choice("P", eligible=False))),
    )
    return Market((program, roomy), children)


def test_every_choice_has_its_reason(school: Market) -> None:
    result = drawn(school)
    words = [[verdict.reason for verdict in result.verdicts(at)] for at in range(5)]
    first, second = sorted("ab", key=lambda name: number_of(SEED, school.applications["ab".index(name)]))
    assert words["ab".index(first)][0] is Reason.MATCHED
    assert words["ab".index(second)][0] is Reason.FULL
    assert words[2:] == [[Reason.MATCHED], [Reason.FULL, Reason.MATCHED], [Reason.MATCHED, Reason.NOT_REACHED]]


def test_a_full_pool_tells_the_class_and_number_of_the_last_child_admitted(school: Market) -> None:
    result = drawn(school)
    verdict = result.verdicts(3)[0]
    assert verdict.pools[0][:2] == ("aside", None)
    assert verdict.pools[1] == ("open", "no priority", "sibling", number_of(SEED, school.applications[2]))


def test_cutoffs_are_told_class_by_class(school: Market) -> None:
    lines = {(line.program, line.pool, line.priority): line for line in drawn(school).class_lines}
    assert lines["P", "open", "sibling"].admits == "up to"
    assert lines["P", "open", "no priority"].admits == "none"
    assert lines["P", "open", "no priority"].asked == 2
    assert lines["P", "aside", "access: sibling"].admits == "all"
    assert lines["P", "aside", "access: no priority"].admits == "up to"
    assert (lines["R", "open", "no priority"].admits, lines["R", "open", "no priority"].number) == ("all", None)


def test_a_class_that_ends_before_its_last_child_gives_the_number(school: Market) -> None:
    line = next(line for line in drawn(school).class_lines if line.priority == "access: no priority")
    assert line.number == min(number_of(SEED, child) for child in school.applications[:2])
    assert (line.asked, line.admitted) == (2, 1)


def test_waiting_lists_follow_the_line_of_each_pool(school: Market) -> None:
    result = drawn(school)
    lists: dict[str, list[str]] = {}
    for choice, pool, position in result.waiting:
        name = result.pools[pool][1].name
        lists.setdefault(name, []).append(result.applications[result.drawn.arrays.owner[choice]].number)
        assert position == len(lists[name])
    loser = max("ab", key=lambda name: number_of(SEED, school.applications["ab".index(name)]))
    assert lists["aside"] == [loser]
    both = sorted([loser, "d"], key=lambda name: number_of(SEED, school.applications["abcde".index(name)]))
    assert lists["open"] == both


@given(markets())
def test_every_draw_passes_its_checks(market: Market) -> None:
    found = checks(drawn(market))
    assert [check.name for check in found if not check.holds] == []
    assert len(found) == 7


@given(markets())
def test_a_child_waits_exactly_where_it_would_rather_be_and_may_enter(market: Market) -> None:
    result = drawn(market)
    waiting = {choice for choice, _, _ in result.waiting}
    for choice, reason in enumerate(result.reasons):
        assert (choice in waiting) == (reason is Reason.FULL)


def tampered(result: Result, **changes: np.ndarray) -> list[str]:
    return [check.name for check in checks(Result(result.market, replace(result.drawn, **changes))) if not check.holds]


def with_seat(result: Result, child: int, choice: int, pool: int) -> dict[str, np.ndarray]:
    choices, pools = result.drawn.choice.copy(), result.drawn.pool.copy()
    choices[child], pools[child] = choice, pool
    return {"choice": choices, "pool": pools}


def test_a_seat_taken_away_is_found(school: Market) -> None:
    assert "no justified envy" in tampered(drawn(school), **with_seat(drawn(school), 2, -1, -1))


def test_a_seat_too_many_is_found(school: Market) -> None:
    result = drawn(school)
    assert tampered(result, **with_seat(result, 3, int(result.drawn.arrays.choice_start[3]), 1)) == ["feasible"]


def test_a_choice_of_another_child_is_found(school: Market) -> None:
    assert tampered(drawn(school), **with_seat(drawn(school), 3, 0, 2)) == ["accounted"]


def test_a_seat_without_a_program_is_found(school: Market) -> None:
    assert tampered(drawn(school), **with_seat(drawn(school), 3, -1, 2)) == ["accounted"]


def test_a_hard_reserve_held_from_outside_is_found(school: Market) -> None:
    result = drawn(school)
    loser = next(at for at in (0, 1) if result.drawn.pool[at] == 0)
    changes = with_seat(result, loser, -1, -1)
    changes["choice"][3], changes["pool"][3] = result.drawn.arrays.choice_start[3], 0
    assert tampered(result, **changes) == ["feasible"]


def test_a_reserve_held_from_outside_while_its_group_waits_is_found() -> None:
    program = Program("P", "S", "K", 1, pools=(SeatPool("aside", 1, "access"),))
    children = (Application("a", "K", (Choice("P"),), frozenset({"access"})), Application("b", "K", (Choice("P"),)))
    result = drawn(Market((program,), children))
    changes = with_seat(result, 0, -1, -1)
    changes["choice"][1], changes["pool"][1] = 1, 0
    assert tampered(result, **changes) == ["no justified envy", "reserves", "cutoffs"]


def test_a_broken_guarantee_is_found() -> None:
    market = Market((Program("P", "S", "K", 1),), (Application("a", "K", (), guaranteed="P"),))
    assert "guarantees" in tampered(drawn(market), **with_seat(drawn(market), 0, -1, -1))


def test_a_parted_group_is_found() -> None:
    programs = (Program("P", "S", "K", 1), Program("Q", "T", "K", 1))
    children = tuple(Application(name, "K", (Choice("P"), Choice("Q")), linked="t") for name in "ab")
    market = Market(programs, children, Rules(linked=Linked.TOGETHER))
    apart = draw(Market(programs, children), SEED)
    assert "together" in [check.name for check in checks(Result(market, apart)) if not check.holds]


def test_a_failed_check_stops_the_publication(school: Market) -> None:
    must_hold(checks(drawn(school)))
    result = drawn(school)
    broken = Result(school, replace(result.drawn, **with_seat(result, 2, -1, -1)))
    with pytest.raises(PublicationStoppedError, match=r"no justified envy: Application . should have a seat"):
        must_hold(checks(broken))
