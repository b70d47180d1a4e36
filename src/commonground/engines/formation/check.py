"""Checking a saved solution: that it obeys every rule, that its score is what it says, and that its bound is proven.

This shares no code with the search. It knows only what a market and its rules are, and recomputes everything else in
its own way: points from the definition of the score, rules one by one, and the proof by listing every group that
prices would not pay for. A solution that passes is right even if the search has an error.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commonground.engines.formation.model import Group, Market, Member, Rules
from commonground.engines.formation.reasons import Reason, reason
from commonground.engines.formation.solution import Solution

Floats = NDArray[np.float64]
CLOSE = 1e-5  # points: rounding of sums over thousands of members
OFF = -1e9
LARGEST = 1e8  # a price beyond this would drown points in rounding


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check found: its own score and bound, and everything that is wrong."""

    score: float
    bound: float
    reasons: tuple[Reason, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        return tuple(why.text for why in self.reasons)

    @property
    def ok(self) -> bool:
        return not self.reasons


def check(market: Market, rules: Rules, saved: Solution | Mapping[str, Any]) -> Verdict:
    """Verify a solution, or the data that `Solution.to_json` wrote. Raises ValueError where the data cannot be read."""
    solution = saved if isinstance(saved, Solution) else Solution.from_json(saved)
    stated, stated_bound = _number(solution.score), _number(solution.bound)
    problems = list(_broken_rules(market, rules, solution.groups))
    if problems:
        return Verdict(math.nan, math.nan, tuple(problems))
    weights = _pair_points(market, rules)
    score = _score(market, rules, weights, solution.groups)
    if abs(score - stated) > CLOSE:
        problems.append(reason("check_score", found=score, stated=stated))
    fixed = sum(_group_points(market, rules, weights, group) for group in rules.fixed)
    bound = fixed + _Proof(market, rules, weights).bound(solution.certificate["proof"], (), ())
    if bound > stated_bound + CLOSE:
        problems.append(reason("check_bound", found=bound, stated=stated_bound))
    if score > bound + CLOSE:
        problems.append(reason("check_crossed", score=score, bound=bound))
    return Verdict(score, bound, tuple(problems))


def _number(given: Any) -> float:
    """A number that sums can rely on: what is not a number compares as neither too high nor too low, and would pass."""
    number = float(given)
    if not abs(number) <= LARGEST:
        raise ValueError(f"{given!r} is no score, bound or price: at most {LARGEST:.0e} makes sense.")
    return number


def _broken_rules(market: Market, rules: Rules, groups: tuple[Group, ...]) -> Iterator[Reason]:
    members = {member.id: member for member in market.members}
    seen = Counter(name for group in groups for name in group.members)
    strangers = sorted(name for name in seen if name not in members)
    if strangers:
        yield from (reason("check_stranger", member=name) for name in strangers)
        return
    yield from (reason("check_twice", member=name, times=times) for name, times in seen.items() if times > 1)
    for member in market.members:
        if member.id not in seen and (rules.unplaced_penalty is None or member.id in rules.must_place):
            yield reason("check_alone", member=member.id)
    for group in groups:
        yield from _broken_in_group(market, rules, [members[name] for name in group.members], group)
    yield from _broken_between_groups(rules, groups)


def _broken_between_groups(rules: Rules, groups: tuple[Group, ...]) -> Iterator[Reason]:
    for pin in rules.together:
        if any(0 < len(pin & set(group.members)) < len(pin) for group in groups):
            yield reason("check_pin", members=", ".join(sorted(pin)))
    kept = {(frozenset(group.members), group.area) for group in groups}
    for group in rules.fixed:
        if (frozenset(group.members), group.area) not in kept:
            yield reason("check_fixed", members=", ".join(group.members))
    if rules.group_count is not None and len(groups) != rules.group_count:
        yield reason("check_count", groups=len(groups), count=rules.group_count)


def _broken_in_group(market: Market, rules: Rules, members: list[Member], group: Group) -> Iterator[Reason]:
    who = ", ".join(group.members)
    if not rules.size_min <= len(members) <= rules.size_max:
        yield reason("check_size", members=who, size=len(members))
    sectors = Counter(member.sector for member in members)
    for sector in {*sectors, *rules.sector_min}:
        if not rules.sector_min.get(sector, 0) <= sectors[sector] <= rules.sector_max.get(sector, len(members)):
            yield reason("check_sector", members=who, count=sectors[sector], sector=sector)
    if rules.share_area and not all(group.area in member.areas for member in members):
        yield reason("check_area", members=who, area=group.area)
    for a, b in combinations(members, 2):
        if not _may_meet(market, rules, a, b):
            yield reason("check_pair", first=a.id, second=b.id)


def _may_meet(market: Market, rules: Rules, a: Member, b: Member) -> bool:
    way = float(market.travel.matrix([a], [b])[0, 0])
    limits = [limit for limit in (rules.travel_limit, a.travel_limit, b.travel_limit) if limit is not None]
    apart = frozenset((a.id, b.id)) in rules.blackouts | rules.forbidden
    same = rules.different_leas and a.lea != "" and a.lea == b.lea
    return way < math.inf and all(way <= limit for limit in limits) and not apart and not same


def _pair_points(market: Market, rules: Rules) -> Floats:
    """Points of every pair, from the definition; OFF where two may not share a group."""
    members, weights = market.members, rules.weights
    n = len(members)
    points = np.zeros((n, n))
    for topic in sorted({topic for m in members for topic in (*m.needs, *m.strengths)}):
        need = np.sqrt([m.needs.get(topic, 0.0) for m in members])
        offer = np.sqrt([m.strengths.get(topic, 0.0) for m in members])
        points += weights.shared_need * np.outer(need, need)
        points += weights.met_need * (np.outer(need, offer) + np.outer(offer, need))
    ways = market.travel.matrix(members, members)
    points -= weights.travel * np.where(np.isfinite(ways), ways, 0.0)
    points += weights.context * _likeness(members)
    ready = np.array([np.nan if m.readiness is None else m.readiness for m in members])
    points -= weights.readiness * np.nan_to_num(np.abs(ready[:, None] - ready))
    place = {m.id: i for i, m in enumerate(members)}
    for i, m in enumerate(members):
        for sign, others in ((1.0, m.good_with), (-1.0, m.bad_with)):
            for j in (place[other] for other in others if other in place):
                points[i, j] += sign * weights.past
                points[j, i] += sign * weights.past
    limit = np.array([m.travel_limit or math.inf for m in members])
    limit = np.minimum(limit, rules.travel_limit or math.inf)
    points[(ways > np.minimum(limit[:, None], limit)) | ~np.isfinite(ways)] = OFF
    if rules.different_leas:
        lea = np.array([m.lea for m in members])
        points[(lea[:, None] == lea) & (lea != "")] = OFF
    for pair in rules.blackouts | rules.forbidden:
        i, j = (place[name] for name in pair)
        points[i, j] = points[j, i] = OFF
    np.fill_diagonal(points, 0.0)
    return points


def _likeness(members: tuple[Member, ...]) -> Floats:
    total, stated = np.zeros((len(members), len(members))), np.zeros((len(members), len(members)))
    for name in ("grade_bands", "languages", "locale"):
        sets = [({m.locale} - {""}) if name == "locale" else set(getattr(m, name)) for m in members]
        marks = sorted(set().union(*sets))
        has = np.array([[mark in each for mark in marks] for each in sets], dtype=float).reshape(len(sets), -1)
        both, some = has @ has.T, has.any(axis=1)
        known = np.outer(some, some)
        either = has.sum(axis=1)[:, None] + has.sum(axis=1) - both
        total += np.where(known, both / np.where(known, either, 1.0), 0.0)
        stated += known
    size = np.array([np.nan if m.enrollment is None else m.enrollment for m in members], dtype=float)
    known = ~np.isnan(size[:, None] + size)
    small, large = np.fmin(size[:, None], size), np.fmax(size[:, None], size)
    ratio = np.where(large > 0, small / np.where(large > 0, large, 1.0), 1.0)
    total += np.where(known, ratio, 0.0)
    stated += known
    return np.asarray(total / np.maximum(stated, 1.0))


def _choice(rules: Rules, member: Member, area: str | None) -> float:
    if area in member.areas:
        return -rules.weights.choice * member.areas.index(area)
    if rules.share_area:
        return OFF
    return -rules.weights.unranked if member.areas or area is not None else 0.0


def _group_points(market: Market, rules: Rules, weights: Floats, group: Group) -> float:
    place = {m.id: i for i, m in enumerate(market.members)}
    ids = [place[name] for name in group.members]
    pairs = sum(float(weights[i, j]) for i, j in combinations(ids, 2))
    choices = sum(_choice(rules, market.members[i], group.area) for i in ids)
    return pairs + choices - rules.weights.size * abs(len(ids) - rules.target)


def _score(market: Market, rules: Rules, weights: Floats, groups: tuple[Group, ...]) -> float:
    placed = sum(len(group.members) for group in groups)
    left = len(market.members) - placed
    return sum(_group_points(market, rules, weights, g) for g in groups) - (rules.unplaced_penalty or 0.0) * left


class _Proof:
    """Verifies the cases of a proof for the members outside fixed groups."""

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
        self.cost = np.array([[-_choice(rules, m, area) for area in self.areas] for m in self.members])

    def bound(self, proof: Mapping[str, Any], joined: tuple[Any, ...], parted: tuple[Any, ...]) -> float:
        """The bound that a proof really shows; the two cases of a split cover everything between them."""
        if "split" not in proof:
            return self._leaf(proof, joined, parted)
        pair = tuple(self.place[name] for name in proof["split"])
        together = self.bound(proof["together"], (*joined, pair), parted)
        return max(together, self.bound(proof["apart"], joined, (*parted, pair)))

    def _leaf(self, proof: Mapping[str, Any], joined: tuple[Any, ...], parted: tuple[Any, ...]) -> float:
        prices = np.array([_number(proof["prices"][m.id]) for m in self.members])
        free = np.array([self._may_stay_out(m) for m in self.members], dtype=bool)
        prices[free] = np.maximum(prices[free], -(self.rules.unplaced_penalty or 0.0))
        count_price = _number(proof["count_price"])
        if proof["by"] == "pairs":
            excess = self._by_pairs(prices, count_price)
        else:
            bonus = proof.get("sector_bonus", {})
            excess = self._by_groups(prices, count_price, bonus, joined, parted)
        return float(prices.sum()) + count_price * (self.count or 0) + self.groups * excess

    def _most_groups(self) -> int:
        """As many as the smallest size and every sector that all groups need allow."""
        have = Counter(member.sector for member in self.members)
        scarce = [have[sector] // low for sector, low in self.rules.sector_min.items() if low]
        return min([len(self.members) // self.rules.size_min, *scarce])

    def _may_stay_out(self, member: Member) -> bool:
        return self.rules.unplaced_penalty is not None and member.id not in self.rules.must_place

    def _by_groups(
        self,
        prices: Floats,
        count_price: float,
        bonuses: Mapping[str, float],
        joined: tuple[Any, ...],
        parted: tuple[Any, ...],
    ) -> float:
        """The greatest value of a group above its members' prices, by listing; 0 if none is above."""
        weights = self.weights.copy()
        for i, j in parted:
            weights[i, j] = weights[j, i] = OFF
        pin = self._pins(joined)
        pin_size = np.bincount(pin[pin >= 0], minlength=1)
        sectors = sorted({m.sector for m in self.members} | set(self.rules.sector_min))
        kind = np.array([sectors.index(m.sector) for m in self.members])
        low = np.array([self.rules.sector_min.get(sector, 0) for sector in sectors])
        high = np.array([self.rules.sector_max.get(sector, self.rules.size_max) for sector in sectors])
        from commonground.engines.formation.check_listing import greatest_excess, least_sum  # compiled: seconds to load

        stated = np.array([_number(bonuses.get(sector, 0.0)) for sector in sectors])
        greatest = 0.0
        for size in range(self.rules.size_min, self.rules.size_max + 1):
            least = least_sum(stated.tolist(), size, low.tolist(), high.tolist())
            if least is None:
                continue
            bonus = stated - least / size
            paid = count_price + self.rules.weights.size * abs(size - self.rules.target)
            for option in range(len(self.areas)):
                ids = np.flatnonzero(self.cost[:, option] < -OFF)
                share = (prices + self.cost[:, option] - bonus[kind])[ids] / (size - 1)
                r = weights[np.ix_(ids, ids)] - share - share[:, None]
                excess = greatest_excess(r, size, paid, kind[ids], low, high, bonus, pin[ids], pin_size)
                greatest = max(greatest, excess)
        return greatest

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

    def _pins(self, joined: tuple[Any, ...]) -> NDArray[np.int64]:
        """A number per pinned set, -1 for members that are in none; sets that share a member are one."""
        pin = np.full(len(self.members), -1)
        named = [[self.place[name] for name in pinned if name in self.place] for pinned in self.rules.together]
        for number, members in enumerate([*named, *(list(pair) for pair in joined)]):
            known = {int(pin[i]) for i in members if pin[i] >= 0}
            for other in known:
                pin[pin == other] = number
            pin[members] = number
        return pin
