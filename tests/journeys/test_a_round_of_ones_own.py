"""Staff open a round with all its settings, and put a member of a proposal elsewhere by hand, in a browser."""

import pytest
from playwright.sync_api import Page, expect

from commonground.site.directory.roles import Role
from commonground.site.formation.models import Round
from commonground.site.formation.models.choices import RoundState
from tests.journeys.conftest import OpenBrowser
from tests.journeys.test_two_schools_sign_up import fits
from tests.site.conftest import Tenant
from tests.site.formation.test_searching import county, run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def change(page: Page, section: str) -> None:
    page.get_by_role("link", name=f"Change {section}", exact=True).click()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def begin(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Open a new round").click()
    page.get_by_role("button", name="Make the draft").click()  # nothing filled in yet
    expect(page.get_by_role("heading", name="Please check your answers")).to_be_visible()
    page.get_by_text("Triads of schools").click()
    page.get_by_label("Name of the round").fill("Alder Triads")
    page.get_by_label("Purpose").fill("Three schools visit each other and keep what works.")
    page.get_by_role("button", name="Make the draft").click()
    expect(page.get_by_text("The draft is ready")).to_be_visible()


def settle(page: Page, tenant: Tenant) -> None:
    """Every section of the rules, each on a page of its own."""
    change(page, "Who may sign up")
    page.get_by_text("Elementary (up to grade 5)").click()
    save(page)
    change(page, "What a group looks like")
    page.get_by_label("Most members of a group").fill("4")
    page.get_by_label("Most kilometers between two members").fill("35")
    save(page)
    change(page, "What counts how much")
    page.get_by_label("Start from").select_option(
        "Close by: Short ways count most. For members who have little time to travel."
    )
    save(page)
    change(page, "Pairs to keep apart")
    page.get_by_label("One organization").fill(tenant.district.name)
    page.get_by_label("The other").fill(tenant.charter.name)
    page.get_by_role("button", name="Keep apart").click()
    expect(page.get_by_text("The pair is kept apart.")).to_be_visible()
    page.get_by_role("link", name="Alder Triads").first.click()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_round_is_opened_with_rules_of_its_own(home: Tenant, profile: OpenBrowser, width: int) -> None:
    page = profile(home.people[Role.AGENCY_STAFF], width=width).new_page()
    begin(page)
    settle(page, home)
    expect(page.get_by_text("At most 35 km (22 miles) between two members")).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name="Open the round").click()
    expect(page.get_by_text("The round is announced.")).to_be_visible()
    round = Round.objects.get(name="Alder Triads")
    assert (round.state, round.size_max, round.grade_bands, round.blackouts.count()) == ("open", 4, ["elementary"], 1)
    visitor = profile(width=width).new_page()
    visitor.goto("/")
    visitor.get_by_role("link", name="Alder Triads").click()
    expect(visitor.get_by_text("Three schools visit each other and keep what works.")).to_be_visible()


def test_a_member_is_moved_by_hand_and_what_it_costs_is_shown_first(home: Tenant, profile: OpenBrowser) -> None:
    round = county(home, size=6, state=RoundState.CLOSED, sector_min={})
    page = profile(home.people[Role.AGENCY_STAFF], width=360).new_page()
    page.goto(f"/formation/rounds/{round.pk}/proposals/")
    page.get_by_role("button", name="Start the search").click()
    run(round.searches.get())
    page.get_by_role("link", name="Look at Proposal 1").click(timeout=20_000)
    page.get_by_role("link", name="Move School 2", exact=True).click()
    page.get_by_role("link", name="Out of its group, into none").click()
    expect(page.get_by_text("The score goes from")).to_be_visible()
    expect(page.get_by_text("Members without a group")).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_text("Done. You can undo it.")).to_be_visible()
    unplaced = page.get_by_role("row").filter(has_text="School 2")
    expect(unplaced.get_by_text("Staff took it out of its group by hand.")).to_be_visible()
    unplaced.get_by_role("button", name="Must have a group next time").click()
    expect(page.get_by_text("Noted. Form the groups again to see the effect.")).to_be_visible()
