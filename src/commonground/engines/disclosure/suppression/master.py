"""The choice of cells: cheapest y that meets all inequalities found so far, as a linear or an integer program."""

from collections.abc import Sequence

import highspy
import numpy as np

from commonground.engines.disclosure.suppression.cuts import Cut
from commonground.engines.disclosure.suppression.problem import Bools, Floats, Ints

SLACK = 1e-7


class MasterLP:
    """The linear program over the free cells; it grows by cuts and keeps its basis."""

    def __init__(self, weight: Floats, free: Bools) -> None:
        self.cells = np.flatnonzero(free)
        self.n = len(weight)
        self.scale = max(float(weight[self.cells].max(initial=0.0)), 1e-12)
        self.cuts: list[Cut] = []
        self._place = np.full(self.n, -1)
        self._place[self.cells] = np.arange(len(self.cells))
        self._lp = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off")):
            self._lp.setOptionValue(option, value)
        k = len(self.cells)
        none = np.zeros(0, np.int32)
        self.cost = weight[self.cells] / self.scale
        self._lp.addCols(k, self.cost, np.zeros(k), np.ones(k), 0, np.zeros(k, np.int32), none, np.zeros(0))

    def add(self, cuts: Sequence[Cut]) -> None:
        """Add the cuts as rows."""
        if cuts:
            add_rows(self._lp, cuts, self._place)
            self.cuts.extend(cuts)

    def forbid(self, low: Floats, high: Floats) -> None:
        """Bounds on y of all n cells (0 or 1 where a cell is settled)."""
        k = len(self.cells)
        self._lp.changeColsBounds(k, np.arange(k, dtype=np.int32), low[self.cells], high[self.cells])

    def solve(self, seconds: float = np.inf) -> tuple[float, Floats]:
        """(lower bound of the free cells' weight, y of all n cells; 0 where not free)."""
        self._lp.setOptionValue("time_limit", self._lp.getRunTime() + min(max(seconds, 0.1), 1e9))
        self._lp.run()
        solution = self._lp.getSolution()
        y = np.zeros(self.n)
        y[self.cells] = np.clip(np.array(solution.col_value), 0.0, 1.0)
        if self._lp.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return 0.0, y
        return self._safe_bound(np.array(solution.row_dual)), y

    def reduced(self) -> Floats:
        """Reduced costs of all n cells in the last optimum, in units of weight; 0 where not free."""
        out = np.zeros(self.n)
        out[self.cells] = np.array(self._lp.getSolution().col_dual) * self.scale
        return out

    def drop_slack(self) -> None:
        """Forget the rows that the last optimum does not use."""
        basis = self._lp.getBasis()
        loose = np.array([status == highspy.HighsBasisStatus.kBasic for status in basis.row_status], bool)
        gone = np.flatnonzero(loose)
        if len(gone) > len(self.cuts) // 3:
            self._lp.deleteRows(len(gone), gone.astype(np.int32))
            self.cuts = [cut for cut, out in zip(self.cuts, loose, strict=True) if not out]

    def _safe_bound(self, dual: Floats) -> float:
        """The bound that the multipliers prove by themselves, whatever the solver's rounding."""
        dual = np.maximum(dual, 0.0)
        left = self.cost.copy()
        for multiplier, cut in zip(dual, self.cuts, strict=True):
            if multiplier > 0:
                left[self._place[cut.cells]] -= multiplier * cut.coefficient
        lower, upper = self._column_bounds()
        return float(dual.sum() + np.minimum(left * lower, left * upper).sum()) * self.scale

    def _column_bounds(self) -> tuple[Floats, Floats]:
        lp = self._lp.getLp()
        return np.array(lp.col_lower_), np.array(lp.col_upper_)


def add_rows(lp: highspy.Highs, cuts: Sequence[Cut], place: Ints) -> None:
    length = np.array([len(cut.cells) for cut in cuts])
    start = np.concatenate([[0], np.cumsum(length)[:-1]]).astype(np.int32)
    index = place[np.concatenate([cut.cells for cut in cuts])].astype(np.int32)
    data = np.concatenate([cut.coefficient for cut in cuts])
    m = len(cuts)
    lp.addRows(m, np.ones(m), np.full(m, np.inf), len(index), start, index, data)


def solve_mip(
    weight: Floats,
    low: Floats,
    high: Floats,
    cuts: Sequence[Cut],
    *,
    seconds: float,
    start: Bools | None = None,
    threads: int = 1,
    gap: float = 0.0,
) -> tuple[float, Bools, bool, list[Bools]]:
    """(lower bound, best y, whether proven, other patterns met on the way) of the integer program over all cells.

    `low` and `high` are bounds on y; cells with equal bounds are settled. The bound counts the settled cells too, and is
    infinite where no pattern meets all cuts.
    """
    n, open_cells = len(weight), np.flatnonzero(low < high)
    place = np.full(n, -1)
    place[open_cells] = np.arange(len(open_cells))
    settled = float(weight[low == 1].sum())
    scale = max(float(weight[open_cells].max(initial=0.0)), 1e-12)
    lp = highspy.Highs()
    for option, value in (("output_flag", False), ("threads", threads), ("mip_rel_gap", gap), ("mip_abs_gap", 1e-9)):
        lp.setOptionValue(option, value)
    lp.setOptionValue("time_limit", max(seconds, 0.05))
    k = len(open_cells)
    cost = weight[open_cells] / scale
    lp.addCols(k, cost, np.zeros(k), np.ones(k), 0, np.zeros(k, np.int32), np.zeros(0, np.int32), np.zeros(0))
    lp.changeColsIntegrality(k, np.arange(k, dtype=np.int32), np.full(k, highspy.HighsVarType.kInteger))
    rows = _restricted(cuts, low, place)
    if not all(
        len(row.cells) for row in rows
    ):  # settled cells alone do not meet it; a program without columns would not say so
        return np.inf, low > 0.5, False, []
    if rows:
        add_rows(lp, rows, np.arange(k))
    if start is not None and k:
        lp.setSolution(k, np.arange(k, dtype=np.int32), start[open_cells].astype(float))
    met: list[Bools] = []
    lp.setCallback(_collect(met, low, open_cells), None)
    lp.startCallback(highspy.cb.HighsCallbackType.kCallbackMipImprovingSolution)
    lp.run()
    info, status = lp.getInfo(), lp.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return np.inf, low > 0.5, False, met
    proven = status == highspy.HighsModelStatus.kOptimal
    y = low > 0.5
    values = np.array(lp.getSolution().col_value)
    if len(values) == k and k:
        y[open_cells] = values > 0.5
    bound = info.mip_dual_bound if k else 0.0
    return settled + max(bound, 0.0) * scale, y, proven, met


def _restricted(cuts: Sequence[Cut], low: Floats, place: Ints) -> list[Cut]:
    """The cuts over the open cells, by position; those that settled cells already meet are left out."""
    rows = []
    for cut in cuts:
        at = place[cut.cells]
        is_open = at >= 0
        right = 1.0 - cut.coefficient[~is_open] @ low[cut.cells[~is_open]]
        if right > SLACK:
            rows.append(Cut(at[is_open], np.minimum(cut.coefficient[is_open] / right, 1.0)))
    return rows


def _collect(met: list[Bools], low: Floats, open_cells: Ints):  # type: ignore[no-untyped-def]
    def collect(kind: int, message: str, out, given, data) -> None:  # type: ignore[no-untyped-def]
        y = low > 0.5
        y[open_cells] = np.array(out.mip_solution) > 0.5
        met.append(y)

    return collect
