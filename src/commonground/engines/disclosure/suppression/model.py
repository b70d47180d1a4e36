"""A problem made ready for the solvers: cells in canonical order, equal cells merged, deviations instead of values."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from commonground.engines.disclosure.suppression.problem import Bools, Floats, Ints, Problem


@dataclass(frozen=True)
class Model:
    """n cells and the targets that an attacker's linear program must reach.

    Hidden, cell j deviates within -down[j]..up[j]; shown, within -shown_down[j]..shown_up[j] (zero when exact).
    `must`: hidden in every pattern; `never`: hidden in none; the others are to be decided. Target t: cell
    `target[t]` times `sign[t]` must reach `need[t]`.
    """

    A: csr_matrix
    weight: Floats
    down: Floats
    up: Floats
    shown_down: Floats
    shown_up: Floats
    must: Bools
    never: Bools
    target: Ints
    sign: Floats
    need: Floats

    @property
    def n(self) -> int:
        return len(self.weight)

    @property
    def free(self) -> Bools:
        return ~self.must & ~self.never

    def cost(self, hidden: Bools) -> float:
        return float(self.weight[hidden].sum())

    def bounds(self, y: Floats, cap: float = np.inf) -> tuple[Floats, Floats]:
        """How far each cell may lie below and above its value when a share y of it is hidden, at most `cap` each."""
        below = self.shown_down + (self.down - self.shown_down) * y
        above = self.shown_up + (self.up - self.shown_up) * y
        if np.isfinite(cap):
            below, above = (
                np.minimum(self.shown_down, cap) * (1 - y) + np.minimum(self.down, cap) * y,
                np.minimum(self.shown_up, cap) * (1 - y) + np.minimum(self.up, cap) * y,
            )
        return below, above

    def aim(self, targets: Ints, below: Floats, above: Floats) -> tuple[Floats, Floats, Floats]:
        """(lower bounds, upper bounds, gain of each cell) of pushing all these targets at once, none beyond its need.

        At most one target for each cell.
        """
        low, high, gain = -below, above.copy(), np.zeros(self.n)
        cell, sign, need = self.target[targets], self.sign[targets], self.need[targets]
        gain[cell] = sign / need
        up = sign > 0
        high[cell[up]] = np.minimum(high[cell[up]], need[up])
        low[cell[~up]] = np.maximum(low[cell[~up]], -need[~up])
        return low, high, gain

    def part(self, cells: Ints, rows: Ints) -> "Model":
        """The model of these cells and relations alone; targets follow their cells."""
        place = np.full(self.n, -1)
        place[cells] = np.arange(len(cells))
        mine = place[self.target] >= 0
        return Model(
            self.A[rows][:, cells].tocsr(),
            self.weight[cells],
            self.down[cells],
            self.up[cells],
            self.shown_down[cells],
            self.shown_up[cells],
            self.must[cells],
            self.never[cells],
            place[self.target[mine]],
            self.sign[mine],
            self.need[mine],
        )


@dataclass(frozen=True)
class Compiled:
    """A model and, for every cell of the problem, the model's cell that stands for it."""

    model: Model
    stands: Ints  # n of the problem


def compile_problem(problem: Problem) -> Compiled:
    """1. Put cells and relations into canonical order. 2. Merge cells that are always equal. 3. State targets."""
    n = len(problem.value)
    order = np.array(sorted(range(n), key=lambda i: problem.keys[i]) if len(problem.keys) else range(n), np.int64)
    place = np.empty(n, np.int64)
    place[order] = np.arange(n)
    A = _canonical_rows(problem.relations[:, order])
    must = np.zeros(n, bool)
    must[place[problem.sensitive]] = problem.may_hide[problem.sensitive]
    model = Model(
        A,
        problem.weight[order],
        (problem.value - problem.low)[order],
        (problem.high - problem.value)[order],
        (problem.value - problem.band_low)[order],
        (problem.band_high - problem.value)[order],
        must,
        ~problem.may_hide[order],
        *_targets(place[problem.sensitive], problem.need_down, problem.need_up),
    )
    merged, stands = _merge(model)
    return Compiled(merged, stands[place])


