"""A superintendent signs up two schools on a phone: one page after the other, then the second with the answers of the first."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from commonground.site.directory.models import Organization
from commonground.site.directory.models.organization import Kind, Sector
from commonground.site.directory.roles import Role
from commonground.site.formation.actions import rounds
from commonground.site.formation.models import SignUp
from commonground.site.formation.models.choices import RoundState, SignUpState
from tests.journeys.conftest import OpenBrowser
from tests.site.conftest import Tenant

pytestmark = pytest.mark.browser


@pytest.fixture
def hosting(transactional_db: None, home: Tenant) -> Tenant:
    """An agency that has opened a round for quads, and a district with two elementary schools."""
    Organization.objects.create(
        kind=Kind.SCHOOL, sector=Sector.DISTRICT, name="Alder Creek School", parent=home.district, state="CA"
    )
    staff, today = home.people[Role.AGENCY_STAFF], timezone.localdate()
    round = rounds.create(
        by=staff,
        agency=home.agency,
        kind="quads",
        name="Learning together",
        purpose="Four schools work on one focus area.",
        opens_on=today,
        closes_on=today + timedelta(days=28),
        decide_by=today + timedelta(days=56),
    )
    rounds.advance(round, to=RoundState.OPEN, by=staff)
    return home


def fits(page: Page) -> bool:
    """Nothing on the page, with its styles, sticks out of the screen."""
    page.wait_for_load_state("load")
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def go_on(page: Page) -> None:
    assert fits(page), page.url
    page.get_by_role("button", name="Save and continue").click()


def answer_everything(page: Page) -> None:
    page.get_by_text("Attendance and belonging").click()
    page.get_by_role("combobox", name="Attendance", exact=True).select_option("Most important")
    go_on(page)
    page.get_by_text("Reading, writing and languages").click()
    page.get_by_role("combobox", name="Early reading").select_option("We do this well")
    go_on(page)
    page.get_by_label("What do you want to reach by working together?").fill("Every child comes every day.")
    go_on(page)
    page.get_by_label("First choice").select_option("Multilingual learners")
    page.get_by_label("Second choice").select_option("STEAM")
    go_on(page)
    page.get_by_text("Elementary (up to grade 5)").click()
    go_on(page)
    go_on(page)  # past partners: nothing to say
    page.get_by_text("About 1 day a month").click()
    for choice in page.get_by_text("Mostly", exact=True).all():
        choice.click()
    go_on(page)
    page.get_by_label("Name", exact=True).first.fill("Ana Ruiz")
    page.get_by_label("Who coordinates the team?").select_option("Principal")
    go_on(page)


def test_two_schools_are_signed_up_on_a_phone(hosting: Tenant, profile: OpenBrowser) -> None:
    page = profile(hosting.people[Role.LEA_LEADER], width=360).new_page()
    page.set_default_timeout(10_000)
    page.goto("/")
    page.get_by_text("Menu", exact=True).click()
    page.get_by_role("link", name="Form partnerships").click()
    page.get_by_role("link", name="Learning together").click()
    expect(page.get_by_role("heading", name="What happens with my answers?")).to_be_visible()
    page.get_by_role("link", name="Sign up").click()
    page.get_by_role("button", name="Sign up Alder Elementary").click()

    answer_everything(page)
    expect(page.get_by_text("Everything is there")).to_be_visible()
    page.get_by_role("button", name="Submit the sign-up").click()
    expect(page.get_by_text("Alder Elementary is signed up.")).to_be_visible()

    page.get_by_role("link", name="Use these answers for other schools").click()
    page.get_by_text("Alder Creek School").click()
    page.get_by_role("button", name="Copy the answers").click()
    page.get_by_role("link", name="Alder Creek School", exact=True).click()
    page.get_by_role("link", name="Change Grades and languages").click()
    page.get_by_text("Elementary (up to grade 5)").click()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Change Team").click()
    page.get_by_label("Name", exact=True).first.fill("Lee Park")
    page.get_by_label("Who coordinates the team?").select_option("Principal")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Submit the sign-up").click()
    expect(page.get_by_text("Alder Creek School is signed up.")).to_be_visible()
    assert fits(page)

    assert set(SignUp.objects.values_list("organization__name", "state")) == {
        ("Alder Elementary", SignUpState.SUBMITTED),
        ("Alder Creek School", SignUpState.SUBMITTED),
    }
