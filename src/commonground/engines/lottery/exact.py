"""Exact answers for small markets, by trying everything: probabilities as fractions, and all stable matches.

The reference twin of the estimates in `chances`, and a check of the draw that shares no step with it.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from fractions import Fraction
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from commonground.engines.lottery.arrays import NOT_ELIGIBLE
from commonground.engines.lottery.draw import Lottery
from commonground.engines.lottery.model import Market, Numbers

MOST_ORDERS = 500_000


class TooManyOrdersError(ValueError):
    """The market is too large to try every order of the lottery."""


def probabilities(market: Market) -> tuple[dict[str, dict[str | None, Fraction]], int]:
    """Each child's exact chance of each program (None: no seat), and how many orders of the lottery were tried.

    With a single number every order of the children is equally likely. With one number per school the orders of the
    schools are independent, and only the order among children who stand alike there matters.

    Raises:
        TooManyOrdersError: more than `MOST_ORDERS` would have to be tried.
    """
    lottery = Lottery(market)
    single = market.rules.numbers is Numbers.SINGLE
    count = _single_count(lottery) if single else _per_school_count(lottery)
    if count > MOST_ORDERS:
        raise TooManyOrdersError(f"There are {count} orders to try; {MOST_ORDERS} is the limit. Use repeated draws.")
    seen: dict[str, Counter[str | None]] = defaultdict(Counter)
    numbers = np.zeros((len(lottery.tickets.names), 8), np.uint32)
    for turn in _single_orders(lottery) if single else _per_school_orders(lottery):
        choice = lottery.draw_in_order(turn, numbers).choice
        for application, x in zip(market.applications, choice.tolist(), strict=True):
            program = None if x < 0 else market.programs[lottery.arrays.choice_program[x]].name
            seen[application.number][program] += 1
    return {
        number: {program: Fraction(times, count) for program, times in places.items()}
        for number, places in seen.items()
    }, count


def _single_count(lottery: Lottery) -> int:
    return math.factorial(lottery.arrays.applications)


def _single_orders(lottery: Lottery) -> Iterator[NDArray[np.uint32]]:
    for order in permutations(range(lottery.arrays.applications)):
        yield np.array(order, dtype=np.uint32)


def _alike(lottery: Lottery) -> list[list[int]]:
    """Choices whose order in the lottery matters to one another: those that stand alike in some pool, and so linked on."""
    arrays = lottery.arrays
    groups: list[list[int]] = []
    for program in range(len(arrays.pool_start) - 1):
        pools = int(arrays.pool_start[program + 1] - arrays.pool_start[program])
        left = np.flatnonzero(arrays.choice_program == program).tolist()
        ranks = {x: arrays.rank[arrays.rank_start[x] : arrays.rank_start[x] + pools] for x in left}
        while left:
            group = [left.pop()]
            for x in group:
                near = [y for y in left if ((ranks[x] == ranks[y]) & (ranks[x] != NOT_ELIGIBLE)).any()]
                left = [y for y in left if y not in near]
                group.extend(near)
            groups.append(sorted(group))
    return groups


def _per_school_count(lottery: Lottery) -> int:
    return math.prod(math.factorial(len(group)) for group in _alike(lottery))


def _per_school_orders(lottery: Lottery) -> Iterator[NDArray[np.uint32]]:
    groups = _alike(lottery)
    turn: NDArray[np.uint32] = np.zeros(lottery.arrays.choices, np.uint32)
    for orders in product(*(permutations(range(len(group))) for group in groups)):
        for group, order in zip(groups, orders, strict=True):
            turn[group] = order
        yield turn


def stable_matches(
    lists: dict[str, list[str]], lines: dict[str, list[str]], seats: dict[str, int]
) -> list[dict[str, str | None]]:
    """All stable matches of a small market with strict lines, by trying every assignment (Gale & Shapley 1962).

    Args:
        lists: each child's schools, best first. lines: each school's children, first in line first; others may not enter.
    """
    children = list(lists)
    options = [[*(s for s in lists[child] if child in lines[s]), None] for child in children]
    every = (dict(zip(children, pick, strict=True)) for pick in product(*options))
    return [match for match in every if _is_stable(match, lists, lines, seats)]


def _is_stable(
    match: dict[str, str | None], lists: dict[str, list[str]], lines: dict[str, list[str]], seats: dict[str, int]
) -> bool:
    held = {school: [child for child, got in match.items() if got == school] for school in seats}
    if any(len(children) > seats[school] for school, children in held.items()):
        return False
    for child, got in match.items():
        for school in lists[child][: lists[child].index(got)] if got else lists[child]:
            line = lines[school]
            if child not in line:
                continue
            if len(held[school]) < seats[school] or any(
                line.index(child) < line.index(other) for other in held[school]
            ):
                return False
    return True
