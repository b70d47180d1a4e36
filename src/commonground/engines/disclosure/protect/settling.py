"""Which figures of one table must be withheld, or told more coarsely, so that the sensitive ones stay uncertain."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from commonground.engines.disclosure.protect.exchange import Exchanges, Slack
from commonground.engines.disclosure.protect.places import AXES, Adds, Bools, Floats, Ints, Names, Whole
from commonground.engines.disclosure.suppression import Pattern, Problem, UnprotectableError, suppress

Suppressor = Callable[..., Pattern]


@dataclass(frozen=True)
class Table:
    """Cells of one year that add up, as an outsider sees them. All arrays have one entry a cell of ``whole``.

    ``shown_low`` .. ``shown_high`` is what is told of a cell that is not hidden, ``low`` .. ``high`` what is left of one
    that is; ``weight`` is how much readers would miss it. ``sensitive`` cells are hidden and must stay uncertain by
    ``down`` and ``up``. ``fixed`` cells cannot be hidden any more, or are of no use.
    """

    whole: Whole
    low: Floats
    high: Floats
    shown_low: Floats
    shown_high: Floats
    weight: Floats
    sensitive: Bools
    down: Floats
    up: Floats
    fixed: Bools


@dataclass(frozen=True)
class Settled:
    """``hidden``: besides the sensitive ones; ``protects``: for each hidden cell, sensitive ones that need it.

    ``stuck``: sensitive cells that stay too narrow whatever is hidden.
    """

    hidden: Bools
    protects: dict[int, tuple[int, ...]]
    stuck: Ints


def settle(names: Names, table: Table, adds: Adds, seconds: float, *, suppressor: Suppressor = suppress) -> Settled:
    """Hide as little as possible. What quick exchanges prove safe is not asked of the linear programs again."""
    open_ones = unproven(names, table, adds)
    hidden = np.zeros(len(table.low), bool)
    protects: dict[int, tuple[int, ...]] = {}
    stuck = np.zeros(0, np.int64)
    while len(open_ones):
        try:
            pattern = suppressor(_problem(names, table, open_ones), seconds=seconds)
        except UnprotectableError as error:
            stuck = np.union1d(stuck, error.cells)
            open_ones = np.setdiff1d(open_ones, error.cells)
            continue
        hidden = pattern.hidden & ~table.sensitive & ~table.fixed
        protects = {cell: pattern.protects.get(cell, ()) for cell in np.flatnonzero(hidden).tolist()}
        break
    return Settled(hidden, protects, stuck)


def unproven(names: Names, table: Table, adds: Adds) -> Ints:
    """Sensitive cells that no quick exchange proves uncertain enough."""
    cells = np.flatnonzero(table.sensitive)
    if not len(cells):
        return cells
    value = table.whole.value
    low, high = (
        np.where(table.sensitive, table.low, table.shown_low),
        np.where(table.sensitive, table.high, table.shown_high),
    )
    slack = Slack(table.whole.cells, np.nan_to_num(high - value), np.nan_to_num(value - low))
    exchanges = Exchanges(names, slack, np.nan_to_num(value), adds)
    safe = exchanges.proven(cells, table.up[cells], 1) & exchanges.proven(cells, table.down[cells], -1)
    return cells[~safe]


def _problem(names: Names, table: Table, asked: Ints) -> Problem:
    others = table.sensitive.copy()
    others[asked] = False
    known = ~np.isnan(table.whole.value)
    value = np.where(known, table.whole.value, 0.0)
    low, high = np.where(known, table.low, 0.0), np.where(known, table.high, 0.0)
    return Problem(
        value=value,
        weight=np.where(table.sensitive | ~known, 0.0, table.weight),
        low=low,
        high=high,
        relations=table.whole.relations,
        sensitive=asked,
        need_down=np.minimum(table.down[asked], value[asked] - low[asked]),
        need_up=np.minimum(table.up[asked], high[asked] - value[asked]),
        may_hide=~table.fixed & ~others & known,
        band_low=np.where(others, low, np.where(known, table.shown_low, 0.0)),
        band_high=np.where(others, high, np.where(known, table.shown_high, 0.0)),
    )


def kinds(names: Names, table: Table, settled: Settled) -> dict[int, str]:
    """For each hidden cell, what kind of figure it protects: one that differs in its group, place or grade."""
    found: dict[int, str] = {}
    for cell, protected in settled.protects.items():
        parts = [names.part(table.whole.cells[[cell, *protected]], axis) for axis in AXES]
        same = [axis for axis, codes in zip(AXES, parts, strict=True) if (codes[1:] == codes[0]).any()]
        found[cell] = _kind(same)
    return found


def _kind(same: list[str]) -> str:
    if "place" in same:
        return "group" if "grade" in same else "grade"
    return "place"


def widened(table: Table, low: Floats, high: Floats) -> Table:
    """The table when hiding a cell leaves this much instead."""
    return replace(table, low=low, high=high)
