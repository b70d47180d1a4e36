"""The invented county's rounds: one that takes sign-ups today, and one of last year that ended in a partnership."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

from commonground.site.directory.models import Organization, Person, Position, Term
from commonground.site.directory.models.organization import Kind, Sector, Status
from commonground.site.directory.roles import Role
from commonground.site.formation.actions import rounds as actions
from commonground.site.formation.models import (
    Facilitator,
    Offer,
    PastRelation,
    Place,
    RankedArea,
    Round,
    SignUp,
    TeamMember,
    Topic,
    TopicChoice,
)
from commonground.site.formation.models.choices import Capacity, RoundState, Side, SignUpState
from commonground.site.formation.models.facilitators import FacilitatorState
from commonground.site.formation.models.offers import Answer, OfferState
from commonground.site.formation.models.signups import READINESS
from commonground.site.formation.queries.eligibility import bands_of
from commonground.site.partnership.actions.founding import Statement, found
from commonground.site.partnership.models import Meeting
from commonground.site.partnership.models.meeting import Status as MeetingStatus
from commonground.site.partnership.models.origin import Part
from commonground.site.sample.names import FIRST_NAMES, LAST_NAMES
from commonground.site.sample.people import MAIL
from commonground.site.sample.places import TOWNS
from commonground.site.sample.voices import NOTES, OWN_WORDS, Voice, goals, voices

DISTRICT_SIGNUPS = 60
CHARTER_SIGNUPS = 42
STARTED = 6
STEPS = ["needs", "strengths", "goals", "areas", "setting", "past", "practical", "team"]
JOBS = (
    "Teacher, grade 4",
    "Reading specialist",
    "Counselor",
    "Assistant principal",
    "Math teacher",
    "Special educator",
)


class Story:
    """Fills rounds for one agency from one source of chance."""

    def __init__(self, agency: Organization, *, seed: int, today: date) -> None:
        self.agency = agency
        self.today = today
        self.chance = Random(seed + 2)  # noqa: S311 - invented data, no secret
        seat = Position.objects.filter(organization=agency, role=Role.AGENCY_STAFF).earliest("pk")
        holder = seat.holder(today)
        if holder is None:
            raise LookupError("The invented agency has nobody on its staff: make its people first.")
        self.staff: Person = holder
        self.topics: dict[str, Topic] = {}
        self.leaders = self._holders(Role.LEA_LEADER)
        self.coordinators = self._holders(Role.COORDINATOR)

    def tell(self) -> None:
        """Facilitators, a finished round with its partnership, and an open round."""
        self.open_round()
        self.facilitators()
        self.last_years_round()

    def round(self, name: str, purpose: str, state: RoundState, opens_on: date, *, days: int) -> Round:
        made = actions.create(
            by=self.staff,
            agency=self.agency,
            kind="quads",
            name=name,
            purpose=purpose,
            contact=f"partnerships@{MAIL}",
            opens_on=opens_on,
            closes_on=opens_on + timedelta(days=days),
            decide_by=opens_on + timedelta(days=days + 35),
        )
        Round.objects.filter(pk=made.pk).update(state=state)
        made.refresh_from_db()
        self.topics = {topic.code: topic for topic in Topic.objects.filter(agency=self.agency)}
        return made

    def open_round(self) -> Round:
        purpose = (
            "Four schools, district and charter, work for two years on one focus area that all of them chose. A facilitator guides "
            "the first year; in the second, your own team leads. Every school brings a question and something that works."
        )
        begun = self.today - timedelta(days=18)
        made = self.round(f"Juniper Quads {self.today.year}", purpose, RoundState.OPEN, begun, days=45)
        schools = self._schools(Sector.DISTRICT, DISTRICT_SIGNUPS) + self._schools(Sector.CHARTER, CHARTER_SIGNUPS)
        self.signups(made, schools)
        left = Organization.objects.filter(kind=Kind.SCHOOL, parent__isnull=False, status=Status.OPEN)
        for school in left.exclude(signups__round=made).order_by("pk")[:STARTED]:
            SignUp.objects.create(round=made, organization=school, started_by=self.staff)
        self.past_relations(made)
        return made

    def _schools(self, sector: Sector, how_many: int) -> list[Organization]:
        some = list(
            Organization.objects.filter(
                kind=Kind.SCHOOL,
                sector=sector,
                status=Status.OPEN,
                state=self.agency.state,
                parent__kind__in=_VOLUNTEERS,
            )
            .select_related("parent")
            .order_by("pk")
        )
        return self.chance.sample(some, how_many)

    def signups(self, round: Round, schools: list[Organization]) -> list[SignUp]:
        """The answers of these schools, each from its own mouth."""
        drawn = [(self._signup(round, school), *self._answers()) for school in schools]
        for signup, needs, strengths, _areas in drawn:
            signup.goals = goals(needs, strengths, self.chance)
        made = SignUp.objects.bulk_create(signup for signup, *_rest in drawn)
        known = {area.code: area for area in round.areas.all()}
        TopicChoice.objects.bulk_create(
            choice
            for signup, needs, strengths, _areas in drawn
            for choice in (*self._chosen(signup, Side.NEED, needs), *self._chosen(signup, Side.STRENGTH, strengths))
        )
        RankedArea.objects.bulk_create(
            RankedArea(signup=signup, area=known[code], rank=rank)
            for signup, _needs, _strengths, areas in drawn
            for rank, code in enumerate(areas, start=1)
        )
        TeamMember.objects.bulk_create(member for signup in made for member in self._team(signup))
        return made

    def _signup(self, round: Round, school: Organization) -> SignUp:
        leader = self.leaders.get(school.parent_id)
        return SignUp(
            round=round,
            organization=school,
            state=SignUpState.SUBMITTED,
            done=STEPS,
            grade_bands=bands_of(school),
            languages=["en", "es"] if self.chance.random() < 0.4 else ["en"],
            travel_limit_km=self.chance.choice([30, 40, 50, 60, 60, 80]),
            capacity=self.chance.choice([Capacity.LOW, Capacity.MEDIUM, Capacity.MEDIUM, Capacity.HIGH]),
            readiness={key: self.chance.choice([1, 2, 2, 3, 3]) for key in READINESS},
            started_by=leader,
            submitted_by=leader,
            submitted_at=_noon(round.opens_on + timedelta(days=self.chance.randrange(1, 17))),
        )

    def _answers(self) -> tuple[list[Voice], list[Voice], list[str]]:
        """Two or three needs, two strengths elsewhere, and three focus areas that follow from the needs."""
        drawn = self.chance.sample(voices(), 5)
        needs, strengths = drawn[: self.chance.choice([2, 3])], drawn[3:]
        areas = list(dict.fromkeys(area for voice in needs for area in voice.areas))
        others = [area for voice in voices() for area in voice.areas if area not in areas]
        self.chance.shuffle(others)
        return needs, strengths, [*areas, *dict.fromkeys(others)][:3]

    def _chosen(self, signup: SignUp, side: Side, some: list[Voice]) -> Iterator[TopicChoice]:
        for at, voice in enumerate(some):
            yield TopicChoice(signup=signup, side=side, topic=self.topics[voice.topic], importance=max(1, 3 - at))
        if self.chance.random() < 0.12:
            yield TopicChoice(signup=signup, side=side, words=self.chance.choice(OWN_WORDS))

    def _holders(self, role: Role) -> dict[int | None, Person]:
        """Who holds such a seat today, by organization."""
        terms = Term.objects.on(self.today).filter(position__role=role, position__organization__state=self.agency.state)
        return {term.position.organization_id: term.person for term in terms.select_related("position", "person")}

    def _team(self, signup: SignUp) -> Iterator[TeamMember]:
        """A principal, the coordinator who has a seat at the school, and one or two more."""
        yield TeamMember(signup=signup, name=self._name(), job="Principal", is_head=True)
        if coordinator := self.coordinators.get(signup.organization_id):
            yield TeamMember(
                signup=signup, name=coordinator.name, email=coordinator.email, job="Teacher", is_coordinator=True
            )
        for job in self.chance.sample(JOBS, self.chance.choice([1, 2, 2])):
            yield TeamMember(signup=signup, name=self._name(), job=job)

    def _name(self) -> str:
        return f"{self.chance.choice(FIRST_NAMES)} {self.chance.choice(LAST_NAMES)}"

    def past_relations(self, round: Round) -> None:
        """A dozen schools say with whom they have worked; what was said stays with staff."""
        signups = list(round.signups.submitted().select_related("organization").order_by("pk"))
        for one, other in zip(signups[:12], self.chance.sample(signups[12:], 12), strict=True):
            outcome = "bad" if self.chance.random() < 0.25 else "good"
            note = self.chance.choice(NOTES[outcome])
            PastRelation.objects.create(
                signup=one, other=other.organization, outcome=outcome, note=note, author=one.submitted_by
            )

    def facilitators(self) -> None:
        """Everybody in a facilitator's seat offers a region, topics, languages and a number of groups."""
        seats = Position.objects.filter(organization=self.agency, role=Role.FACILITATOR).order_by("pk")
        near = Organization.objects.filter(kind=Kind.DISTRICT, state=self.agency.state).order_by("pk")
        for number, seat in enumerate(seats):
            person, town = seat.holder(self.today), TOWNS[number % len(TOWNS)]
            if person is None:
                continue
            made = Facilitator.objects.create(
                agency=self.agency,
                person=person,
                position=seat,
                state=FacilitatorState.ACTIVE if number < 12 else FacilitatorState.OFFERED,
                city=town.name,
                latitude=town.latitude,
                longitude=town.longitude,
                radius_km=self.chance.choice([60, 80, 100, 130]),
                areas=self.chance.sample(sorted({area for voice in voices() for area in voice.areas}), 3),
                languages=["en", "es"] if number % 3 == 0 else ["en"],
                caseload=self.chance.choice([1, 2, 2, 3, 4]),
                about=self.chance.choice(_ABOUT),
            )
            made.topics.set(self.topics[voice.topic] for voice in self.chance.sample(voices(), 5))
            if number % 4 == 0:
                made.employers.set(self.chance.sample(list(near), 1))

    def last_years_round(self) -> None:
        purpose = "The first quads of the county: four schools, one focus area, two years."
        opened = self.today - timedelta(days=400)
        made = self.round(f"Juniper Quads {opened.year}", purpose, RoundState.FINISHED, opened, days=40)
        schools = self._schools(Sector.DISTRICT, 14) + self._schools(Sector.CHARTER, 10)
        signups = self.signups(made, schools)
        self._quad(made, [*signups[:2], *signups[14:16]])

    def _quad(self, round: Round, signups: list[SignUp]) -> None:
        """The group that all four accepted, and the partnership that came of it."""
        area = round.areas.get(code="literacy")
        seat = Position.objects.filter(organization=self.agency, role=Role.FACILITATOR).earliest("pk")
        decided = round.closes_on + timedelta(days=20)
        leaders = [(signup.organization, self.leaders.get(signup.organization.parent_id)) for signup in signups]
        partnership = found(
            by=None,
            agency=self.agency,
            kind="quad",
            name="Juniper Literacy Quad",
            purpose={
                "en": "Students read and write well in every subject, from the first science report on.",
                "es": "Los estudiantes leen y escriben bien en todas las materias, desde el primer informe de ciencias.",
            },
            members=[signup.organization for signup in signups],
            focus_area={"en": area.name_en, "es": area.name_es},
            facilitator=seat,
            origin=[
                Statement(Part.WHY, "focus_area", {"area": {"en": area.name_en, "es": area.name_es}}),
                Statement(
                    Part.HISTORY,
                    "round_opened",
                    {"agency": str(self.agency), "round": round.name},
                    _noon(round.opens_on),
                ),
                Statement(Part.HISTORY, "signed_up", {"count": round.signups.count()}, _noon(round.closes_on)),
                *(
                    Statement(
                        Part.HISTORY,
                        "accepted",
                        {"organization": str(school), "title": "Superintendent"},
                        _noon(decided),
                    )
                    for school, _leader in leaders
                ),
                Statement(Part.HISTORY, "founded", {}, _noon(decided)),
            ],
        )
        partnership.members.update(since=decided)
        type(partnership).objects.filter(pk=partnership.pk).update(founded_on=decided)
        offer = Offer.objects.create(
            round=round, number=1, area=area, facilitator=seat, state=OfferState.FOUNDED, partnership=partnership
        )
        Place.objects.bulk_create(
            Place(
                offer=offer,
                signup=signup,
                answer=Answer.ACCEPTED,
                due_on=round.decide_by,
                answered_at=_noon(decided),
                answered_by=leader,
                authority=f"Superintendent, {signup.organization.parent}",
            )
            for signup, (_school, leader) in zip(signups, leaders, strict=True)
        )
        Meeting.objects.create(
            partnership=partnership,
            title="Visit and look at student work together",
            starts_at=_noon(self.today + timedelta(days=12)),
            minutes=120,
            place=str(signups[0].organization),
            agenda="What did students write in science this month?\nOne lesson to plan together\nNext visit",
            status=MeetingStatus.CONFIRMED,
        )


_VOLUNTEERS = (Kind.DISTRICT, Kind.CHARTER_OPERATOR)
_ABOUT = (
    "Taught for nineteen years, then led a middle school. I ask more than I answer.",
    "Former charter founder and district coach. I have sat on both sides of the table.",
    "I come from community health and have run parent groups in two languages.",
    "Retired superintendent. I know most of the roads in this county and where they flood.",
    "Instructional coach for mathematics; I like to sit in classrooms and take notes.",
)


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))
