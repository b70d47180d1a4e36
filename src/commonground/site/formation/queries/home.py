"""What the home page says of forming partnerships, to whoever reads it."""

from typing import Any

from django.http import HttpRequest

from commonground.site.directory.models import Person
from commonground.site.directory.roles import Role
from commonground.site.formation.models import Facilitator, Round
from commonground.site.formation.queries.facilitators import groups_now
from commonground.site.formation.queries.rounds import hosted_by, invitations

RUNS_OR_JOINS = (Role.AGENCY_STAFF, Role.LEA_LEADER, Role.COORDINATOR)


def for_home(request: HttpRequest, _thing: object) -> dict[str, Any] | None:
    """Staff see the rounds they run, leaders what they can join, facilitators what they offered; None for everybody else."""
    reader = request.user
    if not isinstance(reader, Person):
        return None
    is_staff, is_facilitator = reader.holds(Role.AGENCY_STAFF), reader.holds(Role.FACILITATOR)
    is_leader = reader.holds(Role.LEA_LEADER) or reader.holds(Role.COORDINATOR)
    if not (is_staff or is_leader or is_facilitator):
        return None
    return {
        "is_staff": is_staff,
        "hosted": hosted_by(reader) if is_staff else [],
        "is_leader": is_leader,
        "invitations": invitations(reader) if is_leader else [],
        "is_facilitator": is_facilitator,
        "offers": _offers(reader) if is_facilitator else [],
    }


def _offers(reader: Person) -> list[dict[str, Any]]:
    """For each agency that the reader facilitates for: what was offered there, if anything, and how many groups there are now."""
    rows = Facilitator.objects.filter(person=reader)
    known, busy = {row.agency_id: row for row in rows}, groups_now(rows)
    agencies = [held.organization for held in reader.positions if held.role == Role.FACILITATOR]
    told = ((agency, known.get(agency.pk)) for agency in agencies)
    return [{"agency": agency, "row": row, "busy": busy[row.pk] if row else 0} for agency, row in told]


def open_rounds(request: HttpRequest, _thing: object) -> dict[str, Any] | None:
    """The rounds that take sign-ups, for those who neither run nor join rounds; nothing where there are none."""
    reader = request.user
    if isinstance(reader, Person) and any(reader.holds(role) for role in RUNS_OR_JOINS):
        return None
    accepting = list(Round.objects.accepting().select_related("agency"))
    return {"accepting": accepting} if accepting else None
