"""Staff let groups be formed, change one by hand and release it; two leaders accept; everybody meets on the partnership's page."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from commonground.site.directory.models import Person
from commonground.site.directory.roles import Role
from commonground.site.formation.models import Round, SignUp
from commonground.site.formation.models.choices import RoundState
from commonground.site.partnership.models import Partnership
from tests.journeys.conftest import OpenBrowser
from tests.site.conftest import Tenant, appoint
from tests.site.formation.factories import make_facilitator
from tests.site.formation.test_searching import county, run


def search(page: Page, round: Round) -> None:
    page.goto(round.get_absolute_url())
    page.get_by_role("link", name="Form the groups").click()
    page.get_by_role("button", name="Start the search").click()
    expect(page.get_by_text("The search starts as soon as a worker is free.")).to_be_visible()
    run(round.searches.get())
    expect(page.get_by_text("The groups are formed")).to_be_visible(timeout=15_000)  # the page finds out by itself
    page.get_by_role("link", name="Look at Proposal 1").click()


def move_and_undo(page: Page) -> None:
    page.get_by_role("link", name="Move School 1", exact=True).click()
    page.get_by_role("link", name="Change places with").first.click()
    expect(page.get_by_text("The score goes from")).to_be_visible()
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_text("Two members changed places by hand").first).to_be_visible()
    page.get_by_role("button", name="Undo the last change").click()
    expect(page.get_by_text("The last change is undone.")).to_be_visible()


def release(page: Page) -> None:
    page.get_by_role("link", name="Facilitators").last.click()
    expect(page.get_by_text("Alder facilitator is about").first).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Release to members").click()
    expect(page.get_by_text("Cho Charter").first).to_be_visible()
    page.get_by_role("button", name="Release and send the mail").click()
    expect(page.get_by_role("heading", name="Answers", exact=True)).to_be_visible()


def accept_all(page: Page, person: Person) -> None:
    """Each leader answers for every school of the LEA, from the list on the home page, on a phone."""
    mine = SignUp.objects.filter(organization__parent__in=[held.organization_id for held in person.positions])
    for signup in mine:
        page.goto("/")
        page.get_by_role("link", name=signup.organization.name, exact=True).first.click()
        page.get_by_role("button", name="Accept").click()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_from_the_search_to_the_partnership(home: Tenant, profile: OpenBrowser) -> None:
    charter_leader = appoint(home.charter, Role.LEA_LEADER, "Cho Charter")
    make_facilitator(home, caseload=5)
    round = county(home, size=4, state=RoundState.CLOSED)
    staff = profile(home.people[Role.AGENCY_STAFF]).new_page()
    search(staff, round)
    move_and_undo(staff)
    release(staff)
    for leader in (home.people[Role.LEA_LEADER], charter_leader):
        accept_all(profile(leader, width=360).new_page(), leader)
    assert Partnership.objects.count() == round.offers.count() > 0
    page = profile(charter_leader, width=360).new_page()
    page.goto(reverse("partnership:list"))
    page.get_by_role("link", name="Learning together").first.click()
    expect(page.get_by_text("Alder facilitator (")).to_be_visible()
    expect(page.get_by_text("All members had accepted: the partnership began.")).to_be_visible()
    page.get_by_role("link", name="First meeting").click()
    page.get_by_role("button", name="Confirm this time and place").click()
    expect(page.get_by_text("The meeting is confirmed.")).to_be_visible()
