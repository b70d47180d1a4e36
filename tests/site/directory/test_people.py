"""Positions outlive people: appointing, naming a successor, ending a term, asking for a position and answering."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from commonground.site.audit.models import Entry
from commonground.site.directory import tasks
from commonground.site.directory.actions import people as actions
from commonground.site.directory.models import Person, Position, PositionRequest
from commonground.site.directory.queries import people as queries
from commonground.site.directory.roles import Role
from tests.site.conftest import Tenant

Browser = Callable[[Person | None], Client]


def on(day: date, **answers: str) -> dict[str, str]:
    """A form's answers with a first day in three parts."""
    return {"starts_year": str(day.year), "starts_month": str(day.month), "starts_day": str(day.day), **answers}


@pytest.fixture
def today() -> date:
    return timezone.localdate()


def the_seat_of(tenant: Tenant, role: Role) -> Position:
    return Position.objects.get(terms__person=tenant.people[role])


def test_a_leader_appoints_a_person_who_is_new_here_and_invites_them(
    home: Tenant,
    signed_in: Browser,
    today: date,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    answers = on(today, role=Role.COORDINATOR, title="Team lead", name="Ana Ruiz", email="Ana@alder.example")
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(home.people[Role.LEA_LEADER]).post(reverse("directory:appoint", args=[home.school.pk]), answers)
    ana = Person.objects.get(email="ana@alder.example")
    assert ana.holds(Role.COORDINATOR, home.school)
    assert mail.outbox[0].to == ["ana@alder.example"]
    assert "Team lead, Alder Elementary" in mail.outbox[0].subject
    entry = Entry.objects.get(verb="person appointed")
    assert (entry.tenant_id, entry.actor_id) == (home.school.pk, home.people[Role.LEA_LEADER].pk)
    assert "ana" not in str(entry.details).lower()


def test_a_leader_cannot_make_agency_staff(home: Tenant, signed_in: Browser, today: date) -> None:
    answers = on(today, role=Role.AGENCY_STAFF, title="Boss", name="Eve", email="eve@alder.example")
    page = signed_in(home.people[Role.LEA_LEADER]).post(reverse("directory:appoint", args=[home.district.pk]), answers)
    assert page.status_code == 200
    assert not Person.objects.filter(email="eve@alder.example").exists()


def test_only_an_operator_makes_an_operator(home: Tenant) -> None:
    assert Role.OPERATOR in queries.roles_at(home.agency, home.people[Role.OPERATOR])
    assert Role.OPERATOR not in queries.roles_at(home.agency, home.people[Role.AGENCY_STAFF])


def test_staff_can_neither_take_over_an_operators_position_nor_end_its_term(
    home: Tenant, signed_in: Browser, today: date
) -> None:
    seat, staff, operator = the_seat_of(home, Role.OPERATOR), home.people[Role.AGENCY_STAFF], home.people[Role.OPERATOR]
    answers = on(today, name="Staff", email=staff.email)
    assert signed_in(staff).post(reverse("directory:successor", args=[seat.pk]), answers).status_code == 404
    assert signed_in(staff).get(reverse("directory:end_term", args=[seat.pk])).status_code == 404
    links = signed_in(staff).get(reverse("directory:people", args=[home.agency.pk])).text
    assert reverse("directory:successor", args=[seat.pk]) not in links
    assert signed_in(operator).get(reverse("directory:successor", args=[seat.pk])).status_code == 200
    assert seat.holder() == operator


def test_a_taken_position_is_not_given_twice_and_the_page_says_who_holds_it(
    home: Tenant, signed_in: Browser, today: date
) -> None:
    seat = the_seat_of(home, Role.DATA_STEWARD)
    answers = on(today, role=seat.role, title=seat.title, name="Eve", email="eve@alder.example")
    page = signed_in(home.people[Role.LEA_LEADER]).post(reverse("directory:appoint", args=[home.district.pk]), answers)
    assert "Alder data_steward holds this position then or later" in page.text
    assert seat.terms.count() == 1
    assert not Person.objects.filter(email="eve@alder.example").exists()


def test_a_successor_starts_when_the_holder_ends_and_the_position_stays_the_same(
    home: Tenant, signed_in: Browser, today: date
) -> None:
    seat = the_seat_of(home, Role.LEA_LEADER)
    later = today + timedelta(days=30)
    answers = on(later, name="Kim New", email="kim@alder.example")
    signed_in(home.people[Role.LEA_LEADER]).post(reverse("directory:successor", args=[seat.pk]), answers)
    assert seat.holder() == home.people[Role.LEA_LEADER]
    assert seat.holder(later - timedelta(days=1)) == home.people[Role.LEA_LEADER]
    assert seat.holder(later) == Person.objects.get(email="kim@alder.example")
    shown = next(shown for shown in queries.seats(home.district) if shown.position == seat)
    assert shown.next is not None
    assert shown.next.person.name == "Kim New"


def test_a_second_successor_is_refused_with_the_name_of_the_first(home: Tenant, today: date) -> None:
    seat, staff = the_seat_of(home, Role.LEA_LEADER), home.people[Role.AGENCY_STAFF]
    later = today + timedelta(days=30)
    actions.name_successor(position=seat, email="kim@alder.example", name="Kim", starts=later, by=staff)
    with pytest.raises(actions.SeatTakenError, match="Kim holds this position"):
        actions.name_successor(position=seat, email="lee@alder.example", name="Lee", starts=today, by=staff)


def test_a_successor_cannot_start_before_the_holder_did(home: Tenant, signed_in: Browser) -> None:
    seat = the_seat_of(home, Role.LEA_LEADER)
    answers = on(date(2019, 1, 1), name="Kim", email="kim@alder.example")
    page = signed_in(home.people[Role.LEA_LEADER]).post(reverse("directory:successor", args=[seat.pk]), answers)
    assert "after the present holder" in page.text
    assert seat.terms.count() == 1


def test_when_a_term_ends_its_holder_may_no_longer_act(home: Tenant, signed_in: Browser, today: date) -> None:
    steward = home.people[Role.DATA_STEWARD]
    seat = the_seat_of(home, Role.DATA_STEWARD)
    answers = {"ends_year": str(today.year), "ends_month": str(today.month), "ends_day": str(today.day)}
    signed_in(home.people[Role.AGENCY_STAFF]).post(reverse("directory:end_term", args=[seat.pk]), answers)
    assert not Person.objects.get(pk=steward.pk).holds(Role.DATA_STEWARD)
    assert queries.seats(home.district)[0].position.organization == home.district
    assert seat.terms.get().ends == today


def test_a_term_that_never_began_is_taken_back(home: Tenant, today: date) -> None:
    staff = home.people[Role.AGENCY_STAFF]
    seat = the_seat_of(home, Role.LEA_LEADER)
    coming = actions.name_successor(
        position=seat, email="kim@alder.example", name="Kim", starts=today + timedelta(days=9), by=staff
    )
    actions.end_term(term=coming, ends=today, by=staff)
    assert seat.terms.count() == 1


def ask(person: Person, tenant: Tenant, signed_in: Browser) -> PositionRequest:
    answers = {"role": Role.SCHOOL_STAFF, "title": "Principal", "message": "Call the office."}
    signed_in(person).post(reverse("directory:ask", args=[tenant.school.pk]), answers)
    return PositionRequest.objects.get(person=person)


def test_asking_tells_the_leader_and_the_staff_and_nobody_elsewhere(
    home: Tenant,
    elsewhere: Tenant,
    family: Person,
    signed_in: Browser,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        ask(family, home, signed_in)
    told = {address for message in mail.outbox for address in message.to}
    assert told == {home.people[Role.LEA_LEADER].email, home.people[Role.AGENCY_STAFF].email}


def test_asking_twice_asks_once(home: Tenant, family: Person, signed_in: Browser) -> None:
    ask(family, home, signed_in)
    ask(family, home, signed_in)
    assert Entry.objects.filter(verb="position asked for").count() == 1


def test_an_approved_request_gives_the_position_today(home: Tenant, family: Person, signed_in: Browser) -> None:
    asked = ask(family, home, signed_in)
    staff = signed_in(home.people[Role.AGENCY_STAFF])
    assert "Rosa Parent" in staff.get(reverse("directory:requests")).text
    staff.post(reverse("directory:answer", args=[asked.pk]), {"decision": "approve"})
    assert Person.objects.get(pk=family.pk).holds(Role.SCHOOL_STAFF, home.school)
    assert "Rosa Parent" not in staff.get(reverse("directory:requests")).text


def test_a_refusal_needs_a_reason_and_the_person_reads_it(
    home: Tenant,
    family: Person,
    signed_in: Browser,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    asked = ask(family, home, signed_in)
    leader = signed_in(home.people[Role.LEA_LEADER])
    address = reverse("directory:answer", args=[asked.pk])
    assert "Say why" in leader.post(address, {"decision": "decline"}).text
    with django_capture_on_commit_callbacks(execute=True):
        leader.post(address, {"decision": "decline", "reason": "We have no such position."})
    assert "We have no such position." in str(mail.outbox[-1].body)
    assert "We have no such position." in signed_in(family).get(reverse("directory:account")).text


def test_the_first_answer_counts(home: Tenant, family: Person, signed_in: Browser) -> None:
    asked = ask(family, home, signed_in)
    staff = home.people[Role.AGENCY_STAFF]
    actions.answer(asked=asked, approve=False, reason="No.", by=staff)
    actions.answer(asked=asked, approve=True, by=staff)
    assert not Person.objects.get(pk=family.pk).positions


def test_staff_of_another_agency_see_no_request(
    home: Tenant, elsewhere: Tenant, family: Person, signed_in: Browser
) -> None:
    ask(family, home, signed_in)
    page = signed_in(elsewhere.people[Role.AGENCY_STAFF]).get(reverse("directory:requests"))
    assert "No requests wait for you" in page.text


def test_a_person_changes_name_and_language_and_reads_on_in_the_new_one(family: Person, signed_in: Browser) -> None:
    browser = signed_in(family)
    answers = {"name": "Rosa P.", "phone": "", "language": "es"}
    page = browser.post(reverse("directory:account"), answers, follow=True)
    assert '<html lang="es">' in page.text
    family.refresh_from_db()
    assert (family.name, family.language) == ("Rosa P.", "es")


def test_the_language_switch_is_kept_with_the_person(family: Person, signed_in: Browser) -> None:
    signed_in(family).post(reverse("set_language"), {"language": "es", "next": "/"})
    family.refresh_from_db()
    assert family.language == "es"


def test_the_language_switch_works_signed_out_and_refuses_a_language_that_is_not_there(client: Client) -> None:
    client.post(reverse("set_language"), {"language": "es", "next": "/components/"})
    assert '<html lang="es">' in client.get("/components/").text
    client.post(reverse("set_language"), {"language": "xx", "next": "/components/"})
    assert '<html lang="es">' in client.get("/components/").text


def test_the_switch_never_leads_to_another_site(client: Client) -> None:
    answer = client.post(reverse("set_language"), {"language": "es", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"


def test_ended_sessions_are_deleted_and_the_others_stay(family: Person, signed_in: Browser) -> None:
    signed_in(family)
    ended = SessionStore()
    ended["typed"] = "something private"
    ended.set_expiry(timezone.now() - timedelta(minutes=1))
    ended.save()
    tasks.forget_sessions(timestamp=0)
    assert Session.objects.count() == 1
    assert not Session.objects.filter(pk=ended.session_key).exists()
