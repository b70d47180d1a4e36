"""A walk from table to table that fit, by changes of a few students: a quick proof that figures can be otherwise.

Nothing that the walk has seen can be excluded by anybody. What it has not seen within its time is left to programs.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from commonground.engines.disclosure.audit import changes, kernels, repair
from commonground.engines.disclosure.audit.ground import Ground

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
TRIES = 100  # changes tried for each figure, up and down, in a round
BUDGET = 20_000  # changes tried in a round where few figures are left, to each side
FEWEST, MOST = 6, 40  # rounds
SIZE = 300  # columns for each further round: programs, which come after, are quick in small systems only
TRIED, SLOW, VERY_LARGE = 1, 0.08, 3_000  # rounds, share of figures left, columns: see _is_slow
IDLE = 6  # rounds in a row that may show nothing new
HOME = 3  # rounds after which the walk begins again where it began
SHAKEN, FEW_SHAKEN = 4, 1000  # figures that are shaken at once, for each that wants more, and besides
ELSEWHERE = 0.1  # of the figures at other places that are shaken as well
DEEPEST = 16  # places in one change
SEARCHES = 2, 6, 20  # for each figure that is left, up and down, round by round
MOST_SEARCHES = 4000  # in a round; where there would be more, there are none
SEARCHED = 0.05  # searches in a round for each column at most: programs, which come after, take longer in large systems


_push: Callable[..., None] = kernels.push
_shake: Callable[..., None] = kernels.shake
_mend: Callable[..., None] = repair.mend


@dataclass(frozen=True, slots=True)
class Trail:
    """The least and most that each column has been."""

    low: Floats
    high: Floats


class Walk:
    """A walk in a part of the system, from a table ``start`` that fits.

    ``kind`` (columns x 4) is the quantity, place, grade and group of each column; no two may be alike. ``rows`` with
    ``row_low`` .. ``row_high``, ``low`` .. ``high`` of the columns: see `system.System`.
    """

    def __init__(
        self,
        ground: Ground,
        kind: Ints,
        start: Floats,
        rows: sparse.csr_matrix,
        bounds: tuple[Floats, Floats],
        row_bounds: tuple[Floats, Floats],
    ) -> None:
        self.start, self.bounds, self.row_bounds, self.rows = start, bounds, row_bounds, rows
        quantities, local = np.unique(kind[:, 0], return_inverse=True)
        kind = np.column_stack([local, kind[:, 1:]]).astype(np.int64)
        self.ways = _ways(ground, kind, quantities)
        self.space = _space(ground, kind, len(quantities))
        columns = rows.tocsc()
        self.lines = _lines(columns, rows, row_bounds)
        self.past = kernels.Past(*(np.zeros(len(start)) for _ in range(3)))
        self.draft = _draft(ground, columns, len(quantities))
        self.broken = repair.Broken.of(len(start), rows.shape[0], len(self.draft.columns))
        self._go_to(np.zeros(len(start)))

    def _go_to(self, shift: Floats) -> None:
        """Stand so far from the start, and reckon all room anew."""
        table = self.start + shift
        lines = self.rows @ table
        self.past.shift[:] = shift
        self.space.room[:] = self.bounds[1] - table, table - self.bounds[0]
        self.lines.slack[:] = self.row_bounds[1] - lines, lines - self.row_bounds[0]

    def prove(
        self, asked: Ints, enough: Callable[[Floats, Floats], Bools], low: Floats, high: Floats, span: Floats
    ) -> Trail:
        """Walk until all of the columns ``asked`` are wide enough, or nothing new is seen.

        ``low`` and ``high``: how far each asked column should get. One that has been as far apart as ``span`` is left alone.
        """
        generator = np.random.default_rng(len(self.start))
        aims = low - self.start[asked], high - self.start[asked]
        idle, before = 0, len(asked) + 1
        for turn in range(min(max(FEWEST, len(self.start) // SIZE), MOST)):
            wanting = np.flatnonzero(~enough(*self._seen(asked)))
            idle = 0 if len(wanting) < before else idle + 1
            if not len(wanting) or idle > IDLE or self._is_slow(turn, len(wanting) / len(asked)):
                break
            before = min(before, len(wanting))
            if turn:
                self._shake(asked, wanting, turn, generator)
            goals = aims[0][wanting], aims[1][wanting], span[wanting]
            tries = min(max(TRIES, BUDGET // len(wanting)), 5 * TRIES)
            _push(*self._state, asked[wanting], *goals, tries, turn == 0)
        self._mend(asked, enough, aims, span)
        return Trail(self.start + self.past.least, self.start + self.past.most)

    def _is_slow(self, turn: int, left: float) -> bool:
        """Whether programs will be quicker: in systems that are not very large, where much is left after the first rounds."""
        return turn >= TRIED and left > SLOW and len(self.start) < VERY_LARGE

    def _mend(
        self, asked: Ints, enough: Callable[[Floats, Floats], Bools], aims: tuple[Floats, Floats], span: Floats
    ) -> None:
        """Search for tables in which figures that are left are where they should be."""
        for searches in SEARCHES:
            wanting = np.flatnonzero(~enough(*self._seen(asked)))
            most = min(MOST_SEARCHES, SEARCHED * len(self.start))
            if not len(wanting) or len(wanting) * searches > most:
                return
            self._go_to(np.zeros(len(self.start)))
            goals = aims[0][wanting], aims[1][wanting], span[wanting]
            _mend(*self._state, self.broken, asked[wanting], *goals, searches)

    def _shake(self, asked: Ints, wanting: Ints, turn: int, generator: np.random.Generator) -> None:
        """Go some way off: around the places that want more, and here and there."""
        self._go_to(np.zeros(len(self.start)) if turn % HOME == 0 else self.past.shift.copy())
        place = self.ways.kind[asked, 1]
        near = np.isin(place, place[wanting]) | (generator.random(len(asked)) < ELSEWHERE)
        moved = generator.permutation(asked[near])[: FEW_SHAKEN + SHAKEN * len(wanting)]
        _shake(*self._state, moved, generator.choice(np.array([-1, 1]), len(moved)))

    def _seen(self, asked: Ints) -> tuple[Floats, Floats]:
        low = np.ceil(self.start[asked] + self.past.least[asked] - 1e-5)
        return low, np.floor(self.start[asked] + self.past.most[asked] + 1e-5)

    @property
    def _state(self) -> tuple[object, ...]:
        return self.space, self.ways, self.lines, self.past, self.draft


def _space(ground: Ground, kind: Ints, quantities: int) -> changes.Space:
    index = np.full((quantities, *ground.sizes), changes.ABSENT, dtype=np.int64)
    index[tuple(kind.T)] = np.arange(len(kind))
    splits = np.zeros((len(kind), 2), dtype=np.bool_)
    grades = np.full(ground.sizes[1], ground.all_grades)
    grades[ground.all_grades] = -1
    for axis, above in ((1, ground.above), (2, grades)):
        inner = kind[above[kind[:, axis]] >= 0].copy()
        inner[:, axis] = above[inner[:, axis]]
        sums = index[tuple(inner.T)]
        splits[sums[sums >= 0], axis - 1] = True
    return changes.Space(index, splits, ground.above, np.zeros((2, len(kind))))


def _ways(ground: Ground, kind: Ints, quantities: Ints) -> changes.Ways:
    places = np.unique(kind[:, 1])
    children = ground.children(places)
    leaves = places[children.start[places] == children.start[places + 1]]
    holding, offered = ground.holding(), ground.offered()
    return changes.Ways(
        kind,
        children.start,
        children.joined,
        leaves,
        ground.adds[quantities],
        ground.options.start,
        ground.options.joined,
        ground.clusters,
        holding.start,
        holding.joined,
        ground.cluster,
        ground.steps.start,
        ground.steps.joined,
        offered.start,
        offered.joined,
        ground.single,
        ground.all_grades,
    )


def _lines(columns: sparse.csc_matrix, rows: sparse.csr_matrix, bounds: tuple[Floats, Floats]) -> kernels.Lines:
    lists = columns.indptr.astype(np.int64), columns.indices.astype(np.int64), columns.data
    pairs = np.flatnonzero((np.diff(rows.indptr) == 2) & (bounds[0] < bounds[1]))
    at = rows.indptr[pairs][:, None] + np.array([[0, 1]])
    ends, values = rows.indices[at], rows.data[at]
    own = np.concatenate([ends[:, 0], ends[:, 1]])
    order = np.argsort(own, kind="stable")
    ties = np.column_stack([np.tile(pairs, 2), np.concatenate([ends[:, 1], ends[:, 0]])])[order].astype(np.int64)
    pulls = np.concatenate([values, values[:, ::-1]])[order]
    starts = np.searchsorted(own[order], np.arange(columns.shape[1] + 1)).astype(np.int64)
    by_row = rows.indptr.astype(np.int64), rows.indices.astype(np.int64), rows.data
    return kernels.Lines(*lists, np.zeros((2, rows.shape[0])), *by_row, starts, ties, pulls)


def _draft(ground: Ground, columns: sparse.csc_matrix, quantities: int) -> changes.Draft:
    most = quantities * DEEPEST * 2 * ground.sizes[2]
    deep = int(np.diff(columns.indptr).max(initial=0))
    lists = ((DEEPEST, 2), (2, 2), (2 * ground.sizes[2], 2), (quantities,), (most, 2), (7,), (most * deep,))
    places, grades, groups, several, product, sizes, touched = (np.zeros(shape, dtype=np.int64) for shape in lists)
    weight, log = np.zeros(columns.shape[0]), np.zeros(20 * most, dtype=np.int64)
    chance = np.array([0x9E3779B97F4A7C15], dtype=np.uint64)
    return changes.Draft(places, grades, groups, several, product, sizes, touched, weight, log, chance)
