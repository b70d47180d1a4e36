"""What is to be protected, checked at birth: cells, the relations between them, and the sensitive ones.

An attacker knows every relation, every shown cell (exactly, or within a published band), and beforehand that a hidden
cell lies between `low` and `high`. A sensitive cell is protected when, as far as the attacker can tell, it may still be
`need_down` below and `need_up` above its value. The model of M. Fischetti and J.J. Salazar, "Models and algorithms for
optimizing cell suppression in tabular data with linear constraints", JASA 95 (2000), with bands added.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ROUNDING = 1e-6  # a relation may miss zero by this much, relative to its largest term


class ProblemError(ValueError):
    """The arrays of a problem contradict each other; the message names the array and the place."""


@dataclass(frozen=True)
class Problem:
    """Cells (all arrays of length n), relations, and sensitive cells (arrays of length m).

    `relations` is a sparse matrix, one row a relation: row times values is zero (within `ROUNDING`). `low` and `high`
    enclose the value; infinity is not a bound that anyone believes, so both are finite. `band_low` and `band_high` are
    what is published when a cell is not hidden; left out, the value itself is. `may_hide` is true everywhere when
    left out. `keys` orders the cells: with distinct keys the answer does not depend on the order of the input.
    `whole`: every table that the attacker thinks possible is of whole numbers, as the values are.
    Raises ProblemError.
    """

    value: Floats
    weight: Floats
    low: Floats
    high: Floats
    relations: csr_matrix
    sensitive: Ints
    need_down: Floats
    need_up: Floats
    may_hide: Bools = field(default_factory=lambda: np.zeros(0, bool))
    band_low: Floats = field(default_factory=lambda: np.zeros(0))
    band_high: Floats = field(default_factory=lambda: np.zeros(0))
    keys: Sequence[str] = ()
    whole: bool = False

    def __post_init__(self) -> None:
        n = len(self.value)
        for name in ("value", "weight", "low", "high", "need_down", "need_up"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.float64))
        object.__setattr__(self, "sensitive", np.asarray(self.sensitive, np.int64).reshape(-1))
        object.__setattr__(self, "relations", csr_matrix(self.relations, shape=(self.relations.shape[0], n)))
        self._default("may_hide", np.ones(n, bool), bool)
        self._default("band_low", self.value, np.float64)
        self._default("band_high", self.value, np.float64)
        self._check_shapes()
        self._check_bounds()
        self._check_relations()

    @classmethod
    def of_deviations(
        cls,
        *,
        weight: ArrayLike,
        down: ArrayLike,
        up: ArrayLike,
        relations: csr_matrix,
        sensitive: ArrayLike,
        need_down: ArrayLike,
        need_up: ArrayLike,
        may_hide: ArrayLike = (),
    ) -> "Problem":
        """A problem told by deviations alone: how far a hidden cell may lie `down` and `up` from its value."""
        low, high = -np.asarray(down, np.float64), np.asarray(up, np.float64)
        return cls(
            value=np.zeros(len(low)),
            weight=np.asarray(weight, np.float64),
            low=low,
            high=high,
            relations=relations,
            sensitive=np.asarray(sensitive, np.int64),
            need_down=np.asarray(need_down, np.float64),
            need_up=np.asarray(need_up, np.float64),
            may_hide=np.asarray(may_hide, bool),
        )

    def name(self, cell: int) -> str:
        """What to call the cell in a message."""
        return str(self.keys[cell]) if len(self.keys) else f"cell {cell}"

    def _default(self, name: str, default: NDArray[np.generic], dtype: type) -> None:
        given: NDArray[np.generic] = np.asarray(getattr(self, name), dtype)
        object.__setattr__(self, name, given if len(given) else default.astype(dtype))

    def _check_shapes(self) -> None:
        n = len(self.value)
        for name in ("weight", "low", "high", "may_hide", "band_low", "band_high"):
            if len(getattr(self, name)) != n:
                raise ProblemError(f"{name} has {len(getattr(self, name))} entries, but there are {n} values")
        if len(self.keys) not in (0, n) or len(set(self.keys)) != len(self.keys):
            raise ProblemError(f"keys must be {n} different texts, or none")
        if not len(self.sensitive) == len(self.need_down) == len(self.need_up):
            raise ProblemError("sensitive, need_down and need_up differ in length")
        if len(np.unique(self.sensitive)) != len(self.sensitive):
            raise ProblemError("a cell is listed as sensitive twice; give it once, with the larger needs")
        if len(self.sensitive) and not (self.sensitive.min() >= 0 and self.sensitive.max() < n):
            raise ProblemError(f"sensitive names a cell outside 0..{n - 1}")

    def _check_bounds(self) -> None:
        for name in ("value", "weight", "low", "high", "band_low", "band_high", "need_down", "need_up"):
            wrong = ~np.isfinite(getattr(self, name))
            self._refuse(wrong, f"{name} is not a finite number")
        self._refuse(self.weight < 0, "weight is negative: hiding a cell cannot be a gain")
        self._refuse((self.low > self.value) | (self.high < self.value), "the value is outside low..high")
        self._refuse((self.band_low > self.value) | (self.band_high < self.value), "the value is outside its band")
        self._refuse((self.band_low < self.low) | (self.band_high > self.high), "the band reaches outside low..high")
        if (self.need_down < 0).any() or (self.need_up < 0).any():
            raise ProblemError("need_down and need_up are distances from the value, so never negative")

    def _check_relations(self) -> None:
        miss = np.abs(self.relations @ self.value)
        size = abs(self.relations) @ np.abs(self.value)
        if self.whole:
            self._refuse(np.abs(self.value - np.round(self.value)) > ROUNDING, "the value is not a whole number")
        wrong = miss > ROUNDING * np.maximum(size, 1.0)
        if wrong.any():
            row = int(np.argmax(wrong))
            raise ProblemError(f"relation {row} misses zero by {miss[row]:g} with the given values")

    def _refuse(self, wrong: Bools, why: str) -> None:
        if wrong.any():
            raise ProblemError(f"{self.name(int(np.argmax(wrong)))}: {why}")


class UnprotectableError(ValueError):
    """Some sensitive cells stay too narrow even when everything that may be hidden is hidden.

    `cells` are their positions, `reach_down` and `reach_up` how far each can move at most.
    """

    def __init__(self, problem: Problem, cells: Ints, reach_down: Floats, reach_up: Floats) -> None:
        self.cells, self.reach_down, self.reach_up = cells, reach_down, reach_up
        place = {int(cell): at for at, cell in enumerate(problem.sensitive)}
        lines = [
            f"{problem.name(int(cell))} can move {down:g} down and {up:g} up, but needs "
            f"{problem.need_down[place[int(cell)]]:g} and {problem.need_up[place[int(cell)]]:g}"
            for cell, down, up in zip(cells, reach_down, reach_up, strict=True)
        ]
        more = f" (and {len(lines) - 5} more)" if len(lines) > 5 else ""
        super().__init__(
            f"{len(lines)} sensitive cells cannot be protected even with everything hidden that may be: "
            + "; ".join(lines[:5])
            + more
            + ". Let more cells be hidden, publish wider bands, or leave out a total."
        )


@dataclass(frozen=True)
class Pattern:
    """Which cells are hidden (sensitive ones included), what it costs, and how good that is.

    `lower_bound`: no pattern that protects everything costs less. `proven`: the pattern is a cheapest one.
    `protects` maps each secondary cell to the sensitive cells whose room to vary runs through it.
    """

    hidden: Bools
    weight: float
    lower_bound: float
    proven: bool
    protects: dict[int, tuple[int, ...]]

    @property
    def gap(self) -> float:
        """How much cheaper a pattern could be at most, as a share of this one's cost."""
        return 0.0 if self.weight <= 0 else max(0.0, (self.weight - self.lower_bound) / self.weight)
