"""Free places: what a page posts is checked again, and an organization that leaves the round frees its place."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from commonground.site.directory.models import Organization, Person
from commonground.site.directory.models.organization import Kind
from commonground.site.directory.roles import Role
from commonground.site.formation.actions import offers, signups
from commonground.site.formation.models import Blackout, Offer, Place, Round
from commonground.site.formation.models.choices import RoundState
from commonground.site.formation.models.stages import RefusedError
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_offer, make_round, make_submitted, place_of

Browser = Callable[[Person | None], Client]


@pytest.fixture
def offer(home: Tenant) -> Offer:
    """A released group of which the district school has declined: the charter school stays and waits."""
    made = make_offer(home)
    offers.decline(place_of(made, home.school), by=home.people[Role.LEA_LEADER], reason="No time")
    return made


def waiting(home: Tenant, round: Round, name: str, *, sector: str = "district", **where: Any) -> str:
    """One more school that signed up and has no group; returns the engine's name of it."""
    parent = home.charter if sector == "charter" else home.district
    place = {"latitude": 37.0, "longitude": -120.0} | where
    school = Organization.objects.create(kind=Kind.SCHOOL, name=name, sector=sector, parent=parent, **place)
    make_submitted(round, school).ranked_areas.create(area=round.areas.get(), rank=1)
    return str(school.pk)


def refill(home: Tenant, offer: Offer, *members: str) -> list[Place]:
    return offers.refill(offer.round, by=home.people[Role.AGENCY_STAFF], joining={offer.pk: list(members)})


def test_who_fits_is_asked(home: Tenant, offer: Offer) -> None:
    assert len(refill(home, offer, waiting(home, offer.round, "Fits"))) == 1


def refused(home: Tenant, offer: Offer, *members: str, why: str) -> None:
    before = offer.places.count()
    with pytest.raises(RefusedError, match=why):
        refill(home, offer, *members)
    assert offer.places.count() == before
    assert not offer.places.filter(settled=True).exists()


def test_a_group_that_would_be_too_large_is_refused(home: Tenant, offer: Offer) -> None:
    refused(home, offer, *[waiting(home, offer.round, f"School {k}") for k in range(4)], why="more members")


def test_a_sector_mix_that_would_be_wrong_is_refused(home: Tenant, offer: Offer) -> None:
    refused(home, offer, waiting(home, offer.round, "Charter two", sector="charter"), why="district")


def test_a_pair_that_the_round_keeps_apart_is_refused(home: Tenant, offer: Offer) -> None:
    member = waiting(home, offer.round, "Apart")
    Blackout.objects.create(round=offer.round, first=home.charter_school, second_id=int(member))
    refused(home, offer, member, why="keeps apart")


def test_one_who_is_too_far_away_is_refused(home: Tenant, offer: Offer) -> None:
    refused(home, offer, waiting(home, offer.round, "Far", latitude=39.0), why="km apart")


def test_one_who_did_not_choose_the_focus_area_is_refused(home: Tenant, offer: Offer) -> None:
    member = waiting(home, offer.round, "Other area")
    offer.round.signups.get(organization=int(member)).ranked_areas.all().delete()
    refused(home, offer, member, why="Other area")


def test_one_member_named_twice_is_refused(home: Tenant, offer: Offer) -> None:
    member = waiting(home, offer.round, "Twice")
    refused(home, offer, member, member, why="have changed")


def test_somebody_who_has_a_group_is_refused(home: Tenant, offer: Offer) -> None:
    refused(home, offer, str(home.charter_school.pk), why="have changed")


def test_somebody_who_declined_or_is_of_another_round_or_nobody_is_refused(home: Tenant, offer: Offer) -> None:
    stranger = waiting(home, offer.round, "Stranger")
    offer.round.signups.get(organization=int(stranger)).delete()
    for member in (str(home.school.pk), stranger, "0", "no number", ""):
        refused(home, offer, member, why="have changed")


def test_a_group_of_another_round_is_refused(home: Tenant, offer: Offer) -> None:
    member = waiting(home, offer.round, "Fits")
    other = make_round(home.agency, state=RoundState.RELEASED)
    with pytest.raises(RefusedError, match="have changed"):
        offers.refill(other, by=home.people[Role.AGENCY_STAFF], joining={offer.pk: [member]})
    assert offer.places.count() == 2


def test_one_group_that_breaks_a_rule_stops_the_others_too(home: Tenant, offer: Offer, signed_in: Browser) -> None:
    fits, far = waiting(home, offer.round, "Fits"), waiting(home, offer.round, "Far", latitude=39.0)
    url = reverse("formation:refill", args=[offer.round_id])
    page = signed_in(home.people[Role.AGENCY_STAFF]).post(
        url, {"join": [f"{offer.pk}:{fits}", f"{offer.pk}:{far}"]}, follow=True
    )
    assert "Nobody was asked" in page.text
    assert offer.places.count() == 2


# Leaving the round after the proposals went out


def test_withdrawing_after_release_declines_the_place_with_the_reason(
    home: Tenant, signed_in: Browser, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Any
) -> None:
    offer = make_offer(home)
    place = place_of(offer, home.school)
    leader = signed_in(home.people[Role.LEA_LEADER])
    assert reverse("formation:withdraw", args=[place.signup_id]) in leader.get(place.signup.get_absolute_url()).text
    with django_capture_on_commit_callbacks(execute=True):
        leader.post(reverse("formation:withdraw", args=[place.signup_id]), {"reason": "A new principal"})
    place.refresh_from_db()
    place.signup.refresh_from_db()
    assert (place.answer, place.reason, place.signup.state) == ("declined", "A new principal", "withdrawn")
    assert any(home.people[Role.AGENCY_STAFF].email in mail.to for mail in mailoutbox)
    assert len(refill(home, offer, waiting(home, offer.round, "Fits"))) == 1


def test_withdrawing_after_the_last_day_to_answer_frees_the_place_all_the_same(home: Tenant) -> None:
    offer = make_offer(home)
    Place.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    place = place_of(offer, home.school)
    signups.withdraw(place.signup, by=home.people[Role.AGENCY_STAFF], reason="By phone")
    assert offer.places.free().count() == 1


def test_one_who_waits_for_a_place_is_asked_no_more_after_withdrawing(home: Tenant, offer: Offer) -> None:
    member = waiting(home, offer.round, "Gone")
    signup = offer.round.signups.get(organization=int(member))
    signups.withdraw(signup, by=home.people[Role.LEA_LEADER], reason="No time")
    refused(home, offer, member, why="have changed")


def test_a_partner_leaves_by_talking_to_the_host_and_not_by_a_button(home: Tenant) -> None:
    offer = make_offer(home)
    leader = home.people[Role.LEA_LEADER]
    Place.objects.filter(signup__organization=home.charter_school).update(answer="accepted", answered_at=timezone.now())
    place = offers.accept(place_of(offer, home.school), by=leader)
    assert place.offer.partnership
    assert not signups.may_withdraw(place.signup, leader)
    with pytest.raises(RefusedError, match="partnership exists"):
        signups.withdraw(place.signup, by=leader, reason="No time")
