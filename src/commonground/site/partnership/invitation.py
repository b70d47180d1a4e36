"""A meeting as an iCalendar object (RFC 5545), sent as RFC 5546 asks.

- An invitation or a change is METHOD:REQUEST with everybody invited; the version (SEQUENCE) grows with every change.
- A cancellation is METHOD:CANCEL with the same identity (UID) and a higher version.
- A file to download is METHOD:PUBLISH, which names nobody: whoever downloads it is not thereby invited.

Times are given in UTC, so that no calendar needs to know our time zone's rules.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from typing import Literal

from icalendar import Calendar, Event, vCalAddress

from commonground.site.directory.models import Person
from commonground.site.partnership.models import Meeting
from commonground.site.partnership.models.meeting import Status

Method = Literal["REQUEST", "CANCEL", "PUBLISH"]
STATUS = {Status.PROPOSED: "TENTATIVE", Status.CONFIRMED: "CONFIRMED", Status.CANCELLED: "CANCELLED"}


def address(email: str, name: str, **parameters: str) -> vCalAddress:
    who = vCalAddress(f"mailto:{email}")
    who.params["CN"] = name
    who.params.update(parameters)
    return who


def as_event(meeting: Meeting, *, url: str, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", f"{meeting.uid}@commonground")
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", meeting.starts_at.astimezone(UTC))
    event.add("dtend", (meeting.starts_at + timedelta(minutes=meeting.minutes)).astimezone(UTC))
    event.add("summary", f"{meeting.partnership.name}: {meeting}")
    event.add("status", STATUS[Status(meeting.status)])
    event.add("location", meeting.place or meeting.link)
    event.add("url", url)
    text = "\n\n".join(part for part in (meeting.agenda_text(), meeting.link, url) if part)
    event.add("description", text)
    return event


def calendar(
    meeting: Meeting, method: Method, *, url: str, stamp: datetime, sender: str, people: Iterable[Person] = ()
) -> bytes:
    """The bytes of one .ics file. `sender` is the address that answers come to, as "Name <address>"."""
    event = as_event(meeting, url=url, stamp=stamp)
    name, email = parseaddr(sender)
    event.add("organizer", address(email, name or "Common Ground"))
    for person in people if method != "PUBLISH" else ():
        who = {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
        event.add("attendee", address(person.email, str(person), **who))
    whole = Calendar()
    whole.add("prodid", "-//Common Ground//Partnership meetings//EN")
    whole.add("version", "2.0")
    whole.add("method", method)
    whole.add_component(event)
    return bytes(whole.to_ical())
