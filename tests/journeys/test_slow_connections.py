"""On a slow telephone pages arrive in pieces, and styles late: nothing that a reader looks at already may jump."""

import time
from typing import Any

import pytest
from playwright.sync_api import Route

from commonground.site.directory.roles import Role
from tests.journeys.checks import Watch
from tests.journeys.conftest import OpenBrowser
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_proposal
from tests.site.partnership.factories import make_partnership

LATE = 0.6  # seconds
SLOWER = 6  # times


def late(route: Route) -> None:
    time.sleep(LATE)
    route.continue_()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_stay_still_while_they_load_slowly(home: Tenant, profile: OpenBrowser, width: int) -> None:
    draft, partnership = make_proposal(home), make_partnership(home)
    context = profile(home.people[Role.AGENCY_STAFF], width=width)
    page = context.new_page()
    context.route("**/*.css", late)
    slowed: Any = context.new_cdp_session(page)
    slowed.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    slowed.send("Network.setCacheDisabled", {"cacheDisabled": True})
    watch = Watch(page)
    for address in (
        f"/formation/proposals/{draft.pk}/",
        f"/formation/proposals/{draft.pk}/move/?member={home.school.pk}",
        f"/partnerships/{partnership.pk}/meetings/propose/",
        "/directory/",
        f"/directory/{home.school.pk}/",
    ):
        assert watch.visit(address)
        watch.stays_still()
    assert not watch.problems, "\n".join(watch.problems)
