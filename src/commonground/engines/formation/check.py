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

from commonground.engines.formation.check_proof import OFF, Floats, Proof, choice, number
from commonground.engines.formation.model import Group, Market, Member, Rules
from commonground.engines.formation.reasons import Reason, reason
from commonground.engines.formation.solution import Solution

CLOSE = 1e-5  # points: rounding of sums over thousands of members


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
    stated, stated_bound = number(solution.score), number(solution.bound)
    problems = list(_broken_rules(market, rules, solution.groups))
    if problems:
        return Verdict(math.nan, math.nan, tuple(problems))
    weights = _pair_points(market, rules)
    score = _score(market, rules, weights, solution.groups)
    if abs(score - stated) > CLOSE:
        problems.append(reason("check_score", found=score, stated=stated))
    fixed = sum(_group_points(market, rules, weights, group) for group in rules.fixed)
    bound = fixed + Proof(market, rules, weights).bound(solution.certificate["proof"])
    if bound > stated_bound + CLOSE:
        problems.append(reason("check_bound", found=bound, stated=stated_bound))
    if score > bound + CLOSE:
        problems.append(reason("check_crossed", score=score, bound=bound))
    return Verdict(score, bound, tuple(problems))


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


def _group_points(market: Market, rules: Rules, weights: Floats, group: Group) -> float:
    place = {m.id: i for i, m in enumerate(market.members)}
    ids = [place[name] for name in group.members]
    pairs = sum(float(weights[i, j]) for i, j in combinations(ids, 2))
    choices = sum(choice(rules, market.members[i], group.area) for i in ids)
    return pairs + choices - rules.weights.size * abs(len(ids) - rules.target)


def _score(market: Market, rules: Rules, weights: Floats, groups: tuple[Group, ...]) -> float:
    placed = sum(len(group.members) for group in groups)
    left = len(market.members) - placed
    return sum(_group_points(market, rules, weights, g) for g in groups) - (rules.unplaced_penalty or 0.0) * left
