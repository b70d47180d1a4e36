"""Two people who do the same at the same moment: one after the other, and never a twin or a page that breaks.

The second acts while the first one's transaction is still open: what looks first and writes afterwards without a lock fails here
every time, not only on an unlucky day.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from commonground.site.audit.models import Entry
from commonground.site.directory.actions import organizations, people
from commonground.site.directory.models import Organization, Person, PositionRequest, Source
from commonground.site.directory.roles import Role
from commonground.site.formation.actions import calendar, facilitators, offers, rounds, topics
from commonground.site.formation.actions.topics import ensure_standard
from commonground.site.formation.models import Blackout, Place, Topic
from commonground.site.formation.models.offers import Answer
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_facilitator, make_offer, make_round, place_of

pytestmark = pytest.mark.django_db(transaction=True)
LONG_ENOUGH = 0.6  # seconds in which an act without a lock has long finished


def at_once(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """What both acts gave or raised, where the second runs while the first one's transaction is open."""
    acted, finished = Event(), Event()

    def slow() -> Any:
        with transaction.atomic():
            given = first()
            acted.set()
            finished.wait(LONG_ENOUGH)
        return given

    def quick() -> Any:
        acted.wait(10)
        try:
            return second()
        finally:
            finished.set()

    def told(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Exception as problem:
            return problem
        finally:
            acted.set()
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(told, (slow, quick)))


def appointment(home: Tenant, name: str, title: str = "Superintendent") -> Callable[[], Any]:
    def appoint() -> Any:
        return people.appoint(
            organization=home.charter, role=Role.LEA_LEADER, title=title, name=name, starts=timezone.localdate(),
            email=f"{name.lower()}@alder.example", by=home.people[Role.AGENCY_STAFF],
        )  # fmt: skip

    return appoint


def test_two_appointed_to_one_seat(home: Tenant) -> None:
    one, other = at_once(appointment(home, "Ana"), appointment(home, "Ben", title="SUPERINTENDENT"))
    assert one.person.name == "Ana"
    assert isinstance(other, people.SeatTakenError)
    assert home.charter.positions.count() == 1


def test_one_new_person_appointed_to_two_seats(home: Tenant) -> None:
    terms = at_once(appointment(home, "Ana", "Superintendent"), appointment(home, "Ana", "Director"))
    assert {term.position.title for term in terms} == {"Superintendent", "Director"}
    assert Person.objects.filter(email="ana@alder.example").count() == 1


def test_one_new_address_written_twice(home: Tenant) -> None:
    one, other = at_once(*[lambda: people.person_with("new@alder.example", "Newcomer")] * 2)
    assert one == other


def test_two_requests_for_one_seat_approved(home: Tenant) -> None:
    staff = home.people[Role.AGENCY_STAFF]
    asked = [
        PositionRequest.objects.create(
            person=person, organization=home.charter, role=Role.LEA_LEADER, title="Superintendent"
        )
        for person in (home.people[Role.FACILITATOR], home.people[Role.COORDINATOR])
    ]
    acts = [lambda one=one: people.answer(asked=one, approve=True, by=staff) for one in asked]
    done, refused = at_once(*acts)
    assert done is None
    assert isinstance(refused, people.SeatTakenError)
    assert home.charter.positions.count() == 1


def test_one_term_ended_twice(home: Tenant) -> None:
    term = home.people[Role.DATA_STEWARD].terms.get()
    ends = {"term": term, "ends": timezone.localdate(), "by": home.people[Role.LEA_LEADER]}
    at_once(*[lambda: people.end_term(**ends)] * 2)
    assert Entry.objects.filter(verb="term ended").count() == 1


def test_two_successors_of_one_seat_that_is_empty(home: Tenant) -> None:
    position = home.people[Role.DATA_STEWARD].terms.get().position
    position.terms.all().delete()
    today, staff = timezone.localdate(), home.people[Role.AGENCY_STAFF]

    def name(email: str) -> Callable[[], Any]:
        return lambda: people.name_successor(position=position, email=email, name="Next", starts=today, by=staff)

    _one, other = at_once(name("one@alder.example"), name("two@alder.example"))
    assert isinstance(other, people.SeatTakenError)


def test_one_school_entered_twice(home: Tenant) -> None:
    facts = {"kind": "district", "sector": "district", "name": "New Unified", "nces_id": "0600001", "state": "CA"}
    acts = [
        lambda by=by: organizations.add(by=by, **facts)
        for by in (home.people[r] for r in (Role.AGENCY_STAFF, Role.OPERATOR))
    ]
    _made, refused = at_once(*acts)
    assert isinstance(refused, organizations.TakenError)
    assert Organization.objects.filter(nces_id="0600001").count() == 1


def test_two_windows_of_one_person_make_one_source(home: Tenant) -> None:
    staff = home.people[Role.AGENCY_STAFF]
    acts = [
        lambda one=one: organizations.change(one, by=staff, phone="555-0142") for one in (home.school, home.charter)
    ]
    assert at_once(*acts) == [["phone"], ["phone"]]
    assert Source.objects.filter(entered_by=staff).count() == 1


def test_two_topics_of_one_name(home: Tenant) -> None:
    ensure_standard(home.agency)
    words = {"family": "staff", "name_en": "Mentoring", "name_es": "", "explanation_en": "", "explanation_es": ""}
    staff = home.people[Role.AGENCY_STAFF]
    made = at_once(*[lambda: topics.add(by=staff, agency=home.agency, **words)] * 2)
    assert {topic.code for topic in made} == {"mentoring", "mentoring_2"}


def test_one_topic_retired_twice(home: Tenant) -> None:
    ensure_standard(home.agency)
    topic = Topic.objects.filter(agency=home.agency)[0]
    at_once(*[lambda: topics.retire(topic, by=home.people[Role.AGENCY_STAFF])] * 2)
    assert Entry.objects.filter(verb="topic retired").count() == 1


def test_two_facilitators_accepted(home: Tenant) -> None:
    staff, offered = home.people[Role.AGENCY_STAFF], {"state": "offered", "position": None}
    rows = [
        make_facilitator(home, person=home.people[role], **offered) for role in (Role.COORDINATOR, Role.DATA_STEWARD)
    ]
    made = at_once(*[lambda row=row: facilitators.accept(row, by=staff) for row in rows])
    assert len({row.position_id for row in made}) == 2


def test_one_pair_allowed_together_twice(home: Tenant) -> None:
    pair = Blackout.objects.create(round=make_round(home.agency), first=home.district, second=home.charter)
    at_once(*[lambda: rounds.allow_together(pair, by=home.people[Role.AGENCY_STAFF])] * 2)
    assert Entry.objects.filter(verb="blackout pair removed").count() == 1


def test_a_place_is_accepted_while_the_clock_takes_it_away(home: Tenant) -> None:
    place = place_of(make_offer(home), home.school)
    leader = home.people[Role.LEA_LEADER]
    tomorrow = timezone.localdate() + timedelta(days=1)
    Place.objects.filter(pk=place.pk).update(due_on=timezone.localdate())

    def clock() -> int:
        due = Place.objects.filter(answer=Answer.ASKED, due_on__lt=tomorrow, signup=place.signup)
        return calendar._each(due, calendar._expire)

    accepted, expired = at_once(lambda: offers.accept(place, by=leader), clock)
    place.refresh_from_db()
    assert (place.answer, expired) == (Answer.ACCEPTED, 0)
    assert accepted.pk == place.pk


def test_what_is_refused_is_a_message_for_a_form() -> None:
    assert issubclass(people.SeatTakenError, ValidationError)
    assert issubclass(organizations.TakenError, ValidationError)
