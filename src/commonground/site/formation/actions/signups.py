"""What organizations do with their sign-up. A coordinator may prepare one; the leader of the LEA submits it.

Every act holds the row of the sign-up (or, for a start, relies on the constraint) so that two clicks or two colleagues act
one after the other and see what the other did.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from commonground.site.audit.actions import record
from commonground.site.directory.models import Organization, Person
from commonground.site.formation.actions import mails, offers
from commonground.site.formation.actions.answers import Answers, Chosen, write
from commonground.site.formation.actions.rounds import locked as lock_round
from commonground.site.formation.models import Round, SignUp
from commonground.site.formation.models.choices import RoundState, SignUpState, Source
from commonground.site.formation.models.offers import OfferState
from commonground.site.formation.models.stages import RefusedError
from commonground.site.formation.permissions import is_host_staff, leads_volunteer
from commonground.site.formation.queries.completeness import missing
from commonground.site.formation.queries.eligibility import bands_of, leaders_of, why_not
from commonground.site.formation.queries.offers import staff

# From the announcement to the end; who is in a partnership then talks to its partners.
CAN_BE_LEFT = frozenset({RoundState.OPEN, RoundState.CLOSED, RoundState.PROPOSALS, RoundState.RELEASED})


@transaction.atomic
def start(round: Round, organization: Organization, *, by: Person, source: str = Source.ONLINE) -> SignUp:
    """The organization's sign-up: a new one, the one that is there, or a withdrawn one taken up again."""
    if reason := why_not(round, organization):
        raise RefusedError(reason)
    _must_accept(round, by_staff=source != Source.ONLINE)
    usual = {"started_by": by, "source": source, "grade_bands": bands_of(organization), "languages": ["en"]}
    signup, is_new = SignUp.objects.get_or_create(round=round, organization=organization, defaults=usual)
    signup = locked(signup)
    if is_new:
        record("sign-up started", by=by, on=signup, tenant=organization.lea, round=round.pk)
    elif signup.state == SignUpState.WITHDRAWN:
        signup.state, signup.withdrawn_at, signup.withdrawal_reason = SignUpState.STARTED, None, ""
        signup.save(update_fields=["state", "withdrawn_at", "withdrawal_reason"])
        record("sign-up taken up again", by=by, on=signup, tenant=organization.lea, round=round.pk)
    return signup


@transaction.atomic
def answer(signup: SignUp, answers: Answers, *, by: Person, step: str, complete: bool = True) -> SignUp:
    """Save one step. `complete` says whether the step counts as done."""
    current = locked(signup)
    must_be_changeable(current, by)
    write(current, answers, author=by)
    done = [key for key in current.done if key != step] + ([step] if complete else [])
    if done != current.done:
        current.done = done
        current.save(update_fields=["done"])
    if current.state == SignUpState.SUBMITTED and missing(current):
        raise RefusedError(_("A submitted sign-up cannot lose a required answer. Fill it in, or withdraw the sign-up."))
    record("sign-up answered", by=by, on=current, tenant=current.organization.lea, step=step)
    return current


@transaction.atomic
def submit(signup: SignUp, *, by: Person) -> SignUp:
    """Make the sign-up count, and send a receipt. Submitting twice changes nothing and sends nothing."""
    current = locked(signup)
    _must_accept(current.round, by_staff=is_host_staff(by, current))
    if current.state == SignUpState.SUBMITTED:
        return current
    if gaps := missing(current):
        raise RefusedError(" ".join(str(gap.text) for gap in gaps))
    current.state = SignUpState.SUBMITTED
    current.submitted_by, current.submitted_at = by, timezone.now()
    current.withdrawn_at, current.withdrawal_reason = None, ""
    current.save()
    record("sign-up submitted", by=by, on=current, tenant=current.organization.lea, source=current.source)
    readers = [*leaders_of([current.organization])[current.organization_id], *_online(current, by)]
    mails.send("receipt", readers, signup=current)
    return current


@transaction.atomic
def withdraw(signup: SignUp, *, by: Person, reason: str) -> SignUp:
    """Take the organization out of the round. Its answers stay, in case it comes back before the deadline.

    After the deadline staff are told, as they form groups with it. Once proposals are released, this is also a "no" to the place
    that it was given, with the same reason: staff can refill it.
    """
    round = lock_round(signup.round)
    if round.state not in CAN_BE_LEFT:
        raise RefusedError(has_ended(round))
    place = offers.give_back(signup, by=by, reason=reason) if round.state == RoundState.RELEASED else None
    current = locked(signup)
    counted = current.state == SignUpState.SUBMITTED
    if current.state != SignUpState.WITHDRAWN:
        current.state, current.withdrawn_at, current.withdrawal_reason = SignUpState.WITHDRAWN, timezone.now(), reason
        current.save()
        record("sign-up withdrawn", by=by, on=current, tenant=current.organization.lea)
        mails.send("withdrawn", _online(current, by), signup=current)
        if counted and not place and not round.is_accepting:  # who gave a place back is in the mail about that place
            mails.send("withdrawn_staff", (one for one in staff(round) if one != by), signup=current)
    return current


@transaction.atomic
def hand_over(signup: SignUp, *, by: Person) -> int:
    """Tell the LEA's leaders that a prepared sign-up waits for them; returns how many were told."""
    current = locked(signup)
    must_be_changeable(current, by)
    if gaps := missing(current):
        raise RefusedError(" ".join(str(gap.text) for gap in gaps))
    leaders = leaders_of([current.organization])[current.organization_id]
    if not leaders:
        raise RefusedError(
            _("The directory names no leader for your LEA. Ask the agency that runs the round to add one.")
        )
    mails.send("handed_over", leaders, signup=current, sender=by)
    record("sign-up handed over", by=by, on=current, tenant=current.organization.lea)
    return len(leaders)


