"""Answers of members, and what follows from them.

An offer's row is the lock: two leaders who answer at the same moment act one after the other.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonground.engines.formation import Group, group_violations
from commonground.site.audit.actions import record
from commonground.site.directory.models import Person
from commonground.site.formation.actions.founding import found_partnership
from commonground.site.formation.actions.rounds import locked
from commonground.site.formation.models import Offer, Place, PlaceMessage, Round, SignUp
from commonground.site.formation.models.choices import RoundState
from commonground.site.formation.models.offers import Answer, OfferState
from commonground.site.formation.models.stages import RefusedError
from commonground.site.formation.queries import offers as queries
from commonground.site.formation.queries.drafts import Table
from commonground.site.ui.mail import send

CHANGED = gettext_lazy("The answers have changed since this page was opened. Here is how they are now.")
MOST_MESSAGES = 200  # about one place, from both sides
DAYS_TO_ANSWER = 7  # at least, for whoever is asked later


def tell(place: Place, letter: str, **context: Any) -> None:
    """Mail to everybody who may answer for a place today."""
    for person in queries.leaders(place):
        send(to=person, template=f"formation/mail/offer_{letter}.txt", context={"place": place, **context})


def tell_staff(round: Round, letter: str, **context: Any) -> None:
    for person in queries.staff(round):
        send(to=person, template=f"formation/mail/offer_{letter}.txt", context={"round": round, **context})


def _held(place: Place) -> Place:
    """The place as it is now, with its offer held until the transaction ends."""
    Offer.objects.select_for_update().get(pk=place.offer_id)
    return queries.the_place(place.pk)


def _must_be_answerable(place: Place) -> None:
    offer = place.offer
    if offer.state == OfferState.FOUNDED:
        raise RefusedError(
            _("All members have accepted meanwhile: the partnership exists. Talk to the host agency to leave it.")
        )
    if offer.state == OfferState.DISSOLVED or place.answer == Answer.WITHDRAWN:
        raise RefusedError(_("This proposal was withdrawn. The host agency can tell you what comes next."))
    if place.answer == Answer.DECLINED:
        raise RefusedError(_("This place was declined. Write to the host agency if that has changed."))
    late = place.answer == Answer.EXPIRED or (place.answer == Answer.ASKED and place.due_on < timezone.localdate())
    if late:
        text = _("The last day to answer was %(day)s. Write to the host agency if you still want to take part.")
        raise RefusedError(text % {"day": place.due_on})


@transaction.atomic
def accept(place: Place, *, by: Person) -> Place:
    """Accept a place. The last member to accept makes the partnership."""
    current = _held(place)
    if current.answer == Answer.ACCEPTED and current.changed_at is None:
        return current  # a second click, or a colleague of the same seat
    _must_be_answerable(current)
    _answer(current, Answer.ACCEPTED, by=by)
    complete(current.offer, by=by)
    current.refresh_from_db()
    return current


@transaction.atomic
def decline(place: Place, *, by: Person, reason: str) -> Place:
    """Decline a place, also one that was accepted before, as long as there is no partnership yet."""
    current = _held(place)
    if current.answer == Answer.DECLINED:
        return current
    _must_be_answerable(current)
    _answer(current, Answer.DECLINED, by=by, reason=reason)
    tell_staff(current.offer.round, "declined", place=current)
    return current


def _answer(place: Place, answer: Answer, *, by: Person, reason: str = "") -> None:
    place.answer, place.reason, place.changed_at = answer, reason, None
    place.answered_at, place.answered_by, place.authority = timezone.now(), by, by.authority()
    place.save()
    agency = place.offer.round.agency
    record(f"place {answer}", by=by, on=place, tenant=agency, organization=place.signup.organization_id)


def complete(offer: Offer, *, by: Person | None) -> None:
    """Found the partnership when every live place is accepted and none is free. The caller holds the offer."""
    live = list(offer.places.live())
    if len(live) < 2 or any(place.answer != Answer.ACCEPTED for place in live) or offer.places.free().exists():
        return
    partnership = found_partnership(offer, by=by)
    offer.partnership, offer.state = partnership, OfferState.FOUNDED
    offer.save()
    for place in queries.the_offer(offer.pk).places.live().select_related("offer__round", "signup__organization"):
        tell(place, "founded", partnership=partnership)
    tell_staff(offer.round, "founded_staff", partnership=partnership, offer=offer)


@transaction.atomic
def write(place: Place, *, by: Person, text: str, from_staff: bool) -> PlaceMessage:
    """Ask or answer a question about a place. Only its leader and the agency's staff read it."""
    if place.messages.count() >= MOST_MESSAGES:
        raise RefusedError(_("You have written to each other very often here. Call each other, or write an email."))
    message = PlaceMessage.objects.create(place=place, by=by, text=text, from_staff=from_staff)
    record("question answered" if from_staff else "question asked", by=by, on=place, tenant=place.offer.round.agency)
    if from_staff:
        tell(place, "replied", message=message)
    else:
        tell_staff(place.offer.round, "asked", place=place, message=message)
    return message


