"""Which rounds there are for whom."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.http import Http404

from commonground.site.directory.models import Organization, Person
from commonground.site.directory.roles import Role
from commonground.site.formation.models import Round, SignUp
from commonground.site.formation.models.choices import RoundState, SignUpState
from commonground.site.formation.models.rounds import RoundQuerySet
from commonground.site.formation.queries.eligibility import may_join, signed_up_by


@dataclass(frozen=True)
class Invitation:
    """A round as a leader sees it: who of theirs could join, and what they have done so far."""

    round: Round
    could_join: list[Organization]
    signups: list[SignUp]


def the_round(pk: int) -> Round:
    """The round, for a view that then asks who may see it."""
    return _one(Round.objects.all(), pk)


def the_announced_round(pk: int) -> Round:
    """A round that everybody may know of."""
    return _one(Round.objects.announced(), pk)


def _one(rounds: RoundQuerySet, pk: int) -> Round:
    try:
        return rounds.select_related("agency").get(pk=pk)
    except Round.DoesNotExist:
        raise Http404 from None


def hosted_by(person: Person) -> RoundQuerySet:
    """All rounds of the agencies whose staff this person is, with the numbers of their sign-ups."""
    agencies = [held.organization_id for held in person.positions if held.role == Role.AGENCY_STAFF]
    return (
        Round.objects.filter(agency__in=agencies)
        .select_related("agency")
        .annotate(
            submitted=Count("signups", filter=Q(signups__state=SignUpState.SUBMITTED)),
            started=Count("signups", filter=Q(signups__state=SignUpState.STARTED)),
        )
    )


def invitations(person: Person) -> list[Invitation]:
    """Rounds that this person can join now, and those in which organizations of theirs are."""
    mine = signed_up_by(person)
    signups = list(SignUp.objects.filter(organization__in=mine).select_related("organization", "round"))
    joined = {signup.round_id for signup in signups}
    found = []
    accepting = set(Round.objects.accepting().values_list("pk", flat=True))
    for round in Round.objects.announced().filter(pk__in=joined | accepting).select_related("agency"):
        could_join = may_join(round, person) if round.pk in accepting else []
        if could_join or round.pk in joined:
            own = [signup for signup in signups if signup.round_id == round.pk]
            own.sort(key=lambda signup: (signup.state != SignUpState.STARTED, signup.organization.name))  # to do first
            found.append(Invitation(round, could_join, own))
    ended = RoundState.FINISHED
    return sorted(
        found, key=lambda one: (one.round.state == ended, one.round.state != RoundState.OPEN, one.round.closes_on)
    )
