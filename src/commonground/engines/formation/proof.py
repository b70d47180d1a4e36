"""What proves a bound, as data: prices, or a tree of cases with prices in each.

A *leaf* holds a price per member and a price of the count. No group is worth more than its members' prices, so the prices
(plus the count's price for every group) sum to a bound. `by` says how that is verified: "groups" by listing groups, "pairs"
member by member from its best pairs. `bonus` per kind makes the listing short (`sectors.py`); it is no part of what is proven.

*Narrowed* says that only groups which lose little against the prices of `first` can be part of anything `better_than` a value.
Below it come leaves with prices for odd sets as well (`odd.py`), narrowed proofs again, and splits. A *split* says that two
members share a group or do not; its bound is the greater of its two cases'.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from commonground.engines.formation.instance import CLOSED, Arrays, Floats, Ints

OddSet = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Leaf:
    prices: Floats
    count_price: float
    bound: float
    by: str = "groups"
    bonus: Floats = field(default_factory=lambda: np.zeros(0))
    odd: Mapping[OddSet, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Narrowed:
    first: Leaf
    better_than: float
    then: "Leaf | Narrowed | Split"

    @property
    def bound(self) -> float:
        return max(self.better_than, self.then.bound)


@dataclass(frozen=True, eq=False)
class Split:
    first: int
    second: int
    together: "Leaf | Narrowed | Split"
    apart: "Leaf | Narrowed | Split"

    @property
    def bound(self) -> float:
        return max(self.together.bound, self.apart.bound)


Proof = Leaf | Narrowed | Split


def named(proof: Proof, ids: Sequence[str], kinds: Sequence[str]) -> dict[str, Any]:
    """The proof as plain data, members by id and kinds by name."""
    if isinstance(proof, Split):
        split = {"split": [ids[proof.first], ids[proof.second]]}
        return {**split, "together": named(proof.together, ids, kinds), "apart": named(proof.apart, ids, kinds)}
    if isinstance(proof, Narrowed):
        first, then = named(proof.first, ids, kinds), named(proof.then, ids, kinds)
        return {"first": first, "better_than": float(proof.better_than), "then": then}
    leaf = {"by": proof.by, "count_price": float(proof.count_price), "bound": float(proof.bound)}
    prices = {member: float(price) for member, price in zip(ids, proof.prices, strict=True)}
    bonus = {kind: float(each) for kind, each in zip(kinds, proof.bonus, strict=False) if each}
    odd = [{"members": [ids[i] for i in members], "price": price} for members, price in proof.odd.items()]
    return {**leaf, "prices": prices, "sector_bonus": bonus, "odd": odd}


def pair_prices(arrays: Arrays) -> Leaf:
    """Prices without listing groups: for every member the most that it could bring into any group.

    In a group of size s a member brings half its pairs, at most half the sum of its s - 1 best ones, less its cost
    and its share of the size's cost.
    """
    prices = -arrays.leave.copy()
    for option in range(arrays.cost.shape[1]):
        ids = np.flatnonzero(arrays.cost[:, option] < CLOSED)
        for size in range(arrays.size_min, min(arrays.size_max, len(ids)) + 1):
            brings = _best_pairs(arrays.pair, ids, size - 1) / 2 - arrays.cost[ids, option]
            prices[ids] = np.maximum(prices[ids], brings - arrays.size_cost[size] / size)
    return Leaf(prices, 0.0, float(prices.sum()), "pairs")


def _best_pairs(pair: Floats, ids: Ints, count: int) -> Floats:
    best = np.empty(len(ids))
    for row, i in enumerate(ids):
        weights = pair[i, ids]
        weights[row] = -np.inf
        best[row] = np.partition(weights, len(ids) - count)[len(ids) - count :].sum()
    return best