def _canonical_rows(A: csr_matrix) -> csr_matrix:
    """Each row once, its first coefficient positive, rows sorted by their cells and coefficients."""
    A = csr_matrix(A, copy=True)
    A.sum_duplicates()
    A.eliminate_zeros()
    A.sort_indices()
    rows: dict[tuple[tuple[int, ...], tuple[float, ...]], None] = {}
    for start, end in zip(A.indptr[:-1], A.indptr[1:], strict=True):
        if end > start:
            sign = np.sign(A.data[start])
            rows[tuple(A.indices[start:end].tolist()), tuple((sign * A.data[start:end]).tolist())] = None
    kept = sorted(rows)
    lengths = np.cumsum([0] + [len(cells) for cells, _ in kept])
    cells = np.array([c for row, _ in kept for c in row], np.int64)
    data = np.array([v for _, row in kept for v in row], np.float64)
    return csr_matrix((data, cells, lengths), shape=(len(kept), A.shape[1]))


def _targets(cells: Ints, need_down: Floats, need_up: Floats) -> tuple[Ints, Floats, Floats]:
    """Every need above zero, by cell, down before up."""
    m = len(cells)
    target = np.concatenate([cells, cells])
    sign = np.concatenate([-np.ones(m), np.ones(m)])
    need = np.concatenate([need_down, need_up])
    kept = np.lexsort((sign, target))
    kept = kept[need[kept] > 0]
    return target[kept], sign[kept], need[kept]


def _merge(model: Model) -> tuple[Model, Ints]:
    """Cells bound by a relation of two terms, +1 and -1, move together: one cell stands for all of them.

    Hiding one and showing the other would help nobody, so their weights add. Only cells that are exact when shown.
    """
    A, n = model.A, model.n
    exact = (model.shown_down == 0) & (model.shown_up == 0)
    pairs = np.flatnonzero(np.diff(A.indptr) == 2)
    a, b = A.indices[A.indptr[pairs]], A.indices[A.indptr[pairs] + 1]
    equal = (A.data[A.indptr[pairs]] == -A.data[A.indptr[pairs] + 1]) & exact[a] & exact[b]
    a, b = a[equal], b[equal]
    links = csr_matrix((np.ones(len(a)), (a, b)), shape=(n, n))
    count, label = connected_components(links, directed=False)
    _, first = np.unique(label, return_index=True)
    renumber = np.empty(count, np.int64)
    renumber[np.argsort(first, kind="stable")] = np.arange(count)
    stands = renumber[label]
    if count == n:
        return model, np.arange(n)
    return _merged(model, stands, count), stands


def _merged(model: Model, stands: Ints, count: int) -> Model:
    join = csr_matrix((np.ones(model.n), (np.arange(model.n), stands)), shape=(model.n, count))
    down, up, shown_down, shown_up = (np.full(count, np.inf) for _ in range(4))
    for out, column in (
        (down, model.down),
        (up, model.up),
        (shown_down, model.shown_down),
        (shown_up, model.shown_up),
    ):
        np.minimum.at(out, stands, column)
    must, never = np.zeros(count, bool), np.zeros(count, bool)
    np.logical_or.at(must, stands, model.must)
    np.logical_or.at(never, stands, model.never)
    target, sign, need = _strictest(stands[model.target], model.sign, model.need)
    weight: Floats = np.bincount(stands, weights=model.weight, minlength=count).astype(np.float64)
    A = _canonical_rows(model.A @ join)
    return Model(A, weight, down, up, shown_down, shown_up, must & ~never, never, target, sign, need)


def _strictest(target: Ints, sign: Floats, need: Floats) -> tuple[Ints, Floats, Floats]:
    """One target for each cell and direction: the greatest need."""
    order = np.lexsort((-need, sign, target))
    target, sign, need = target[order], sign[order], need[order]
    fresh = np.ones(len(target), bool)
    fresh[1:] = (target[1:] != target[:-1]) | (sign[1:] != sign[:-1])
    return target[fresh], sign[fresh], need[fresh]
