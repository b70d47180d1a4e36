"""What the pages about released groups show: to staff the answers, to a member's leader the proposal for that member."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest

from commonground.engines.formation import (
    Group,
    Market,
    Rules,
    explain,
    group_violations,
    pairs,
)
from commonground.site.directory.models import Organization, Person
from commonground.site.directory.roles import Role
from commonground.site.formation.models import Offer, Place, Round
from commonground.site.formation.models.choices import Side
from commonground.site.formation.models.offers import Answer, OfferState
from commonground.site.formation.queries.drafts import Table, TopicLine
from commonground.site.formation.queries.summary import way
from commonground.site.formation.queries.topics import final_topics
from commonground.site.partnership.queries import holders


def the_offer(pk: int) -> Offer:
    try:
        return Offer.objects.select_related("round__agency", "area", "facilitator").get(pk=pk)
    except Offer.DoesNotExist:
        raise Http404 from None


def the_place(pk: int) -> Place:
    related = (
        "offer__round__agency",
        "offer__area",
        "offer__facilitator",
        "offer__partnership",
        "signup__organization__parent",
    )
    try:
        return Place.objects.select_related(*related, "signup__round__agency").get(pk=pk)
    except Place.DoesNotExist:
        raise Http404 from None


def leaders(place: Place) -> list[Person]:
    """Who may answer for the place today."""
    return list(holders([place.signup.organization], Role.LEA_LEADER))


def staff(round: Round) -> list[Person]:
    return list(holders([round.agency], Role.AGENCY_STAFF))


def of_leader(person: Person) -> QuerySet[Place]:
    """The places that this person may answer, in every round."""
    led = [held.organization_id for held in person.positions if held.role == Role.LEA_LEADER]
    mine = Place.objects.filter(signup__organization__in=led) | Place.objects.filter(
        signup__organization__parent__in=led
    )
    return mine.select_related("offer__round", "offer__area", "offer__partnership", "signup__organization").order_by(
        "-asked_at", "-pk"
    )


def waiting_for(person: Person) -> QuerySet[Place]:
    return of_leader(person).filter(answer=Answer.ASKED, offer__state=OfferState.OPEN)


def waiting_on_home(request: HttpRequest, _thing: object) -> dict[str, Any] | None:
    """Proposals that wait for the reader's answer, for the home page; nothing where none does."""
    if not isinstance(request.user, Person):
        return None
    places = list(waiting_for(request.user))
    return {"places": places} if places else None


def live_members(offer: Offer) -> list[str]:
    return [str(pk) for pk in offer.places.live().values_list("signup__organization", flat=True)]


def group_of(offer: Offer, table: Table) -> Group | None:
    """The group of an offer as the engine takes it, without anybody who withdrew; None when nobody is left."""
    return _group(offer, live_members(offer), table)


def _group(offer: Offer, live: Iterable[str], table: Table) -> Group | None:
    members = tuple(member for member in live if member in table.ids)
    return Group(members, offer.area.code if offer.area else None) if members else None


@dataclass(frozen=True)
class Partner:
    """One member as its partners see it: what it needs and what it can share, side by side."""

    organization: Organization
    needs: list[str]
    strengths: list[str]
    goals: str
    way: str
    is_mine: bool


@dataclass(frozen=True)
class Proposal:
    """What the leader of one member sees of the group: never a weakness, a past conflict or a rank of anybody."""

    partners: list[Partner]
    shared: list[TopicLine]
    exchanges: list[TopicLine]
    longest: str
    accepted: int
    asked: int


def proposal_for(place: Place) -> Proposal:
    table = Table(place.offer.round)
    live = list(place.offer.places.live().select_related("signup__organization__parent"))
    group = group_of(place.offer, table)
    told = explain(table.scorer, group) if group else None
    mine = str(place.signup.organization_id)
    away = _ways(table, mine, [str(each.signup.organization_id) for each in live])
    topics = final_topics(place.offer.round.agency)

    def named(each: Place, side: Side) -> list[str]:
        chosen = each.signup.choices.filter(side=side).select_related("topic")
        return [str(topics[choice.topic_id]) if choice.topic_id else choice.words for choice in chosen]

    return Proposal(
        partners=[
            Partner(
                organization=each.signup.organization,
                needs=named(each, Side.NEED),
                strengths=named(each, Side.STRENGTH),
                goals=each.signup.goals,
                way=away.get(str(each.signup.organization_id), ""),
                is_mine=str(each.signup.organization_id) == mine,
            )
            for each in live
        ],
        shared=[
            TopicLine(table.wording.topic(need.topic), table.names(need.members), [])
            for need in (told.shared if told else ())
        ],
        exchanges=[
            TopicLine(table.wording.topic(e.topic), table.names(e.needed_by), table.names(e.offered_by))
            for e in (told.exchanges if told else ())
        ],
        longest=way(max((pair.travel for pair in told.score.pairs), default=0.0), table.unit) if told else "",
        accepted=sum(each.answer == Answer.ACCEPTED for each in live),
        asked=len(live),
    )


