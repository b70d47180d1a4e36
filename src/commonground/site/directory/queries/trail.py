"""Whose audit trail somebody may read.

Agency staff read all of their own agency's, and of the organizations in its area what concerns the directory: what those do in
rounds and partnerships, perhaps another agency's, is their own. A leader reads all of the own LEA's and its schools'.
"""

from django.db.models import Q

from commonground.site.audit.queries import Reach
from commonground.site.directory.models import Organization, Person
from commonground.site.directory.models.organization import Kind
from commonground.site.directory.roles import Role


def served_by(agency: Organization) -> Q:
    """The organizations in an agency's area, as `Organization.serves` decides for one of them; and the agency itself."""
    place = Q(state=agency.state)
    if agency.area:
        place &= Q(county__in=agency.area) | Q(county="", parent__county__in=agency.area)
    return Q(pk=agency.pk) | (place & ~Q(kind=Kind.AGENCY))


def trail_of(person: Person) -> Reach:
    own, listed = Q(pk__in=[]), Q(pk__in=[])
    for held in person.positions:
        if held.role == Role.AGENCY_STAFF:
            own |= Q(pk=held.organization_id)
            listed |= served_by(held.organization)
        if held.role == Role.LEA_LEADER:
            own |= Q(pk=held.organization_id) | Q(parent=held.organization_id)
    return Reach(Organization.objects.filter(own), Organization.objects.filter(listed))
