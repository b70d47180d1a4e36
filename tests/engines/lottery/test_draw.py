"""One draw: worked examples, the slow twin, siblings, linked children."""

import numpy as np
import pytest
from hypothesis import given, settings

from commonground.engines.lottery.draw import Lottery, draw
from commonground.engines.lottery.kernel import Seating, seat
from commonground.engines.lottery.model import Application, Choice, Linked, Market, Numbers, Program, Rules, SeatPool
from commonground.engines.lottery.problems import MarketError
from commonground.engines.lottery.tickets import number_of
from commonground.engines.lottery.twin import deferred_acceptance
from tests.engines.lottery.markets import markets, match_of, one_order, programs_of


def in_order(market: Market, line: list[str]) -> dict[str, tuple[str, str] | None]:
    """Draw with the children standing in this order everywhere."""
    turn = np.array([line.index(application.number) for application in market.applications], dtype=np.uint32)
    return match_of(market, Lottery(market).draw_in_order(turn, np.zeros((len(line), 8), np.uint32)))


def choices(*names: str, labels: str = "") -> tuple[Choice, ...]:
    return tuple(Choice(name, frozenset(labels.split())) for name in names)


@given(markets())
@settings(max_examples=300)
def test_the_compiled_draw_agrees_with_its_slow_twin(market: Market) -> None:
    line = [application.number for application in market.applications]
    assert in_order(market, line) == deferred_acceptance(market, one_order(market, line))


@given(markets())
def test_with_one_number_per_school_the_twin_agrees_too(market: Market) -> None:
    market = Market(market.programs, market.applications, Rules(numbers=Numbers.PER_SCHOOL, groups=market.rules.groups))
    schools = {program.name: program.school for program in market.programs}
    numbers = {
        (application.number, choice.program): number_of("seed", application, schools[choice.program])
        for application in market.applications
        for choice in application.choices
    }
    place = {number: at for at, number in enumerate(sorted(numbers.values()))}
    expected = deferred_acceptance(market, {key: place[number] for key, number in numbers.items()})
    assert match_of(market, draw(market, "seed")) == expected


@given(markets())
def test_the_same_seed_gives_the_same_match(market: Market) -> None:
    first, second = draw(market, "seed"), draw(market, "seed")
    assert match_of(market, first) == match_of(market, second)
    assert first.numbers.tobytes() == second.numbers.tobytes()


def test_reserved_seats_first_leave_fewer_for_the_group_than_reserved_seats_last() -> None:
    """The walk zones of Boston: the same half set aside, filled first or last (Dur, Kominers, Pathak, Sönmez 2018)."""
    walk, free = SeatPool("walk", 2, "walk"), SeatPool("open", 2)
    line = ["w1", "o1", "w2", "o2", "w3", "o3", "w4"]
    children = tuple(
        Application(name, "K", (Choice("P"),), labels=frozenset({"walk"} if name[0] == "w" else ())) for name in line
    )

    def walkers(pools: tuple[SeatPool, ...]) -> int:
        matched = in_order(Market((Program("P", "S", "K", 4, pools=pools),), children), line)
        return sum(place is not None for name, place in matched.items() if name[0] == "w")

    assert walkers((walk, free)) == 2
    assert walkers((free, walk)) == 3


def test_a_soft_pool_gives_unwanted_seats_to_others_and_a_hard_pool_keeps_them() -> None:
    for hard, expected in ((False, ("P", "aside")), (True, None)):
        program = Program("P", "S", "K", 1, pools=(SeatPool("aside", 1, "access", hard=hard),))
        assert in_order(Market((program,), (Application("A", "K", choices("P")),)), ["A"]) == {"A": expected}


def test_a_guaranteed_seat_is_kept_unless_the_child_gets_something_better() -> None:
    home = Program("home", "H", "6", 1, classes=("sibling",))
    dream = Program("dream", "D", "6", 1)
    settled = Application("settled", "6", choices("dream"), guaranteed="home")
    rival = Application("rival", "6", choices("dream", "home", labels="sibling"))
    market = Market((home, dream), (settled, rival))
    assert settled.choices[-1].program == "home"
    assert in_order(market, ["settled", "rival"]) == {"settled": ("dream", "open"), "rival": ("home", "open")}
    assert in_order(market, ["rival", "settled"]) == {"settled": ("home", "open"), "rival": ("dream", "open")}


def test_a_guaranteed_seat_takes_no_seat_that_is_set_aside_for_others() -> None:
    home = Program("home", "H", "6", 2, pools=(SeatPool("access", 1, "access"), SeatPool("open", 1)))
    settled = Application("settled", "6", (), guaranteed="home")
    others = tuple(Application(name, "6", choices("home", labels="access")) for name in ("a", "b"))
    market = Market((home,), (settled, *others))
    assert in_order(market, ["a", "b", "settled"]) == {"settled": ("home", "open"), "a": ("home", "access"), "b": None}


def test_more_guaranteed_seats_than_the_childs_pools_hold_are_refused() -> None:
    home = Program("home", "H", "6", 2, pools=(SeatPool("access", 1, "access"), SeatPool("open", 1)))
    settled = tuple(Application(name, "6", (), guaranteed="home") for name in ("a", "b"))
    with pytest.raises(MarketError, match="1 of 2 guaranteed seats find no room"):
        Market((home,), settled)