def _ways(table: Table, mine: str, others: Iterable[str]) -> dict[str, str]:
    """The way from one member to each of the others, in words."""
    index = table.market.index()
    known = [member for member in others if member in index and member != mine]
    if mine not in index or not known:
        return {}
    ways = table.scorer.travel([index[mine]], [index[member] for member in known])[0]
    return {member: way(float(travel), table.unit) for member, travel in zip(known, ways, strict=True)}


@dataclass(frozen=True)
class BoardRow:
    """One released group as staff see it."""

    offer: Offer
    places: list[Place]
    free: int
    open_questions: list[Place]
    broken: list[str]


def board(round: Round, table: Table) -> list[BoardRow]:
    rows = []
    all_places = Place.objects.select_related("signup__organization__parent", "answered_by").prefetch_related(
        "messages"
    )
    offers = round.offers.select_related("area", "facilitator", "partnership")
    for offer in offers.prefetch_related(Prefetch("places", all_places)):
        places = list(offer.places.all())
        group = _group(offer, [str(place.signup.organization_id) for place in places if place.is_live], table)
        broken = table.wording.say_all(group_violations(table.market, table.rules, group)) if group else []
        rows.append(
            BoardRow(
                offer=offer,
                places=places,
                free=sum(
                    not place.settled and not place.is_live and place.answer != Answer.WITHDRAWN for place in places
                ),
                open_questions=[place for place in places if _unanswered(place)],
                broken=broken if offer.is_open else [],
            )
        )
    return rows


def _unanswered(place: Place) -> bool:
    messages = list(place.messages.all())
    return bool(messages) and not messages[-1].from_staff


def waiting(round: Round, table: Table) -> list[str]:
    """Members without a place who have not said no in this round, by name: those who can be asked."""
    placed = Place.objects.filter(offer__round=round).exclude(answer=Answer.WITHDRAWN)
    taken = {str(pk) for pk in placed.values_list("signup__organization", flat=True)}
    return table.by_name(table.ids - taken)


@dataclass(frozen=True)
class Refill:
    """One group with a free place, and who could take it. Where no waiting member fits, `unfit` says of each what is in the way."""

    offer: Offer
    live: list[str]
    joining: list[str]
    broken: list[str]
    change: float
    unfit: list[tuple[str, list[str]]]


def refill_market(
    table: Table, offers: Sequence[Offer], candidates: Iterable[str]
) -> tuple[Market, Rules, dict[int, list[str]]]:
    """The small market around the groups with free places: their members stay together and keep their focus area.

    Each group is one group of the answer, because its members must share one and those of two groups may not.
    """
    live = {offer.pk: [m for m in live_members(offer) if m in table.ids] for offer in offers}
    area = {member: offer.area.code for offer in offers if offer.area for member in live[offer.pk]}
    known = frozenset(candidates) | {member for members in live.values() for member in members}
    members = tuple(
        replace(member, areas=(area[member.id],)) if member.id in area else member
        for member in table.market.members
        if member.id in known
    )
    groups = [members for members in live.values() if members]
    strangers = {
        (one, other) for i, mine in enumerate(groups) for theirs in groups[:i] for one in mine for other in theirs
    }
    rules = replace(
        table.rules,
        together=tuple(frozenset(mine) for mine in groups if len(mine) > 1),
        forbidden=table.rules.forbidden | pairs(*strangers),
        must_place=frozenset(member for mine in groups for member in mine),
        unplaced_penalty=table.rules.unplaced_penalty if table.rules.unplaced_penalty is not None else 0.0,
        group_count=len(groups),
    )
    return Market(members, table.market.travel), rules, live


def first_slot(today: date, *, days: int = 14) -> date:
    """A Tuesday, Wednesday or Thursday at least two weeks ahead: Mondays and Fridays are the hardest days for schools."""
    day = today + timedelta(days=days)
    while day.weekday() not in (1, 2, 3):
        day += timedelta(days=1)
    return day
