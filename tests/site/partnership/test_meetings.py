"""Proposing, moving, confirming and cancelling meetings, and what calendars get."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from commonground.site.audit.models import Entry
from commonground.site.directory.models import Person
from commonground.site.directory.roles import Role
from commonground.site.partnership.models import Meeting
from tests.site.conftest import Tenant
from tests.site.partnership.factories import first_meeting, in_two_weeks, make_partnership

Browser = Callable[[Person | None], Client]
NEW = {
    "title": "",
    "day_month": "3",
    "day_day": "4",
    "day_year": "2031",
    "time": "15:30",
    "minutes": "90",
    "place": "Library",
    "link": "",
    "agenda": "",
}


def answers(meeting: Meeting, **changes: str) -> dict[str, str]:
    here = timezone.localtime(meeting.starts_at)
    shown = {
        "day": f"{here:%Y-%m-%d}",
        "time": f"{here:%H:%M}",
        "minutes": str(meeting.minutes),
        "place": meeting.place,
    }
    return {"title": "", "link": "", "agenda": meeting.agenda_text(), "seen": str(meeting.sequence)} | shown | changes


def address(name: str, meeting: Meeting) -> str:
    return reverse(f"partnership:{name}", args=[meeting.pk])


def test_a_leader_proposes_a_meeting(home: Tenant, signed_in: Browser) -> None:
    partnership = make_partnership(home, first_meeting=None)
    browser = signed_in(home.people[Role.LEA_LEADER])
    page = browser.post(reverse("partnership:propose_meeting", args=[partnership.pk]), NEW, follow=True)
    assert "everybody concerned was invited" in page.content.decode()
    meeting = partnership.meetings.get()
    assert timezone.localtime(meeting.starts_at).strftime("%Y-%m-%d %H:%M") == "2031-03-04 15:30"
    assert Entry.objects.filter(verb="meeting proposed", subject_id=str(meeting.pk)).count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"place": "", "link": ""}, "Say where you meet"),
        ({"day_year": "2020"}, "have passed"),
        ({"day_day": "31", "day_month": "2"}, "Enter a date that is in the calendar"),
        ({"link": "not an address"}, "Enter a valid URL"),
        ({"minutes": "7"}, "7 is not one of the available choices"),
    ],
)
def test_a_meeting_that_cannot_be_is_refused_with_the_reason(
    home: Tenant, signed_in: Browser, changes: dict[str, str], said: str
) -> None:
    partnership = make_partnership(home, first_meeting=None)
    url = reverse("partnership:propose_meeting", args=[partnership.pk])
    page = signed_in(home.people[Role.LEA_LEADER]).post(url, NEW | changes)
    assert said in page.content.decode()
    assert not partnership.meetings.exists()


def test_moving_a_confirmed_meeting_makes_it_a_proposal_again(home: Tenant, signed_in: Browser) -> None:
    meeting = first_meeting(home)
    browser = signed_in(home.people[Role.FACILITATOR])
    browser.post(address("confirm_meeting", meeting), {"seen": "0"})
    meeting.refresh_from_db()
    assert (meeting.status, meeting.sequence) == ("confirmed", 1)
    browser.post(address("change_meeting", meeting), answers(meeting, time="16:00"))
    meeting.refresh_from_db()
    assert (meeting.status, meeting.sequence) == ("proposed", 2)
    browser.post(address("change_meeting", meeting), answers(meeting, title="Hello"))
    meeting.refresh_from_db()
    assert (meeting.status, meeting.sequence, meeting.title) == ("proposed", 3, "Hello")


def test_the_usual_agenda_stays_in_every_readers_language_until_somebody_changes_it(
    home: Tenant, signed_in: Browser
) -> None:
    meeting = first_meeting(home)
    browser = signed_in(home.people[Role.FACILITATOR])
    browser.post(address("change_meeting", meeting), answers(meeting, time="16:00").copy())
    meeting.refresh_from_db()
    assert meeting.agenda == ""
    crlf = meeting.agenda_text().replace("\n", "\r\n") + "\r\n6. Lunch"
    browser.post(address("change_meeting", meeting), answers(meeting, agenda=crlf))
    meeting.refresh_from_db()
    assert meeting.agenda.endswith("5. Next steps.\n6. Lunch")


def test_two_people_do_not_undo_each_others_change(home: Tenant, signed_in: Browser) -> None:
    meeting = first_meeting(home)
    browser = signed_in(home.people[Role.LEA_LEADER])
    early = answers(meeting, place="Gym")
    browser.post(address("confirm_meeting", meeting), {"seen": "0"})
    page = browser.post(address("change_meeting", meeting), early, follow=True)
    assert "Somebody else changed this meeting" in page.content.decode()
    meeting.refresh_from_db()
    assert meeting.place == "Alder Elementary, library"


@pytest.mark.parametrize("seen", ["", "x", "٣", "9" * 40])
def test_a_forged_version_changes_nothing(home: Tenant, signed_in: Browser, seen: str) -> None:
    meeting = first_meeting(home)
    signed_in(home.people[Role.LEA_LEADER]).post(address("confirm_meeting", meeting), {"seen": seen})
    meeting.refresh_from_db()
    assert meeting.status == "proposed"


def test_clicking_twice_confirms_once(home: Tenant, signed_in: Browser) -> None:
    meeting = first_meeting(home)
    browser = signed_in(home.people[Role.LEA_LEADER])
    for name in ("confirm_meeting", "confirm_meeting"):
        browser.post(address(name, meeting), {"seen": "0"})
    assert Entry.objects.filter(verb="meeting confirmed").count() == 1
    for _click in range(2):
        browser.post(address("cancel_meeting", meeting), {"seen": "1"})
    assert Entry.objects.filter(verb="meeting cancelled").count() == 1


def test_a_cancelled_meeting_cannot_be_taken_up_again(home: Tenant, signed_in: Browser) -> None:
    meeting = first_meeting(home)
    browser = signed_in(home.people[Role.FACILITATOR])
    assert "cannot be taken up again" in browser.get(address("cancel_meeting", meeting)).content.decode()
    browser.post(address("cancel_meeting", meeting), {"seen": "0"})
    assert browser.get(address("change_meeting", meeting)).status_code == 302
    page = browser.post(address("confirm_meeting", meeting), {"seen": "1"}, follow=True)
    assert "was cancelled" in page.content.decode()
    meeting.refresh_from_db()
    assert meeting.status == "cancelled"


def test_the_file_for_a_calendar_names_nobody_and_keeps_the_identity(home: Tenant, signed_in: Browser) -> None:
    meeting = first_meeting(home)
    response = signed_in(home.people[Role.SCHOOL_STAFF]).get(address("meeting_calendar", meeting))
    calendar = Calendar.from_ical(response.content)
    event = calendar.walk("VEVENT")[0]
    assert calendar["METHOD"] == "PUBLISH"
    assert "ATTENDEE" not in event
    assert str(event["UID"]) == f"{meeting.uid}@commonground"
    assert event["DTSTART"].dt == meeting.starts_at
    assert event["DTEND"].dt == meeting.starts_at + timedelta(minutes=90)
    assert str(event["STATUS"]) == "TENTATIVE"


def test_a_meeting_has_a_place_or_a_link(home: Tenant) -> None:
    partnership = make_partnership(home, first_meeting=None)
    with pytest.raises(IntegrityError, match="meeting_has_a_place_or_a_link"):
        Meeting.objects.create(partnership=partnership, starts_at=in_two_weeks())


def test_everybody_concerned_is_invited_in_their_language_with_a_calendar_message(
    home: Tenant, signed_in: Browser, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Any
) -> None:
    leader = home.people[Role.LEA_LEADER]
    Person.objects.filter(pk=leader.pk).update(language="es")
    with django_capture_on_commit_callbacks(execute=True):
        meeting = first_meeting(home)
    invited = {home.people[role].email for role in (Role.LEA_LEADER, Role.COORDINATOR, Role.FACILITATOR)}
    assert {mail.to[0] for mail in mailoutbox} == invited
    subjects = {mail.to[0]: mail.subject for mail in mailoutbox}
    assert subjects[leader.email].startswith("Invitación")
    assert subjects[home.people[Role.FACILITATOR].email].startswith("Invitation: First meeting")
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(leader).post(address("cancel_meeting", meeting), {"seen": "0"})
    sent = [calendar_of(mail) for mail in mailoutbox]
    assert [each["METHOD"] for each in sent] == ["REQUEST"] * 3 + ["CANCEL"] * 3
    events = [each.walk("VEVENT")[0] for each in sent]
    assert {str(event["UID"]) for event in events} == {f"{meeting.uid}@commonground"}
    assert [event["SEQUENCE"] for event in events] == [0] * 3 + [1] * 3
    assert {str(who) for who in events[0]["ATTENDEE"]} == {f"mailto:{email}" for email in invited}


def calendar_of(mail: EmailMessage) -> Any:
    part = next(part for part in mail.message().walk() if part.get_content_type() == "text/calendar")
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    assert part.get_param("method") == calendar["METHOD"]
    return calendar
