"""Checking a proof: that no set of groups outside the fixed ones is worth more than it says.

A *leaf* states prices: no group is worth more than its members' prices pay, or by the amount found here. Below a proof of
what is `better_than` a value, only the groups count that can be part of something better; they are listed once, and the
cases below are checked against the list.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commonground.engines.formation.model import Market, Member, Rules

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
CLOSE = 1e-7  # points: rounding of sums, on the side that lists more
OFF = -1e9
LARGEST = 1e8  # a number beyond this would drown points in rounding
MOST_LISTED = 1_000_000  # groups of one size and area


def number(given: Any) -> float:
    """A number that sums can rely on: what is not a number compares as neither too high nor too low, and would pass."""
    value = float(given)
    if not abs(value) <= LARGEST:
        raise ValueError(f"{given!r} is no score, bound or price: at most {LARGEST:.0e} makes sense.")
    return value


def choice(rules: Rules, member: Member, area: str | None) -> float:
    """Points of a member for the area of its group, from the definition; OFF where the rules do not allow it."""
    if area in member.areas:
        return -rules.weights.choice * member.areas.index(area)
    if rules.share_area:
        return OFF
    return -rules.weights.unranked if member.areas or area is not None else 0.0


@dataclass(frozen=True, eq=False)
class Listed:
    """Groups of one size or several: a row of members each, filled up with -1, and what each group is worth."""

    members: Ints
    value: Floats

    def __getitem__(self, kept: Flags) -> "Listed":
        return Listed(self.members[kept], self.value[kept])

    def has(self, member: int) -> Flags:
        """Which groups it is in."""
        return np.asarray((self.members == member).any(axis=1))

    def sums(self, each: Floats) -> Floats:
        """Sum of a number per member over every group's members."""
        return np.asarray(np.append(each, 0.0)[self.members].sum(axis=1))


def least_sum(bonus: Sequence[float], size: int, low: Sequence[int], high: Sequence[int]) -> float | None:
    """The least sum of bonuses over the mixes of `size` members with `low` to `high` of each sector; None without such a mix."""
    places = size - sum(low)
    total = sum(each * least for each, least in zip(bonus, low, strict=True))
    for each, least, most in sorted(zip(bonus, low, high, strict=True)):
        more = max(0, min(places, most - least))
        total, places = total + more * each, places - more
    return total if places == 0 else None


def _listed(table: tuple[Any, ...], least: float, rows: NDArray[np.int32]) -> tuple[int, float]:
    from commonground.engines.formation.check_listing import list_groups  # compiled: seconds to load

    call: Callable[..., tuple[int, float]] = list_groups
    return call(*table, least, rows)