@transaction.atomic
def copy_answers(source: SignUp, targets: Iterable[Organization], *, by: Person) -> list[SignUp]:
    """Give schools of the same LEA the answers of one of them, to change where they differ.

    Left out on purpose: grades and the team, which differ by school, and remarks about others, which belong to their author and
    to one school's experience. A sign-up that was submitted or has its own answers is left alone.
    """
    made = []
    for organization in targets:
        signup = start(source.round, organization, by=by)
        if signup.done:
            continue
        write(signup, _answers_of(source), author=by)
        signup.done = [step for step in source.done if step not in {"setting", "past", "team"}]
        signup.save(update_fields=["done"])
        record("sign-up copied", by=by, on=signup, tenant=organization.lea, source=source.pk)
        made.append(signup)
    return made


@transaction.atomic
def remind(round: Round, *, by: Person) -> int:
    """Remind everybody who started and has not submitted; nobody twice within a day. Returns how many sign-ups."""
    if not round.is_accepting:
        raise RefusedError(_("Reminders are sent only while the round takes sign-ups."))
    since = timezone.now() - timedelta(hours=20)
    waiting = [
        signup
        for signup in round.signups.select_for_update(of=("self",))
        .filter(state=SignUpState.STARTED)
        .select_related("organization__parent", "started_by", "round")
        if signup.reminded_at is None or signup.reminded_at < since
    ]
    leaders = leaders_of(signup.organization for signup in waiting)
    for signup in waiting:
        started_by = signup.started_by if signup.source == Source.ONLINE else None
        readers = [*leaders[signup.organization_id], *([started_by] if started_by else [])]
        mails.send("reminder", readers, signup=signup)
    SignUp.objects.filter(pk__in=[signup.pk for signup in waiting]).update(reminded_at=timezone.now())
    record("reminders sent", by=by, on=round, tenant=round.agency, signups=len(waiting))
    return len(waiting)


def locked(signup: SignUp) -> SignUp:
    """The sign-up as it is now, held until the transaction ends."""
    rows = SignUp.objects.select_for_update(of=("self",)).select_related("round__agency", "organization__parent")
    return rows.get(pk=signup.pk)


def may_change(signup: SignUp, person: Person) -> bool:
    """May this person change the answers today? Once submitted, they speak for the LEA, and only its leader changes them."""
    by_staff = bool(is_host_staff(person, signup))
    if signup.state == SignUpState.WITHDRAWN or not _accepts(signup.round, by_staff=by_staff):
        return False
    return signup.state == SignUpState.STARTED or by_staff or bool(leads_volunteer(person, signup))


def may_withdraw(signup: SignUp, person: Person) -> bool:
    """May this person take the organization out today?"""
    by_staff = bool(is_host_staff(person, signup))
    if not by_staff and not leads_volunteer(person, signup):
        return False
    if signup.round.state == RoundState.RELEASED:
        return signup.state == SignUpState.SUBMITTED and not _is_partner(signup)
    return signup.round.state in CAN_BE_LEFT


def _is_partner(signup: SignUp) -> bool:
    return signup.places.filter(offer__state=OfferState.FOUNDED).live().exists()


def must_be_changeable(signup: SignUp, by: Person) -> None:
    _must_accept(signup.round, by_staff=is_host_staff(by, signup))
    if signup.state == SignUpState.WITHDRAWN:
        raise RefusedError(_("This sign-up was withdrawn. Take it up again first."))
    if not may_change(signup, by):
        raise RefusedError(_("This sign-up was submitted. Only the leader of the LEA can change it now."))


def _accepts(round: Round, *, by_staff: bool) -> bool:
    """Staff may still type in paper forms after the deadline, until proposals are made."""
    return round.is_accepting or (by_staff and round.state in {RoundState.OPEN, RoundState.CLOSED})


def _must_accept(round: Round, *, by_staff: bool) -> None:
    if _accepts(round, by_staff=by_staff):
        return
    if round.state == RoundState.OPEN and round.opens_on > timezone.localdate():
        text = _("Sign-up opens on %(day)s.") % {"day": date_format(round.opens_on)}
    else:
        text = has_ended(round)
    raise RefusedError(text)


def has_ended(round: Round) -> str:
    """Says that a round no longer takes what somebody wants to tell it, and whom to write to."""
    text = _("Sign-up for this round has ended. Write to %(host)s if you need a change.")
    return text % {"host": round.contact or round.agency}


def _online(signup: SignUp, by: Person) -> list[Person]:
    """Who typed and who acts, unless staff acted for them: staff need no mail about their own typing."""
    people = [by, signup.started_by]
    return [one for one in people if one is not None and not is_host_staff(one, signup)]


def _answers_of(source: SignUp) -> Answers:
    sides = {choice.side for choice in source.choices.all()}
    chosen = {
        side: [
            Chosen(choice.topic, choice.words, choice.importance)
            for choice in source.choices.select_related("topic")
            if choice.side == side
        ]
        for side in sides
    }
    names = ("goals", "languages", "travel_limit_km", "capacity", "readiness")
    return Answers(
        fields={name: getattr(source, name) for name in names},
        choices=chosen,
        areas=[ranked.area for ranked in source.ranked_areas.select_related("area")],
    )
