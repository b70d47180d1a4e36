"""After the draw: a freed seat goes to the right child, under the same rules."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engines.lottery.draw import draw
from commonground.engines.lottery.model import Application, Choice, Market, Program, Rules, SeatPool
from commonground.engines.lottery.moves import (
    MoveError,
    Offer,
    Shift,
    State,
    accept,
    after_draw,
    apply_late,
    decline,
    reason_to_wait,
    withdraw,
)
from commonground.engines.lottery.results import Result
from commonground.engines.lottery.rounds import second_round
from commonground.engines.lottery.tickets import number_of
from tests.engines.lottery.markets import markets

SEED = "spring"


def child(name: str, *programs: str, labels: str = "") -> Application:
    return Application(name, "K", tuple(map(Choice, programs)), frozenset(labels.split()))


def start(*children: Application, seats: int = 1) -> tuple[Market, Result, State]:
    market = Market((Program("P", "S", "K", seats, classes=("zone",)), Program("Q", "T", "K", 1)), children)
    result = Result(market, draw(market, SEED))
    return market, result, after_draw(result)


def line(children: tuple[Application, ...]) -> list[str]:
    return [one.number for one in sorted(children, key=lambda one: number_of(SEED, one))]


def test_a_freed_seat_is_offered_to_the_first_in_line_and_its_old_seat_to_the_next() -> None:
    children = (child("a", "P", "Q"), child("b", "P", "Q"), child("c", "P", "Q"))
    first, second, third = line(children)
    _, _, state = start(*children)
    assert state.held == {first: ("P", "open"), second: ("Q", "open")}
    state, offers = withdraw(state, first)
    assert offers == [Offer(second, "P", "open")]
    state, offers = accept(state, second, "P")
    assert state.held == {second: ("P", "open")}
    assert offers == [Offer(third, "Q", "open")]


def test_priority_counts_before_the_number_on_the_waiting_list_too() -> None:
    children = (
        child("a", "P"),
        child("b", "P"),
        child("c", "P"),
        child("z1", "P", labels="zone"),
        child("z2", "P", labels="zone"),
    )
    _, _, state = start(*children)
    holder = next(iter(state.held))
    other = {"z1": "z2", "z2": "z1"}[holder]
    assert state.position(other, "P", "open") == 1
    assert withdraw(state, holder)[1] == [Offer(other, "P", "open")]


def test_who_declines_keeps_the_seat_it_has_and_the_next_in_line_is_asked() -> None:
    children = (child("a", "P", "Q"), child("b", "P", "Q"), child("c", "P"))
    first = line(children)[0]
    _, _, state = start(*children)
    state, (offer,) = withdraw(state, first)
    before = dict(state.held)
    state, offers = decline(state, offer.application, "P")
    assert state.held == before
    assert state.position(offer.application, "P", "open") is None
    assert len(offers) == 1 and offers[0].application != offer.application


def test_a_late_child_waits_behind_all_who_came_in_time_unless_the_rules_place_it_by_number() -> None:
    early = tuple(child(f"e{at}", "P") for at in range(6))
    _, _, state = start(*early)
    late = child("late", "P")
    behind, _ = apply_late(state, late, SEED)
    assert behind.position("late", "P", "open") == 6
    placed, _ = apply_late(replace(state, rules=Rules(late_in_place=True)), late, SEED)
    ahead = sum(number_of(SEED, one) < number_of(SEED, late) for one in early if one.number not in state.held)
    assert placed.position("late", "P", "open") == 1 + ahead


def test_a_free_seat_is_offered_to_a_late_child_at_once() -> None:
    _, _, state = start(child("a", "P"))
    state, offers = apply_late(state, child("late", "Q"), SEED)
    assert offers == [Offer("late", "Q", "open")]
    assert state.free["Q", "open"] == 0


def test_a_seat_set_aside_goes_to_its_group() -> None:
    program = Program("P", "S", "K", 2, pools=(SeatPool("aside", 1, "access", hard=True), SeatPool("open", 1)))
    children = (
        child("a", "P", labels="access"),
        child("b", "P", labels="access"),
        *(child(f"c{at}", "P") for at in range(3)),
    )
    market = Market((program,), children)
    state = after_draw(Result(market, draw(market, SEED)))
    holder = next(number for number, seat in state.held.items() if seat[1] == "aside")
    waiting = {"a", "b"} - set(state.held)
    offers = withdraw(state, holder)[1]
    assert [offer.application for offer in offers] == sorted(waiting)


def test_moves_that_do_not_fit_are_refused() -> None:
    _, _, state = start(child("a", "P"), child("b", "P"))
    for move in (accept, decline):
        with pytest.raises(MoveError, match="no open offer"):
            move(state, "a", "P")
    with pytest.raises(MoveError, match="no application"):
        withdraw(state, "nobody")
    with pytest.raises(MoveError, match="already"):
        apply_late(state, child("a", "P"), SEED)
    with pytest.raises(MoveError, match="no program"):
        apply_late(state, child("late", "X"), SEED)


@given(markets(), st.data())
def test_seats_are_never_lost_nor_doubled_whatever_families_do(market: Market, data: st.DataObject) -> None:
    state = after_draw(Result(market, draw(market, SEED)))
    for _ in range(data.draw(st.integers(0, 6))):
        moves = [(accept, *key) for key in state.offers] + [(decline, *key) for key in state.offers]
        leave = [(withdraw, number) for number in state.held]
        if not moves and not leave:
            break
        move, *arguments = data.draw(st.sampled_from([*moves, *leave]))
        state, _ = move(state, *arguments)
    for program in market.programs:
        for pool in program.pools:
            seat = (program.name, pool.name)
            used = sum(held == seat for held in state.held.values())
            offered = sum((key[1], pool_name) == seat for key, pool_name in state.offers.items())
            assert used + offered + state.free[seat] == pool.seats


@given(markets(guarantees=False))
def test_in_a_second_round_nobody_loses_a_seat(market: Market) -> None:
    state = after_draw(Result(market, draw(market, SEED)))
    again = second_round(state)
    result = Result(again, draw(again, "summer"))
    for at, application in enumerate(again.applications):
        seat = state.held.get(application.number)
        if seat is not None:
            listed = [choice.program for choice in application.choices]
            assert listed.index(str(result.program_of(at))) <= listed.index(seat[0])


def test_a_family_can_ask_where_it_waits() -> None:
    children = (child("a", "P", "Q"), child("b", "P", "Q"))
    _, result, _ = start(*children)
    second = line(children)[1]
    assert reason_to_wait(result, "ab".index(second)) == [("P", "open", 1)]


@given(markets(guarantees=False), st.data())
def test_after_a_child_left_the_program_has_whom_it_would_have_chosen_without_it(
    market: Market, data: st.DataObject
) -> None:
    """One program only, so that nobody moves on: withdrawing and drawing again without the child come to the same."""
    program = market.programs[0]
    children = tuple(
        replace(child, choices=own)
        for child in market.applications
        if (own := tuple(choice for choice in child.choices if choice.program == program.name))
    )
    market = Market((program,), children, market.rules)
    state = after_draw(Result(market, draw(market, SEED)))
    if not state.held:
        return
    leaver = data.draw(st.sampled_from(sorted(state.held)))
    state, moved = withdraw(state, leaver)
    for offer in [move for move in moved if isinstance(move, Offer)]:
        state, _ = accept(state, offer.application, offer.program)
    without = Market((program,), tuple(child for child in children if child.number != leaver), market.rules)
    assert state.held == after_draw(Result(without, draw(without, SEED))).held


def test_a_child_of_the_group_moves_to_the_freed_set_aside_seat_and_frees_its_own() -> None:
    """The seat set aside goes to a child who sits in an open one, and the open one to the best of all who wait."""
    program = Program("P", "S", "K", 2, pools=(SeatPool("aside", 1, "access"), SeatPool("open", 1)))
    names = line(tuple(child(f"c{at}", "P") for at in range(4)))
    group = {names[0], names[1], names[3]}
    children = tuple(child(name, "P", labels="access" if name in group else "") for name in names)
    market = Market((program,), children, Rules(groups=("access",)))
    state = after_draw(Result(market, draw(market, SEED)))
    assert state.held == {names[0]: ("P", "aside"), names[1]: ("P", "open")}
    state, moved = withdraw(state, names[0])
    assert moved == [Shift(names[1], "P", "aside"), Offer(names[2], "P", "open")]
    assert state.held == {names[1]: ("P", "aside")}


def test_a_match_that_is_declined_goes_to_the_next_and_confirming_changes_nothing() -> None:
    children = (child("a", "P"), child("b", "P"))
    first, second = line(children)
    _, _, state = start(*children)
    assert accept(state, first, "P") == (state, [])
    state, moved = decline(state, first, "P")
    assert moved == [Offer(second, "P", "open")]
    assert state.position(first, "P", "open") is None


def test_a_second_round_waits_until_every_offer_is_answered() -> None:
    children = (child("a", "P"), child("b", "P"))
    first, second = line(children)
    _, _, state = start(*children)
    state, _ = withdraw(state, first)
    with pytest.raises(MoveError, match=f"1 offers are still open, the first to {second} from P"):
        second_round(state)


@pytest.mark.parametrize("keep", [True, False])
def test_new_children_of_a_second_round_stand_behind_when_numbers_are_kept(keep: bool) -> None:
    children = tuple(child(f"c{at}", "P") for at in range(3))
    _, _, state = start(*children)
    state = replace(state, rules=Rules(keep_numbers=keep))
    again = second_round(state, (child("new", "P"),))
    assert [one.late for one in again.applications] == [False, False, False, keep]
    assert [one.guaranteed for one in again.applications if one.number in state.held] == ["P"]


def test_who_withdrew_takes_no_part_in_a_second_round() -> None:
    _, _, state = start(child("a", "P"), child("b", "P"))
    state, moved = withdraw(state, "a")
    for offer in moved:
        state, _ = accept(state, offer.application, offer.program)
    assert [one.number for one in second_round(state).applications] == ["b"]
    with pytest.raises(MoveError, match="has withdrawn"):
        withdraw(state, "a")
