"""Narrowing bounds by arithmetic: what each row leaves for each of its variables, again and again until nothing moves."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from commonground.engines.disclosure.audit.reading import ContradictionError
from commonground.engines.disclosure.audit.system import System

Floats = NDArray[np.float64]
SLACK = 1e-6
ROUNDS = 200


def narrow(system: System) -> None:
    """Tighten ``system.low`` and ``system.high`` in place. Raises ContradictionError where the published figures contradict."""
    entries = system.rows.tocoo()
    for _ in range(ROUNDS):
        low, high = _implied(system, entries)
        low, high = np.ceil(low - SLACK), np.floor(high + SLACK)
        if np.any(low > high + 0.5):
            raise _contradiction(system, int(np.argmax(low - high)))
        if not np.any(low > system.low + 0.5) and not np.any(high < system.high - 0.5):
            return
        system.low, system.high = low, high


def _implied(system: System, entries: sparse.coo_matrix) -> tuple[Floats, Floats]:
    row, column, value = entries.row, entries.col, entries.data
    up = value > 0
    least = value * np.where(up, system.low[column], system.high[column])
    most = value * np.where(up, system.high[column], system.low[column])
    others_least = _without_own(row, least, len(system.row_low), -np.inf)
    others_most = _without_own(row, most, len(system.row_low), np.inf)
    upper = (system.row_high[row] - others_least) / value
    lower = (system.row_low[row] - others_most) / value
    low, high = system.low.copy(), system.high.copy()
    np.maximum.at(low, column, np.where(up, lower, upper))
    np.minimum.at(high, column, np.where(up, upper, lower))
    return low, high


def _without_own(row: NDArray[np.int32], part: Floats, rows: int, infinite: float) -> Floats:
    """For each entry, the sum of the other entries of its row; ``infinite`` where another of them is infinite."""
    endless = np.isinf(part)
    finite = np.where(endless, 0.0, part)
    total = np.bincount(row, weights=finite, minlength=rows)[row] - finite
    others = np.bincount(row, weights=endless, minlength=rows)[row] - endless
    return np.where(others > 0.5, infinite, total)


def _contradiction(system: System, worst: int) -> ContradictionError:
    return ContradictionError(
        "The published figures contradict each other, so they cannot all be right: "
        f"no whole number fits variable {worst}, which lies between {system.low[worst]:g} and {system.high[worst]:g}. "
        "Make the report again from its sources."
    )
