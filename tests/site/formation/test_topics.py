"""The taxonomy: every agency changes its own, and old sign-ups lose nothing."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from commonground.site.directory.models import Person
from commonground.site.directory.roles import Role
from commonground.site.formation import standard
from commonground.site.formation.actions import topics as actions
from commonground.site.formation.models import Topic, TopicChoice
from commonground.site.formation.models.choices import Side, TopicFamily
from commonground.site.formation.models.stages import RefusedError
from commonground.site.formation.queries.topics import by_family, final_topics, usage
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_round, make_signup

Browser = Callable[[Person | None], Client]


@pytest.fixture
def topics(home: Tenant) -> dict[str, Topic]:
    actions.ensure_standard(home.agency)
    return {topic.code: topic for topic in Topic.objects.filter(agency=home.agency)}


def test_the_standard_set_is_bilingual_and_each_topic_has_a_family() -> None:
    for text in (*standard.topics(), *standard.areas()):
        assert all((text.name_en, text.name_es, text.explanation_en, text.explanation_es))
        assert len(text.explanation_en) <= 120
    assert {text.family for text in standard.topics()} == set(TopicFamily.values)
    codes = [text.code for text in standard.topics()]
    assert len(codes) == len(set(codes)) >= 40


def test_names_follow_the_reader_and_english_stands_in(topics: dict[str, Topic]) -> None:
    topic = topics["attendance"]
    with translation.override("es"):
        assert topic.name == "Asistencia"
        topic.name_es = ""
        assert topic.name == "Attendance"


def test_one_agency_changes_nothing_for_another(home: Tenant, elsewhere: Tenant, topics: dict[str, Topic]) -> None:
    actions.ensure_standard(elsewhere.agency)
    actions.retire(topics["attendance"], by=home.people[Role.AGENCY_STAFF])
    assert Topic.objects.offered().filter(agency=elsewhere.agency, code="attendance").exists()


def test_the_standard_set_is_copied_once_and_never_brings_back_what_staff_changed(
    home: Tenant, topics: dict[str, Topic]
) -> None:
    actions.retire(topics["attendance"], by=home.people[Role.AGENCY_STAFF])
    actions.ensure_standard(home.agency)
    assert not Topic.objects.offered().filter(agency=home.agency, code="attendance").exists()


def test_merges_are_followed_to_the_end_and_can_be_undone(home: Tenant, topics: dict[str, Topic]) -> None:
    staff = home.people[Role.AGENCY_STAFF]
    science, steam, math = topics["science"], topics["steam"], topics["early_math"]
    actions.merge(science, into=steam, by=staff)
    actions.merge(steam, into=math, by=staff)
    assert final_topics(home.agency)[science.pk] == math
    assert "Science by doing" not in [topic.name for _family, listed in by_family(home.agency) for topic in listed]

    with pytest.raises(RefusedError, match="cannot be merged into itself"):
        actions.merge(math, into=science, by=staff)  # would close a ring
    actions.restore(steam, by=staff)
    assert final_topics(home.agency)[science.pk].code == "steam"


def test_the_database_refuses_a_topic_merged_into_itself(topics: dict[str, Topic]) -> None:
    topic = topics["science"]
    topic.merged_into = topic
    with pytest.raises(IntegrityError), transaction.atomic():
        topic.save()


def test_a_new_topic_gets_a_code_of_its_own(home: Tenant, signed_in: Browser, topics: dict[str, Topic]) -> None:
    form = {"family": "belonging", "name_en": "Attendance"}
    signed_in(home.people[Role.AGENCY_STAFF]).post(reverse("formation:new_topic", args=[home.agency.pk]), form)
    assert Topic.objects.get(agency=home.agency, name_en="Attendance", name_es="").code == "attendance_2"


def test_usage_counts_sign_ups_through_merges_once(home: Tenant, topics: dict[str, Topic]) -> None:
    signup = make_signup(make_round(home.agency), home.school)
    for code in ("science", "steam"):
        TopicChoice.objects.create(signup=signup, side=Side.NEED, topic=topics[code])
    actions.merge(topics["science"], into=topics["steam"], by=home.people[Role.AGENCY_STAFF])
    assert usage(home.agency) == {topics["steam"].pk: 1}


def test_own_words_get_a_topic_and_stay(home: Tenant, signed_in: Browser, topics: dict[str, Topic]) -> None:
    signup = make_signup(make_round(home.agency), home.school)
    choice = TopicChoice.objects.create(signup=signup, side=Side.NEED, words="Kids who skip")
    TopicChoice.objects.create(signup=signup, side=Side.NEED, topic=topics["writing"])
    client = signed_in(home.people[Role.AGENCY_STAFF])
    url = reverse("formation:assign_words", args=[choice.pk])

    page = client.post(url, {f"c{choice.pk}-topic": topics["writing"].pk}, follow=True)
    assert "Alder Elementary already chose “Writing”" in page.content.decode()
    client.post(url, {f"c{choice.pk}-topic": topics["attendance"].pk})

    choice.refresh_from_db()
    assert (choice.topic, choice.words) == (topics["attendance"], "Kids who skip")


def test_own_words_keep_their_topic_when_the_page_is_saved_again(
    home: Tenant, signed_in: Browser, topics: dict[str, Topic]
) -> None:
    signup = make_signup(make_round(home.agency), home.school)
    choice = TopicChoice.objects.create(signup=signup, side=Side.NEED, words="Kids who skip")
    actions.assign(choice, topic=topics["attendance"], by=home.people[Role.AGENCY_STAFF])

    signed_in(home.people[Role.LEA_LEADER]).post(
        reverse("formation:step", args=[signup.pk, "needs"]), {"words_1": "Kids who skip", "level_1": "3"}
    )

    kept = signup.choices.get()
    assert (kept.words, kept.topic, kept.importance) == ("Kids who skip", topics["attendance"], 3)


def test_a_retired_topic_stays_with_a_sign_up_that_chose_it(
    home: Tenant, signed_in: Browser, topics: dict[str, Topic]
) -> None:
    signup = make_signup(make_round(home.agency), home.school)
    TopicChoice.objects.create(signup=signup, side=Side.NEED, topic=topics["writing"], importance=2)
    actions.retire(topics["writing"], by=home.people[Role.AGENCY_STAFF])
    client = signed_in(home.people[Role.LEA_LEADER])
    url = reverse("formation:step", args=[signup.pk, "needs"])

    form = client.get(url).context["form"]
    assert form.families and [label for label, _fields, _chosen in form.families()][-1] == (
        "Chosen before, no longer offered"
    )
    client.post(url, {f"topic_{topics['writing'].pk}": "3"})
    assert signup.choices.get().importance == 3
