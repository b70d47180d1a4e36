"""People of the invented county in every role, the positions they hold, and who held some of them before."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from unicodedata import normalize

from django.contrib.auth.hashers import make_password

from commonground.site.directory.models import Organization, Person, Position, Term
from commonground.site.directory.models.organization import Kind
from commonground.site.directory.roles import Role
from commonground.site.sample.names import FIRST_NAMES, LAST_NAMES
from commonground.site.sample.organizations import Cast
from commonground.site.sample.places import TOWNS

MAIL = "juniper.example"
FACILITATORS = 14
TITLES = {
    Kind.DISTRICT: "Superintendent",
    Kind.CHARTER_OPERATOR: "Executive Director",
    Kind.OTHER_LEA: "Director",
}


@dataclass
class People:
    """Everybody, before they are saved: people, the seats of their organizations, and who sat there when."""

    people: list[Person] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)


class Register:
    """Makes people with names that nobody else has, and seats them."""

    def __init__(self, chance: Random, today: date) -> None:
        self.chance = chance
        self.today = today
        self.out = People()
        self.names = self._names()
        self.no_password = make_password(None)

    def _names(self) -> Iterator[str]:
        """Every pairing of a first and a last name once, in an order of chance."""
        pairs = [(first, last) for first in FIRST_NAMES for last in LAST_NAMES]
        self.chance.shuffle(pairs)
        return (f"{first} {last}" for first, last in pairs)

    def person(self) -> Person:
        name = next(self.names)
        plain = normalize("NFKD", name).encode("ascii", "ignore").decode().lower().replace(" ", ".")
        made = Person(name=name, email=f"{plain}@{MAIL}", password=self.no_password)
        made.phone = f"({560 + len(self.out.people) // 100}) 555-01{len(self.out.people) % 100:02d}"
        made.language = "es" if self.chance.random() < 0.12 else "en"
        self.out.people.append(made)
        return made

    def seat(self, organization: Organization, role: Role, title: str, *, since: date | None = None) -> Person:
        """A new position and who holds it, most often for some years."""
        position = Position(organization=organization, role=role, title=title)
        self.out.positions.append(position)
        person = self.person()
        begun = since or self.today - timedelta(days=self.chance.randrange(120, 2600))
        self.out.terms.append(Term(position=position, person=person, starts=begun))
        return person

    def preceded(self, term: Term, years: int) -> None:
        """Somebody else held the position before."""
        starts = term.starts.replace(day=1) - timedelta(days=365 * years)
        self.out.terms.append(Term(position=term.position, person=self.person(), starts=starts, ends=term.starts))

    def followed(self, term: Term, days: int) -> None:
        """The holder leaves in some days, and the successor is known."""
        term.ends = self.today + timedelta(days=days)
        self.out.terms.append(Term(position=term.position, person=self.person(), starts=term.ends))


def build(cast: Cast, *, seed: int, today: date) -> People:
    """Everybody in the county."""
    register = Register(Random(seed + 1), today)  # noqa: S311 - invented data, no secret
    _agency(register, cast.agency)
    for lea in cast.leas:
        _lea(register, lea)
    for number, school in enumerate(cast.schools):
        if school.parent and school.is_running:
            _school(register, school, has_teacher=number % 3 == 0)
    _successions(register)
    for _ in range(3):
        register.person()  # families: people without a position
    return register.out


def _agency(register: Register, agency: Organization) -> None:
    register.seat(agency, Role.OPERATOR, "Platform operator")
    for title in (
        "Director of Partnerships",
        "Program Manager, Quads",
        "Program Manager, Districts",
        "Program Associate",
    ):
        register.seat(agency, Role.AGENCY_STAFF, title)
    register.seat(agency, Role.DATA_STEWARD, "Data and Privacy Officer")
    for town in TOWNS[:FACILITATORS]:
        register.seat(agency, Role.FACILITATOR, f"Partnership Facilitator, {town.name}")


def _lea(register: Register, lea: Organization) -> None:
    register.seat(lea, Role.LEA_LEADER, TITLES[Kind(lea.kind)])
    if (lea.enrollment or 0) > 1200:
        register.seat(lea, Role.DATA_STEWARD, "Director of Data and Assessment")


def _school(register: Register, school: Organization, *, has_teacher: bool) -> None:
    register.seat(school, Role.COORDINATOR, "School Team Coordinator")
    if has_teacher:
        register.seat(school, Role.SCHOOL_STAFF, "Teacher on the school team")


def _successions(register: Register) -> None:
    """Leaders change: every third seat had somebody before, two had two, and one leader is about to go."""
    leaders = [term for term in register.out.terms if term.position.role == Role.LEA_LEADER]
    for number, term in enumerate(leaders):
        if number % 3 == 0:
            register.preceded(term, years=2 + number % 5)
    for term in leaders[:2]:
        earliest = min((one for one in register.out.terms if one.position is term.position), key=lambda one: one.starts)
        register.preceded(earliest, years=4)
    register.followed(leaders[5], days=75)
