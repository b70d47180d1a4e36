"""Releasing a draft: from then on its groups are proposals that members see and answer."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from commonground.site.audit.actions import record
from commonground.site.directory.actions.people import hold
from commonground.site.directory.models import Person, Position
from commonground.site.formation.actions.offers import tell
from commonground.site.formation.actions.rounds import locked
from commonground.site.formation.models import Draft, Facilitator, Offer, Place, SignUp, Version
from commonground.site.formation.models.choices import RoundState
from commonground.site.formation.models.stages import RefusedError
from commonground.site.formation.plan import Planned
from commonground.site.formation.queries.drafts import Table
from commonground.site.formation.queries.eligibility import leaders_of
from commonground.site.formation.queries.facilitators import assignment


@dataclass(frozen=True)
class Asked:
    """One organization that would be asked, and who gets the mail."""

    name: str
    people: list[Person]


def who_is_asked(table: Table, version: Version) -> list[Asked]:
    """Everybody who would get mail, before anything is sent."""
    signups = _signups(table)
    members = table.by_name(member for planned in table.plan(version) for member in planned.members)
    people = leaders_of(signups[m].organization for m in members)
    return [Asked(table.members[m].name, people[signups[m].organization_id]) for m in members]


def _signups(table: Table) -> dict[str, SignUp]:
    """The sign-ups of the round by the engine's name of their member."""
    rows = SignUp.objects.submitted().filter(round=table.round).select_related("organization__parent")
    return {str(row.organization_id): row for row in rows}


@transaction.atomic
def release(draft: Draft, *, by: Person, seen: int, table: Table) -> list[Offer]:
    """Make the groups of the draft's current version offers, and ask every member's leader."""
    hold(draft.round.agency)  # two rounds released at once count the same facilitators one after the other
    round = locked(draft.round)
    current = Draft.objects.select_for_update(of=("self",)).select_related("current").get(pk=draft.pk)
    version = current.current
    if round.state != RoundState.PROPOSALS:
        raise RefusedError(_("This round has been released already, or it has no proposals yet."))
    if version is None or version.number != seen:
        raise RefusedError(
            _("Somebody changed this proposal while you had it open. Look at it again before you release it.")
        )
    _must_be_releasable(table, version)
    chosen = assignment(table, version).by_group()
    signups = _signups(table)
    areas = {area.code: area for area in round.areas.all()}
    offers = []
    for planned in table.plan(version):
        offer = Offer.objects.create(
            round=round,
            number=planned.number,
            area=areas.get(planned.area or ""),
            facilitator=_seat(chosen, planned),
        )
        Place.objects.bulk_create(
            Place(offer=offer, signup=signups[member], due_on=round.decide_by) for member in planned.members
        )
        offers.append(offer)
    current.released_at = timezone.now()
    current.save(update_fields=["released_at"])
    round.state = RoundState.RELEASED
    round.save(update_fields=["state"])
    record("proposals released", by=by, on=round, tenant=round.agency, draft=draft.number, groups=len(offers))
    for place in Place.objects.filter(offer__in=offers).select_related("offer__round", "signup__organization"):
        tell(place, "released")
    return offers


def _must_be_releasable(table: Table, version: Version) -> None:
    gone = table.gone(version)
    if gone:
        text = _("%(names)s withdrew after these groups were formed. Form the groups again first.")
        raise RefusedError(text % {"names": ", ".join(gone)})
    if table.round.decide_by < timezone.localdate():
        text = _("The last day to accept, %(day)s, has passed. Set a later one among the dates of the round.")
        raise RefusedError(text % {"day": table.round.decide_by})
    plan = table.plan(version)
    if not plan or any(len(planned.members) < 2 for planned in plan):
        raise RefusedError(_("A group needs at least two members. Move or take out whoever is alone."))


def _seat(chosen: dict[int, Facilitator | None], planned: Planned) -> Position | None:
    facilitator = chosen.get(planned.number)
    return facilitator.position if facilitator else None
