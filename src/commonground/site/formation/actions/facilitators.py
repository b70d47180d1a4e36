"""Offering to facilitate, and what staff make of it."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from commonground.site.audit.actions import record
from commonground.site.directory.actions.people import appoint, hold
from commonground.site.directory.models import Organization, Person, Position
from commonground.site.directory.roles import Role
from commonground.site.formation.models import Facilitator, Topic
from commonground.site.formation.models.facilitators import FacilitatorState
from commonground.site.partnership.queries import holders
from commonground.site.ui.mail import send


@transaction.atomic
def save(
    *,
    by: Person,
    agency: Organization,
    person: Person,
    topics: Iterable[Topic],
    employers: Iterable[Organization],
    worked_with: Iterable[Organization],
    **fields: Any,
) -> Facilitator:
    """Keep what somebody offers, or what has changed in it. A second click changes the same offer."""
    row, is_new = Facilitator.objects.update_or_create(agency=agency, person=person, defaults=fields)
    row.topics.set(topics)
    row.employers.set(employers)
    row.worked_with.set(worked_with)
    record("facilitator offered" if is_new else "facilitator changed", by=by, on=row, tenant=agency)
    if is_new and by == person:
        for staff in holders([agency], Role.AGENCY_STAFF):
            send(to=staff, template="formation/mail/facilitator_offered.txt", context={"facilitator": row})
    return row


@transaction.atomic
def accept(facilitator: Facilitator, *, by: Person) -> Facilitator:
    """Give the person a facilitator's seat at the agency, so that groups can be assigned to it."""
    hold(facilitator.agency)  # two who are accepted at once get two seats
    row = Facilitator.objects.select_for_update().get(pk=facilitator.pk)
    if row.state == FacilitatorState.ACTIVE:
        return row
    row.position = _seat(row, by)
    row.state = FacilitatorState.ACTIVE
    row.save()
    record("facilitator accepted", by=by, on=row, tenant=row.agency)
    return row


def _seat(row: Facilitator, by: Person) -> Position:
    held = row.agency.positions.filter(role=Role.FACILITATOR)
    mine = next((each for each in held if each.holder() == row.person), None)
    if mine:
        return mine
    title = _("Facilitator")
    open_ended = Q(terms__ends=None) | Q(terms__ends__gt=timezone.localdate())
    taken = {each.title.casefold() for each in held.filter(open_ended, terms__isnull=False)}
    numbered = [title, *(f"{title} {number}" for number in range(2, len(taken) + 3))]
    free = next(each for each in numbered if each.casefold() not in taken)
    term = appoint(
        organization=row.agency,
        role=Role.FACILITATOR,
        title=free,
        email=row.person.email,
        name=row.person.name,
        starts=timezone.localdate(),
        by=by,
    )
    return term.position


@transaction.atomic
def rest(facilitator: Facilitator, *, by: Person) -> Facilitator:
    """Assign no more groups to this person; what they accompany stays with their seat."""
    row = Facilitator.objects.select_for_update().get(pk=facilitator.pk)
    if row.state != FacilitatorState.RESTING:
        row.state = FacilitatorState.RESTING
        row.save(update_fields=["state", "changed_at"])
        record("facilitator resting", by=by, on=row, tenant=row.agency)
    return row
