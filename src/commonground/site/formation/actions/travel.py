"""Drive times for a round: brought by staff, and taken away again."""

from django.db import transaction
from django.utils.translation import gettext as _

from commonground.engines.formation import Market
from commonground.site.audit.actions import record
from commonground.site.directory.models import Person
from commonground.site.formation.actions.rounds import locked
from commonground.site.formation.models import Round
from commonground.site.formation.models.stages import RefusedError, Section
from commonground.site.formation.models.travel import DriveTimes
from commonground.site.formation.queries import travel as queries
from commonground.tables import Problem


def bring(
    round: Round, *, by: Person, market: Market, data: bytes, name: str, limit: int | None
) -> tuple[Problem, ...]:
    """Use the drive times of a file from now on. Returns what is wrong with the file; then nothing has changed."""
    found = queries.read(market, data, name)
    if found.problems:
        return found.problems
    with transaction.atomic():
        current = _changeable(round)
        values = {"members": found.members, "minutes": found.minutes, "digest": found.digest}
        DriveTimes.objects.filter(round=current).delete()
        DriveTimes.objects.create(round=current, file_name=name[:255], limit=limit, by=by, **values)
        record("drive times brought", by=by, on=current, tenant=current.agency, members=len(found.members))
    return ()


@transaction.atomic
def take_away(round: Round, *, by: Person) -> None:
    """Estimate distances on the map again."""
    current = _changeable(round)
    if DriveTimes.objects.filter(round=current).delete()[0]:
        record("drive times taken away", by=by, on=current, tenant=current.agency)


def _changeable(round: Round) -> Round:
    current = locked(round)
    if not current.may_change(Section.TRAVEL):
        raise RefusedError(_("This part of the round can no longer be changed."))
    return current
