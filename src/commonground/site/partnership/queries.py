"""Who speaks for an organization today, and what a partnership's pages show."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from commonground.site.directory.models import Organization, Person, Term
from commonground.site.directory.roles import Role
from commonground.site.partnership.models import Meeting, Member, Partnership
from commonground.site.partnership.models.meeting import Status


def holders(organizations: Iterable[Organization], *roles: Role) -> QuerySet[Person]:
    """The people who hold such a position today at one of these organizations, or at the LEA that answers for it."""
    places = {pk for each in organizations for pk in (each.pk, each.parent_id) if pk}
    terms = Term.objects.on(timezone.localdate()).filter(position__organization__in=places, position__role__in=roles)
    return Person.objects.filter(pk__in=terms.values("person"), is_active=True).order_by("name", "pk")


def invited(partnership: Partnership) -> list[Person]:
    """Whom a meeting concerns: the leaders and coordinators of all members, and the facilitator."""
    members = [member.organization for member in partnership.current_members()]
    people = list(holders(members, Role.LEA_LEADER, Role.COORDINATOR))
    facilitator = partnership.facilitator.holder() if partnership.facilitator else None
    if facilitator and facilitator.is_active and facilitator not in people:
        people.append(facilitator)
    return people


def partnerships_for(person: Person) -> QuerySet[Partnership]:
    today = Member.objects.on(timezone.localdate()).select_related("organization")
    return (
        Partnership.objects.readable_by(person)
        .select_related("agency", "facilitator")
        .prefetch_related(Prefetch("members", queryset=today, to_attr="members_today"))
    )


def shown_on_profile(request: HttpRequest, organization: Organization) -> dict[str, Any] | None:
    """What an organization's page says of its partnerships and its schools'. Everybody may know that they exist."""
    if organization.is_agency:
        found = Partnership.objects.filter(agency=organization)
    else:
        mine = Q(organization=organization) | Q(organization__parent=organization)
        found = Partnership.objects.filter(
            pk__in=Member.objects.on(timezone.localdate()).filter(mine).values("partnership")
        )
    readable: set[int] = set()
    if request.user.is_authenticated:  # asked once: an agency may host a hundred
        readable = set(Partnership.objects.readable_by(request.user).values_list("pk", flat=True))
    return {"lines": [(each, each.pk in readable) for each in found.select_related("agency")]}


def for_home(request: HttpRequest, _thing: object) -> dict[str, Any] | None:
    """The reader's partnerships and the meetings ahead; None for somebody who has none."""
    if not request.user.is_authenticated:
        return None
    mine = list(partnerships_for(request.user))
    if not mine:
        return None
    ahead = Meeting.objects.filter(partnership__in=mine, starts_at__gte=timezone.now()).exclude(status=Status.CANCELLED)
    return {"partnerships": mine, "meetings": ahead.select_related("partnership")[:5]}


@dataclass(frozen=True)
class MemberLine:
    """One member as the partnership's page shows it: the organization, and who speaks for it today."""

    organization: Organization
    since: date
    leaders: list[Person]


def members_with_leaders(partnership: Partnership) -> list[MemberLine]:
    """The members of today by name; symmetrical, in no order of rank."""
    return [
        MemberLine(member.organization, member.since, list(holders([member.organization], Role.LEA_LEADER)))
        for member in partnership.current_members()
    ]
