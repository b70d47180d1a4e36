"""Who may do what with rounds, topics and sign-ups. Each rule reads as a sentence.

A round and its taxonomy belong to the host agency. A sign-up belongs to the organization that it speaks for; besides it, only the
host agency's staff ever read it.
"""

import rules

from commonground.site.directory.models import Organization
from commonground.site.directory.permissions import holds, holds_at
from commonground.site.directory.roles import Role
from commonground.site.formation.models import Round, SignUp, Topic


def host(thing: Round | SignUp | Topic) -> Organization:
    """The agency whose staff answers for the thing."""
    if isinstance(thing, SignUp):
        return thing.round.agency
    return thing.agency


def volunteer(thing: SignUp) -> Organization:
    """The organization that a sign-up speaks for."""
    return thing.organization


is_host_staff = holds_at(Role.AGENCY_STAFF, of=host)
leads_volunteer = holds_at(Role.LEA_LEADER, of=volunteer)
prepares_for_volunteer = holds_at(Role.COORDINATOR, of=volunteer)

rules.add_perm("formation.see_rounds", holds(Role.AGENCY_STAFF, Role.LEA_LEADER, Role.COORDINATOR))
rules.add_perm("formation.run_rounds", holds(Role.AGENCY_STAFF))
rules.add_perm("formation.run_round", is_host_staff)
rules.add_perm("formation.sign_up", holds(Role.LEA_LEADER, Role.COORDINATOR))
rules.add_perm("formation.answer", leads_volunteer | prepares_for_volunteer | is_host_staff)
rules.add_perm("formation.submit", leads_volunteer | is_host_staff)