@transaction.atomic
def give_back(signup: SignUp, *, by: Person, reason: str) -> Place | None:
    """Decline whatever place an organization has that leaves its round; staff can refill it. The caller holds the round.

    No last day counts here: who leaves, leaves. Raises RefusedError where the partnership exists.
    """
    place = Place.objects.live().filter(signup=signup).first()
    if place is None:
        return None
    current = _held(place)
    if current.offer.state == OfferState.FOUNDED:
        _must_be_answerable(current)
    if not current.is_live:
        return None
    _answer(current, Answer.DECLINED, by=by, reason=reason)
    tell_staff(current.offer.round, "declined", place=current)
    return current


@transaction.atomic
def refill(round: Round, *, by: Person, joining: Mapping[int, Sequence[str]]) -> list[Place]:
    """Ask members who wait to take free places: `joining` maps an offer to members.

    Nothing that the page posted is trusted. With the round and its offers held: each member is a sign-up of the round that waits,
    and is asked once; each offer has a free place; and every group obeys the rules as they are now. One that does not, and nobody
    is asked.
    """
    current = locked(round)
    offers = {each.pk: each for each in current.offers.select_for_update(of=("self",)).select_related("area")}
    if current.state != RoundState.RELEASED or not set(joining) <= set(offers):
        raise RefusedError(CHANGED)
    table = Table(current)
    waiting = set(queries.waiting(current, table))
    named = [member for members in joining.values() for member in members]
    if len(set(named)) < len(named) or not set(named) <= waiting:
        raise RefusedError(CHANGED)
    for pk, members in joining.items():
        _must_fit(offers[pk], members, table)
    asked = [place for pk, members in joining.items() for place in _ask(offers[pk], members, current)]
    record("places refilled", by=by, on=current, tenant=current.agency, asked=len(asked))
    for place in asked:
        tell(place, "released")
    return asked


OF_THE_WHOLE = frozenset({"too_small", "too_large", "sector_low", "sector_high"})


def _must_fit(offer: Offer, members: Sequence[str], table: Table) -> None:
    """The group with these members obeys every rule; only what already stood between those who stay may stand."""
    stays = queries.group_of(offer, table)
    if not members or not offer.is_open or stays is None or not offer.places.free().exists():
        raise RefusedError(CHANGED)
    known = [why for why in group_violations(table.market, table.rules, stays) if why.code not in OF_THE_WHOLE]
    group = Group((*stays.members, *members), stays.area)
    broken = [why for why in group_violations(table.market, table.rules, group) if why not in known]
    if broken:
        text = _("%(group)s would break a rule of the round: %(why)s Nobody was asked.")
        raise RefusedError(text % {"group": offer, "why": " ".join(table.wording.say_all(broken))})


def _ask(offer: Offer, members: Sequence[str], round: Round) -> list[Place]:
    due = max(round.decide_by, timezone.localdate() + timedelta(days=DAYS_TO_ANSWER))
    signups = {str(each.organization_id): each for each in round.signups.submitted()}
    places = [
        Place.objects.create(offer=offer, signup=signups[member], due_on=due, joined_later=True) for member in members
    ]
    _settle(offer)
    return places


def _settle(offer: Offer) -> None:
    """Close the free places of an offer, and tell the members who stay what has changed; those who accepted may reconsider."""
    offer.places.free().update(settled=True)
    now = timezone.now()
    for place in offer.places.live().filter(joined_later=False).select_related("offer__round", "signup__organization"):
        if place.answer == Answer.ACCEPTED:
            place.changed_at = now
            place.save(update_fields=["changed_at"])
        tell(place, "changed")


@transaction.atomic
def go_on(offer: Offer, *, by: Person) -> Offer:
    """Let a group go on without its free places, if what is left obeys the rules of the round."""
    round = locked(offer.round)
    current = queries.the_offer(Offer.objects.select_for_update().get(pk=offer.pk).pk)
    if not current.is_open or not current.places.free().exists():
        raise RefusedError(CHANGED)
    table = Table(round)
    group = queries.group_of(current, table)
    broken = group_violations(table.market, table.rules, group) if group else ()
    if group is None or len(group.members) < 2 or broken:
        why = " ".join(table.wording.say_all(broken))
        raise RefusedError(_("The group cannot go on as it is.") + (f" {why}" if why else ""))
    _settle(current)
    current.places.live().update(changed_at=None)  # told, but not asked again: the group only became smaller
    record("group goes on smaller", by=by, on=current, tenant=current.round.agency)
    complete(current, by=by)
    return current


@transaction.atomic
def end(offer: Offer, *, by: Person) -> Offer:
    """Give a group up: its members wait again and can be asked for another one."""
    current = queries.the_offer(Offer.objects.select_for_update().get(pk=offer.pk).pk)
    if not current.is_open:
        raise RefusedError(_("This group is decided already."))
    live = list(current.places.live().select_related("offer__round", "signup__organization"))
    current.places.live().update(answer=Answer.WITHDRAWN)
    current.state = OfferState.DISSOLVED
    current.save()
    record("group given up", by=by, on=current, tenant=current.round.agency)
    for place in live:
        tell(place, "dissolved")
    return current


@transaction.atomic
def finish(round: Round, *, by: Person) -> Round:
    """End a round whose groups are all decided."""
    current = locked(round)
    if current.state != RoundState.RELEASED or current.offers.filter(state=OfferState.OPEN).exists():
        raise RefusedError(_("Some groups still wait for answers. Decide about them first."))
    current.state = RoundState.FINISHED
    current.save(update_fields=["state"])
    record("round: finished", by=by, on=current, tenant=current.agency)
    return current
