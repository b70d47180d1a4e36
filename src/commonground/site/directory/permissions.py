"""Who may do what with organizations and people. Each rule reads as a sentence; every feature builds on these predicates.

`holds(Role.X)` asks for a position anywhere; `holds_at(Role.X)` for one at the object's own organization or at the LEA above it.
"""

from collections.abc import Callable
from typing import Any

import rules
from rules import Predicate

from commonground.site.directory.models import Organization, Person
from commonground.site.directory.models.organization import Kind
from commonground.site.directory.roles import Role


def holds(*roles: Role) -> Predicate:
    """Holds a position of one of these roles, at any organization."""

    def check(person: Person) -> bool:
        return any(person.holds(role) for role in roles)

    return Predicate(check, name=f"holds {' or '.join(roles)}")


def itself(thing: Any) -> Organization | None:
    return thing if isinstance(thing, Organization) else None


def holds_at(*roles: Role, of: Callable[[Any], Organization | None] = itself) -> Predicate:
    """Holds a position of one of these roles at the thing's organization, or at the LEA that answers for that organization."""

    def check(person: Person, thing: Any) -> bool:
        organization = of(thing) if thing is not None else None
        if organization is None:
            return False
        places = {organization.pk, organization.parent_id}
        return any(held.role in roles and held.organization_id in places for held in person.positions)

    return Predicate(check, name=f"holds {' or '.join(roles)} at its organization")


is_operator = holds(Role.OPERATOR)
is_agency_staff = holds(Role.AGENCY_STAFF)
is_staff_of = holds_at(Role.AGENCY_STAFF)
leads = holds_at(Role.LEA_LEADER)


def _serves(person: Person, organization: Any) -> bool:
    """Works for an agency in whose area the organization is; an agency's own staff serve it too."""
    if not isinstance(organization, Organization):
        return False
    staffed = [held.organization for held in person.positions if held.role == Role.AGENCY_STAFF]
    return any(agency.pk == organization.pk or agency.serves(organization) for agency in staffed)


def _is_nobodys(person: Person, organization: Any) -> bool:
    """Works for an agency, and no other agency serves the place: what staff may import, they may type."""
    if not isinstance(organization, Organization) or organization.is_agency:
        return False
    staffed = [held.organization_id for held in person.positions if held.role == Role.AGENCY_STAFF]
    if not staffed:
        return False
    others = Organization.objects.filter(kind=Kind.AGENCY).exclude(pk__in=staffed)
    areas, spots = [other.served_area for other in others], organization.spots()
    return not any(area.may_have(spot) for area in areas for spot in spots)


def _is_agency(person: Person, organization: Any) -> bool:
    return isinstance(organization, Organization) and organization.is_agency


serves = Predicate(_serves, name="works for an agency that serves it")
may_enter = serves | Predicate(_is_nobodys, name="works for an agency, and no other agency serves it")
is_agency = Predicate(_is_agency, name="it is an agency")

rules.add_perm("directory.import", is_agency_staff | is_operator)
# An import without an agency changes the whole directory.
rules.add_perm("directory.see_import", is_operator | holds_at(Role.AGENCY_STAFF, of=lambda upload: upload.agency))
rules.add_perm("directory.add_organization", is_agency_staff | is_operator)
rules.add_perm("directory.change_organization", (is_agency & is_operator) | may_enter)


# People and positions


def _belongs(person: Person, organization: Any) -> bool:
    """Holds a position there, at the LEA above it, or at one of its schools."""
    if not isinstance(organization, Organization):
        return False
    held = {(seat.organization_id, seat.organization.parent_id) for seat in person.positions}
    near = {organization.pk, organization.parent_id} - {None}
    return any(own in near or parent == organization.pk for own, parent in held)


def at_its_organization(rule: Predicate) -> Predicate:
    """The same rule, asked of the organization that a position, term or request belongs to."""

    def check(person: Person, thing: Any) -> bool:
        return thing is not None and bool(rule.test(person, thing.organization))

    return Predicate(check, name=f"{rule.name}, at its organization")


def _is_operators_seat(_person: Person, position: Any) -> bool:
    return getattr(position, "role", None) == Role.OPERATOR


belongs = Predicate(_belongs, name="belongs to it")
is_operators_seat = Predicate(_is_operators_seat, name="it is an operator's position")
# An agency's own people are its own business: a neighbor agency that serves the same area appoints nobody there.
appoints_at = (serves & ~is_agency) | is_staff_of | leads | (is_agency & is_operator)

rules.add_perm("directory.see_people", appoints_at | belongs)
rules.add_perm("directory.appoint", appoints_at)
# Only an operator makes another operator, also by way of a successor.
rules.add_perm("directory.change_position", at_its_organization(appoints_at) & (~is_operators_seat | is_operator))
rules.add_perm("directory.answer_request", at_its_organization(appoints_at))
rules.add_perm("directory.see_requests", is_agency_staff | holds(Role.LEA_LEADER) | is_operator)
rules.add_perm("directory.see_trail", is_agency_staff | holds(Role.LEA_LEADER))
rules.add_perm("directory.see_undelivered", is_agency_staff | is_operator)
