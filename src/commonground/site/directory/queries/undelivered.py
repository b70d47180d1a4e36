"""Mails that could not be delivered, for those who can do something about it."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from commonground.site.directory.models import Organization, Person, Term
from commonground.site.directory.queries.trail import served_by
from commonground.site.directory.roles import Role
from commonground.site.ui.models import Letter, LetterState


def in_reach(person: Person) -> QuerySet[Letter]:
    """An operator's are all; an agency's staff's those to people who hold a position in its area today."""
    letters = Letter.objects.select_related("to")
    if person.holds(Role.OPERATOR):
        return letters
    served = Q(pk__in=[])
    for held in person.positions:
        if held.role == Role.AGENCY_STAFF:
            served |= served_by(held.organization)
    organizations = Organization.objects.filter(served)
    terms = Term.objects.on(timezone.localdate()).filter(position__organization__in=organizations)
    return letters.filter(to__in=terms.values("person"))


def undelivered(person: Person) -> QuerySet[Letter]:
    return in_reach(person).filter(state=LetterState.REFUSED)


def for_home(request: HttpRequest, _thing: object) -> dict[str, Any] | None:
    """How many there are, for staff; nothing where there are none."""
    reader = request.user
    if not isinstance(reader, Person) or not reader.has_perm("directory.see_undelivered"):
        return None
    count = undelivered(reader).count()
    return {"count": count} if count else None
