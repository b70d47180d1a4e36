"""Why a member has no group: the first rule on the way from "ranked an area" to "a whole group" that stops it.

The order of the questions is the order in which a person would ask them. Fixed groups are left out: their members are
taken.
"""

from collections.abc import Sequence

from commonground.engines.formation.model import Market, Member, Rules
from commonground.engines.formation.reasons import Reason, reason
from commonground.engines.formation.violations import pair_violations


def why_unplaced(market: Market, rules: Rules, member: Member) -> tuple[Reason, ...]:
    """Reasons for one member without a group, most telling first; never empty."""
    if rules.share_area and not member.areas:
        return (reason("no_area", member=member.id, name=member.name),)
    others = _others(market, rules, member)
    sharing = [other for other in others if not rules.share_area or set(other.areas) & set(member.areas)]
    if not sharing:
        return (reason("nobody_ranked", member=member.id, name=member.name),)
    limit = min(x for x in (rules.travel_limit, member.travel_limit, float("inf")) if x is not None)
    near = _near(market, member, others, limit)
    if not near:
        return (_with_limit("nobody_near", market, limit, member=member.id, name=member.name),)
    return _about_partners(market, rules, member, sharing, near, limit)


def _about_partners(
    market: Market, rules: Rules, member: Member, sharing: Sequence[Member], near: Sequence[Member], limit: float
) -> tuple[Reason, ...]:
    close = [other for other in sharing if other in near]
    missing = [_sector(market, rules, member, sector, close, limit) for sector in _wanted(rules, member)]
    found = [why for why in missing if why is not None]
    if found:
        return tuple(found)
    allowed = [other for other in close if not pair_violations(market, rules, member.id, other.id)]
    who = {"member": member.id, "name": member.name}
    for sector in _wanted(rules, member):
        if not any(other.sector == sector for other in allowed):
            return (reason("no_sector_partner", sector=sector, **who),)
    if len(allowed) < rules.size_min - 1:
        return (reason("too_few_partners", found=len(allowed), needed=rules.size_min - 1, **who),)
    if rules.share_area and not _an_area_with_enough(rules, member, allowed):
        return (reason("no_whole_group", **who),)
    return (reason("others_fit_better", **who),)


def _wanted(rules: Rules, member: Member) -> list[str]:
    """Sectors that the rules ask for and that the member does not bring alone."""
    return [sector for sector, low in sorted(rules.sector_min.items()) if low > (member.sector == sector)]


def _sector(
    market: Market, rules: Rules, member: Member, sector: str, close: Sequence[Member], limit: float
) -> Reason | None:
    if any(other.sector == sector for other in close):
        return None
    data = {"sector": sector, "member": member.id, "name": member.name, "areas": len(member.areas)}
    if limit == float("inf"):
        return reason("no_sector", **data)
    return _with_limit("no_sector_near", market, limit, **data)


def _an_area_with_enough(rules: Rules, member: Member, allowed: Sequence[Member]) -> bool:
    for area in member.areas:
        here = [other for other in allowed if area in other.areas]
        sectors = {other.sector for other in here}
        if len(here) >= rules.size_min - 1 and all(sector in sectors for sector in _wanted(rules, member)):
            return True
    return False


def _others(market: Market, rules: Rules, member: Member) -> list[Member]:
    fixed = {name for group in rules.fixed for name in group.members}
    return [other for other in market.members if other.id != member.id and other.id not in fixed]


def _near(market: Market, member: Member, others: Sequence[Member], limit: float) -> list[Member]:
    if not others:
        return []
    ways = market.travel.matrix([member], others)[0]
    own = [float("inf") if other.travel_limit is None else other.travel_limit for other in others]
    return [
        other
        for other, way, most in zip(others, ways, own, strict=True)
        if way <= min(limit, most) and way < float("inf")
    ]


def _with_limit(code: str, market: Market, limit: float, **data: object) -> Reason:
    return reason(code, limit=limit, unit=market.travel.unit, **data)
