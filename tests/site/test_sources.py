"""Every number that a page shows says where it comes from and of which day it is."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from commonground.site.directory.models import Organization, Person, Source
from commonground.site.directory.roles import Role
from commonground.site.formation.models import DriveTimes
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_facilitator, make_offer, make_proposal, place_of
from tests.site.partnership.factories import make_partnership

Browser = Callable[[Person | None], Client]
WAYS = {  # pages that say how far it is, as staff open them
    "draft": lambda tenant: make_proposal(tenant).get_absolute_url(),
    "move": lambda tenant: _move(tenant),
    "compare": lambda tenant: reverse("formation:compare", args=[make_proposal(tenant).round_id]),
    "facilitators": lambda tenant: _facilitators(tenant),
    "place": lambda tenant: place_of(make_offer(tenant), tenant.school).get_absolute_url(),
}


def _move(tenant: Tenant) -> str:
    draft = make_proposal(tenant)
    return reverse("formation:move", args=[draft.pk]) + f"?member={tenant.school.pk}&to=0"


def _facilitators(tenant: Tenant) -> str:
    make_facilitator(tenant)
    return reverse("formation:draft_facilitators", args=[make_proposal(tenant).pk])


@pytest.mark.parametrize("page", WAYS)
def test_a_distance_is_called_an_estimate_of_today(page: str, home: Tenant, signed_in: Browser) -> None:
    text = signed_in(home.people[Role.AGENCY_STAFF]).get(WAYS[page](home)).text
    assert re.search(r"\bkm\b", text)
    today = date_format(timezone.localdate(), "DATE_FORMAT")
    assert f"Distances are estimates of {today}" in text


@pytest.mark.parametrize("page", sorted(set(WAYS) - {"facilitators"}))
def test_minutes_name_their_file_and_its_day(page: str, home: Tenant, signed_in: Browser) -> None:
    url = WAYS[page](home)
    round = home.agency.rounds.get()
    ways = {"members": [home.school.pk, home.charter_school.pk], "minutes": bytes(16)}
    known = DriveTimes.objects.create(round=round, digest="0" * 64, file_name="minutes.csv", **ways)
    text = signed_in(home.people[Role.AGENCY_STAFF]).get(url).text
    day = date_format(timezone.localtime(known.at), "DATE_FORMAT")
    assert f"Minutes of driving: from the file minutes.csv of the host agency, {day}" in text
    assert "Distances are estimates" not in text


def test_the_list_of_the_directory_names_the_sources_of_its_students(client: Client, home: Tenant) -> None:
    source = Source.objects.create(title="NCES school search", day=date(2024, 10, 1))
    Organization.objects.filter(pk=home.school.pk).update(sources={"enrollment": source.pk})
    text = client.get(reverse("directory:search")).text
    assert "Students: all who are enrolled. Source: NCES school search, Oct. 1, 2024." in " ".join(text.split())


def test_every_fact_of_a_profile_stands_above_its_source(client: Client, home: Tenant) -> None:
    source = Source.objects.create(title="NCES school search", day=date(2024, 10, 1))
    known = {"enrollment": 400, "free_lunch": 100, "reduced_lunch": 20}
    Organization.objects.filter(pk=home.school.pk).update(sources=dict.fromkeys(known, source.pk), **known)
    text = client.get(home.school.get_absolute_url()).text
    blocks = re.findall(
        r'<dl class="cg-summary cg-facts">(.*?)</dl>\s*<p class="cg-figure__source">(.*?)</p>', text, re.S
    )
    assert len(blocks) == text.count("cg-facts")
    told = next(source for facts, source in blocks if "30%" in facts)  # the share is worked out here, and says how
    assert "NCES school search, Oct. 1, 2024" in told
    assert "of all students" in text


def test_a_partnership_says_that_its_way_was_estimated_and_when_it_began(home: Tenant, signed_in: Browser) -> None:
    partnership = make_partnership(home)
    partnership.origin.create(part="why", code="near", data={"travel": 12})
    text = signed_in(home.people[Role.LEA_LEADER]).get(partnership.get_absolute_url()).text
    assert "about 12 km, as estimated on the map on that day" in text
    assert date_format(partnership.founded_on, "DATE_FORMAT") in text
