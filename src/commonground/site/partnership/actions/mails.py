"""The mail of a meeting: the words in the reader's language, and the calendar's own message beside them."""

from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from commonground.site.directory.models import Person
from commonground.site.partnership.invitation import Method, calendar
from commonground.site.partnership.models import Meeting
from commonground.site.partnership.models.meeting import Status
from commonground.site.partnership.queries import invited


def send_invitations(meeting: Meeting, url: str) -> None:
    """Tell everybody whom the meeting concerns, after the transaction; one mail each, so that nobody's language is guessed."""
    people = invited(meeting.partnership)
    for person in people:  # robust: a mail server that is down must not undo or hide what was saved; it is logged
        transaction.on_commit(partial(_send, meeting, url, person, people), robust=True)


def _send(meeting: Meeting, url: str, person: Person, people: list[Person]) -> None:
    method: Method = "CANCEL" if meeting.status == Status.CANCELLED else "REQUEST"
    with translation.override(person.language):
        text = render_to_string("partnership/mail/meeting.txt", {"meeting": meeting, "url": url, "person": person})
        file = calendar(
            meeting, method, url=url, stamp=timezone.now(), sender=settings.DEFAULT_FROM_EMAIL, people=people
        )
    subject, _, body = text.strip().partition("\n")
    message = EmailMessage(subject, body.strip() + "\n", to=[person.email])
    # The method must stand in the type too (RFC 6047, 2.4), or a mail reader shows a plain file instead of an invitation.
    message.attach("meeting.ics", file.decode(), f"text/calendar; method={method}")
    message.send()
