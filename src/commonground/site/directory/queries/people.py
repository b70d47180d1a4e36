"""Which people, positions and requests somebody may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q
from django.http import HttpRequest
from django.utils import timezone

from commonground.site.directory.models import Organization, Person, Position, PositionRequest, Term
from commonground.site.directory.models.organization import Kind
from commonground.site.directory.models.requests import RequestState
from commonground.site.directory.roles import FIRST_STEPS, SENTENCES, Role

# What can be held where. A role that an organization cannot use would only mislead.
ROLES_AT = {
    Kind.AGENCY: (Role.AGENCY_STAFF, Role.FACILITATOR, Role.DATA_STEWARD),
    Kind.SCHOOL: (Role.COORDINATOR, Role.SCHOOL_STAFF, Role.DATA_STEWARD),
}
ROLES_AT_AN_LEA = (Role.LEA_LEADER, Role.DATA_STEWARD)


def roles_at(organization: Organization, by: Person | None = None) -> list[Role]:
    """The roles that can be held at an organization; only an operator makes another operator."""
    roles = list(ROLES_AT.get(Kind(organization.kind), ROLES_AT_AN_LEA))
    if organization.is_agency and by is not None and by.holds(Role.OPERATOR):
        roles.append(Role.OPERATOR)
    return roles


@dataclass(frozen=True)
class Seat:
    """A position as its page shows it: who holds it, who comes next, who held it before."""

    position: Position
    holder: Term | None
    next: Term | None
    before: list[Term]


def seats(organization: Organization, on: date | None = None) -> list[Seat]:
    day = on or timezone.localdate()
    terms = Prefetch("terms", Term.objects.select_related("person").order_by("-starts"))
    return [as_seat(position, day) for position in organization.positions.prefetch_related(terms)]


def as_seat(position: Position, day: date) -> Seat:
    terms = list(position.terms.all())
    holder = next((term for term in terms if term.starts <= day and (term.ends is None or term.ends > day)), None)
    coming = next((term for term in reversed(terms) if term.starts > day), None)
    return Seat(position, holder, coming, [term for term in terms if term.ends is not None and term.ends <= day])


def deciders(organization: Organization) -> list[Person]:
    """Who answers a request for a position there: leaders of its LEA, staff of the agencies that serve it."""
    places = Q(organization__in=[organization.pk, organization.parent_id], role=Role.LEA_LEADER)
    staff = Position.objects.filter(role=Role.AGENCY_STAFF, organization__state=organization.state)
    agencies = {held.organization for held in staff.select_related("organization")}
    serving = [agency.pk for agency in agencies if agency == organization or agency.serves(organization)]
    seats_that_answer = Position.objects.filter(places | Q(role=Role.AGENCY_STAFF, organization__in=serving))
    today = Term.objects.on(timezone.localdate()).filter(position__in=seats_that_answer)
    return list(Person.objects.filter(pk__in=today.values("person"), is_active=True))


def open_requests(person: Person) -> list[PositionRequest]:
    """The requests that wait for this person's answer."""
    waiting = PositionRequest.objects.filter(state=RequestState.OPEN).select_related("person", "organization__parent")
    return [asked for asked in waiting.order_by("asked_at") if person.has_perm("directory.answer_request", asked)]


def terms_of(person: Person) -> Iterable[Term]:
    return person.terms.select_related("position__organization").order_by("-starts")


def people_panel(request: HttpRequest, organization: Organization) -> dict[str, Any]:
    """What an organization's page says about its people: the way to them, or the way to become one of them."""
    user = request.user
    return {
        "organization": organization,
        "may_see": user.is_authenticated and user.has_perm("directory.see_people", organization),
    }


def positions_on_home(request: HttpRequest, _thing: object) -> dict[str, Any] | None:
    """What the reader's positions are for, for the home page; nothing for those who hold none."""
    reader = request.user
    if not isinstance(reader, Person) or not reader.positions:
        return None
    told = [(held, SENTENCES[Role(held.role)], FIRST_STEPS.get(Role(held.role), "")) for held in reader.positions]
    return {"told": told}
