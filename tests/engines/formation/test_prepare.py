"""Compiling belongs before the clock: once prepared, no search compiles anything more."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from commonground.engines.formation import Progress, Rules, kernels, solve
from commonground.engines.formation.prepare import prepare

from .markets import PLENTY, market_of


def loops() -> list[Any]:
    modules = [import_module(f"{kernels.__name__}.{module.name}") for module in iter_modules(kernels.__path__)]
    return [loop for module in modules for loop in vars(module).values() if hasattr(loop, "signatures")]


def few_rounds(count: int) -> Any:
    heard: list[Progress] = []
    return lambda progress: heard.append(progress) is None and len(heard) < count


def test_a_search_after_preparing_compiles_nothing() -> None:
    prepare()
    before = {loop.py_func.__qualname__: len(loop.signatures) for loop in loops()}
    assert before["price_groups"] > 0
    pinned = (frozenset({"s001", "s002"}),)
    both = {"charter": 1, "district": 1}
    quads = Rules(sector_min=both, share_area=False, unplaced_penalty=9.0, together=pinned)
    solve(market_of(210, seed=1), quads, seconds=PLENTY, on_progress=few_rounds(12))
    counted = Rules(size_min=3, size_max=4, group_count=6, share_area=False)
    solve(market_of(20, seed=2), counted, seconds=PLENTY, on_progress=few_rounds(60))
    large = Rules(size_min=7, size_max=9, sector_min=both, share_area=False)
    solve(market_of(26, seed=3), large, seconds=PLENTY, on_progress=few_rounds(2))
    after = {loop.py_func.__qualname__: len(loop.signatures) for loop in loops()}
    assert after == before
