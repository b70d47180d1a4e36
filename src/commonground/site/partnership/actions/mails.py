"""The mail of a meeting: the words in the reader's language, and the calendar's own message beside them."""

from django.conf import settings
from django.utils import timezone, translation

from commonground.site.partnership.invitation import Method, calendar
from commonground.site.partnership.models import Meeting
from commonground.site.partnership.models.meeting import Status
from commonground.site.partnership.queries import invited
from commonground.site.ui.mail import Attachment, send


def send_invitations(meeting: Meeting, url: str) -> None:
    """Tell everybody whom the meeting concerns; one mail each, so that nobody's language is guessed."""
    people = invited(meeting.partnership)
    method: Method = "CANCEL" if meeting.status == Status.CANCELLED else "REQUEST"
    for person in people:
        with translation.override(person.language):
            file = calendar(
                meeting, method, url=url, stamp=timezone.now(), sender=settings.DEFAULT_FROM_EMAIL, people=people
            )
        # The method must stand in the type too (RFC 6047, 2.4), or a mail reader shows a plain file instead of an invitation.
        attachment = Attachment("meeting.ics", file, f"text/calendar; method={method}")
        context = {"meeting": meeting, "url": url}
        send(to=person, template="partnership/mail/meeting.txt", context=context, attachments=[attachment])
