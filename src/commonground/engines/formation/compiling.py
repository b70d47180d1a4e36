"""From a market and its rules to the general form: pair weights, costs, sizes, kinds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from commonground.engines.formation.instance import Floats, Instance, Ints
from commonground.engines.formation.model import Group, Market, Rules
from commonground.engines.formation.score import Scorer

BLOCK = (
    512  # rows of pair weights made at a time: ten thousand members then need little more than the weights themselves
)


@dataclass(frozen=True, eq=False)
class Compiled:
    """The instance of the members outside fixed groups: `ids[i]` is member i, `areas[o]` is option o, `sectors[k]` is kind k."""

    instance: Instance
    ids: tuple[str, ...]
    areas: tuple[str | None, ...]
    sectors: tuple[str, ...]

    def groups(self, members: Sequence[Sequence[int]], options: Sequence[int]) -> tuple[Group, ...]:
        """Groups by id; members and groups in the order of the market."""
        rows = sorted((sorted(int(i) for i in row), int(option)) for row, option in zip(members, options, strict=True))
        return tuple(Group(tuple(self.ids[i] for i in row), self.areas[option]) for row, option in rows)


def compile_market(market: Market, rules: Rules, scorer: Scorer) -> Compiled:
    """The general form of a market. The rules must be checked before (`feasible.check_rules`)."""
    fixed = {member for group in rules.fixed for member in group.members}
    rows = [i for i, member in enumerate(market.members) if member.id not in fixed]
    ids = tuple(market.members[i].id for i in rows)
    areas: tuple[str | None, ...] = market.areas() if rules.share_area else (*market.areas(), None)
    sectors = tuple(sorted({market.members[i].sector for i in rows} | set(rules.sector_min)))
    kind, kind_min, kind_max = _kinds(market, rules, rows, sectors)
    position = {member: i for i, member in enumerate(ids)}
    pins = [sorted(position[member] for member in pin) for pin in merged_pins(rules) if not pin & fixed]
    instance = Instance(
        pair=_pair_weights(market, rules, scorer, rows),
        cost=_costs(market, scorer, rows, areas),
        leave=_leave(rules, ids),
        kind=kind,
        kind_min=kind_min,
        kind_max=kind_max,
        size_min=rules.size_min,
        size_max=rules.size_max,
        size_cost=np.array([-scorer.size_points(size) for size in range(rules.size_max + 1)]),
        pins=tuple(tuple(pin) for pin in pins),
        count=None if rules.group_count is None else rules.group_count - len(rules.fixed),
    )
    return Compiled(instance, ids, areas, sectors)


def merged_pins(rules: Rules) -> list[set[str]]:
    """Pinned sets joined where they share a member."""
    merged: list[set[str]] = []
    for pin in rules.together:
        joined = set(pin)
        for other in [other for other in merged if other & joined]:
            joined |= other
            merged.remove(other)
        merged.append(joined)
    return merged


def _kinds(market: Market, rules: Rules, rows: list[int], sectors: Sequence[str]) -> tuple[Ints, Ints, Ints]:
    number = {sector: k for k, sector in enumerate(sectors)}
    kind = np.array([number[market.members[i].sector] for i in rows], dtype=np.int64)
    low = np.array([rules.sector_min.get(sector, 0) for sector in sectors], dtype=np.int64)
    high = np.array([rules.sector_max.get(sector, rules.size_max) for sector in sectors], dtype=np.int64)
    return kind, low, high


def _costs(market: Market, scorer: Scorer, rows: list[int], areas: Sequence[str | None]) -> Floats:
    points = [[-scorer.choice_points(market.members[i], area) for area in areas] for i in rows]
    return np.array(points, dtype=np.float64).reshape(len(rows), len(areas))


def _leave(rules: Rules, ids: Sequence[str]) -> Floats:
    if rules.unplaced_penalty is None:
        return np.full(len(ids), np.inf)
    return np.array([np.inf if member in rules.must_place else rules.unplaced_penalty for member in ids])


def _pair_weights(market: Market, rules: Rules, scorer: Scorer, rows: list[int]) -> Floats:
    pair = np.empty((len(rows), len(rows)))
    members = [market.members[i] for i in rows]
    own = np.array([np.inf if member.travel_limit is None else member.travel_limit for member in members])
    own = np.minimum(own, np.inf if rules.travel_limit is None else rules.travel_limit)
    lea = np.array([member.lea for member in members])
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        some = slice(start, start + len(block))
        weights = np.zeros((len(block), len(rows)))
        for points in scorer.pair_points(block, rows).values():
            weights += points
        if np.isfinite(own).any() or market.travel.unit == "min":
            travel = scorer.travel(block, rows)
            weights[~(travel <= np.minimum(own[some, None], own)) | np.isinf(travel)] = -np.inf
        if rules.different_leas:
            weights[(lea[some, None] == lea) & (lea[some, None] != "")] = -np.inf
        pair[some] = weights
    _close_pairs(pair, rules, members)
    np.fill_diagonal(pair, 0.0)
    return pair


def _close_pairs(pair: Floats, rules: Rules, members: Sequence[object]) -> None:
    position = {getattr(member, "id", ""): i for i, member in enumerate(members)}
    for first, second in (tuple(pair_) for pair_ in rules.blackouts | rules.forbidden):
        if first in position and second in position:
            i, j = position[first], position[second]
            pair[i, j] = pair[j, i] = -np.inf
