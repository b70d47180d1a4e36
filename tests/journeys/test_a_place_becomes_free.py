"""A member declines after the release; staff ask another one in its place, whose leader accepts, and the partnership begins."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from commonground.site.directory.models import Organization, Person
from commonground.site.directory.models.organization import Kind, Sector
from commonground.site.directory.roles import Role
from commonground.site.formation.models import Offer, RankedArea
from commonground.site.partnership.models import Partnership
from tests.journeys.conftest import OpenBrowser
from tests.journeys.test_two_schools_sign_up import fits
from tests.site.conftest import Tenant, appoint
from tests.site.formation.factories import make_offer, make_submitted, place_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def waiting_school(tenant: Tenant, offer: Offer) -> tuple[Organization, Person]:
    """A school of another district that signed up and got no group, and its leader."""
    county = {"state": "CA", "county": "Alder"}
    district = Organization.objects.create(kind=Kind.DISTRICT, sector=Sector.DISTRICT, name="Elm Unified", **county)
    school = Organization.objects.create(
        kind=Kind.SCHOOL, sector=Sector.DISTRICT, name="Elm School", parent=district, latitude=37.02, longitude=-120.0, **county
    )  # fmt: skip
    RankedArea.objects.create(signup=make_submitted(offer.round, school), area=offer.round.areas.get(), rank=1)
    return school, appoint(district, Role.LEA_LEADER, "Eli Elm")


@pytest.mark.parametrize("width", [360, 1280])
def test_a_declined_place_is_taken_by_another_member(home: Tenant, profile: OpenBrowser, width: int) -> None:
    charter_leader = appoint(home.charter, Role.LEA_LEADER, "Cho Charter")
    offer = make_offer(home)
    school, newcomer = waiting_school(home, offer)

    def open_place(person: Person, organization: Organization, name: str) -> None:
        pages[name] = page = profile(person, width=width).new_page()
        page.set_default_timeout(20_000)
        page.goto("/")
        page.get_by_role("link", name=organization.name, exact=True).first.click()

    pages = {}
    open_place(charter_leader, home.charter_school, "stays")
    pages["stays"].get_by_role("button", name="Accept").click()
    expect(pages["stays"].get_by_text("Accepted by Cho Charter")).to_be_visible()

    open_place(home.people[Role.LEA_LEADER], home.school, "leaves")
    pages["leaves"].get_by_role("button", name="Decline").click()  # a reason is asked for
    expect(pages["leaves"].get_by_text("This field is required.").first).to_be_visible()
    pages["leaves"].get_by_label("Why not?").fill("Our principal leaves in June.")
    pages["leaves"].get_by_role("button", name="Decline").click()
    expect(pages["leaves"].get_by_text("You have declined. The host agency knows your reason.")).to_be_visible()

    staff = profile(home.people[Role.AGENCY_STAFF], width=width).new_page()
    staff.set_default_timeout(60_000)
    staff.goto(reverse("formation:answers", args=[offer.round_id]))
    expect(staff.get_by_text("Our principal leaves in June.")).to_be_visible()
    staff.get_by_role("link", name="See who could take them").click()
    expect(staff.get_by_text("Stay: Alder Academy")).to_be_visible()
    expect(staff.get_by_label("Ask Elm School")).to_be_checked()
    assert fits(staff)
    staff.get_by_role("button", name="Ask them").click()
    expect(staff.get_by_text("They were asked by mail")).to_be_visible()

    pages["stays"].reload()
    expect(pages["stays"].get_by_text("The group has changed since.")).to_be_visible()
    open_place(newcomer, school, "joins")
    assert fits(pages["joins"])
    pages["joins"].get_by_role("button", name="Accept").click()
    expect(pages["joins"].get_by_text("your partnership has begun")).to_be_visible()
    expect(pages["joins"].get_by_text("Elm School joined the proposal later")).to_be_visible()
    members = Partnership.objects.get().members.values_list("organization__name", flat=True)
    assert sorted(members) == ["Alder Academy", "Elm School"]
    assert not place_of(offer, home.school).is_live
