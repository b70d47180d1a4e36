"""The general form of a grouping problem: pair weights, a cost per member and option, sizes, kinds.

`Instance` is what the search works on. A market with its rules compiles to one (`compiling.py`), and
published benchmark problems are written as one directly: any symmetric pair weights, any cost per member and option.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from commonground.engines.formation.reasons import RuleError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

CLOSED = 1.0e9  # stands for infinity in the compiled loops: infinities would turn into not-a-number when they meet


@dataclass(frozen=True, eq=False, kw_only=True)
class Instance:
    """One grouping problem with n members. Maximise over sets of disjoint groups

        sum of pair[i, j] within groups - sum of cost[i, option of its group] - size_cost[size of each group]
        - leave[i] of every member in no group.

    - `pair`: (n, n), symmetric; -inf where two may not share a group. The diagonal is ignored.
    - `size_min`, `size_max`: members of a group, 2 or more.
    - `cost`: (n, options), 0 or more; inf where the option is closed to the member. Default: one option, free.
    - `leave`: (n,), inf where a member must have a group. Default: everybody must.
    - `kind`: (n,) numbers 0, 1, ... (sectors); `kind_min`, `kind_max`: how many of each kind in every group.
    - `size_cost`: (size_max + 1,). `pins`: sets of members that share a group or have none.
    - `slots`: (min, max) size per group where the number of groups is given and each has its own limits.
    - `count`: the number of groups, or None. Implied by `slots`.
    """

    pair: Floats
    size_min: int
    size_max: int
    cost: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    leave: Floats = field(default_factory=lambda: np.zeros(0))
    kind: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    kind_min: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    kind_max: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    size_cost: Floats = field(default_factory=lambda: np.zeros(0))
    pins: tuple[tuple[int, ...], ...] = ()
    slots: tuple[tuple[int, int], ...] | None = None
    count: int | None = None

    def __post_init__(self) -> None:
        n = len(self.pair)
        if self.pair.shape != (n, n) or n == 0:
            raise ValueError(f"The pair weights have the shape {self.pair.shape}. Give one row and column per member.")
        if not 2 <= self.size_min <= self.size_max:
            raise RuleError("group_size", low=self.size_min, target=self.size_max, high=self.size_max)
        self._default("cost", np.zeros((n, 1)), (n, -1))
        self._default("leave", np.full(n, np.inf), (n,))
        self._default("kind", np.zeros(n, np.int64), (n,))
        self._default("kind_min", np.zeros(int(self.kind.max()) + 1, np.int64), (int(self.kind.max()) + 1,))
        self._default("kind_max", np.full(self.kind_min.size, n), self.kind_min.shape)
        self._default("size_cost", np.zeros(self.size_max + 1), (self.size_max + 1,))
        if self.slots is not None:
            object.__setattr__(self, "count", len(self.slots))

    def __len__(self) -> int:
        return len(self.pair)

    def _default(self, name: str, default: NDArray[np.generic], shape: tuple[int, ...]) -> None:
        value = getattr(self, name)
        if value.size == 0:
            object.__setattr__(self, name, default)
        elif value.ndim != len(shape) or any(
            want not in (-1, has) for want, has in zip(shape, value.shape, strict=True)
        ):
            raise ValueError(f"`{name}` has the shape {value.shape}; with {len(self.pair)} members it must be {shape}.")

    def value(self, members: Sequence[int], option: int) -> float:
        """Value of one group; -inf where a pair or the option is closed. Sizes and kinds are not looked at."""
        ids = np.asarray(members)
        weights = self.pair[np.ix_(ids, ids)]
        inside = weights[np.triu_indices(len(ids), 1)].sum()
        return float(inside - self.cost[ids, option].sum() - self.size_cost[len(ids)])

    def total(self, groups: Sequence[Sequence[int]], options: Sequence[int]) -> float:
        """Value of a set of groups, members left out included."""
        out = np.ones(len(self), bool)
        for members in groups:
            out[list(members)] = False
        inside = sum(self.value(members, option) for members, option in zip(groups, options, strict=True))
        return float(inside - self.leave[out].sum())

    def pin_numbers(self) -> tuple[Ints, Ints]:
        """For the loops: the pin of every member (-1 for none), and the size of every pin."""
        pin = np.full(len(self), -1, np.int64)
        for number, members in enumerate(self.pins):
            pin[list(members)] = number
        return pin, np.array([len(members) for members in self.pins] or [0], np.int64)


@dataclass(frozen=True, eq=False)
class Arrays:
    """An instance as the compiled loops take it: finite numbers, contiguous, 64-bit."""

    pair: Floats
    cost: Floats
    leave: Floats
    kind: Ints
    kind_min: Ints
    kind_max: Ints
    pin: Ints
    pin_size: Ints
    size_min: int
    size_cost: Floats

    @staticmethod
    def of(instance: Instance) -> "Arrays":
        pair = np.ascontiguousarray(instance.pair, dtype=np.float64)
        if not np.isfinite(pair).all() or pair.diagonal().any():
            pair = np.nan_to_num(pair, neginf=-CLOSED)
            np.fill_diagonal(pair, 0.0)
        pin, pin_size = instance.pin_numbers()
        must = must_cost(instance)
        return Arrays(
            pair=pair,
            cost=np.ascontiguousarray(np.minimum(instance.cost, CLOSED), dtype=np.float64),
            leave=np.where(np.isfinite(instance.leave), instance.leave, must).astype(np.float64),
            kind=np.ascontiguousarray(instance.kind, dtype=np.int64),
            kind_min=np.ascontiguousarray(instance.kind_min, dtype=np.int64),
            kind_max=np.ascontiguousarray(instance.kind_max, dtype=np.int64),
            pin=pin,
            pin_size=pin_size,
            size_min=instance.size_min,
            size_cost=np.ascontiguousarray(instance.size_cost, dtype=np.float64),
        )

    @property
    def size_max(self) -> int:
        return self.size_cost.size - 1


def must_cost(instance: Instance) -> float:
    """What the search pays for a member that must have a group and has none: more than any re-forming could gain."""
    pair, cost, size = instance.pair, instance.cost, instance.size_max
    finite = max(float(np.max(pair, initial=0.0)), -float(np.min(pair, initial=0.0, where=np.isfinite(pair))))
    open_cost = float(np.max(cost, initial=0.0, where=np.isfinite(cost)))
    left = float(np.max(instance.leave, initial=0.0, where=np.isfinite(instance.leave)))
    return 10.0 + 2.0 * size * (finite * (size - 1) / 2 + open_cost) + float(np.abs(instance.size_cost).max()) + left
