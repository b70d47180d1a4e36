"""What always holds of deferred acceptance, tried on many small markets."""

from dataclasses import replace
from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from commonground.engines.lottery.draw import Lottery
from commonground.engines.lottery.exact import stable_matches
from commonground.engines.lottery.model import Application, Choice, Market, Program
from tests.engines.lottery.markets import LABELS, markets, programs_of


def matched(market: Market, line: list[str] | None = None) -> dict[str, str | None]:
    """The match when the children stand in this order everywhere (else in the order given)."""
    names = line or [application.number for application in market.applications]
    turn = np.array([names.index(application.number) for application in market.applications], dtype=np.uint32)
    return programs_of(market, Lottery(market).draw_in_order(turn, np.zeros((len(turn), 8), np.uint32)))


def with_list(market: Market, child: int, choices: tuple[Choice, ...]) -> Market:
    changed = list(market.applications)
    changed[child] = replace(changed[child], choices=choices)
    return Market(market.programs, tuple(changed), market.rules)


@given(markets(most=5, guarantees=False), st.data())
@settings(max_examples=60)
def test_no_child_gains_by_ranking_other_than_it_wishes(market: Market, data: st.DataObject) -> None:
    if not market.applications:
        return
    child = data.draw(st.integers(0, len(market.applications) - 1))
    truth = market.applications[child]
    wishes: list[str | None] = [*(choice.program for choice in truth.choices), None]
    honest = matched(market)[truth.number]
    for size in range(len(truth.choices) + 1):
        for lie in permutations(truth.choices, size):
            got = matched(with_list(market, child, lie))[truth.number]
            assert wishes.index(honest) <= wishes.index(got)


@given(markets(guarantees=False), st.data())
def test_a_child_with_a_better_number_is_never_worse_off(market: Market, data: st.DataObject) -> None:
    line = [application.number for application in market.applications]
    if not line:
        return
    place = data.draw(st.integers(0, len(line) - 1))
    child = line[place]
    wishes: list[str | None] = [*(choice.program for choice in market.applications[place].choices), None]
    better = [*line[: place // 2], child, *(name for name in line[place // 2 :] if name != child)]
    assert wishes.index(matched(market, better)[child]) <= wishes.index(matched(market, line)[child])


@given(markets(guarantees=False, late=False), st.data())
@settings(max_examples=200)
def test_a_child_with_a_better_priority_is_never_worse_off(market: Market, data: st.DataObject) -> None:
    """Respect of improvements (Balinski & Sönmez 1999): one more label, a better rank, or being eligible, at one program."""
    asking = [at for at, application in enumerate(market.applications) if application.choices]
    if not asking:
        return
    child = data.draw(st.sampled_from(asking))
    own = market.applications[child]
    place = data.draw(st.integers(0, len(own.choices) - 1))
    before = own.choices[place]
    after = replace(
        before,
        labels=before.labels | data.draw(st.frozensets(st.sampled_from(LABELS), min_size=1)),
        school_rank=1 if data.draw(st.booleans()) else before.school_rank,
        eligible=before.eligible or data.draw(st.booleans()),
    )
    better = with_list(market, child, (*own.choices[:place], after, *own.choices[place + 1 :]))
    wishes: list[str | None] = [*(choice.program for choice in own.choices), None]
    assert wishes.index(matched(better)[own.number]) <= wishes.index(matched(market)[own.number])


@given(markets())
def test_a_program_that_nobody_ranks_changes_nothing(market: Market) -> None:
    more = Market((*market.programs, Program("unranked", "new school", "9", 3)), market.applications, market.rules)
    assert matched(more) == matched(market)


def strict(market: Market) -> tuple[dict[str, list[str]], dict[str, list[str]], dict[str, int]]:
    """Lists, lines and seats of a market of open pools with strict lines."""
    numbers = [application.number for application in market.applications]
    lists = {a.number: [choice.program for choice in a.choices if choice.eligible] for a in market.applications}
    by_name = {program.name: program for program in market.programs}

    def key(application: Application, program: Program) -> tuple[bool, int, int]:
        labels = application.labels | next(c.labels for c in application.choices if c.program == program.name)
        place = [set(name.split("+")) <= labels for name in program.classes]
        best = place.index(True) if True in place else len(place)
        return application.late, best, numbers.index(application.number)

    lines = {}
    for name, program in by_name.items():
        asking = [(key(a, program), a.number) for a in market.applications if name in lists[a.number]]
        lines[name] = [number for _, number in sorted(asking)]
    return lists, lines, {name: program.seats for name, program in by_name.items()}


@given(markets(pools=False, most=5, guarantees=False))
@settings(max_examples=60)
def test_the_match_is_the_best_stable_one_for_every_child(market: Market) -> None:
    lists, lines, seats = strict(market)
    every = stable_matches(lists, lines, seats)
    ours = matched(market)
    assert ours in every
    for child, own in lists.items():
        wishes: list[str | None] = [*own, None]
        assert all(wishes.index(ours[child]) <= wishes.index(other[child]) for other in every)


@given(markets(pools=False, most=5, guarantees=False))
@settings(max_examples=60)
def test_the_same_children_are_seated_in_every_stable_match_and_a_program_with_room_has_the_same_ones(
    market: Market,
) -> None:
    """The rural hospitals theorem (Roth 1986)."""
    lists, lines, seats = strict(market)
    every = stable_matches(lists, lines, seats)
    assert len({frozenset(child for child, got in match.items() if got) for match in every}) == 1
    for school in seats:
        rosters = {frozenset(child for child, got in match.items() if got == school) for match in every}
        assert len(rosters) == 1 or all(len(roster) == seats[school] for roster in rosters)
