"""Drive times from a file: used for the groups and named as their source, or refused with what is wrong and nothing changed."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from commonground.site.audit.models import Entry
from commonground.site.directory.models import Organization, Person
from commonground.site.directory.roles import Role
from commonground.site.formation.models import Draft, DriveTimes, Round
from commonground.site.formation.queries.checks import findings
from commonground.site.formation.queries.drafts import Table
from commonground.tables import csv_bytes
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_proposal, make_submitted

Browser = Callable[[Person | None], Client]


@pytest.fixture
def draft(home: Tenant) -> Draft:
    Organization.objects.filter(pk=home.charter_school.pk).update(nces_id="060000000007")
    return make_proposal(home)


@pytest.fixture
def staff(home: Tenant, signed_in: Browser) -> Client:
    return signed_in(home.people[Role.AGENCY_STAFF])


def address(round: Round) -> str:
    return reverse("formation:section", args=[round.pk, "travel"])


def upload(client: Client, round: Round, *rows: tuple[str, ...], limit: str = "45") -> HttpResponse:
    file = SimpleUploadedFile("minutes.csv", csv_bytes(("from", "to", "minutes"), rows))
    return client.post(address(round), {"file": file, "limit": limit}, follow=True)  # type: ignore[return-value]


def test_minutes_take_the_place_of_kilometers_and_are_named_as_the_source(draft: Draft, staff: Client) -> None:
    before = Table(draft.round)
    page = upload(staff, draft.round, ("Alder Elementary", "060000000007", "31"))
    assert "Drive times from the file minutes.csv" in page.text
    table = Table(draft.round)
    assert (table.unit, table.rules.travel_limit) == ("min", 45)
    assert table.card(table.plan(draft.current)[0]).longest == 31  # type: ignore[arg-type]
    assert table.fingerprint != before.fingerprint
    shown = staff.get(draft.get_absolute_url()).text
    assert "Longest way between two members: 31 minutes of driving" in shown
    assert "Minutes of driving: from the file minutes.csv" in shown
    assert Entry.objects.get(verb="drive times brought").details == {"members": 2}


def test_a_way_longer_than_the_limit_is_said_in_minutes(draft: Draft, staff: Client) -> None:
    upload(staff, draft.round, ("Alder Elementary", "Alder Academy", "50"))
    assert (
        "Alder Elementary and Alder Academy are 50 min apart; the limit is 45."
        in staff.get(draft.get_absolute_url()).text
    )


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], "Alder Elementary"),
        ([("Alder Elementary", "Alder Academy", "soon")], "soon"),
    ],
)
def test_a_wrong_file_is_refused_with_the_reason_and_changes_nothing(
    draft: Draft, staff: Client, rows: list[tuple[str, ...]], told: str
) -> None:
    page = upload(staff, draft.round, ("Somebody else", "Alder Academy", "5"), *rows)
    assert "The file is not used" in page.text and told in page.text
    assert not DriveTimes.objects.exists()
    assert Table(draft.round).unit == "km"


def test_who_signs_up_after_the_file_is_named_to_staff(home: Tenant, draft: Draft, staff: Client) -> None:
    upload(staff, draft.round, ("Alder Elementary", "Alder Academy", "20"))
    late = Organization.objects.create(kind="school", name="Latecomer", sector="charter", parent=home.charter)
    make_submitted(draft.round, late)
    assert any("do not name Latecomer" in found.text and found.blocks for found in findings(draft.round))
    assert "The drive times do not name Latecomer." in staff.get(draft.get_absolute_url(), follow=True).text


def test_drive_times_can_be_taken_away_until_proposals_are_released(draft: Draft, staff: Client) -> None:
    upload(staff, draft.round, ("Alder Elementary", "Alder Academy", "20"))
    staff.post(address(draft.round), {"act": "remove"})
    assert Table(draft.round).unit == "km"
    Round.objects.update(state="released")
    assert "can no longer be changed" in upload(staff, draft.round, ("Alder Elementary", "Alder Academy", "20")).text
    assert not DriveTimes.objects.exists()
