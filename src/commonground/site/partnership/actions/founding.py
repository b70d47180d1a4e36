"""Founding a partnership: the one door by which it comes to exist."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from commonground.site.audit.actions import record
from commonground.site.directory.models import Organization, Person, Position
from commonground.site.partnership.actions.meetings import invite
from commonground.site.partnership.models import Meeting, Member, OriginStatement, Partnership
from commonground.site.partnership.models.origin import Part


@dataclass(frozen=True)
class Statement:
    """One statement of origin before it is saved: see models/origin.py for the codes and their values."""

    part: Part
    code: str
    data: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None


@dataclass(frozen=True)
class FirstMeeting:
    """What is proposed for a partnership's first meeting; its agenda is the usual one."""

    starts_at: datetime
    minutes: int = 90
    place: str = ""
    link: str = ""


@transaction.atomic
def found(
    *,
    by: Person | None,
    agency: Organization,
    kind: str,
    name: str,
    purpose: dict[str, str],
    members: Iterable[Organization],
    focus_area: dict[str, str] | None = None,
    facilitator: Position | None = None,
    origin: Iterable[Statement] = (),
    first_meeting: FirstMeeting | None = None,
) -> Partnership:
    """Make a partnership with its members and its origin, and invite everybody to its first meeting.

    `purpose` and `focus_area` are words by language. `by` is the person whose act completed it, or None for the clock.
    """
    partnership = Partnership.objects.create(
        agency=agency, kind=kind, name=name, purpose=purpose, focus_area=focus_area or {}, facilitator=facilitator
    )
    Member.objects.bulk_create(Member(partnership=partnership, organization=each) for each in members)
    statements = [
        OriginStatement(partnership=partnership, part=each.part, code=each.code, data=each.data, at=each.at)
        for each in origin
    ]
    for statement in statements:
        str(statement)  # a statement that cannot be said must not be kept
    OriginStatement.objects.bulk_create(statements)
    record("partnership founded", by=by, on=partnership, tenant=agency, members=partnership.members.count())
    if first_meeting:
        meeting = Meeting.objects.create(
            partnership=partnership,
            is_first=True,
            starts_at=first_meeting.starts_at,
            minutes=first_meeting.minutes,
            place=first_meeting.place,
            link=first_meeting.link,
        )
        invite(meeting, by=by, verb="meeting proposed")
    return partnership
