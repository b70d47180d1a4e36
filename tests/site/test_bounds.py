"""Nobody stores more here than a person needs: what a form takes, what a stranger leaves, how often somebody asks."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator

import pytest
from django import forms
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

import commonground.site
from commonground.site.directory.actions import people
from commonground.site.directory.models import Organization, Person
from commonground.site.directory.models.organization import Kind
from commonground.site.directory.roles import Role
from commonground.site.formation.actions import offers
from commonground.site.formation.models import PastRelation
from commonground.site.formation.models.stages import RefusedError
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_offer, make_round, make_signup, place_of

Browser = Callable[[Person | None], Client]


def all_forms(base: type[forms.BaseForm] = forms.BaseForm) -> Iterator[type[forms.BaseForm]]:
    for kind in base.__subclasses__():
        yield kind
        yield from all_forms(kind)


def test_every_text_that_a_form_takes_has_a_longest_length() -> None:
    for module in pkgutil.walk_packages(commonground.site.__path__, "commonground.site."):
        if ".forms" in module.name:
            importlib.import_module(module.name)
    ours = [kind for kind in all_forms() if kind.__module__.startswith("commonground.site.")]
    assert len(ours) > 30
    fields = [(kind, name, field) for kind in ours for name, field in getattr(kind, "base_fields", {}).items()]
    texts = [(kind, name, field) for kind, name, field in fields if isinstance(field, forms.CharField)]
    endless = {f"{kind.__name__}.{name}" for kind, name, field in texts if field.max_length is None}
    shown_only = {"ExampleForm.name", "ExampleForm.phone", "ExampleForm.goals", "ExampleFilter.search"}
    assert not endless - shown_only - {"OrganizationForm.area"}  # a list of short names, which an operator enters


@pytest.fixture
def step(home: Tenant) -> str:
    return reverse("formation:step", args=[make_signup(make_round(home.agency), home.school).pk, "goals"])


def test_a_stranger_cannot_leave_a_long_text_and_is_told(step: str) -> None:
    client = Client()
    answer = client.post(step, {"goals": "x" * 13_000}, follow=True)
    assert "too much to keep" in answer.text
    assert all("x" * 100 not in str(session.get_decoded()) for session in Session.objects.all())


def test_one_address_cannot_fill_the_table_of_sessions(step: str) -> None:
    for _again in range(30):
        Client().post(step, {"goals": "Everybody reads."})
    kept = [session for session in Session.objects.all() if "formation_typed" in session.get_decoded()]
    assert len(kept) == 20


def test_a_form_of_megabytes_is_refused_before_it_is_read(step: str) -> None:
    assert Client(raise_request_exception=False).post(step, {"goals": "x" * 400_000}).status_code == 400


def test_nobody_asks_for_positions_all_over_the_county(home: Tenant, family: Person) -> None:
    def ask(number: int) -> None:
        school = Organization.objects.create(kind=Kind.SCHOOL, name=f"School {number}", parent=home.district)
        people.ask_for_position(organization=school, role=Role.SCHOOL_STAFF, title="Teacher", message="", by=family)

    for number in range(people.MOST_REQUESTS):
        ask(number)
    with pytest.raises(ValidationError, match="wait for an answer"):
        ask(99)
    assert family.position_requests.count() == people.MOST_REQUESTS


def test_a_conversation_about_a_place_ends_somewhere(home: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offers, "MOST_MESSAGES", 1)
    place, leader = place_of(make_offer(home), home.school), home.people[Role.LEA_LEADER]
    offers.write(place, by=leader, text="When?", from_staff=False)
    with pytest.raises(RefusedError, match="Call each other"):
        offers.write(place, by=leader, text="When?", from_staff=False)


def test_remarks_about_past_partners_are_a_page_and_no_book(home: Tenant, signed_in: Browser) -> None:
    signup, leader = make_signup(make_round(home.agency), home.school), home.people[Role.LEA_LEADER]
    for number in range(22):
        other = Organization.objects.create(kind=Kind.DISTRICT, name=f"District {number}")
        PastRelation.objects.create(signup=signup, other=other, outcome="good", author=leader)
    page = signed_in(leader).get(reverse("formation:step", args=[signup.pk, "past"]))
    assert page.context["form"].slots == 22  # what is there stays; nothing more is offered
