"""Running a round: its draft, its stages, and what may change when."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from commonground.site.audit.models import Entry
from commonground.site.directory.models import Person
from commonground.site.directory.roles import Role
from commonground.site.formation import standard
from commonground.site.formation.actions import rounds as actions
from commonground.site.formation.models import Blackout, Round, SignUp, Topic
from commonground.site.formation.models.choices import RoundKind, RoundState, SignUpState
from commonground.site.formation.models.stages import CHANGEABLE, NEXT, RefusedError, Section
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_round, make_signup

Browser = Callable[[Person | None], Client]


def day(name: str, chosen: date) -> dict[str, int]:
    return {f"{name}_month": chosen.month, f"{name}_day": chosen.day, f"{name}_year": chosen.year}


def days(opens: int = 0, closes: int = 28, decide: int = 56) -> dict[str, int]:
    today = timezone.localdate()
    return (
        day("opens_on", today + timedelta(opens))
        | day("closes_on", today + timedelta(closes))
        | day("decide_by", today + timedelta(decide))
    )


def new(home: Tenant, **changes: Any) -> dict[str, Any]:
    return {
        "agency": home.agency.pk,
        "kind": RoundKind.QUADS,
        "name": "Learning together",
        "purpose": "Four schools work on one focus area.",
        **days(),
        **changes,
    }


@pytest.mark.parametrize("kind", RoundKind)
def test_a_new_round_starts_with_what_is_usual_for_its_kind(home: Tenant, signed_in: Browser, kind: RoundKind) -> None:
    signed_in(home.people[Role.AGENCY_STAFF]).post(reverse("formation:new_round"), new(home, kind=kind))
    round = Round.objects.get()
    usual = standard.STANDARD[kind]
    assert (round.size_min, round.size_target, round.size_max) == usual.sizes
    assert round.areas.count() == (8 if usual.has_areas else 0)
    assert round.state == RoundState.DRAFT
    assert Topic.objects.filter(agency=home.agency).count() == len(standard.topics()) >= 40


def test_staff_open_rounds_only_for_their_own_agency(home: Tenant, elsewhere: Tenant, signed_in: Browser) -> None:
    client = signed_in(home.people[Role.AGENCY_STAFF])
    client.post(reverse("formation:new_round"), new(home, agency=elsewhere.agency.pk))
    assert not Round.objects.exists()


def test_days_out_of_order_are_refused_with_the_next_step(home: Tenant, signed_in: Browser) -> None:
    client = signed_in(home.people[Role.AGENCY_STAFF])
    page = client.post(reverse("formation:new_round"), new(home, **days(opens=5, closes=3, decide=3)))
    said = page.content.decode()
    assert "The last day of sign-up is before the first one." in said
    assert "Members decide after sign-up has ended." in said


def test_a_draft_is_known_only_to_its_staff(home: Tenant, signed_in: Browser) -> None:
    draft = make_round(home.agency, state=RoundState.DRAFT)
    about = reverse("formation:about", args=[draft.pk])
    assert signed_in(None).get(about).status_code == 404
    assert (
        "Learning together"
        not in signed_in(home.people[Role.LEA_LEADER]).get(reverse("formation:rounds")).content.decode()
    )

    signed_in(home.people[Role.AGENCY_STAFF]).post(reverse("formation:open_round", args=[draft.pk]))
    assert "What happens with my answers?" in signed_in(None).get(about).content.decode()


@pytest.mark.parametrize("state", RoundState)
@pytest.mark.parametrize("section", Section)
def test_each_section_changes_only_at_its_stages(
    home: Tenant, signed_in: Browser, state: RoundState, section: Section
) -> None:
    round = make_round(home.agency, state=state)
    response = signed_in(home.people[Role.AGENCY_STAFF]).get(reverse("formation:section", args=[round.pk, section]))
    assert (response.status_code == 200) == (state in CHANGEABLE[section])


@pytest.mark.parametrize("now", RoundState)
@pytest.mark.parametrize("then", RoundState)
def test_stages_follow_each_other_and_nothing_else(home: Tenant, now: RoundState, then: RoundState) -> None:
    round = make_round(home.agency, state=now)
    if then in NEXT[now]:
        assert actions.advance(round, to=then, by=home.people[Role.AGENCY_STAFF]).state == then
        assert Entry.objects.get().verb == f"round: {then}"
    else:
        with pytest.raises(RefusedError, match="This round is at the stage"):
            actions.advance(round, to=then, by=home.people[Role.AGENCY_STAFF])
        assert not Entry.objects.exists()


def test_a_deadline_moves_later_but_not_earlier(home: Tenant, signed_in: Browser) -> None:
    round = make_round(home.agency)
    client = signed_in(home.people[Role.AGENCY_STAFF])
    url = reverse("formation:section", args=[round.pk, "dates"])

    page = client.post(url, days(opens=-5, closes=5, decide=40))
    assert "it can move later, not earlier" in page.content.decode()
    client.post(url, days(opens=-5, closes=20, decide=40))

    before = round.closes_on
    round.refresh_from_db()
    assert round.closes_on == before + timedelta(days=10)
    assert Entry.objects.get(verb="round changed").details == {"section": "dates", "fields": ["closes_on"]}


def test_an_impossible_sector_mix_is_refused_before_it_is_saved(home: Tenant, signed_in: Browser) -> None:
    round = make_round(home.agency)
    form = {"size_min": 2, "size_target": 3, "size_max": 4, "unplaced_penalty": 50}
    page = signed_in(home.people[Role.AGENCY_STAFF]).post(
        reverse("formation:section", args=[round.pk, "groups"]), form | {"least_district": 3, "least_charter": 2}
    )
    assert "The sectors together ask for 5 members, but a group has at most 4." in page.content.decode()


def test_a_named_set_replaces_the_weights(home: Tenant, signed_in: Browser) -> None:
    round = make_round(home.agency)
    url = reverse("formation:section", args=[round.pk, "weights"])
    client = signed_in(home.people[Role.AGENCY_STAFF])

    client.post(url, {"preset": "near"})
    round.refresh_from_db()
    assert round.weights["travel"] == 0.3

    client.post(url, round.weights | {"travel": 0.5})
    round.refresh_from_db()
    assert round.weights["travel"] == 0.5


def test_counties_are_written_as_the_directory_writes_them(home: Tenant, signed_in: Browser) -> None:
    round = make_round(home.agency, state=RoundState.DRAFT)
    url = reverse("formation:section", args=[round.pk, "eligibility"])
    client = signed_in(home.people[Role.AGENCY_STAFF])

    page = client.post(url, {"kinds": ["school"], "counties": "alder\nAtlantis"})
    assert "No organization in the directory is in “Atlantis”." in page.content.decode()
    client.post(url, {"kinds": ["school"], "counties": "alder"})

    round.refresh_from_db()
    assert round.counties == ["Alder"]


def test_focus_areas_are_added_removed_and_ordered(home: Tenant, signed_in: Browser) -> None:
    round = make_round(home.agency, state=RoundState.DRAFT)
    actions.replace_areas(
        round, by=home.people[Role.AGENCY_STAFF], areas=[{"name_en": name} for name in ("Arts", "Literacy")]
    )
    form = {
        "form-TOTAL_FORMS": 3,
        "form-INITIAL_FORMS": 2,
        "form-0-code": "arts",
        "form-0-name_en": "Arts",
        "form-0-ORDER": 1,
        "form-0-DELETE": "on",
        "form-1-code": "literacy",
        "form-1-name_en": "Reading",
        "form-1-ORDER": 2,
        "form-2-name_en": "Science",
        "form-2-ORDER": 1,
    }
    signed_in(home.people[Role.AGENCY_STAFF]).post(reverse("formation:section", args=[round.pk, "areas"]), form)
    assert [(area.code, area.name) for area in round.areas.all()] == [("science", "Science"), ("literacy", "Reading")]


def test_a_pair_is_kept_apart_once_whichever_way_it_is_named(home: Tenant, signed_in: Browser) -> None:
    round = make_round(home.agency)
    url = reverse("formation:section", args=[round.pk, "blackouts"])
    client = signed_in(home.people[Role.AGENCY_STAFF])
    client.post(url, {"one": home.charter.name, "other": home.district.name})
    client.post(url, {"one": home.district.name, "other": home.charter.name, "reason": "A lawsuit"})
    page = client.post(url, {"one": home.district.name, "other": home.district.name}, follow=True)

    pair = Blackout.objects.get()
    assert ({pair.first, pair.second}, pair.reason) == ({home.district, home.charter}, "A lawsuit")
    assert "A pair needs two different organizations." in page.content.decode()
    client.post(reverse("formation:remove_blackout", args=[pair.pk]))
    assert not Blackout.objects.exists()


def test_a_copy_has_the_rules_and_no_sign_ups(home: Tenant, signed_in: Browser) -> None:
    staff = home.people[Role.AGENCY_STAFF]
    round = make_round(home.agency, size_min=3, weights=actions.weights("near"))
    actions.keep_apart(round, by=staff, one=home.district, other=home.charter)
    make_signup(round, home.school)

    signed_in(staff).post(reverse("formation:copy_round", args=[round.pk]), {"name": "Next year", **days()})

    copy = Round.objects.get(name="Next year")
    assert (copy.state, copy.size_min, copy.weights) == (RoundState.DRAFT, 3, round.weights)
    assert copy.blackouts.count() == 1
    assert not copy.signups.exists()


def test_a_closed_round_takes_sign_ups_again_until_a_new_day(home: Tenant, signed_in: Browser) -> None:
    today = timezone.localdate()
    round = make_round(home.agency, state=RoundState.CLOSED, closes_on=today - timedelta(days=1))
    url = reverse("formation:reopen_round", args=[round.pk])
    client = signed_in(home.people[Role.AGENCY_STAFF])

    page = client.post(url, day("closes_on", today - timedelta(days=1)))
    assert "This day has passed." in page.content.decode()
    client.post(url, day("closes_on", today + timedelta(days=3)))

    round.refresh_from_db()
    assert round.is_accepting
    assert round.days_left == 4


def test_only_a_draft_can_be_deleted(home: Tenant, signed_in: Browser) -> None:
    client = signed_in(home.people[Role.AGENCY_STAFF])
    announced, draft = make_round(home.agency), make_round(home.agency, state=RoundState.DRAFT)
    for round in (announced, draft):
        client.post(reverse("formation:delete_round", args=[round.pk]))
    assert list(Round.objects.all()) == [announced]


def test_a_leader_sees_rounds_that_own_schools_can_join(home: Tenant, signed_in: Browser) -> None:
    make_round(home.agency, name="For schools")
    make_round(home.agency, name="For private schools", sectors=["private"])
    said = signed_in(home.people[Role.LEA_LEADER]).get(reverse("formation:rounds")).content.decode()
    assert "For schools" in said
    assert "For private schools" not in said


def test_the_database_refuses_what_must_not_be(home: Tenant) -> None:
    round = make_round(home.agency)
    make_signup(round, home.school)
    wrong: list[Callable[[], object]] = [
        lambda: make_signup(round, home.school),  # a second sign-up
        lambda: make_round(home.agency, size_min=5),  # more than the target
        lambda: make_round(home.agency, closes_on=timezone.localdate() - timedelta(days=9)),  # before it opens
        lambda: SignUp.objects.update(state=SignUpState.SUBMITTED),  # submitted at no time
    ]
    for act in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            act()
