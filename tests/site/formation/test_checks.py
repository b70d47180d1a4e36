"""What staff hear before they close a round."""

from commonground.site.directory.models import Organization
from commonground.site.directory.roles import Role
from commonground.site.formation.actions.rounds import replace_areas
from commonground.site.formation.models import RankedArea, Round, TopicChoice
from commonground.site.formation.models.choices import RoundState, Side
from commonground.site.formation.queries.checks import findings
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_round, make_signup, make_submitted


def said(round: Round) -> dict[str, bool]:
    """Every finding, and whether it blocks."""
    return {finding.text: finding.blocks for finding in findings(round)}


def more_schools(home: Tenant, count: int) -> list[Organization]:
    make = Organization.objects.create
    return [
        make(kind="school", sector="district", name=f"School {n}", parent=home.district, latitude=37, longitude=-120)
        for n in range(count)
    ]


def test_too_few_sign_ups_block(home: Tenant) -> None:
    round = make_round(home.agency)
    make_submitted(round, home.school)
    assert said(round) == {"1 organization has signed up, but a group needs 2.": True}


def test_a_missing_sector_blocks_and_a_scarce_one_is_told(home: Tenant) -> None:
    round = make_round(home.agency, sector_min={"district": 1, "charter": 1})
    for school in more_schools(home, 5):
        make_submitted(round, school)
    assert said(round) == {"Every group needs 1 of the sector “charter”, but 0 signed up.": True}

    make_submitted(round, home.charter_school)
    assert said(round) == {"1 of the sector “charter” allow at most 1 groups: 2 sign-ups stay without one.": False}


def test_numbers_that_fill_no_groups_are_told(home: Tenant) -> None:
    round = make_round(home.agency, size_min=4, sector_min={})
    for school in more_schools(home, 6):
        make_submitted(round, school)
    assert said(round) == {
        "6 sign-ups do not fill groups of 4: at least 2 stay without a group.": False,
    }


def test_a_school_without_place_or_focus_area_is_named_with_where_to_add_it(home: Tenant) -> None:
    round = make_round(home.agency, state=RoundState.DRAFT, sector_min={})
    replace_areas(round, by=home.people[Role.AGENCY_STAFF], areas=[{"name_en": "Literacy"}])
    Organization.objects.filter(pk=home.school.pk).update(latitude=None, longitude=None)
    placeless = make_submitted(round, home.school)
    RankedArea.objects.create(signup=placeless, area=round.areas.get(), rank=1)
    areless = make_submitted(round, home.charter_school)

    found = {finding.text: finding.url for finding in findings(round)}

    assert found == {
        "Alder Elementary has no place, so nobody knows how far it is from others.": home.school.get_absolute_url(),
        "Alder Academy chose no focus area.": f"/formation/sign-ups/{areless.pk}/areas/",
        "Too few others chose a focus area of Alder Elementary.": f"/formation/sign-ups/{placeless.pk}/areas/",
    }


def test_open_ends_are_told(home: Tenant) -> None:
    round = make_round(home.agency, sector_min={})
    for school in more_schools(home, 2):
        make_submitted(round, school)
    make_signup(round, home.school)
    TopicChoice.objects.create(signup=round.signups.submitted()[0], side=Side.NEED, words="Our garden")
    assert said(round) == {
        "1 sign-up was started and not submitted.": False,
        "1 need or strength is in own words and does not count yet.": False,
    }


def test_many_schools_with_one_problem_are_told_in_a_short_list(home: Tenant) -> None:
    round = make_round(home.agency, state=RoundState.DRAFT, sector_min={}, size_min=2)
    replace_areas(round, by=home.people[Role.AGENCY_STAFF], areas=[{"name_en": "Literacy"}])
    for school in more_schools(home, 30):
        make_submitted(round, school)
    texts = [text for text in said(round) if "chose no focus area" in text]
    assert len(texts) == 8
    assert texts[-1].endswith("(and 22 others) chose no focus area.")
