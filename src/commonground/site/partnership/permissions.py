"""Who may read a partnership and who may plan its meetings."""

import rules
from rules import Predicate

from commonground.site.directory.models import Organization, Person
from commonground.site.directory.permissions import holds, holds_at
from commonground.site.directory.roles import Role
from commonground.site.partnership.models import Meeting, Partnership

SPEAK_FOR_A_MEMBER = frozenset({Role.LEA_LEADER, Role.COORDINATOR})


def partnership_of(thing: Partnership | Meeting) -> Partnership:
    return thing.partnership if isinstance(thing, Meeting) else thing


def host(thing: Partnership | Meeting) -> Organization:
    return partnership_of(thing).agency


def _facilitates(person: Person, thing: Partnership | Meeting) -> bool:
    """Holds the position that facilitates it, today."""
    return partnership_of(thing).facilitator_id in {held.pk for held in person.positions}


facilitates = Predicate(_facilitates, name="facilitates it")


def belongs(roles: frozenset[Role] | None = None) -> Predicate:
    """Holds a position (of one of these roles) at a current member or at the LEA that answers for it."""

    def check(person: Person, thing: Partnership | Meeting) -> bool:
        places = {held.organization_id for held in person.positions if roles is None or held.role in roles}
        members = partnership_of(thing).current_members()
        return bool(places) and any(
            places & {member.organization_id, member.organization.parent_id} for member in members
        )

    return Predicate(check, name=f"belongs to a member as {' or '.join(sorted(roles or ['anything']))}")


is_host = holds_at(Role.AGENCY_STAFF, of=host)

rules.add_perm("partnership.see_list", holds(*(role for role in Role if role != Role.OPERATOR)))
rules.add_perm("partnership.read", is_host | facilitates | belongs())
rules.add_perm("partnership.plan_meetings", is_host | facilitates | belongs(SPEAK_FOR_A_MEMBER))