class Proof:
    """Verifies proofs for the members outside fixed groups; `weights` are the points of all members' pairs."""

    def __init__(self, market: Market, rules: Rules, weights: Floats) -> None:
        fixed = {name for group in rules.fixed for name in group.members}
        rows = [i for i, m in enumerate(market.members) if m.id not in fixed]
        self.members = [market.members[i] for i in rows]
        self.weights = weights[np.ix_(rows, rows)]
        self.rules = rules
        self.place = {m.id: i for i, m in enumerate(self.members)}
        count = None if rules.group_count is None else rules.group_count - len(rules.fixed)
        self.count, self.groups = count, self._most_groups() if count is None else count
        areas = sorted({area for m in market.members for area in m.areas})
        self.areas: list[str | None] = [*areas] if rules.share_area else [*areas, None]
        self.cost = np.array([[-choice(rules, m, area) for area in self.areas] for m in self.members])

    def bound(self, proof: Mapping[str, Any]) -> float:
        """The bound that a proof really shows, for all groups."""
        if "better_than" not in proof:
            return self._leaf(proof, self._greatest(proof))
        least, first = number(proof["better_than"]), proof["first"]
        shown = self._leaf(first, self._greatest(first))
        return max(least, self._bound(proof["then"], self._list(first, least - shown)))

    def _bound(self, proof: Mapping[str, Any], listed: Listed) -> float:
        """The bound that a proof shows for the listed groups; the two cases of a split cover everything between them."""
        if "split" in proof:
            a, b = (listed.has(self.place[name]) for name in proof["split"])
            together = self._bound(proof["together"], listed[a == b])
            return max(together, self._bound(proof["apart"], listed[~(a & b)]))
        first = proof.get("first", proof)
        excess = self._excess(first, listed)
        shown = self._leaf(first, max(0.0, float(excess.max(initial=0.0))))
        if "better_than" not in proof:
            return shown
        least = number(proof["better_than"])
        return max(least, self._bound(proof["then"], listed[excess >= least - shown]))

    def _leaf(self, proof: Mapping[str, Any], excess: float) -> float:
        odd = sum(price * (len(places) // 2) for places, price in self._odd(proof))
        prices = float(self._prices(proof).sum())
        return prices + odd + number(proof["count_price"]) * (self.count or 0) + self.groups * excess

    def _prices(self, proof: Mapping[str, Any]) -> Floats:
        prices = np.array([number(proof["prices"][m.id]) for m in self.members])
        free = np.array([self._may_stay_out(m) for m in self.members], dtype=bool)
        prices[free] = np.maximum(prices[free], -(self.rules.unplaced_penalty or 0.0))
        return prices

    def _odd(self, proof: Mapping[str, Any]) -> list[tuple[list[int], float]]:
        """Sets of members with a price for every two of them in one group. Disjoint groups have at most half of a set in twos,
        rounded down: where the set is odd, that is less than its members' prices alone could say."""
        sets = [([self.place[name] for name in one["members"]], number(one["price"])) for one in proof.get("odd", ())]
        if any(price < 0 or len(set(places)) < len(places) for places, price in sets):
            raise ValueError("a set of members needs a price of 0 or more, and each member once")
        return sets

    def _excess(self, proof: Mapping[str, Any], listed: Listed) -> Floats:
        """By how much each listed group is worth more than it pays."""
        paid = listed.sums(self._prices(proof)) + number(proof["count_price"])
        for places, price in self._odd(proof):
            in_set = np.zeros(len(self.members))
            in_set[places] = 1.0
            paid += price * (listed.sums(in_set) // 2)
        return np.asarray(listed.value - paid)

    def _most_groups(self) -> int:
        """As many as the smallest size and every sector that all groups need allow."""
        have = Counter(member.sector for member in self.members)
        scarce = [have[sector] // low for sector, low in self.rules.sector_min.items() if low]
        return min([len(self.members) // self.rules.size_min, *scarce])

    def _may_stay_out(self, member: Member) -> bool:
        return self.rules.unplaced_penalty is not None and member.id not in self.rules.must_place

    def _greatest(self, proof: Mapping[str, Any]) -> float:
        """The greatest value of a group above its members' prices; 0 if none is above."""
        if proof["by"] == "pairs":
            return self._by_pairs(self._prices(proof), number(proof["count_price"]))
        none = np.zeros((0, 0), np.int32)
        return max((_listed(table, 0.0, none)[1] for _, _, table in self._tables(proof)), default=0.0)

    def _list(self, proof: Mapping[str, Any], least: float) -> Listed:
        """All groups whose excess is `least` or more."""
        members, value = [np.zeros((0, self.rules.size_max), np.int64)], [np.zeros(0)]
        for option, ids, table in self._tables(proof):
            rows = np.empty((MOST_LISTED, table[1]), np.int32)
            count, _ = _listed(table, least - CLOSE, rows)
            if count > MOST_LISTED:
                raise ValueError(f"it speaks of more than {MOST_LISTED:,} groups of one size")
            groups = ids[rows[:count]]
            members.append(np.full((count, self.rules.size_max), -1))
            members[-1][:, : groups.shape[1]] = groups
            value.append(self._values(groups, option))
        return Listed(np.concatenate(members), np.concatenate(value))

    def _values(self, groups: Ints, option: int) -> Floats:
        """What groups of one size are worth; `groups` are rows of members."""
        size = groups.shape[1]
        value = -self.cost[groups, option].sum(axis=1) - self.rules.weights.size * abs(size - self.rules.target)
        for a, b in combinations(range(size), 2):
            value += self.weights[groups[:, a], groups[:, b]]
        return np.asarray(value)

    def _tables(self, proof: Mapping[str, Any]) -> Iterator[tuple[int, Ints, tuple[Any, ...]]]:
        """For every area and size: the members that may take part, and what a listing takes."""
        prices, count_price = self._prices(proof), number(proof["count_price"])
        pin = self._pins()
        pin_size = np.bincount(pin[pin >= 0], minlength=1)
        sectors = sorted({m.sector for m in self.members} | set(self.rules.sector_min))
        kind = np.array([sectors.index(m.sector) for m in self.members])
        low = np.array([self.rules.sector_min.get(sector, 0) for sector in sectors])
        high = np.array([self.rules.sector_max.get(sector, self.rules.size_max) for sector in sectors])
        stated = np.array([number(proof.get("sector_bonus", {}).get(sector, 0.0)) for sector in sectors])
        for option, size in product(range(len(self.areas)), range(self.rules.size_min, self.rules.size_max + 1)):
            least = least_sum(stated.tolist(), size, low.tolist(), high.tolist())
            if least is None:
                continue
            bonus = stated - least / size
            ids = np.flatnonzero(self.cost[:, option] < -OFF)
            share = (prices + self.cost[:, option] - bonus[kind])[ids] / (size - 1)
            r = self.weights[np.ix_(ids, ids)] - share - share[:, None]
            paid = count_price + self.rules.weights.size * abs(size - self.rules.target)
            yield option, ids, (r, size, paid, kind[ids], low, high, bonus, pin[ids], pin_size)

    def _by_pairs(self, prices: Floats, count_price: float) -> float:
        """The greatest amount by which a group of members, each with its best pairs, could exceed their prices."""
        greatest = 0.0
        for option in range(len(self.areas)):
            ids = np.flatnonzero(self.cost[:, option] < -OFF)
            for size in range(self.rules.size_min, min(self.rules.size_max, len(ids)) + 1):
                each = (count_price + self.rules.weights.size * abs(size - self.rules.target)) / size
                for i in ids:
                    best = np.sort(self.weights[i, ids[ids != i]])[-(size - 1) :].sum() / 2
                    greatest = max(greatest, size * float(best - self.cost[i, option] - each - prices[i]))
        return greatest

    def _pins(self) -> Ints:
        """A number per pinned set, -1 for members that are in none; sets that share a member are one."""
        pin = np.full(len(self.members), -1)
        for pinned in self.rules.together:
            members = [self.place[name] for name in pinned if name in self.place]
            known = {int(pin[i]) for i in members if pin[i] >= 0}
            new = int(pin.max(initial=-1)) + 1
            pin[np.isin(pin, list(known))] = new
            pin[members] = new
        return pin
