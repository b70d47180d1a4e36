"""The cast: who owns, who shares, who must be kept out. Two agencies, each with its districts, charter and people."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest
from django.test import Client

from commonground.site.directory.models import Organization, Person, Position, Term
from commonground.site.directory.models.organization import Kind, Sector
from commonground.site.directory.roles import Role


@dataclass
class Tenant:
    """One host agency with a district, a charter operator, a school of each, and somebody in every role."""

    agency: Organization
    district: Organization
    charter: Organization
    school: Organization
    charter_school: Organization
    people: dict[Role, Person]


def appoint(organization: Organization, role: Role, name: str, title: str = "") -> Person:
    """Make a person and seat them; used by every test that needs one more face."""
    email = f"{name.lower().replace(' ', '.')}@{organization.pk}.example"
    person = Person.objects.create_user(email, name=name)
    position = Position.objects.create(organization=organization, role=role, title=title or role.label)
    Term.objects.create(position=position, person=person, starts=date(2020, 1, 1))
    return person


def make_tenant(place: str, latitude: float) -> Tenant:
    make = Organization.objects.create
    agency = make(kind=Kind.AGENCY, name=f"{place} Office of Education", state="CA", area=[place])
    district = make(kind=Kind.DISTRICT, sector=Sector.DISTRICT, name=f"{place} Unified", state="CA", county=place)
    charter = make(
        kind=Kind.CHARTER_OPERATOR, sector=Sector.CHARTER, name=f"{place} Charter Network", state="CA", county=place
    )
    where = {"latitude": latitude, "longitude": -120.0, "state": "CA", "county": place, "enrollment": 420}
    school = make(kind=Kind.SCHOOL, sector=Sector.DISTRICT, name=f"{place} Elementary", parent=district, **where)
    charter_school = make(kind=Kind.SCHOOL, sector=Sector.CHARTER, name=f"{place} Academy", parent=charter, **where)
    seats = {
        Role.OPERATOR: agency,
        Role.AGENCY_STAFF: agency,
        Role.FACILITATOR: agency,
        Role.LEA_LEADER: district,
        Role.COORDINATOR: school,
        Role.SCHOOL_STAFF: school,
        Role.DATA_STEWARD: district,
    }
    people = {role: appoint(where, role, f"{place} {role.value}") for role, where in seats.items()}
    return Tenant(agency, district, charter, school, charter_school, people)


@pytest.fixture
def home(db: None) -> Tenant:
    return make_tenant("Alder", 37.0)


@pytest.fixture
def elsewhere(db: None) -> Tenant:
    return make_tenant("Birch", 38.0)


@pytest.fixture
def family(db: None) -> Person:
    return Person.objects.create_user("parent@family.example", name="Rosa Parent")


@pytest.fixture
def signed_in() -> Callable[[Person | None], Client]:
    """A browser in which this person (or nobody) is signed in."""

    def open_browser(person: Person | None) -> Client:
        client = Client()
        if person:
            client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return open_browser
