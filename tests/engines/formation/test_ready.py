"""Compiling ahead of time: a search after `make_ready` compiles nothing more, so its seconds are seconds of search."""

from numba.core.registry import CPUDispatcher

from commonground.engines.formation import Rules, make_ready, solve
from commonground.engines.formation.kernels import cover, pricing, reform, start
from tests.engines.formation.markets import market_of


def compiled() -> dict[str, int]:
    """Loops of the search for markets of ordinary size, each with how many versions of it are compiled."""
    found = (one for module in (cover, pricing, reform, start) for one in vars(module).values())
    return {one.__name__: len(one.signatures) for one in found if isinstance(one, CPUDispatcher)}


def test_a_search_after_it_compiles_nothing() -> None:
    make_ready()
    before = compiled()
    assert len(before) > 15
    solve(market_of(40, seed=2), Rules(size_min=3, size_max=4, unplaced_penalty=2.0), seconds=20)
    assert compiled() == before
