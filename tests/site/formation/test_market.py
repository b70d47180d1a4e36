"""What the engine gets to know of a round, and what it does not."""

from commonground.engines.formation import HELP, Weights
from commonground.site.directory.models import Organization
from commonground.site.formation import standard
from commonground.site.formation.actions import topics as topic_actions
from commonground.site.formation.actions.rounds import keep_apart, replace_areas
from commonground.site.formation.models import PastRelation, Topic, TopicChoice
from commonground.site.formation.models.choices import Outcome, RoundState, Side, SignUpState
from commonground.site.formation.queries.market import market_of, rules_of
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_round, make_submitted


def topic(tenant: Tenant, code: str) -> Topic:
    topic_actions.ensure_standard(tenant.agency)
    return Topic.objects.get(agency=tenant.agency, code=code)


def test_a_member_carries_what_its_organization_said(home: Tenant) -> None:
    round = make_round(home.agency)
    signup = make_submitted(
        round, home.school, readiness={"leaders": 3, "time": 0}, languages=["en", "es"], travel_limit_km=25
    )
    TopicChoice.objects.create(signup=signup, side=Side.NEED, topic=topic(home, "attendance"), importance=3)
    TopicChoice.objects.create(signup=signup, side=Side.STRENGTH, words="Our garden")

    (member,) = market_of(round).members

    assert (member.id, member.sector, member.lea) == (str(home.school.pk), "district", str(home.district.pk))
    assert (member.readiness, member.languages, member.travel_limit) == (0.5, {"en", "es"}, 25)
    assert (dict(member.needs), dict(member.strengths)) == ({"attendance": 3.0}, {})  # own words wait for staff


def test_only_submitted_sign_ups_count(home: Tenant) -> None:
    round = make_round(home.agency)
    make_submitted(round, home.school)
    make_submitted(round, home.charter_school, state=SignUpState.WITHDRAWN)

    assert [member.name for member in market_of(round).members] == [home.school.name]


def test_old_choices_follow_a_merged_topic_and_the_greater_importance_counts(home: Tenant) -> None:
    round = make_round(home.agency)
    signup = make_submitted(round, home.school)
    science, steam = topic(home, "science"), topic(home, "steam")
    TopicChoice.objects.create(signup=signup, side=Side.NEED, topic=science, importance=3)
    TopicChoice.objects.create(signup=signup, side=Side.NEED, topic=steam, importance=1)

    topic_actions.merge(science, into=steam, by=home.people["agency_staff"])

    assert dict(market_of(round).members[0].needs) == {"steam": 3.0}


def test_a_word_about_an_lea_holds_for_its_schools_and_a_bad_word_outweighs_a_good_one(home: Tenant) -> None:
    round = make_round(home.agency)
    signup = make_submitted(round, home.school)
    make_submitted(round, home.charter_school)
    PastRelation.objects.create(signup=signup, other=home.charter, outcome=Outcome.BAD)
    PastRelation.objects.create(signup=signup, other=home.charter_school, outcome=Outcome.GOOD)

    member = next(member for member in market_of(round).members if member.id == str(home.school.pk))

    assert (member.good_with, member.bad_with) == (frozenset(), {str(home.charter_school.pk)})


def test_an_lea_without_a_place_lies_in_the_middle_of_its_schools(home: Tenant) -> None:
    round = make_round(home.agency, kinds=["district"])
    make_submitted(round, home.district)
    Organization.objects.create(kind="school", name="Second", parent=home.district, latitude=39.0, longitude=-122.0)

    (member,) = market_of(round).members

    assert (member.latitude, member.longitude) == (38.0, -121.0)


def test_a_blackout_of_leas_keeps_their_schools_apart(home: Tenant) -> None:
    round = make_round(home.agency)
    make_submitted(round, home.school)
    make_submitted(round, home.charter_school)
    keep_apart(round, by=home.people["agency_staff"], one=home.district, other=home.charter)

    assert rules_of(round).blackouts == {frozenset({str(home.school.pk), str(home.charter_school.pk)})}


def test_the_rules_are_those_of_the_round(home: Tenant) -> None:
    staff = home.people["agency_staff"]
    round = make_round(home.agency, state=RoundState.DRAFT, sector_min={"district": 1, "charter": 0})
    assert not rules_of(round).share_area  # without focus areas there is none to share
    replace_areas(round, by=staff, areas=[{"name_en": "Literacy"}])

    rules = rules_of(round)

    assert (rules.size_min, rules.target, rules.size_max, rules.travel_limit) == (2, 4, 4, 60)
    assert (rules.sector_min, rules.share_area, rules.unplaced_penalty) == ({"district": 1}, True, 50.0)


def test_every_weight_of_the_engine_is_explained_and_set_by_every_preset() -> None:
    names = [part.name for part in standard.PARTS]
    assert sorted(names) == sorted(HELP)
    for preset in standard.PRESETS:
        assert sorted(preset.weights) == sorted(names)
        Weights(**preset.weights)
    assert dict(standard.PRESETS[0].weights) == {name: getattr(Weights(), name) for name in names}
