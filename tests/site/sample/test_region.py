"""The invented county: large enough to show everything, the same every time, and plausible on its map."""

from collections import Counter
from datetime import date
from itertools import pairwise

import pytest
from django.contrib.auth.hashers import check_password

from commonground.site.directory import geography
from commonground.site.directory.models import Organization, Person, Position, Term
from commonground.site.directory.models.organization import Kind, Sector, Status
from commonground.site.directory.roles import Role
from commonground.site.sample import organizations, people, region
from commonground.site.sample.places import COUNTY, OUTLINE, STATE

TODAY = date(2026, 9, 1)


@pytest.fixture(scope="module")
def cast() -> organizations.Cast:
    return organizations.build(region.SEED)


def is_inside(longitude: float, latitude: float) -> bool:
    """By the even-odd rule: a ray to the east crosses the outline an odd number of times."""
    crossings = 0
    for (x1, y1), (x2, y2) in pairwise(OUTLINE):
        if (y1 > latitude) != (y2 > latitude) and longitude < x1 + (latitude - y1) * (x2 - x1) / (y2 - y1):
            crossings += 1
    return crossings % 2 == 1


def test_the_county_has_about_sixty_leas_and_two_hundred_forty_schools(cast):
    kinds = Counter(lea.kind for lea in cast.leas)
    assert 55 <= len(cast.leas) <= 65
    assert kinds[Kind.CHARTER_OPERATOR] == 24
    assert 235 <= len(cast.schools) <= 245
    assert Counter(school.sector for school in cast.schools)[Sector.CHARTER] > 60


def test_every_place_lies_inside_the_outline(cast):
    outside = [one.name for one in [*cast.leas, *cast.schools] if not is_inside(one.longitude, one.latitude)]
    assert not outside


def test_the_outline_is_on_the_map():
    assert [shape.name for shape in geography.counties(STATE)] == [COUNTY]


def test_no_name_and_no_identifier_is_used_twice(cast):
    everybody = [*cast.leas, *cast.schools]
    assert len({one.name for one in everybody}) == len(everybody)
    numbered = [one.nces_id for one in everybody if one.nces_id]
    assert len(set(numbered)) == len(numbered)


def test_figures_are_plausible(cast):
    open_ones = [school for school in cast.schools if school.status == Status.OPEN and school.sector != Sector.PRIVATE]
    for school in open_ones:
        assert 25 <= school.enrollment <= 1600
        assert school.free_lunch + school.reduced_lunch <= school.enrollment
        assert school.directly_certified <= school.free_lunch
        assert 10 < school.enrollment / school.teachers < 25


def test_the_same_seed_gives_the_same_county():
    def shown(seed: int) -> list[tuple[object, ...]]:
        return [(one.name, one.latitude, one.enrollment) for one in organizations.build(seed).schools]

    assert shown(7) == shown(7)
    assert shown(7) != shown(8)


def test_nobody_shares_a_name_and_nobody_sits_in_a_seat_with_another(cast):
    everybody = people.build(cast, seed=region.SEED, today=TODAY)
    assert len({person.email for person in everybody.people}) == len(everybody.people)
    for position in everybody.positions:
        terms = sorted((term for term in everybody.terms if term.position is position), key=lambda term: term.starts)
        for before, after in pairwise(terms):
            assert before.ends is not None and before.ends <= after.starts


@pytest.mark.django_db
class TestMade:
    @pytest.fixture(autouse=True)
    def county(self, db: None) -> None:
        region.make(today=TODAY)

    def test_every_organization_is_saved_with_a_source_for_its_facts(self):
        assert Organization.objects.filter(state=STATE).count() > 295
        school = Organization.objects.filter(kind=Kind.SCHOOL).earliest("pk")
        source = school.source_of("enrollment")
        assert source is not None and source.title == "Invented sample region"

    def test_there_is_somebody_in_every_role(self):
        assert set(Position.objects.values_list("role", flat=True)) == set(Role.values)

    def test_leaders_have_predecessors_and_one_has_a_successor(self):
        leaders = Term.objects.filter(position__role=Role.LEA_LEADER)
        assert leaders.filter(ends__lte=TODAY).count() >= 20
        assert leaders.filter(starts__gt=TODAY).count() == 1

    def test_every_ready_made_sign_in_opens_and_holds_its_role(self):
        found = list(region.sign_ins())
        assert [one.role for one in found] == [
            "Agency staff", "Facilitator", "Superintendent of a district", "Leader of a charter operator",
            "School team coordinator", "Teacher", "Data steward", "Family", "Platform operator",
        ]  # fmt: skip
        accounts = [Person.objects.get(email=one.email) for one in found]
        assert all(check_password(region.PASSWORD, account.password) for account in accounts)
        assert [account.holds(Role.AGENCY_STAFF) for account in accounts] == [True] + [False] * 8
        assert accounts[7].positions == []

    def test_a_second_county_is_not_added_by_mistake(self):
        assert region.exists()


@pytest.mark.django_db
def test_an_empty_database_has_no_sign_ins():
    assert list(region.sign_ins()) == []
