"""Narrowing bounds by arithmetic: what each row leaves for each of its variables, again and again until nothing moves."""

from collections.abc import Callable

import numpy as np

from commonground.engines.disclosure.audit.kernels import sweep
from commonground.engines.disclosure.audit.reading import ContradictionError
from commonground.engines.disclosure.audit.system import System

ROUNDS = 200


def narrow(system: System) -> None:
    """Tighten ``system.low`` and ``system.high`` in place. Raises ContradictionError where the published figures contradict."""
    low, high, rows = system.low.copy(), system.high.copy(), system.rows
    lists = rows.indptr.astype(np.int64), rows.indices.astype(np.int64), rows.data
    for _ in range(ROUNDS):
        changed, worst = _sweep(*lists, system.row_low, system.row_high, low, high)
        if worst >= 0:
            raise _contradiction(worst, low[worst], high[worst])
        system.low, system.high = low, high
        if not changed:
            return


_sweep: Callable[..., tuple[bool, int]] = sweep


def _contradiction(worst: int, low: float, high: float) -> ContradictionError:
    return ContradictionError(
        "The published figures contradict each other, so they cannot all be right: "
        f"no whole number fits variable {worst}, which lies between {low:g} and {high:g}. "
        "Make the report again from its sources."
    )