def test_a_screened_program_follows_the_schools_ranking_and_skips_whom_it_did_not_rank() -> None:
    program = Program("P", "S", "9", 2, screened=True)
    children = tuple(
        Application(f"A{at}", "9", (Choice("P", school_rank=rank),)) for at, rank in enumerate((3, 1, None, 2))
    )
    assert in_order(Market((program,), children), ["A2", "A0", "A3", "A1"]) == {
        "A0": None, "A1": ("P", "open"), "A2": None, "A3": ("P", "open"),
    }  # fmt: skip


def family(sibling_offered: str | None) -> Market:
    """The older child gets the last seat of grade 7; three children want the one seat of grade 6."""
    programs = (Program("S-6", "S", "6", 1, classes=("sibling",)), Program("S-7", "S", "7", 1))
    children = (
        Application("old", "7", choices("S-7")),
        Application("young", "6", choices("S-6"), older_siblings=("old",)),
        Application("x", "6", choices("S-6")),
        Application("y", "6", choices("S-6")),
    )
    return Market(programs, children, Rules(grades=("7", "6"), sibling_offered=sibling_offered))


def test_an_older_childs_match_raises_the_younger_ones_priority_in_the_same_run() -> None:
    line = ["x", "y", "young", "old"]
    assert in_order(family("sibling"), line)["young"] == ("S-6", "open")
    assert in_order(family(None), line)["young"] is None


def test_each_of_several_older_children_counts() -> None:
    """Twins in grade 7: whichever of them is placed at the school, the younger child gains there."""
    programs = (
        Program("S-6", "S", "6", 1, ("sibling",)), Program("S-7", "S", "7", 1), Program("T-7", "T", "7", 1),
    )  # fmt: skip
    twins_ = (Application("t1", "7", choices("T-7")), Application("t2", "7", choices("S-7")))
    others = (Application("x", "6", choices("S-6")),)
    for order in (("t1", "t2"), ("t2", "t1")):
        young = Application("young", "6", choices("S-6"), older_siblings=order)
        market = Market(programs, (*twins_, young, *others), Rules(grades=("7", "6"), sibling_offered="sibling"))
        assert in_order(market, ["x", "young", "t1", "t2"])["young"] == ("S-6", "open")


def test_a_match_at_another_school_raises_nothing() -> None:
    market = family("sibling")
    elsewhere = Program("T-7", "T", "7", 1)
    old = Application("old", "7", choices("T-7"))
    moved = Market((*market.programs, elsewhere), (old, *market.applications[1:]), market.rules)
    assert in_order(moved, ["x", "y", "young", "old"])["young"] is None


def twins(rule: Linked, seats: int) -> dict[str, tuple[str, str] | None]:
    programs = (Program("P", "S1", "K", seats), Program("Q", "S2", "K", 2))
    children = (
        Application("t1", "K", choices("P", "Q"), linked="t"),
        Application("t2", "K", choices("P", "Q"), linked="t"),
        Application("x", "K", choices("P", "Q")),
    )
    return in_order(Market(programs, children, Rules(linked=rule)), ["t1", "t2", "x"])


def test_linked_children_who_would_be_parted_move_on_together_when_the_rules_say_so() -> None:
    assert twins(Linked.SHARED_NUMBER, 1) == {"t1": ("P", "open"), "t2": ("Q", "open"), "x": ("Q", "open")}
    assert twins(Linked.TOGETHER, 1) == {"t1": ("Q", "open"), "t2": ("Q", "open"), "x": ("P", "open")}
    assert twins(Linked.TOGETHER, 2) == {"t1": ("P", "open"), "t2": ("P", "open"), "x": ("Q", "open")}


def test_a_guaranteed_seat_is_not_given_up_to_keep_twins_together() -> None:
    programs = (Program("P", "S1", "K", 1), Program("Q", "S2", "K", 1))
    children = (
        Application("t1", "K", choices("P"), linked="t", guaranteed="P"),
        Application("t2", "K", choices("Q"), linked="t"),
    )
    matched = in_order(Market(programs, children, Rules(linked=Linked.TOGETHER)), ["t1", "t2"])
    assert matched == {"t1": ("P", "open"), "t2": None}


@given(markets(guarantees=False))
def test_linked_children_end_at_one_school_or_none(market: Market) -> None:
    linked = tuple(
        Application(child.number, child.grade, child.choices, child.labels, linked=f"g{at // 2}")
        for at, child in enumerate(market.applications)
    )
    market = Market(market.programs, linked, Rules(linked=Linked.TOGETHER, groups=market.rules.groups))
    matched = programs_of(market, draw(market, "seed"))
    schools = {program.name: program.school for program in market.programs}
    for at in range(0, len(linked) - 1, 2):
        pair = [matched[linked[at].number], matched[linked[at + 1].number]]
        assert len({name and schools[name] for name in pair}) == 1


def test_nobody_and_nothing_are_fine() -> None:
    assert match_of(Market((), ()), draw(Market((), ()), "seed")) == {}
    lonely = Market((), (Application("A", "9", ()),))
    assert match_of(lonely, draw(lonely, "seed")) == {"A": None}


@given(markets())
def test_the_order_in_which_children_ask_changes_nothing(market: Market) -> None:
    lottery = Lottery(market)
    turn = np.arange(len(market.applications), dtype=np.uint32)[::-1].copy()
    by_place = seat(lottery.arrays, turn, Seating.empty(lottery.arrays))
    as_given = np.arange(len(turn), dtype=np.int32)
    as_they_come = seat(lottery.arrays, turn, Seating.empty(lottery.arrays), children=as_given)
    for one, other in zip(by_place.matched(lottery.arrays), as_they_come.matched(lottery.arrays), strict=True):
        assert one.tolist() == other.tolist()
