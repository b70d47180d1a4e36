"""Whose audit trail somebody may read: their own agency's and what it serves, their own LEA's and its schools'."""

from django.db.models import Q, QuerySet

from commonground.site.directory.models import Organization, Person
from commonground.site.directory.models.organization import Kind
from commonground.site.directory.roles import Role


def served_by(agency: Organization) -> Q:
    """The organizations in an agency's area, as `Organization.serves` decides for one of them; and the agency itself."""
    place = Q(state=agency.state)
    if agency.area:
        place &= Q(county__in=agency.area) | Q(county="", parent__county__in=agency.area)
    return Q(pk=agency.pk) | (place & ~Q(kind=Kind.AGENCY))


def trail_of(person: Person) -> QuerySet[Organization]:
    own = Q(pk__in=[])
    for held in person.positions:
        if held.role == Role.AGENCY_STAFF:
            own |= served_by(held.organization)
        if held.role == Role.LEA_LEADER:
            own |= Q(pk=held.organization_id) | Q(parent=held.organization_id)
    return Organization.objects.filter(own)
