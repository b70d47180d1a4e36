"""Which figures of one table must be withheld, or told more coarsely, so that the sensitive ones stay uncertain."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from commonground.engines.disclosure.protect.exchange import NEVER, Exchanges, Room
from commonground.engines.disclosure.protect.hiding import Hiding
from commonground.engines.disclosure.protect.places import AXES, Adds, Bools, Floats, Ints, Names
from commonground.engines.disclosure.protect.reach import reached
from commonground.engines.disclosure.protect.settings import Effort
from commonground.engines.disclosure.protect.table import Table, possible, wanted
from commonground.engines.disclosure.protect.walk import Walk
from commonground.engines.disclosure.suppression import Pattern, Problem, UnprotectableError, suppress

Suppressor = Callable[..., Pattern]
SEARCHED = 120  # tables of at most so many cells get the search for the fewest; larger ones begin with exchanges


@dataclass(frozen=True)
class Settled:
    """``hidden``: besides the sensitive ones; ``protects``: for each hidden cell, sensitive ones that need it.

    ``stuck``: sensitive cells that stay too narrow whatever is hidden.
    """

    hidden: Bools
    protects: dict[int, tuple[int, ...]]
    stuck: Ints


def settle(
    names: Names,
    table: Table,
    adds: Adds,
    effort: Effort,
    *,
    among: Ints | None = None,
    thorough: bool = True,
    suppressor: Suppressor = suppress,
) -> Settled:
    """Hide as little as possible.

    Small tables are searched for the fewest. Of large ones, quick exchanges prove or protect almost everything, and only
    what they cannot is helped by programs, where the attempt is ``thorough``, or stuck. ``among``: only these sensitive cells
    are in question.
    """
    open_ones = np.flatnonzero(table.sensitive) if among is None else among
    hidden = np.zeros(len(table.low), bool)
    protects: dict[int, set[int]] = {}
    if not len(open_ones):
        return _settled(hidden, protects, open_ones)
    exchanges, walk = _exchanges(names, table, adds), Walk(names, table.whole, adds)
    if len(table.low) > SEARCHED:
        hidden, protects, open_ones = _without_search(names, table, exchanges, walk, open_ones, thorough, effort.proven)
        return _settled(hidden, protects, open_ones)
    open_ones = _unproven(walk, table, exchanges, open_ones)
    stuck = np.zeros(0, np.int64)
    while len(open_ones):
        try:
            pattern = suppressor(_problem(table, open_ones, hidden), seconds=effort.seconds)
        except UnprotectableError as error:
            stuck = np.union1d(stuck, error.cells)
            open_ones = np.setdiff1d(open_ones, error.cells)
            continue
        hidden |= pattern.hidden & ~table.sensitive & ~table.fixed
        for cell, users in pattern.protects.items():
            protects.setdefault(cell, set()).update(users)
        break
    return _settled(hidden, protects, stuck)


def narrow(names: Names, table: Table, adds: Adds, cells: Ints) -> Ints:
    """Those of the cells that may not be as far up and down from the truth as ``table`` says they should."""
    return _unproven(Walk(names, table.whole, adds), table, _exchanges(names, table, adds), cells)


def _unproven(walk: Walk, table: Table, exchanges: Exchanges, cells: Ints) -> Ints:
    """Those of the cells that neither chance exchanges nor linear programs prove uncertain enough."""
    if not len(cells):
        return cells
    (asked, by, sign), (down, up) = wanted(table, cells), _room(walk, table, exchanges)
    fits = possible(asked, by, sign, down, up)
    found = np.zeros(len(asked), bool)
    for way in (walk.reached, partial(reached, table.whole.relations)):
        left = np.flatnonzero(fits & ~found)
        if len(left):
            found[left] = way(down, up, asked[left], by[left], sign[left])
    return np.unique(asked[~found])


def _impossible(walk: Walk, table: Table, exchanges: Exchanges, cells: Ints) -> Ints:
    """Those of the cells to which the sums around them leave too little."""
    asked, by, sign = wanted(table, cells)
    return np.unique(asked[~possible(asked, by, sign, *_room(walk, table, exchanges))])


def _room(walk: Walk, table: Table, exchanges: Exchanges) -> tuple[Floats, Floats]:
    """What the sums leave of each cell's room downwards and upwards."""
    known = ~np.isnan(table.whole.value)
    return walk.tightened(np.where(known, exchanges.down, 0.0), np.where(known, exchanges.up, 0.0))


def _without_search(
    names: Names, table: Table, exchanges: Exchanges, walk: Walk, asked: Ints, thorough: bool, proven: bool
) -> tuple[Bools, dict[int, set[int]], Ints]:
    """What is hidden, for whom, and who is stuck.

    First whatever sums alone leave too narrow is helped, which is nearly all. What is to be ``proven`` is, or is helped too.
    """
    hiding, stuck = Hiding(names, table, exchanges, walk), np.zeros(0, np.int64)
    for narrow_ones in (_impossible, _unproven) if proven else (_impossible,):
        judge = partial(narrow_ones, walk, table, exchanges)
        left = hiding.help(judge, np.setdiff1d(asked, np.union1d(stuck, hiding.proven)), thorough)
        stuck = np.union1d(stuck, left)
        if thorough and narrow_ones is _impossible:
            hiding.give_back(judge, np.setdiff1d(asked, stuck))
    return hiding.hidden, hiding.protects, stuck


def _settled(hidden: Bools, protects: dict[int, set[int]], stuck: Ints) -> Settled:
    secondary = np.flatnonzero(hidden).tolist()
    return Settled(hidden, {cell: tuple(sorted(protects.get(cell, ()))) for cell in secondary}, stuck)


def _exchanges(names: Names, table: Table, adds: Adds) -> Exchanges:
    value = table.whole.value
    told_low = np.where(table.sensitive, table.low, table.shown_low)
    told_high = np.where(table.sensitive, table.high, table.shown_high)
    room = Room(
        cells=table.whole.cells,
        up=np.nan_to_num(told_high - value),
        down=np.nan_to_num(value - told_low),
        hidden_up=np.nan_to_num(table.high - value),
        hidden_down=np.nan_to_num(value - table.low),
        weight=np.where(table.fixed | table.sensitive | np.isnan(value), NEVER, table.weight),
    )
    return Exchanges(names, room, np.nan_to_num(value), adds)


def _problem(table: Table, asked: Ints, hidden: Bools) -> Problem:
    """The rest as a problem for the search. Sensitive cells that need no more, and cells hidden before, are as they are."""
    settled = (table.sensitive | hidden) & ~np.isin(np.arange(len(hidden)), asked)
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
        may_hide=~table.fixed & ~settled & known,
        band_low=np.where(settled, low, np.where(known, table.shown_low, 0.0)),
        band_high=np.where(settled, high, np.where(known, table.shown_high, 0.0)),
        whole=bool((value == np.round(value)).all()),
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
