"""Proposing, moving, confirming and cancelling a meeting. Everybody concerned gets the calendar's own message each time."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from commonground.site.audit.actions import record
from commonground.site.directory.models import Person
from commonground.site.partnership.actions.mails import send_invitations
from commonground.site.partnership.invitation import calendar
from commonground.site.partnership.models import Meeting, Partnership
from commonground.site.partnership.models.meeting import Status


class ChangedMeanwhileError(Exception):
    """Somebody else changed the meeting after this page was opened; the message says so to the reader."""


@transaction.atomic
def propose(
    *,
    by: Person,
    partnership: Partnership,
    starts_at: datetime,
    minutes: int,
    title: str = "",
    place: str = "",
    link: str = "",
    agenda: str = "",
) -> Meeting:
    meeting = Meeting.objects.create(
        partnership=partnership,
        proposed_by=by,
        title=title,
        starts_at=starts_at,
        minutes=minutes,
        place=place,
        link=link,
        agenda=agenda,
    )
    invite(meeting, by=by, verb="meeting proposed")
    return meeting


@transaction.atomic
def change(*, by: Person, meeting: Meeting, seen: int, **fields: object) -> Meeting:
    """Move it or change what it says. A meeting that was confirmed for another time is only proposed again."""
    current = _latest(meeting, seen)
    moved = any(getattr(current, name) != fields.get(name, getattr(current, name)) for name in ("starts_at", "place"))
    for name, value in fields.items():
        setattr(current, name, value)
    if moved:
        current.status = Status.PROPOSED
    return _new_version(current, by=by, verb="meeting moved" if moved else "meeting changed")


@transaction.atomic
def confirm(*, by: Person, meeting: Meeting, seen: int) -> Meeting:
    current = _latest(meeting, seen)
    if current.status == Status.CONFIRMED:
        return current  # a second click
    current.status = Status.CONFIRMED
    return _new_version(current, by=by, verb="meeting confirmed")


@transaction.atomic
def cancel(*, by: Person, meeting: Meeting, seen: int) -> Meeting:
    current = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if current.status == Status.CANCELLED:
        return current  # a second click
    current = _latest(meeting, seen)
    current.status = Status.CANCELLED
    return _new_version(current, by=by, verb="meeting cancelled")


def _latest(meeting: Meeting, seen: int) -> Meeting:
    """The meeting, locked; refused where it is no longer what the page showed."""
    current = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if current.sequence != seen:
        raise ChangedMeanwhileError(
            _("Somebody else changed this meeting while you had it open. Look at it again below.")
        )
    if not current.is_open:
        raise ChangedMeanwhileError(_("This meeting was cancelled. Propose a new one."))
    return current


def _new_version(meeting: Meeting, *, by: Person, verb: str) -> Meeting:
    meeting.sequence += 1
    meeting.save()
    invite(meeting, by=by, verb=verb)
    return meeting


def invite(meeting: Meeting, *, by: Person | None, verb: str) -> None:
    """Record the act, and send the invitation, its change or its cancellation once it is certain."""
    record(verb, by=by, on=meeting, tenant=meeting.partnership.agency, version=meeting.sequence)
    send_invitations(meeting, address_of(meeting))


def file_of(meeting: Meeting) -> bytes:
    """The meeting as a file for one's own calendar."""
    return calendar(
        meeting, "PUBLISH", url=address_of(meeting), stamp=timezone.now(), sender=settings.DEFAULT_FROM_EMAIL
    )


def address_of(meeting: Meeting) -> str:
    return settings.SITE_URL + meeting.get_absolute_url()
