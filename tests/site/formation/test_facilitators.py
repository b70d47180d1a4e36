"""Facilitators: offers, seats, conflicts, and who accompanies which group."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from commonground.site.directory.models import Organization, Person
from commonground.site.directory.roles import Role
from commonground.site.formation.actions import facilitators as actions
from commonground.site.formation.models import Draft, Facilitator
from commonground.site.formation.queries.drafts import Table
from commonground.site.formation.queries.facilitators import assignment, groups_now
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_facilitator, make_offer, make_proposal

Browser = Callable[[Person | None], Client]
OFFER = {"city": "alder town", "radius_km": "80", "languages": ["en", "es"], "caseload": "2", "about": ""}


@pytest.fixture
def town(home: Tenant) -> None:
    Organization.objects.filter(pk=home.school.pk).update(city="Alder Town")


def test_anybody_signed_in_offers_and_staff_give_the_person_a_seat(
    home: Tenant, town: None, family: Person, signed_in: Browser, mailoutbox: list[EmailMessage],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    url = reverse("formation:offer_to_facilitate", args=[home.agency.pk])
    with django_capture_on_commit_callbacks(execute=True):
        page = signed_in(family).post(url, OFFER | {"employer_1": "Alder Unified"}, follow=True)
        signed_in(family).post(url, OFFER | {"employer_1": "Alder Unified"})
    row = Facilitator.objects.get(person=family)
    assert (row.latitude, row.state, list(row.employers.all())) == (37.0, "offered", [home.district])
    assert [mail.to[0] for mail in mailoutbox] == [home.people[Role.AGENCY_STAFF].email]
    assert page.status_code == 200
    actions.accept(row, by=home.people[Role.AGENCY_STAFF])
    row.refresh_from_db()
    assert row.position is not None and row.position.holder() == family
    assert row.position.role == Role.FACILITATOR


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"city": "Atlantis"}, "No school in the directory is in"),
        ({"caseload": "0"}, "Use a number from 1 to 20"),
        ({"languages": []}, "This field is required"),
        ({"employer_1": "Nowhere Unified"}, "is not in the directory"),
    ],
)
def test_an_offer_that_cannot_be_used_is_refused_with_the_reason(
    home: Tenant, town: None, family: Person, signed_in: Browser, wrong: dict[str, Any], said: str
) -> None:
    url = reverse("formation:offer_to_facilitate", args=[home.agency.pk])
    assert said in signed_in(family).post(url, OFFER | wrong).content.decode()
    assert not Facilitator.objects.exists()


def test_staff_add_somebody_who_never_signed_in(home: Tenant, town: None, signed_in: Browser) -> None:
    url = reverse("formation:add_facilitator", args=[home.agency.pk])
    who = {"name": "Ana Ruiz", "email": "ana@example.org"}
    page = signed_in(home.people[Role.AGENCY_STAFF]).post(url, OFFER | who, follow=True).content.decode()
    assert "Ana Ruiz can now be assigned to groups." in page
    assert Facilitator.objects.get(person__email="ana@example.org").state == "active"


def rows(draft: Draft) -> Any:
    draft.refresh_from_db()
    assert draft.current is not None
    return assignment(Table(draft.round), draft.current).rows


def test_the_assignment_says_why(home: Tenant) -> None:
    draft = make_proposal(home)
    make_facilitator(home, areas=["literacy"])
    [row] = rows(draft)
    assert str(row.facilitator) == "Alder facilitator"
    assert "Alder facilitator knows the focus area Literacy." in row.reasons


def test_nobody_accompanies_a_group_of_an_employer(home: Tenant) -> None:
    draft = make_proposal(home)
    facilitator = make_facilitator(home)
    facilitator.employers.add(home.district)
    [row] = rows(draft)
    assert row.facilitator is None
    assert row.reasons


def test_a_position_at_a_member_is_a_conflict_even_if_nobody_said_so(home: Tenant) -> None:
    draft = make_proposal(home)
    leader = home.people[Role.LEA_LEADER]
    make_facilitator(home, person=leader, position=None, state="offered")
    row = Facilitator.objects.get(person=leader)
    actions.accept(row, by=home.people[Role.AGENCY_STAFF])
    [found] = rows(draft)
    assert found.facilitator is None


def test_staff_refuse_and_choose_and_undo(home: Tenant, signed_in: Browser) -> None:
    draft = make_proposal(home)
    facilitator = make_facilitator(home)
    browser = signed_in(home.people[Role.AGENCY_STAFF])
    url = reverse("formation:draft_facilitators", args=[draft.pk])
    browser.post(url, {"act": "refuse", "group": "1", "facilitator": str(facilitator.pk), "seen": "1"})
    assert rows(draft)[0].facilitator is None
    browser.post(url, {"act": "choose", "group": "1", "facilitator": str(facilitator.pk), "seen": "2"})
    [row] = rows(draft)
    assert row.facilitator == facilitator and row.chosen
    browser.post(reverse("formation:change_draft", args=[draft.pk]), {"act": "undo", "seen": "3"})
    assert rows(draft)[0].facilitator is None


def test_groups_that_somebody_has_already_count_against_the_caseload(home: Tenant) -> None:
    offer = make_offer(home)
    assert offer.facilitator is not None
    row = Facilitator.objects.get()
    assert groups_now(Facilitator.objects.all())[row.pk] == 1


def test_whoever_rests_gets_no_new_group(home: Tenant) -> None:
    draft = make_proposal(home)
    row = make_facilitator(home)
    actions.rest(row, by=home.people[Role.AGENCY_STAFF])
    [found] = rows(draft)
    assert found.facilitator is None
    assert found.reasons == ["Nobody has offered to facilitate."]
