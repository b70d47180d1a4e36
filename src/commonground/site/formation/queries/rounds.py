"""Which rounds there are for whom."""

from django.http import Http404

from commonground.site.directory.models import Person
from commonground.site.directory.roles import Role
from commonground.site.formation.models import Round
from commonground.site.formation.models.rounds import RoundQuerySet


def the_round(pk: int) -> Round:
    """The round, for a view that then asks who may see it."""
    try:
        return Round.objects.select_related("agency").get(pk=pk)
    except Round.DoesNotExist:
        raise Http404 from None


def hosted_by(person: Person) -> RoundQuerySet:
    """All rounds of the agencies whose staff this person is."""
    agencies = [held.organization_id for held in person.positions if held.role == Role.AGENCY_STAFF]
    return Round.objects.filter(agency__in=agencies).select_related("agency")
