"""From an accepted group to a partnership: members, facilitator, the round's history and a first meeting."""

from collections.abc import Callable, Iterator
from datetime import datetime, time

from django.conf import settings
from django.utils import timezone, translation

from commonground.engines.formation import Explanation, Group, explain
from commonground.site.directory.models import Organization, Person
from commonground.site.formation.models import Draft, Offer, Round
from commonground.site.formation.models.choices import RoundKind
from commonground.site.formation.models.proposals import How
from commonground.site.formation.queries.drafts import Table
from commonground.site.formation.queries.offers import first_slot, group_of
from commonground.site.partnership.actions.founding import FirstMeeting, Statement, found
from commonground.site.partnership.models import Kind, Partnership
from commonground.site.partnership.models.origin import Part

KINDS = {
    RoundKind.QUADS: Kind.QUAD,
    RoundKind.TRIADS: Kind.TRIAD,
    RoundKind.DISTRICTS: Kind.DISTRICTS,
    RoundKind.NETWORKS: Kind.NETWORK,
}
MEETING_TIME = time(15, 30)  # after most schools' last bell
Words = dict[str, str]


def in_every_language(say: Callable[[], str]) -> Words:
    """The same words in each language of the site."""
    found_words = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found_words[code] = say()
    return found_words


def found_partnership(offer: Offer, *, by: Person | None) -> Partnership:
    """Found what all members of an offer have accepted. The caller holds the offer."""
    round = offer.round
    table = Table(round)
    group = group_of(offer, table)
    told = explain(table.scorer, group) if group else None
    places = offer.places.live().select_related("signup__organization__parent")
    members = [place.signup.organization for place in places]
    area = offer.area
    return found(
        by=by,
        agency=round.agency,
        kind=KINDS[RoundKind(round.kind)],
        name=f"{round.name} {offer.number}",
        purpose=in_every_language(lambda: _purpose(round, table, told)),
        focus_area=in_every_language(lambda: area.name) if area else {},
        members=members,
        facilitator=offer.facilitator,
        origin=[*_why(offer, table, told), *_history(offer)],
        first_meeting=_first_meeting(table, group, members),
    )


def _purpose(round: Round, table: Table, told: Explanation | None) -> str:
    wording = type(table.wording)(round, table.organizations)  # names are remembered per language
    return ", ".join(wording.topic(need.topic) for need in told.shared) if told and told.shared else round.purpose


def _topic(table: Table, code: str) -> Words:
    return in_every_language(lambda: type(table.wording)(table.round, table.organizations).topic(code))


def _why(offer: Offer, table: Table, told: Explanation | None) -> Iterator[Statement]:
    area = offer.area
    if area and offer.round.share_area:
        yield Statement(Part.WHY, "focus_area", {"area": in_every_language(lambda: area.name)})
    if told is None:
        return
    for need in told.shared:
        data = {"topic": _topic(table, need.topic), "members": table.names(need.members)}
        yield Statement(Part.WHY, "shared_need", data)
    for each in told.exchanges:
        data = {
            "topic": _topic(table, each.topic),
            "offered_by": table.names(each.offered_by),
            "needed_by": table.names(each.needed_by),
        }
        yield Statement(Part.WHY, "exchange", data)
    longest = max((pair.travel for pair in told.score.pairs), default=0.0)
    yield Statement(Part.WHY, "near" if table.unit == "km" else "near_minutes", {"travel": round(longest)})


def _history(offer: Offer) -> Iterator[Statement]:
    """What happened from the opening of the round until today, each with its day."""
    this, agency = offer.round, offer.round.agency.name
    yield Statement(Part.HISTORY, "round_opened", {"agency": agency, "round": this.name}, at=_morning(this.opens_on))
    signed_up = {"count": this.signups.submitted().count()}
    yield Statement(Part.HISTORY, "signed_up", signed_up, at=_morning(this.closes_on))
    draft = Draft.objects.filter(round=this, released_at__isnull=False).first()
    if draft:
        yield from _formed(draft, agency)
    for place in offer.places.live().select_related("signup__organization"):
        name = place.signup.organization.name
        if place.joined_later:
            yield Statement(Part.HISTORY, "refilled", {"organization": name}, at=place.asked_at)
        yield Statement(
            Part.HISTORY, "accepted", {"organization": name, "title": place.authority}, at=place.answered_at
        )
    if offer.facilitator:
        yield Statement(Part.HISTORY, "facilitator", {"position": offer.facilitator.title}, at=offer.released_at)
    yield Statement(Part.HISTORY, "founded", at=timezone.now())


def _formed(draft: Draft, agency: str) -> Iterator[Statement]:
    versions = list(draft.versions.all())
    proven = next((each for each in reversed(versions) if each.is_proven), None)
    if proven and proven.gap is not None:
        yield Statement(Part.HISTORY, "solved", {"gap": f"{proven.gap:.1f}"}, at=proven.at)
    by_hand = [each for each in versions if each.how in (How.MOVED, How.SWAPPED)]
    if by_hand:
        yield Statement(Part.HISTORY, "adjusted", {"agency": agency}, at=by_hand[-1].at)
    if draft.released_at:
        yield Statement(Part.HISTORY, "released", {"agency": agency}, at=draft.released_at)


def _morning(day: object) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(8)))  # type: ignore[arg-type]


def _first_meeting(table: Table, group: Group | None, members: list[Organization]) -> FirstMeeting:
    """Where the farthest member's way is shortest, on a day in the middle of the week after next."""
    day = first_slot(timezone.localdate())
    host = _host(table, group, members)
    address = ", ".join(part for part in (host.name, host.street, host.city) if part)
    return FirstMeeting(timezone.make_aware(datetime.combine(day, MEETING_TIME)), place=address[:200])


def _host(table: Table, group: Group | None, members: list[Organization]) -> Organization:
    index = table.market.index()
    rows = [index[member] for member in group.members] if group else []
    if not rows:
        return members[0]
    farthest = table.scorer.travel(rows, rows).max(axis=1)
    best = table.market.members[rows[int(farthest.argmin())]].id
    return next(member for member in members if str(member.pk) == best)
