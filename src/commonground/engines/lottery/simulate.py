"""Compare rules on one set of applications before deciding policy: who would get what, under each?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from commonground.engines.lottery.chances import trial_seed
from commonground.engines.lottery.draw import Lottery
from commonground.engines.lottery.lines import Lines
from commonground.engines.lottery.mechanisms import efficiency_adjusted, immediate_acceptance, top_trading_cycles
from commonground.engines.lottery.model import Linked, Market, Mechanism, Rules

EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One group under one set of rules: shares averaged over the draws, with the lowest and highest draw.

    `measure`: "choice 1", "choice 2", ..., or "matched".
    """

    rules: str
    group: str
    children: int
    measure: str
    mean: float
    low: float
    high: float


def simulate(
    market: Market,
    rules: Sequence[tuple[str, Rules]],
    draws: int,
    seed: str,
    tell: Callable[[int], None] = lambda done: None,
) -> list[Outcome]:
    """Match rates by choice and by group under each set of rules, over the same trial seeds for all.

    Args:
        rules: a name and the rules, in the order of the answer.
    """
    found = []
    for name, own in rules:
        lottery = Lottery(Market(market.programs, market.applications, own))
        ranks = []
        for number in range(draws):
            ranks.append(_ranks(lottery, own.mechanism, trial_seed(seed, number)))
            tell(1)
        found += _outcomes(name, market, np.array(ranks))
    return found


def left_out(market: Market, rules: Rules) -> tuple[str, ...]:
    """What a comparison does not follow of the rules, in words; seat pools and priorities count under every mechanism."""
    applications = market.applications
    if rules.mechanism is Mechanism.DEFERRED_ACCEPTANCE:
        return ()
    found = []
    if rules.sibling_offered is not None and any(a.older_siblings for a in applications):
        found.append("a younger child gains no priority where an older one is matched in the same run")
    if rules.linked is Linked.TOGETHER and any(a.linked is not None for a in applications):
        found.append("linked children may be parted")
    # Efficiency adjustment starts from deferred acceptance and makes nobody worse off.
    if rules.mechanism is not Mechanism.EFFICIENCY_ADJUSTED and any(a.guaranteed is not None for a in applications):
        found.append("a guaranteed seat is a first priority only, so that a family can lose it")
    return tuple(found)


def _ranks(lottery: Lottery, mechanism: Mechanism, seed: str) -> NDArray[np.int32]:
    """Which choice of its list each child gets, from 1; 0 for none."""
    if mechanism is Mechanism.DEFERRED_ACCEPTANCE:
        choice = lottery.draw(seed).choice
    else:
        arrays = replace(lottery.arrays, rank=lottery.arrays.rank.copy())
        lines = Lines(arrays, lottery.tickets.turns(seed), lottery.by_choice)
        if mechanism is Mechanism.TOP_TRADING_CYCLES:
            choice, _ = top_trading_cycles(lines)
        elif mechanism is Mechanism.IMMEDIATE_ACCEPTANCE:
            choice, _ = immediate_acceptance(lines)
        else:
            choice, _ = efficiency_adjusted(lines, np.ones(arrays.applications, dtype=bool))
    return np.where(choice >= 0, choice - lottery.arrays.choice_start[:-1] + 1, 0)


def _outcomes(name: str, market: Market, ranks: NDArray[np.int32]) -> list[Outcome]:
    labels = sorted({label for application in market.applications for label in application.labels})
    members = {EVERYONE: np.ones(len(market.applications), dtype=bool)}
    for label in labels:
        members[label] = np.array([label in application.labels for application in market.applications])
    longest = max((len(application.choices) for application in market.applications), default=0)
    found = []
    for group, inside in members.items():
        own, size = ranks[:, inside], int(inside.sum())
        for place in range(1, longest + 1):
            found.append(_outcome(name, group, size, f"choice {place}", (own == place).mean(axis=1)))
        found.append(_outcome(name, group, size, "matched", (own > 0).mean(axis=1)))
    return found


def _outcome(name: str, group: str, size: int, measure: str, shares: NDArray[np.float64]) -> Outcome:
    return Outcome(name, group, size, measure, float(shares.mean()), float(shares.min()), float(shares.max()))
