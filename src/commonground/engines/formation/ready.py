"""Compile the loops of the search ahead of time.

Numba compiles a loop when it is called for the first time and keeps the result on disk, so the first search after an
installation spends up to half a minute compiling. Whoever has a deadline to keep calls `make_ready` before the clock runs.
"""

from functools import cache

from commonground.engines.formation.check import check
from commonground.engines.formation.model import Market, Member, Rules
from commonground.engines.formation.solve import solve

MEMBERS = 24  # enough that prices are searched for, few enough for a second
PATIENCE = 600.0  # seconds; a slow machine may take minutes to compile


@cache
def make_ready() -> None:
    """Compile what searches (`prepare`, which every search calls as well) and their check need, or load it from disk: a second
    or two. In one process, once."""
    market = Market(tuple(_member(number) for number in range(MEMBERS)))
    rules = Rules(size_min=4, size_max=4, sector_min={"district": 1, "charter": 1}, unplaced_penalty=50.0)
    check(market, rules, solve(market, rules, seconds=PATIENCE))


def _member(number: int) -> Member:
    """Made up, and no two alike: ties would let the search end before it has met every loop."""
    return Member(
        id=str(number),
        name=str(number),
        sector="charter" if number % 2 else "district",
        latitude=36.0 + (number * 7 % MEMBERS) / 100,
        longitude=-119.0 + (number * 5 % MEMBERS) / 90,
        areas=("a", "b") if number % 3 else ("b", "c"),
        needs={f"topic {number * 3 % 7}": 2.0, f"topic {number % 5}": 1.0},
        strengths={f"topic {(number + 2) % 7}": 1.0},
    )
