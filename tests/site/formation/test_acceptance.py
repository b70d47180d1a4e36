"""From the release to the partnership: who is asked, what an answer does, and what happens when two come at once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from commonground.site.directory.models import Organization, Person, Term
from commonground.site.directory.models.organization import Kind, Sector
from commonground.site.directory.roles import Role
from commonground.site.formation.actions import calendar
from commonground.site.formation.actions import offers as actions
from commonground.site.formation.models import Offer, Place
from commonground.site.formation.models.stages import RefusedError
from commonground.site.formation.queries.drafts import Table
from commonground.site.formation.queries.refill import suggestions
from tests.site.conftest import Tenant, appoint
from tests.site.formation.factories import make_offer, make_proposal, make_submitted, place_of

Browser = Callable[[Person | None], Client]


@pytest.fixture
def charter_leader(home: Tenant) -> Person:
    return appoint(home.charter, Role.LEA_LEADER, "Cho Charter")


@pytest.fixture
def offer(home: Tenant, charter_leader: Person) -> Offer:
    return make_offer(home)


def say(browser: Client, place: Place, **data: str) -> str:
    url = reverse("formation:answer_place", args=[place.pk])
    return browser.post(url, data, follow=True).content.decode()


def now(place: Place) -> Place:
    place.refresh_from_db()
    return place


def test_staff_see_who_gets_mail_before_they_release(
    home: Tenant, charter_leader: Person, signed_in: Browser, mailoutbox: list[EmailMessage],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    draft = make_proposal(home)
    browser = signed_in(home.people[Role.AGENCY_STAFF])
    url = reverse("formation:release", args=[draft.pk])
    page = browser.get(url).content.decode()
    assert charter_leader.email in page and home.people[Role.LEA_LEADER].email in page
    assert not mailoutbox
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(url, {"seen": "1"})
        browser.post(url, {"seen": "1"})
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted(
        [charter_leader.email, home.people[Role.LEA_LEADER].email]
    )
    draft.round.refresh_from_db()
    assert draft.round.state == "released"
    assert Offer.objects.count() == 1


def test_a_leader_sees_partners_side_by_side_and_nothing_private(
    home: Tenant, offer: Offer, signed_in: Browser
) -> None:
    page = signed_in(home.people[Role.LEA_LEADER]).get(place_of(offer, home.school).get_absolute_url()).content.decode()
    for text in ("Alder Academy", "Wants to work on", "Can share", "Alder facilitator", "Shared need"):
        assert text in page
    for word in ("readiness", "points", "score", "giver", "taker"):
        assert word not in page.lower()


def test_the_last_acceptance_founds_the_partnership(
    home: Tenant, offer: Offer, charter_leader: Person, signed_in: Browser, mailoutbox: list[EmailMessage],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    first = place_of(offer, home.school)
    assert "the others still have to answer" in say(signed_in(home.people[Role.LEA_LEADER]), first, answer="accept")
    with django_capture_on_commit_callbacks(execute=True):
        page = say(signed_in(charter_leader), place_of(offer, home.charter_school), answer="accept")
    assert "your partnership has begun" in page
    offer.refresh_from_db()
    partnership = offer.partnership
    assert offer.state == "founded" and partnership is not None
    assert {member.organization for member in partnership.members.all()} == {home.school, home.charter_school}
    assert partnership.facilitator == home.people[Role.FACILITATOR].positions[0]
    said = [str(statement) for statement in partnership.origin.all()]
    assert any("need the same" in sentence for sentence in said)
    assert any("accepted" in sentence for sentence in said)
    meeting = partnership.meetings.get()
    assert meeting.is_first and meeting.starts_at > timezone.now() + timedelta(days=13)
    assert timezone.localtime(meeting.starts_at).weekday() in (1, 2, 3)
    invited = {mail.to[0] for mail in mailoutbox if "Invitation" in mail.subject}
    assert {charter_leader.email, home.people[Role.FACILITATOR].email} <= invited


def test_a_successor_answers_what_the_predecessor_was_asked(home: Tenant, offer: Offer, signed_in: Browser) -> None:
    before = home.people[Role.LEA_LEADER]
    term = Term.objects.get(person=before)
    Term.objects.filter(pk=term.pk).update(ends=timezone.localdate())
    after = Person.objects.create_user("next@alder.example", name="Noor Next")
    Term.objects.create(position=term.position, person=after, starts=timezone.localdate())
    place = place_of(offer, home.school)
    assert signed_in(before).get(place.get_absolute_url()).status_code == 404
    say(signed_in(after), place, answer="accept")
    assert now(place).answered_by == after


def test_declining_needs_a_reason_that_only_staff_read(
    home: Tenant, offer: Offer, charter_leader: Person, signed_in: Browser
) -> None:
    place = place_of(offer, home.school)
    leader = signed_in(home.people[Role.LEA_LEADER])
    assert "This field is required" in say(leader, place, answer="decline", reason="")
    assert now(place).answer == "asked"
    say(leader, place, answer="decline", reason="Our principal leaves")
    assert now(place).answer == "declined"
    other = signed_in(charter_leader).get(place_of(offer, home.charter_school).get_absolute_url()).content.decode()
    assert "Our principal leaves" not in other
    board = signed_in(home.people[Role.AGENCY_STAFF]).get(reverse("formation:answers", args=[offer.round_id]))
    assert "Our principal leaves" in board.content.decode()


def test_questions_and_answers_stay_between_the_member_and_the_agency(
    home: Tenant, offer: Offer, charter_leader: Person, signed_in: Browser, mailoutbox: list[EmailMessage],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    place = place_of(offer, home.school)
    url = reverse("formation:write_message", args=[place.pk])
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(home.people[Role.LEA_LEADER]).post(url, {"text": "How often do we meet?"})
        signed_in(home.people[Role.AGENCY_STAFF]).post(url, {"text": "Once a month."})
    assert [mail.to[0] for mail in mailoutbox] == [
        home.people[Role.AGENCY_STAFF].email,
        home.people[Role.LEA_LEADER].email,
    ]
    assert [message.from_staff for message in place.messages.all()] == [False, True]
    assert signed_in(charter_leader).get(place.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(("days", "may"), [(0, True), (1, False)])
def test_the_last_day_counts_and_the_day_after_does_not(
    home: Tenant, offer: Offer, signed_in: Browser, days: int, may: bool
) -> None:
    place = place_of(offer, home.school)
    Place.objects.filter(pk=place.pk).update(due_on=timezone.localdate() - timedelta(days=days))
    page = say(signed_in(home.people[Role.LEA_LEADER]), place, answer="accept")
    assert (now(place).answer == "accepted") is may
    assert ("The last day to answer was" in page) is not may


def test_an_answer_to_a_group_that_was_given_up_is_refused(home: Tenant, offer: Offer, signed_in: Browser) -> None:
    actions.end(offer, by=home.people[Role.AGENCY_STAFF])
    place = place_of(offer, home.school)
    page = say(signed_in(home.people[Role.LEA_LEADER]), place, answer="accept")
    assert "This proposal was withdrawn" in page
    assert now(place).answer == "withdrawn"


def test_after_the_founding_nothing_can_be_declined(
    home: Tenant, offer: Offer, charter_leader: Person, signed_in: Browser
) -> None:
    place = place_of(offer, home.school)
    actions.accept(place, by=home.people[Role.LEA_LEADER])
    actions.accept(place_of(offer, home.charter_school), by=charter_leader)
    page = say(signed_in(home.people[Role.LEA_LEADER]), place, answer="decline", reason="Too late")
    assert "the partnership exists" in page
    assert now(place).answer == "accepted"


def test_reminders_go_out_once_each_and_never_the_day_after_the_release(
    home: Tenant, offer: Offer, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Any
) -> None:
    def remind() -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return calendar.remind()

    today = timezone.localdate()
    Place.objects.update(due_on=today + timedelta(days=7))
    assert remind() == 0
    Place.objects.update(asked_at=timezone.now() - timedelta(days=3))
    assert (remind(), remind()) == (2, 0)
    Place.objects.update(due_on=today + timedelta(days=2), reminded_on=today - timedelta(days=5))
    assert (remind(), remind()) == (2, 0)
    assert len(mailoutbox) == 4


def test_a_place_that_nobody_answered_is_freed_once(
    home: Tenant, offer: Offer, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Any
) -> None:
    Place.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert (calendar.expire(), calendar.expire()) == (2, 0)
    assert {place.answer for place in offer.places.all()} == {"expired"}
    assert sum("No answer from" in mail.subject for mail in mailoutbox) == 2


def waiting_school(home: Tenant, offer: Offer) -> Organization:
    school = Organization.objects.create(
        kind=Kind.SCHOOL,
        name="Alder Waiting",
        sector=Sector.DISTRICT,
        parent=home.district,
        latitude=37.0,
        longitude=-120.0,
    )
    signup = make_submitted(offer.round, school)
    signup.ranked_areas.create(area=offer.area, rank=1)
    return school


def test_where_nobody_who_waits_fits_no_search_is_begun_and_the_rule_in_the_way_is_named(
    home: Tenant, offer: Offer, charter_leader: Person, signed_in: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.accept(place_of(offer, home.charter_school), by=charter_leader)
    actions.decline(place_of(offer, home.school), by=home.people[Role.LEA_LEADER], reason="No time")
    waiting = waiting_school(home, offer)
    Organization.objects.filter(pk=waiting.pk).update(latitude=39.5)  # far beyond the round's limit
    monkeypatch.setattr("commonground.site.formation.queries.refill.search", None)
    [suggestion] = suggestions(Table(offer.round))
    assert (suggestion.joining, len(suggestion.broken)) == ([], 2)  # too few, and the sector mix
    page = signed_in(home.people[Role.AGENCY_STAFF]).get(reverse("formation:refill", args=[offer.round_id])).text
    assert "Alder Waiting: Alder Academy and Alder Waiting are" in page or "Alder Waiting and Alder Academy are" in page
    assert "the limit is 60." in page
    assert "Give it up on the page of answers" in page and "Ask them" not in page


def test_a_declined_place_is_refilled_around_those_who_stay(
    home: Tenant, offer: Offer, charter_leader: Person, signed_in: Browser, mailoutbox: list[EmailMessage],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    stays = place_of(offer, home.charter_school)
    actions.accept(stays, by=charter_leader)
    actions.decline(place_of(offer, home.school), by=home.people[Role.LEA_LEADER], reason="No time")
    waiting = waiting_school(home, offer)
    offer.refresh_from_db()
    assert offer.state == "open"
    [suggestion] = suggestions(Table(offer.round))
    assert suggestion.joining == [str(waiting.pk)] and not suggestion.broken
    url = reverse("formation:refill", args=[offer.round_id])
    staff = signed_in(home.people[Role.AGENCY_STAFF])
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(url, {"join": f"{offer.pk}:{waiting.pk}"})
    assert place_of(offer, waiting).joined_later
    assert now(stays).changed_at is not None
    assert {mail.subject.split(" ")[0] for mail in mailoutbox} == {"A", "The"}
    page = signed_in(charter_leader).get(stays.get_absolute_url()).content.decode()
    assert "The group has changed since" in page
    again = staff.post(url, {"join": f"{offer.pk}:{waiting.pk}"}, follow=True).content.decode()
    assert (offer.places.count() == 3 and "No place is free" in again) or "Answers" in again
    actions.accept(place_of(offer, waiting), by=home.people[Role.LEA_LEADER])
    offer.refresh_from_db()
    assert offer.state == "founded"
    assert any("joined the proposal later" in str(each) for each in offer.partnership.origin.all())


def test_a_group_goes_on_smaller_only_if_the_rules_allow_it(home: Tenant, offer: Offer, charter_leader: Person) -> None:
    staff = home.people[Role.AGENCY_STAFF]
    waiting = waiting_school(home, offer)
    Place.objects.create(
        offer=offer, signup=offer.round.signups.get(organization=waiting), due_on=offer.round.decide_by
    )
    actions.accept(place_of(offer, home.charter_school), by=charter_leader)
    actions.accept(place_of(offer, home.school), by=home.people[Role.LEA_LEADER])
    actions.decline(place_of(offer, waiting), by=home.people[Role.LEA_LEADER], reason="No")
    actions.go_on(offer, by=staff)
    offer.refresh_from_db()
    assert offer.state == "founded"
    assert actions.finish(offer.round, by=staff).state == "finished"


def test_a_group_that_breaks_the_rules_does_not_go_on(home: Tenant, offer: Offer) -> None:
    actions.decline(place_of(offer, home.school), by=home.people[Role.LEA_LEADER], reason="No")
    with pytest.raises(RefusedError, match="cannot go on"):
        actions.go_on(offer, by=home.people[Role.AGENCY_STAFF])


def test_a_round_with_open_groups_is_not_finished(home: Tenant, offer: Offer) -> None:
    with pytest.raises(RefusedError, match="still wait for answers"):
        actions.finish(offer.round, by=home.people[Role.AGENCY_STAFF])


def test_two_leaders_who_accept_at_the_same_moment_found_one_partnership(
    transactional_db: None, home: Tenant, offer: Offer, charter_leader: Person
) -> None:
    barrier, failures = threading.Barrier(2), []

    def accept(place: Place, person: Person) -> None:
        try:
            barrier.wait()
            actions.accept(place, by=person)
        except Exception as problem:  # a thread's failure must reach the test
            failures.append(problem)
        finally:
            connection.close()

    pairs = [
        (place_of(offer, home.school), home.people[Role.LEA_LEADER]),
        (place_of(offer, home.charter_school), charter_leader),
    ]
    threads = [threading.Thread(target=accept, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    offer.refresh_from_db()
    assert offer.state == "founded"
    assert offer.partnership.members.count() == 2
    assert offer.partnership.meetings.count() == 1
