"""Who holds which position: appoint, name a successor, end a term, ask for a position, answer.

A position keeps what it owns while people come and go, so these actions touch terms only. Each is one transaction with one audit
entry, and mail goes out when it has succeeded. What looks first and writes afterwards holds the organization's row meanwhile, so
that two people who appoint at the same moment act one after the other.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from commonground.site.audit.actions import record
from commonground.site.directory.models import Organization, Person, Position, PositionRequest, Term
from commonground.site.directory.models.requests import RequestState
from commonground.site.directory.queries import people as queries
from commonground.site.directory.roles import Role
from commonground.site.ui import mail

MOST_REQUESTS = 10  # of one person, waiting at the same time


class SeatTakenError(ValidationError):
    """Somebody holds the position on the day in question; the message names them and the next step."""

    def __init__(self, holder: Person) -> None:
        super().__init__(
            _(
                "%(name)s holds this position then or later. Name a successor on its page, or give a new position another title."
            ),
            params={"name": str(holder)},
        )


class TooManyRequestsError(ValidationError):
    """Each request writes to several people: nobody asks whole counties."""

    def __init__(self) -> None:
        super().__init__(
            _("%(count)s of your requests wait for an answer. Wait for these first."), params={"count": MOST_REQUESTS}
        )


def person_with(email: str, name: str) -> Person:
    """The account of this address; a new one gets its first sign-in by mailed code."""
    known = Person.objects.filter(email__iexact=email).first()
    if known:
        return known
    try:
        with transaction.atomic():
            return Person.objects.create_user(email, name=name, language=get_language() or "en")
    except IntegrityError:  # somebody else wrote the same address just now
        return Person.objects.get(email__iexact=email)


def hold(organization: Organization) -> None:
    """Wait for whoever changes this organization's positions now, and let others wait until the transaction ends.

    Without FOR UPDATE's full strength, which would also stop everybody who only refers to the organization.
    """
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)


def position_called(organization: Organization, role: Role | str, title: str) -> Position:
    """The organization's position of this role and title, or a new one. The caller holds the organization."""
    found = organization.positions.filter(role=role, title__iexact=title).first()
    return found or Position.objects.create(organization=organization, role=role, title=title)


def seat(position: Position, person: Person, starts: date) -> Term:
    """Begin a term, unless somebody else's reaches into it."""
    taken = position.terms.filter(ends__isnull=True) | position.terms.filter(ends__gt=starts)
    other = taken.select_related("person").order_by("-starts").first()
    if other:
        raise SeatTakenError(other.person)
    return Term.objects.create(position=position, person=person, starts=starts)


@transaction.atomic
def appoint(
    *, organization: Organization, role: Role | str, title: str, email: str, name: str, starts: date, by: Person
) -> Term:
    """Give somebody a position, found by role and title or made now. Raises SeatTakenError."""
    hold(organization)
    position = position_called(organization, role, title)
    term = seat(position, person_with(email, name), starts)
    record("person appointed", by=by, on=position, tenant=organization, role=str(role), starts=starts.isoformat())
    mail.send(to=term.person, template="directory/mail/appointed.txt", context={"position": position, "starts": starts})
    return term


@transaction.atomic
def name_successor(*, position: Position, email: str, name: str, starts: date, by: Person) -> Term:
    """End the holder's term on the day on which the successor's starts. Raises SeatTakenError when a successor is named already."""
    hold(position.organization)
    current = position.terms.on(starts).first()
    if current and current.starts == starts:
        raise SeatTakenError(current.person)
    if current and current.ends is None:
        current.ends = starts
        current.save(update_fields=["ends"])
    term = seat(position, person_with(email, name), starts)
    record("successor named", by=by, on=position, tenant=position.organization, starts=starts.isoformat())
    mail.send(to=term.person, template="directory/mail/appointed.txt", context={"position": position, "starts": starts})
    return term


@transaction.atomic
def end_term(*, term: Term, ends: date, by: Person) -> None:
    """Let a term end before `ends`; one that would not have begun by then is taken back altogether.

    Nothing happens where somebody else has ended it as early already.
    """
    position = term.position
    hold(position.organization)
    current = Term.objects.filter(pk=term.pk).first()
    if current is None or (current.ends and current.ends <= ends):
        return
    if ends <= current.starts:
        current.delete()
    else:
        current.ends = ends
        current.save(update_fields=["ends"])
    record("term ended", by=by, on=position, tenant=position.organization, ends=ends.isoformat())
    mail.send(to=term.person, template="directory/mail/ended.txt", context={"position": position, "ends": ends})


@transaction.atomic
def ask_for_position(*, organization: Organization, role: str, title: str, message: str, by: Person) -> PositionRequest:
    """Ask once for a position; asking again while it is open changes nothing. Raises TooManyRequestsError."""
    Person.objects.select_for_update(no_key=True).get(pk=by.pk)
    waiting = by.position_requests.filter(state=RequestState.OPEN)
    if waiting.count() >= MOST_REQUESTS and not waiting.filter(organization=organization, role=role).exists():
        raise TooManyRequestsError
    asked, is_new = PositionRequest.objects.get_or_create(
        person=by,
        organization=organization,
        role=role,
        state=RequestState.OPEN,
        defaults={"title": title, "message": message},
    )
    if is_new:
        record("position asked for", by=by, on=asked, tenant=organization, role=role)
        for decider in queries.deciders(organization):
            mail.send(to=decider, template="directory/mail/asked.txt", context={"asked": asked})
    return asked


@transaction.atomic
def answer(*, asked: PositionRequest, approve: bool, reason: str = "", by: Person) -> None:
    """Approve (the position starts today; raises SeatTakenError) or decline with a reason. A second answer changes nothing."""
    asked = PositionRequest.objects.select_for_update(of=("self",)).get(pk=asked.pk)
    if not asked.is_open:
        return
    if approve:
        hold(asked.organization)
        asked.position = position_called(asked.organization, asked.role, asked.title)
        seat(asked.position, asked.person, timezone.localdate())
    asked.state = RequestState.APPROVED if approve else RequestState.DECLINED
    asked.reason, asked.decided_by, asked.decided_at = reason, by, timezone.now()
    asked.save()
    record(f"request {asked.state}", by=by, on=asked, tenant=asked.organization, role=asked.role)
    mail.send(to=asked.person, template="directory/mail/answered.txt", context={"asked": asked})


@transaction.atomic
def change_account(*, person: Person, fields: list[str]) -> None:
    """Keep what a person changed about themselves."""
    person.save(update_fields=fields)
    record("account changed", by=person, on=person, fields=fields)
