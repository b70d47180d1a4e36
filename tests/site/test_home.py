"""The home page: what happens here, and what concerns whoever opens it."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from commonground.site.directory.models import Person
from commonground.site.directory.roles import Role
from commonground.site.formation.models.choices import RoundState
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_round
from tests.site.partnership.factories import make_partnership

Browser = Callable[[Person | None], Client]


def read(browser: Client) -> str:
    return browser.get("/").content.decode()


def test_a_visitor_learns_what_happens_here_and_which_rounds_are_open(home: Tenant, signed_in: Browser) -> None:
    open_round = make_round(home.agency, name="Autumn quads", state=RoundState.OPEN)
    make_round(home.agency, name="Not yet announced", state=RoundState.DRAFT)
    page = read(signed_in(None))
    assert "Say what you need" in page
    assert f"/formation/rounds/{open_round.pk}/about/" in page
    assert "Not yet announced" not in page


def test_staff_find_the_rounds_that_they_run_and_nobody_elses(
    home: Tenant, elsewhere: Tenant, signed_in: Browser
) -> None:
    make_round(home.agency, name="Our draft", state=RoundState.DRAFT)
    make_round(elsewhere.agency, name="Their draft", state=RoundState.DRAFT)
    page = read(signed_in(home.people[Role.AGENCY_STAFF]))
    assert "Our draft" in page
    assert "Their draft" not in page


def test_a_leader_finds_partnerships_and_the_meetings_ahead(home: Tenant, signed_in: Browser) -> None:
    partnership = make_partnership(home, name="Reading across the river")
    partnership.meetings.create(starts_at=timezone.now() + timedelta(days=3), place="Library", title="Kick-off")
    partnership.meetings.create(starts_at=timezone.now() - timedelta(days=3), place="Library", title="Long past")
    page = read(signed_in(home.people[Role.LEA_LEADER]))
    assert "Reading across the river" in page
    assert "Kick-off" in page
    assert "Long past" not in page


def test_somebody_without_a_position_is_told_so(family: Person, signed_in: Browser) -> None:
    assert "You hold no position" in read(signed_in(family))
