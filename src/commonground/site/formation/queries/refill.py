"""Who could take the free places: the engine forms the groups again around the members who stay."""

from collections.abc import Sequence
from itertools import combinations

from commonground.engines.formation import FormationError, Group, group_violations
from commonground.site.formation.models import Offer, Place, Round
from commonground.site.formation.models.offers import OfferState
from commonground.site.formation.queries.drafts import Table
from commonground.site.formation.queries.offers import Refill, group_of, refill_market, waiting
from commonground.site.formation.solver import Order, SearchBrokeError, search

SECONDS = 20  # a handful of groups is solved to the proven best long before, also where the machine has much to do

MOST_TOLD = 10  # members of whom it is said why they do not fit; a longer list helps nobody
MOST_TRIED = 3000  # ways to fill one group; with more of them the search finds one, if there is one


def with_free_places(round: Round) -> list[Offer]:
    """Open offers with a free place and somebody left who stays."""
    free = Place.objects.free().filter(offer__round=round)
    return list(round.offers.filter(state=OfferState.OPEN, pk__in=free.values("offer")).select_related("area"))


def suggestions(table: Table) -> list[Refill]:
    """For every group with a free place, who would join; first all groups at once, else one after the other."""
    offers = [offer for offer in with_free_places(table.round) if group_of(offer, table)]
    candidates = waiting(table.round, table)
    possible = [offer for offer in offers if _can_be_whole(table, offer, candidates)]
    joining = _solve(table, possible, candidates) if possible else {}
    if joining is None:
        joining, left = {}, list(candidates)
        for offer in possible:
            alone = _solve(table, [offer], left) or {offer.pk: []}
            joining |= alone
            left = [member for member in left if member not in alone[offer.pk]]
    return [_refill(table, offer, joining.get(offer.pk, []), candidates) for offer in offers]


def _can_be_whole(table: Table, offer: Offer, candidates: Sequence[str]) -> bool:
    """Does anybody who waits fit? Where nobody does, a search would look for its whole time before it says so."""
    before = group_of(offer, table)
    assert before is not None
    fewest = max(1, table.rules.size_min - len(before.members))
    for count in range(fewest, table.rules.size_max - len(before.members) + 1):
        for tried, joining in enumerate(combinations(candidates, count)):
            if tried == MOST_TRIED:
                return True
            if not group_violations(table.market, table.rules, Group((*before.members, *joining), before.area)):
                return True
    return False


def _solve(table: Table, offers: Sequence[Offer], candidates: Sequence[str]) -> dict[int, list[str]] | None:
    """Offer to joining members; None where not all of these groups can be made whole at once."""
    market, rules, live = refill_market(table, offers, candidates)
    try:
        groups = search(Order(market, rules, SECONDS), lambda progress: True)[0].solution.groups
    except (FormationError, SearchBrokeError):
        return None
    return {
        pk: next((table.by_name(set(g.members) - set(mine)) for g in groups if set(mine) <= set(g.members)), [])
        for pk, mine in live.items()
    }


def _refill(table: Table, offer: Offer, joining: list[str], candidates: Sequence[str]) -> Refill:
    before = group_of(offer, table)
    assert before is not None
    after = Group((*before.members, *joining), before.area)
    return Refill(
        offer=offer,
        live=table.names(before.members),
        joining=joining,
        broken=table.wording.say_all(group_violations(table.market, table.rules, after)),
        change=table.scorer.group(after).total - table.scorer.group(before).total,
        unfit=[] if joining else [_unfit(table, before, member) for member in candidates[:MOST_TOLD]],
    )


def _unfit(table: Table, group: Group, member: str) -> tuple[str, list[str]]:
    """The name of somebody who waits, and the rules that the group would break with it; none where only others lack."""
    broken = group_violations(table.market, table.rules, Group((*group.members, member), group.area))
    return table.members[member].name, table.wording.say_all(broken)
