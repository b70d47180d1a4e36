"""A family's chances before the deadline: from repeated draws of the current applications, and from last year's cutoffs.

Both come with their uncertainty, as a 95 % interval (Wilson 1927), because a chance that is given to the last digit is believed to
the last digit.
"""

import hmac
import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from commonground.engines.lottery.draw import Lottery
from commonground.engines.lottery.model import Market
from commonground.engines.lottery.tickets import key_of

Z = 1.959964


@dataclass(frozen=True, slots=True)
class Chance:
    """The chance of one choice and the interval that holds the true one 95 times in 100."""

    program: str
    chance: float
    low: float
    high: float


def wilson(successes: float, trials: float) -> tuple[float, float]:
    """The 95 % interval of a share seen in `trials` (Wilson 1927); all of 0 to 1 when nothing was seen."""
    if trials <= 0:
        return 0.0, 1.0
    share = successes / trials
    spread = Z * math.sqrt(share * (1 - share) / trials + Z * Z / (4 * trials * trials))
    center = share + Z * Z / (2 * trials)
    scale = 1 + Z * Z / trials
    return max(0.0, (center - spread) / scale), min(1.0, (center + spread) / scale)


def trial_seed(seed: str, number: int) -> str:
    """The seed of one of many trial draws: HMAC-SHA256 of the seed and “draw” with its number."""
    return hmac.digest(key_of(seed), f"draw {number}".encode(), "sha256").hex()


def match_counts(
    market: Market, draws: int, seed: str, *, workers: int = 1, tell: Callable[[int], None] = lambda done: None
) -> NDArray[np.int64]:
    """How often each choice of each child was its match in `draws` trial draws.

    Args:
        tell: called with 1 after every draw, for a progress bar.
    """
    lottery = Lottery(market)
    counts = np.zeros(lottery.arrays.choices, np.int64)
    lock = Lock()

    def one(number: int) -> None:
        choice = lottery.draw(trial_seed(seed, number)).choice
        with lock:
            counts[choice[choice >= 0]] += 1
            tell(1)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(one, range(draws)))
    return counts


def chances_by_draws(market: Market, counts: NDArray[np.int64], draws: int) -> dict[str, list[Chance]]:
    """The chance of every choice of every child, from `match_counts`."""
    found: dict[str, list[Chance]] = {}
    x = 0
    for application in market.applications:
        own = []
        for choice in application.choices:
            seen = int(counts[x])
            own.append(Chance(choice.program, seen / draws, *wilson(seen, draws)))
            x += 1
        found[application.number] = own
    return found


@dataclass(frozen=True, slots=True)
class Threshold:
    """Last year at one program for one class: the share of numbers that got in, and how many of the class asked."""

    share: float
    asked: int


def chances_by_cutoffs(choices: Sequence[tuple[str, Threshold]], *, single: bool = True) -> list[Chance]:
    """The chance of each choice, in the family's order, if this year's cutoffs were last year's.

    With one number for all programs a child gets its first choice whose share covers its number; with one a school, each
    choice is a fresh try. The interval carries each share's own uncertainty (a class of few children tells little) through
    the same arithmetic, lowest with highest.
    """
    bounds = [(t.share, *wilson(t.share * t.asked, t.asked)) for _, t in choices]
    found = []
    for place, (program, _) in enumerate(choices):
        share, low, high = bounds[place]
        before = bounds[:place]
        chance = _between(share, [b[0] for b in before], single)
        lowest = _between(low, [b[2] for b in before], single)
        highest = _between(high, [b[1] for b in before], single)
        found.append(Chance(program, chance, lowest, highest))
    return found


def _between(share: float, before: Sequence[float], single: bool) -> float:
    if single:
        return max(0.0, share - max(before, default=0.0))
    return share * math.prod(1 - other for other in before)


def thresholds(rows: Sequence[Mapping[str, str]]) -> dict[tuple[str, str], Threshold]:
    """Last year's cutoffs file as thresholds: (program, class) -> the best of the program's seat pools.

    A row's share is 1 where all of the class got in, 0 where none did, and else the place of the last number among all
    numbers. A count that was withheld for privacy counts as ten, which makes the interval wide, as it should be.
    """
    found: dict[tuple[str, str], Threshold] = {}
    for row in rows:
        share = {"all": 1.0, "none": 0.0}.get(row["admits"])
        if share is None:
            share = int(row["last_number"][:13], 16) / 16**13
        asked = int(row["asked"]) if row["asked"].isdigit() else 10
        key = (row["program"], row["priority"])
        if key not in found or share > found[key].share:
            found[key] = Threshold(share, asked)
    return found
