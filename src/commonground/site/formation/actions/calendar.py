"""What the calendar asks for: reminders before the last day to answer, and places that were not answered in time.

Each place is its own transaction and says on its row what was done, so a task that runs twice, or in two workers, mails once.
"""

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from commonground.site.audit.actions import record
from commonground.site.formation.actions.offers import tell, tell_staff
from commonground.site.formation.models import Offer, Place
from commonground.site.formation.models.offers import Answer, OfferState

FIRST_REMINDER, LAST_REMINDER = 7, 2  # days before the last day to answer


def _asked() -> QuerySet[Place]:
    related = ("offer__round__agency", "signup__organization")
    return Place.objects.filter(answer=Answer.ASKED, offer__state=OfferState.OPEN).select_related(*related)


def _each(due: QuerySet[Place], act: Callable[[Place], None]) -> int:
    """Act on each place that is still due, with its offer held: a leader who answers at this moment goes first or afterwards."""
    done = 0
    for pk, offer in list(due.values_list("pk", "offer")):
        with transaction.atomic():
            Offer.objects.select_for_update().get(pk=offer)
            place = due.filter(pk=pk).first()
            if place:
                act(place)
                done += 1
    return done


def remind() -> int:
    """Remind leaders a week and two days before the last day to answer; nobody on the day after being asked."""
    today = timezone.localdate()
    first = Q(reminded_on=None, due_on__lte=today + timedelta(days=FIRST_REMINDER))
    last = Q(
        due_on__lte=today + timedelta(days=LAST_REMINDER), reminded_on__lt=F("due_on") - timedelta(days=LAST_REMINDER)
    )
    fresh = timezone.now() - timedelta(days=1)
    due = _asked().filter(first | last, due_on__gte=today, asked_at__lte=fresh)
    return _each(due, _remind)


def _remind(place: Place) -> None:
    place.reminded_on = timezone.localdate()
    place.save(update_fields=["reminded_on"])
    tell(place, "reminder")


def expire() -> int:
    """Free the places that nobody answered in time, and tell both sides."""
    return _each(_asked().filter(due_on__lt=timezone.localdate()), _expire)


def _expire(place: Place) -> None:
    place.answer = Answer.EXPIRED
    place.save(update_fields=["answer"])
    round = place.offer.round
    record("place expired", by=None, on=place, tenant=round.agency, organization=place.signup.organization_id)
    tell(place, "expired")
    tell_staff(round, "expired_staff", place=place)
