"""Fills an empty database with the invented county: `make(today=…)` once, `sign_ins()` whenever somebody asks who can sign in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from commonground.site.directory.models import Organization, Person, Position, Source, Term
from commonground.site.directory.models.organization import Kind, Sector
from commonground.site.directory.queries.known import FACT_FIELDS
from commonground.site.directory.roles import Role
from commonground.site.sample import organizations, people
from commonground.site.sample.places import COUNTY, STATE
from commonground.site.sample.rounds import Story

SEED = 7
PASSWORD = "common-ground-demo"  # noqa: S105 - public on purpose: it opens invented accounts in a demo


@dataclass(frozen=True)
class SignIn:
    """Somebody as whom a visitor of the demo can sign in; `role` says in words what they are."""

    role: str
    name: str
    email: str
    password: str


@transaction.atomic
def make(*, today: date, seed: int = SEED) -> None:
    """Add the county. The same seed and day give the same rows; takes a few seconds."""
    cast = organizations.build(seed)
    _save_organizations(cast, today)
    everybody = people.build(cast, seed=seed, today=today)
    Person.objects.bulk_create(everybody.people)
    Position.objects.bulk_create(everybody.positions)
    Term.objects.bulk_create(everybody.terms)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=person, email=person.email, verified=True, primary=True) for person in everybody.people
    )
    _open_the_door()
    Story(cast.agency, seed=seed, today=today).tell()


def _save_organizations(cast: organizations.Cast, today: date) -> None:
    source = Source.objects.create(title=gettext_noop("Invented sample region"), day=today)
    for some in ([cast.agency], cast.leas, cast.schools):
        for one in some:
            facts = [name for name in FACT_FIELDS if getattr(one, name) not in (None, "")]
            one.sources = dict.fromkeys([*facts, *(["parent"] if one.parent else [])], source.pk)
        Organization.objects.bulk_create(some)


def exists() -> bool:
    """Is the county in this database already?"""
    return Organization.objects.filter(kind=Kind.AGENCY, state=STATE, name__startswith=COUNTY).exists()


def _open_the_door() -> None:
    """One password for the ready-made sign-ins; hashing is slow by design, so it is hashed once.

    Their pages begin in English, as the tutorial does; the switch to Spanish is at the top of each.
    """
    hashed = make_password(PASSWORD)
    emails = [one.email for one in sign_ins()]
    Person.objects.filter(email__in=emails).update(password=hashed, language="en")


def _holder(role: Role, **where: object) -> Person:
    seat = Position.objects.filter(role=role, organization__state=STATE, **where).order_by("pk")
    return Person.objects.filter(terms__position=seat[:1], terms__ends=None).get()


def sign_ins() -> Iterator[SignIn]:
    """The ready-made sign-ins, one for each role; none where the county was not added."""
    if not exists():
        return
    here = {"organization__kind": Kind.AGENCY}
    district = {"organization__kind": Kind.DISTRICT}
    charter = {"organization__kind": Kind.CHARTER_OPERATOR}
    in_district = {"organization__sector": Sector.DISTRICT}
    who: list[tuple[object, Callable[[], Person]]] = [
        (_("Agency staff"), lambda: _holder(Role.AGENCY_STAFF, **here)),
        (_("Facilitator"), lambda: _holder(Role.FACILITATOR, **here)),
        (_("Superintendent of a district"), lambda: _holder(Role.LEA_LEADER, **district)),
        (_("Leader of a charter operator"), lambda: _holder(Role.LEA_LEADER, **charter)),
        (_("School team coordinator"), lambda: _holder(Role.COORDINATOR, **in_district)),
        (_("Teacher"), lambda: _holder(Role.SCHOOL_STAFF, **in_district)),
        (_("Data steward"), lambda: _holder(Role.DATA_STEWARD, **district)),
        (_("Family"), lambda: Person.objects.filter(email__endswith=people.MAIL, terms=None).earliest("pk")),
        (_("Platform operator"), lambda: _holder(Role.OPERATOR, **here)),
    ]
    for role, find in who:
        person = find()
        yield SignIn(str(role), person.name, person.email, PASSWORD)
