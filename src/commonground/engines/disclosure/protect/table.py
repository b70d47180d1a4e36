"""A table as an outsider sees it: what is told of its cells, and which of them must stay uncertain."""

from dataclasses import dataclass

import numpy as np

from commonground.engines.disclosure.protect.places import Bools, Floats, Ints, Whole

_ENOUGH = 1e-6


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


def wanted(table: Table, cells: Ints) -> tuple[Ints, Floats, Ints]:
    """Each cell upwards and downwards (1 and -1), as far as it needs."""
    by = np.concatenate([table.up[cells], table.down[cells]])
    sign = np.repeat([1, -1], len(cells))
    return np.tile(cells, 2)[by > 0], by[by > 0], sign[by > 0]


def possible(asked: Ints, by: Floats, sign: Ints, down: Floats, up: Floats) -> Bools:
    """Which of the cells have that much room in their directions."""
    return np.asarray(np.where(sign > 0, up[asked], down[asked]) >= by - _ENOUGH)
