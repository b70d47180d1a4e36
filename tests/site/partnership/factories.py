"""Partnerships for tests: an agency's district school and charter school, with the agency's facilitator."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from commonground.site.directory.models import Position
from commonground.site.directory.roles import Role
from commonground.site.partnership.actions.founding import FirstMeeting, Statement, found
from commonground.site.partnership.models import Kind, Meeting, Partnership
from commonground.site.partnership.models.origin import Part
from tests.site.conftest import Tenant

NEED = {"en": "Attendance", "es": "Asistencia"}


def seat(tenant: Tenant, role: Role) -> Position:
    return tenant.people[role].positions[0]


def in_two_weeks() -> datetime:
    return (timezone.localtime() + timedelta(days=14)).replace(hour=15, minute=30, second=0, microsecond=0)


def make_partnership(tenant: Tenant, **changes: Any) -> Partnership:
    """A partnership of both schools of the tenant, with its first meeting proposed at the district's school."""
    fields: dict[str, Any] = {
        "by": None,
        "agency": tenant.agency,
        "kind": Kind.QUAD,
        "name": "Alder attendance quad",
        "purpose": NEED,
        "members": [tenant.school, tenant.charter_school],
        "facilitator": seat(tenant, Role.FACILITATOR),
        "origin": [
            Statement(Part.WHY, "shared_need", {"topic": NEED, "members": ["Alder Elementary", "Alder Academy"]}),
            Statement(Part.HISTORY, "signed_up", {"count": 12}, at=timezone.now()),
        ],
        "first_meeting": FirstMeeting(in_two_weeks(), place="Alder Elementary, library"),
    }
    return found(**(fields | changes))


def first_meeting(tenant: Tenant) -> Meeting:
    meeting = make_partnership(tenant).meetings.first()
    assert meeting is not None
    return meeting
