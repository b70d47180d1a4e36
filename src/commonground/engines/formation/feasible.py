"""Rules that a market cannot meet are refused before any search, with the reason and a way out.

Only what can be decided by counting is checked here; whether a whole set of groups exists is left to the search.
"""

from collections import Counter
from collections.abc import Iterable

from commonground.engines.formation.compiling import merged_pins
from commonground.engines.formation.model import Market, Rules
from commonground.engines.formation.reasons import RuleError, because, reason
from commonground.engines.formation.violations import group_violations, pair_violations


def check_rules(market: Market, rules: Rules) -> None:
    """Raise RuleError where these members cannot be formed into groups under these rules whatever the groups are."""
    _check_names(market, rules)
    _check_fixed(market, rules)
    for pin in merged_pins(rules):
        _check_pin(market, rules, pin)
    fixed = {member for group in rules.fixed for member in group.members}
    free = [member for member in market.members if member.id not in fixed]
    groups = None if rules.group_count is None else rules.group_count - len(rules.fixed)
    must = len(free) if rules.unplaced_penalty is None else sum(member.id in rules.must_place for member in free)
    sectors = Counter(member.sector for member in free)
    _check_count(rules, len(free), must, groups)
    _check_sectors(rules, sectors, len(free), groups)
    if rules.unplaced_penalty is None:
        _check_everybody(market, rules)


def _check_names(market: Market, rules: Rules) -> None:
    known = market.index()
    named: list[tuple[str, Iterable[str]]] = [
        ("blackouts", (name for pair in rules.blackouts for name in pair)),
        ("forbidden", (name for pair in rules.forbidden for name in pair)),
        ("together", (name for pin in rules.together for name in pin)),
        ("fixed", (name for group in rules.fixed for name in group.members)),
        ("must_place", rules.must_place),
    ]
    for rule, names in named:
        for name in sorted(names):
            if name not in known:
                raise RuleError("unknown_member", rule=rule, member=name)


def _check_fixed(market: Market, rules: Rules) -> None:
    for group in rules.fixed:
        broken = group_violations(market, rules, group)
        if broken:
            raise RuleError("fixed_breaks_rule", members=_names(market, group.members), **because(broken[0]))
    for pin in merged_pins(rules):
        for group in rules.fixed:
            inside = pin & set(group.members)
            if inside and inside != pin:
                raise RuleError("pin_fixed", members=_names(market, pin))


def _check_pin(market: Market, rules: Rules, pin: set[str]) -> None:
    index = market.index()
    members = [market.members[index[name]] for name in sorted(pin)]
    names = _names(market, pin)
    if len(pin) > rules.size_max:
        raise RuleError("pin_too_large", members=names, high=rules.size_max)
    for a, first in enumerate(members):
        for second in members[a + 1 :]:
            for why in pair_violations(market, rules, first.id, second.id):
                raise RuleError("pin_apart", first=first.name, second=second.name, rule=why.text.rstrip("."))
    if rules.share_area and not set.intersection(*(set(member.areas) for member in members)):
        raise RuleError("pin_no_area", members=names)
    count = Counter(member.sector for member in members)
    for sector in sorted(count | Counter(dict.fromkeys(rules.sector_min, 0))):
        if count[sector] > rules.sector_max.get(sector, rules.size_max):
            raise RuleError("pin_sectors", members=names, sector=sector)
    missing = sum(max(0, low - count[sector]) for sector, low in rules.sector_min.items())
    if len(pin) + missing > rules.size_max:
        sector = next(sector for sector, low in sorted(rules.sector_min.items()) if count[sector] < low)
        raise RuleError("pin_sectors", members=names, sector=sector)


def _check_count(rules: Rules, free: int, must: int, groups: int | None) -> None:
    low, high = rules.size_min, rules.size_max
    if groups is not None:
        if free < groups * low or groups < 0:
            raise RuleError("too_few_members", members=free, groups=max(groups, 0), low=low)
        if must > groups * high:
            raise RuleError("too_many_members", members=must, groups=groups, high=high)
    elif must == free and free and not any(k * low <= free <= k * high for k in range(1, free // low + 1)):
        raise RuleError("sizes_do_not_add_up", members=free, low=low, high=high)


def _check_sectors(rules: Rules, sectors: Counter[str], free: int, groups: int | None) -> None:
    everybody = rules.unplaced_penalty is None
    least = groups if groups is not None else (-(-free // rules.size_max) if everybody else 0)
    most = groups if groups is not None else free // rules.size_min
    for sector, low in sorted(rules.sector_min.items()):
        if least * low > sectors[sector]:
            raise RuleError("too_few_of_sector", groups=least, needed=least * low, sector=sector, found=sectors[sector])
        if everybody and low:
            most = min(most, sectors[sector] // low)
    if not everybody:
        return
    for sector in sorted(sectors):
        others = sum(low for other, low in rules.sector_min.items() if other != sector)
        places = most * min(rules.sector_max.get(sector, rules.size_max), rules.size_max - others)
        if sectors[sector] > places:
            raise RuleError("too_many_of_sector", groups=most, places=places, sector=sector, found=sectors[sector])


def _check_everybody(market: Market, rules: Rules) -> None:
    for member in market.members:
        if rules.share_area and not member.areas:
            why = because(reason("no_area", member=member.id, name=member.name))
            raise RuleError("must_place_alone", name=member.name, member=member.id, **why)


def _names(market: Market, members: Iterable[str]) -> str:
    index = market.index()
    return ", ".join(sorted(market.members[index[name]].name for name in members))
