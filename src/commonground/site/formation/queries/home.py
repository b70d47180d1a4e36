"""What the home page says of forming partnerships, to whoever reads it."""

from typing import Any

from django.http import HttpRequest

from commonground.site.directory.roles import Role
from commonground.site.formation.models import Round
from commonground.site.formation.queries.rounds import hosted_by, invitations


def for_home(request: HttpRequest, _thing: object) -> dict[str, Any] | None:
    """Staff see the rounds they run, leaders what they can join, everybody else what is open; None when there is nothing."""
    reader = request.user if request.user.is_authenticated else None
    is_staff = bool(reader and reader.holds(Role.AGENCY_STAFF))
    is_leader = bool(reader and (reader.holds(Role.LEA_LEADER) or reader.holds(Role.COORDINATOR)))
    accepting = [] if is_staff or is_leader else list(Round.objects.accepting().select_related("agency"))
    if not (is_staff or is_leader or accepting):
        return None
    return {
        "is_staff": is_staff,
        "hosted": hosted_by(reader) if reader and is_staff else [],
        "is_leader": is_leader,
        "invitations": invitations(reader) if reader and is_leader else [],
        "accepting": accepting,
    }
