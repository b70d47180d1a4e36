"""Staff type in a form that came on paper: they name the school, go through the leader's pages and submit it."""

import pytest
from playwright.sync_api import expect

from commonground.site.directory.roles import Role
from commonground.site.formation.models import SignUp
from commonground.site.formation.models.choices import SignUpState, Source
from tests.journeys.conftest import OpenBrowser
from tests.journeys.test_two_schools_sign_up import answer_everything, fits, hosting  # noqa: F401
from tests.site.conftest import Tenant

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [360, 1280])
def test_a_paper_form_is_typed_in_by_staff(hosting: Tenant, profile: OpenBrowser, width: int) -> None:  # noqa: F811
    page = profile(hosting.people[Role.AGENCY_STAFF], width=width).new_page()
    page.set_default_timeout(10_000)
    page.goto("/")
    page.get_by_role("link", name="Learning together").first.click()
    page.get_by_role("link", name="Type in a paper form").click()
    page.get_by_label("Whose paper form is it?").fill("No such school")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="Please check your answers")).to_be_visible()
    page.get_by_label("Whose paper form is it?").fill("Alder Elementary")
    page.get_by_role("button", name="Start").click()
    answer_everything(page)
    expect(page.get_by_text("Everything is there")).to_be_visible()
    page.get_by_role("button", name="Submit the sign-up").click()
    expect(page.get_by_text("Alder Elementary is signed up.")).to_be_visible()
    assert fits(page)
    signup = SignUp.objects.get()
    assert (signup.state, signup.source) == (SignUpState.SUBMITTED, Source.PAPER)
