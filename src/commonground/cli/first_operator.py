"""The first account of a new site: nobody is there yet who could appoint somebody."""

import click
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from commonground.site.audit.actions import record
from commonground.site.directory.actions.people import SeatTakenError, person_with, position_called, seat
from commonground.site.directory.models import Organization, Person
from commonground.site.directory.models.organization import Kind
from commonground.site.directory.roles import Role

TITLES = {Role.OPERATOR: "Platform operator", Role.AGENCY_STAFF: "Director of partnerships"}


@transaction.atomic
def appoint_operator(email: str, name: str, agency: str) -> str:
    """Seat this person as operator and as staff of the agency, from today; says what was done."""
    try:
        validate_email(email)
    except ValidationError:
        raise click.ClickException(f"{email} is not an e-mail address.") from None
    host, _made = Organization.objects.get_or_create(kind=Kind.AGENCY, name=agency)
    person = person_with(email, name)
    for role, title in TITLES.items():
        if not person.holds(role, host):
            take_seat(host, role, title, person)
    return f"{person.email} may sign in with a mailed code, as {' and '.join(TITLES.values()).lower()} of {host}."


def take_seat(host: Organization, role: Role, title: str, person: Person) -> None:
    position = position_called(host, role, title)
    try:
        seat(position, person, timezone.localdate())
    except SeatTakenError as taken:
        raise click.ClickException(f"{title} of {host}: {taken.messages[0]}") from None
    record("person appointed", by=None, on=position, tenant=host, role=str(role))
