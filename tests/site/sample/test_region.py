"""The invented county: large enough to show everything, the same every time, and plausible on its map."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.core import mail
from django.db import transaction
from django.utils import timezone

from commonground.site.directory import geography
from commonground.site.directory.models import Organization, Person, Position, Term
from commonground.site.directory.models.organization import Kind, Sector, Status
from commonground.site.directory.roles import Role
from commonground.site.formation import standard
from commonground.site.formation.models import Facilitator, Round, SignUp
from commonground.site.formation.models.choices import RoundState
from commonground.site.partnership.models import Partnership
from commonground.site.sample import organizations, people, region
from commonground.site.sample.places import COUNTY, OUTLINE, STATE
from commonground.site.sample.voices import voices

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


@pytest.fixture(scope="module")
def county(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The county, made once for all tests of this file and taken away after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        region.make(today=timezone.localdate())
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.usefixtures("county")
class TestMade:
    def test_every_organization_is_saved_with_a_source_for_its_facts(self):
        assert Organization.objects.filter(state=STATE).count() > 295
        school = Organization.objects.filter(kind=Kind.SCHOOL).earliest("pk")
        source = school.source_of("enrollment")
        assert source is not None and source.title == "Invented sample region"

    def test_there_is_somebody_in_every_role(self):
        assert set(Position.objects.values_list("role", flat=True)) == set(Role.values)

    def test_leaders_have_predecessors_and_one_has_a_successor(self):
        leaders = Term.objects.filter(position__role=Role.LEA_LEADER)
        assert leaders.filter(ends__lte=timezone.localdate()).count() >= 20
        assert leaders.filter(starts__gt=timezone.localdate()).count() == 1

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
@pytest.mark.usefixtures("county")
class TestRounds:
    def test_a_round_is_open_with_about_a_hundred_complete_sign_ups(self):
        round = Round.objects.get(state=RoundState.OPEN)
        assert round.is_accepting
        submitted = round.signups.submitted()
        assert (submitted.count(), submitted.filter(organization__sector=Sector.CHARTER).count()) == (102, 42)
        for signup in submitted.prefetch_related("choices", "ranked_areas", "team"):
            assert {choice.side for choice in signup.choices.all()} == {"need", "strength"}
            assert len(signup.ranked_areas.all()) == 3
            assert [member.is_head for member in signup.team.all()].count(True) == 1

    def test_goals_are_whole_sentences_and_seldom_the_same(self):
        texts = list(SignUp.objects.submitted().values_list("goals", flat=True))
        assert all(text[-1] in ".?" and "{" not in text and len(text.split()) > 12 for text in texts)
        assert len(set(texts)) > 0.95 * len(texts)

    def test_nobody_needs_what_they_offer(self):
        for signup in SignUp.objects.submitted().prefetch_related("choices"):
            sides = Counter(choice.topic_id for choice in signup.choices.all() if choice.topic_id)
            assert max(sides.values()) == 1

    def test_facilitators_have_seats_topics_and_a_caseload(self):
        active = Facilitator.objects.filter(state="active")
        assert active.count() == 12
        assert all(one.topics.count() == 5 and one.caseload for one in active)

    def test_last_year_ended_in_a_partnership_of_both_sectors(self):
        partnership = Partnership.objects.get()
        members = [member.organization for member in partnership.members.all()]
        assert Counter(member.sector for member in members) == {Sector.DISTRICT: 2, Sector.CHARTER: 2}
        assert partnership.facilitator is not None and partnership.offer.places.filter(answer="accepted").count() == 4

    def test_no_mail_leaves_the_invented_county(self):
        assert mail.outbox == []


def test_every_voice_speaks_of_a_standard_topic_and_of_standard_areas():
    assert {voice.topic for voice in voices()} <= {topic.code for topic in standard.topics()}
    assert {area for voice in voices() for area in voice.areas} <= {area.code for area in standard.areas()}
