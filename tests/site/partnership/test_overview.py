"""The page of a partnership: who reads it, what it says, and that it outlives the people in it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone, translation

from commonground.site.directory.models import Organization, Person, Term
from commonground.site.directory.models.organization import Kind, Sector
from commonground.site.directory.roles import Role
from commonground.site.partnership.models import Member, OriginStatement
from commonground.site.partnership.models.origin import SENTENCES, listed
from tests.site.conftest import Tenant, appoint
from tests.site.partnership.factories import make_partnership, seat

Browser = Callable[[Person | None], Client]


def test_it_names_members_leaders_facilitator_and_the_shared_need(home: Tenant, signed_in: Browser) -> None:
    partnership = make_partnership(home)
    page = signed_in(home.people[Role.SCHOOL_STAFF]).get(partnership.get_absolute_url()).content.decode()
    for text in ("Alder Elementary", "Alder Academy", "Alder lea_leader", "Alder facilitator", "Attendance"):
        assert text in page
    assert "12 schools and districts signed up." in page


def test_it_speaks_the_readers_language(home: Tenant, signed_in: Browser) -> None:
    partnership = make_partnership(home)
    leader = home.people[Role.LEA_LEADER]
    Person.objects.filter(pk=leader.pk).update(language="es")
    page = signed_in(leader).get(partnership.get_absolute_url()).content.decode()
    assert "necesitan lo mismo: Asistencia" in page


def test_a_successor_in_the_facilitators_seat_inherits_it(home: Tenant, signed_in: Browser) -> None:
    partnership = make_partnership(home)
    before = home.people[Role.FACILITATOR]
    Term.objects.filter(person=before).update(ends=timezone.localdate())
    after = Person.objects.create_user("next@alder.example", name="Noor Next")
    Term.objects.create(position=partnership.facilitator, person=after, starts=timezone.localdate())
    assert signed_in(before).get(partnership.get_absolute_url()).status_code == 404
    page = signed_in(after).get(partnership.get_absolute_url())
    assert "Noor Next" in page.content.decode()


def test_whoever_left_the_partnership_no_longer_reads_it(home: Tenant, signed_in: Browser) -> None:
    partnership = make_partnership(home)
    leader = appoint(home.charter, Role.LEA_LEADER, "Cho Charter")
    assert signed_in(leader).get(partnership.get_absolute_url()).status_code == 200
    yesterday = timezone.localdate() - timedelta(days=1)
    Member.objects.filter(organization=home.charter_school).update(since=date(2020, 1, 1), until=yesterday)
    assert signed_in(leader).get(partnership.get_absolute_url()).status_code == 404


def test_an_organization_is_a_member_only_once_at_a_time(home: Tenant) -> None:
    partnership = make_partnership(home)
    with pytest.raises(IntegrityError, match="one_membership_at_a_time"):
        Member.objects.create(partnership=partnership, organization=home.school)


def test_the_list_shows_mine_and_says_what_to_do_when_there_is_none(home: Tenant, signed_in: Browser) -> None:
    leader = home.people[Role.LEA_LEADER]
    assert "No partnership yet" in signed_in(leader).get("/partnerships/").content.decode()
    make_partnership(home)
    stranger = Organization.objects.create(kind=Kind.DISTRICT, sector=Sector.DISTRICT, name="Cedar Unified")
    make_partnership(home, name="Other", members=[stranger], first_meeting=None)
    page = signed_in(leader).get("/partnerships/").content.decode()
    assert "Alder attendance quad" in page
    assert "Other" not in page
    assert "Other" in signed_in(home.people[Role.AGENCY_STAFF]).get("/partnerships/").content.decode()


def test_an_organizations_page_lists_its_schools_partnerships(home: Tenant, signed_in: Browser) -> None:
    partnership = make_partnership(home)
    public = signed_in(None).get(home.district.get_absolute_url()).content.decode()
    assert partnership.name in public
    assert partnership.get_absolute_url() not in public
    member = signed_in(home.people[Role.LEA_LEADER]).get(home.district.get_absolute_url()).content.decode()
    assert partnership.get_absolute_url() in member


def test_an_agency_with_many_partnerships_asks_no_more_than_one_with_few(
    home: Tenant, signed_in: Browser, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        make_partnership(home, name=f"Quad {number}", first_meeting=None)
    browser = signed_in(home.people[Role.LEA_LEADER])
    with django_assert_max_num_queries(14):
        assert "Quad 7" in browser.get(home.agency.get_absolute_url()).text


def test_it_says_when_there_is_no_facilitator(home: Tenant, signed_in: Browser) -> None:
    partnership = make_partnership(home, facilitator=None)
    page = signed_in(home.people[Role.LEA_LEADER]).get(partnership.get_absolute_url()).content.decode()
    assert "has no facilitator yet" in page
    partnership.facilitator = seat(home, Role.FACILITATOR)
    partnership.save()
    Term.objects.filter(position=partnership.facilitator).update(ends=timezone.localdate())
    page = signed_in(home.people[Role.LEA_LEADER]).get(partnership.get_absolute_url()).content.decode()
    assert "is empty at the moment" in page


VALUES = {
    "area": {"en": "Literacy"}, "members": ["A", "B"], "topic": {"es": "Lectura"}, "offered_by": ["A"], "needed_by": ["B"],
    "travel": 12.5, "agency": "Host", "round": "Round", "count": 3, "gap": "2 %", "organization": "A", "title": "Leader",
    "position": "Facilitator",
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(SENTENCES))
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_statement_can_be_said_in_both_languages(code: str, language: str) -> None:
    with translation.override(language):
        assert "{" not in str(OriginStatement(code=code, data=VALUES))


def test_lists_of_names_read_as_people_speak() -> None:
    assert listed([]) == ""
    assert listed(["A"]) == "A"
    assert listed(["A", "B", "C"]) == "A, B and C"
