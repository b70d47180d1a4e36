"""The home page: what happens here, and what concerns whoever opens it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import conditional_escape

from commonground.site.directory.models import Person
from commonground.site.directory.roles import SENTENCES, Role
from commonground.site.formation.models.choices import RoundState
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_facilitator, make_round
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


def test_somebody_without_a_position_is_told_so_and_how_to_get_one(family: Person, signed_in: Browser) -> None:
    page = read(signed_in(family))
    assert "You hold no position" in page
    assert 'id="home-search"' in page


@pytest.mark.parametrize(
    ("role", "step"),
    [
        (Role.OPERATOR, "An agency comes first"),
        (Role.SCHOOL_STAFF, "coordinator prepares"),
        (Role.DATA_STEWARD, "Check the public facts"),
        (Role.FACILITATOR, "can propose you for a group"),
        (Role.AGENCY_STAFF, "You have not opened a round yet"),
        (Role.LEA_LEADER, "When an agency opens a round"),
        (Role.COORDINATOR, "When an agency opens a round"),
    ],
)
def test_on_the_first_day_every_role_reads_what_it_is_for_and_what_comes_next(
    role: Role, step: str, home: Tenant, signed_in: Browser
) -> None:
    page = read(signed_in(home.people[role]))
    assert conditional_escape(SENTENCES[role]) in page
    assert step in page


def test_a_facilitator_finds_the_own_offer(home: Tenant, signed_in: Browser) -> None:
    row = make_facilitator(home)
    page = read(signed_in(home.people[Role.FACILITATOR]))
    assert row.get_absolute_url() in page
    assert "You guide 0 of at most 2 groups." in page


def test_the_menu_marks_one_entry_alone(home: Tenant, signed_in: Browser) -> None:
    page = signed_in(home.people[Role.AGENCY_STAFF]).get(reverse("directory:trail")).text
    nav = page[page.index("cg-nav") : page.index("</nav>")]
    assert nav.count("aria-current") == 1
