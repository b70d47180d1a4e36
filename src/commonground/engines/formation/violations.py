"""Which hard rules a set of groups breaks, as reasons: for hand-made moves, and to refuse impossible fixed groups."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from commonground.engines.formation.model import Group, Market, Rules
from commonground.engines.formation.reasons import Reason, reason


def violations(market: Market, rules: Rules, groups: Sequence[Group]) -> tuple[Reason, ...]:
    """Every broken rule of a whole set of groups; empty when all rules are kept."""
    found = [broken for group in groups for broken in group_violations(market, rules, group)]
    return (*found, *_across_groups(market, rules, groups))


def group_violations(market: Market, rules: Rules, group: Group) -> tuple[Reason, ...]:
    """Every broken rule inside one group: size, sectors, area, and its pairs."""
    return (
        *_size(rules, group),
        *_sectors(market, rules, group),
        *_area(market, rules, group),
        *_pairs(market, rules, group),
    )


def pair_violations(market: Market, rules: Rules, first: str, second: str) -> tuple[Reason, ...]:
    """Why two members may not share a group; empty when they may."""
    return tuple(_pairs(market, rules, Group((first, second))))


def _size(rules: Rules, group: Group) -> Iterator[Reason]:
    size = len(group.members)
    if size < rules.size_min:
        yield reason("too_small", size=size, low=rules.size_min)
    if size > rules.size_max:
        yield reason("too_large", size=size, high=rules.size_max)


def _sectors(market: Market, rules: Rules, group: Group) -> Iterator[Reason]:
    index = market.index()
    count = Counter(market.members[index[member]].sector for member in group.members)
    for sector, low in sorted(rules.sector_min.items()):
        if count[sector] < low:
            yield reason("sector_low", sector=sector, count=count[sector], low=low)
    for sector, high in sorted(rules.sector_max.items()):
        if count[sector] > high:
            yield reason("sector_high", sector=sector, count=count[sector], high=high)


def _area(market: Market, rules: Rules, group: Group) -> Iterator[Reason]:
    if not rules.share_area:
        return
    if group.area is None:
        yield reason("area_missing")
        return
    index = market.index()
    for member in (market.members[index[name]] for name in group.members):
        if member.rank(group.area) is None:
            yield reason("area_not_ranked", member=member.id, name=member.name, area=group.area)


def _pairs(market: Market, rules: Rules, group: Group) -> Iterator[Reason]:
    index = market.index()
    members = [market.members[index[name]] for name in group.members]
    travel = market.travel.matrix(members, members)
    for i, j in combinations(range(len(members)), 2):
        first, second = members[i], members[j]
        who = {"first": first.name, "second": second.name, "first_id": first.id, "second_id": second.id}
        limit = min(x for x in (rules.travel_limit, first.travel_limit, second.travel_limit, float("inf")) if x)
        if travel[i, j] > limit:
            yield reason("too_far", **who, travel=float(travel[i, j]), unit=market.travel.unit, limit=limit)
        for rule, code in ((rules.blackouts, "blackout"), (rules.forbidden, "forbidden")):
            if {first.id, second.id} in rule:
                yield reason(code, **who)
        if rules.different_leas and first.lea and first.lea == second.lea:
            yield reason("same_lea", **who, lea=first.lea)


def _across_groups(market: Market, rules: Rules, groups: Sequence[Group]) -> Iterator[Reason]:
    where: dict[str, int] = {}
    for k, group in enumerate(groups):
        for member in group.members:
            if member in where:
                yield reason("member_twice", member=member, name=_name(market, member))
            where[member] = k
    for left in market.members:
        if left.id not in where and (rules.unplaced_penalty is None or left.id in rules.must_place):
            yield reason("not_placed", member=left.id, name=left.name)
    for pinned in rules.together:
        if len({where.get(member) for member in pinned}) > 1:
            yield reason("pin_broken", members=_names(market, pinned))
    yield from _fixed(market, rules, groups)
    if rules.group_count is not None and len(groups) != rules.group_count:
        yield reason("count_wrong", groups=len(groups), count=rules.group_count)


def _fixed(market: Market, rules: Rules, groups: Sequence[Group]) -> Iterator[Reason]:
    kept = {(frozenset(group.members), group.area) for group in groups}
    for group in rules.fixed:
        if (frozenset(group.members), group.area) not in kept:
            yield reason("fixed_changed", members=_names(market, group.members))


def _name(market: Market, member: str) -> str:
    return market.members[market.index()[member]].name


def _names(market: Market, members: Sequence[str] | frozenset[str]) -> str:
    return ", ".join(sorted(_name(market, member) for member in members))
