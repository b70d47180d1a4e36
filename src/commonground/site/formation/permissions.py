"""Who may do what with rounds, topics and sign-ups. Each rule reads as a sentence.

A round and its taxonomy belong to the host agency. A sign-up belongs to the organization that it speaks for; besides it, only the
host agency's staff ever read it.
"""

from typing import Any

import rules
from rules import Predicate

from commonground.site.directory.models import Organization, Person
from commonground.site.directory.permissions import holds, holds_at, is_staff_of
from commonground.site.directory.roles import Role
from commonground.site.formation.models import Facilitator, SignUp


def signup_of(thing: Any) -> SignUp | None:
    """The sign-up that the thing is, or is part of, or is a page about."""
    return thing if isinstance(thing, SignUp) else getattr(thing, "signup", None)


def host(thing: Any) -> Organization:
    """The agency whose staff answers for a round, a topic, a sign-up or a part or page of one."""
    signup = signup_of(thing)
    owner = signup.round if signup else getattr(thing, "round", thing)
    agency = owner.agency
    assert isinstance(agency, Organization)
    return agency


def volunteer(thing: Any) -> Organization | None:
    """The organization that a sign-up speaks for."""
    signup = signup_of(thing)
    return signup.organization if signup else None


is_host_staff = holds_at(Role.AGENCY_STAFF, of=host)
leads_volunteer = holds_at(Role.LEA_LEADER, of=volunteer)
prepares_for_volunteer = holds_at(Role.COORDINATOR, of=volunteer)


def _is_the_one(person: Person, thing: Any) -> bool:
    return isinstance(thing, Facilitator) and thing.person_id == person.pk


is_the_one = Predicate(_is_the_one, name="is that facilitator")

rules.add_perm("formation.see_rounds", holds(Role.AGENCY_STAFF, Role.LEA_LEADER, Role.COORDINATOR))
rules.add_perm("formation.run_rounds", holds(Role.AGENCY_STAFF))
rules.add_perm("formation.run_round", is_host_staff)
rules.add_perm("formation.sign_up", holds(Role.LEA_LEADER, Role.COORDINATOR))
rules.add_perm("formation.see_signup", leads_volunteer | prepares_for_volunteer | is_host_staff)
rules.add_perm("formation.speak_for", leads_volunteer | is_host_staff)
rules.add_perm("formation.prepare", leads_volunteer | prepares_for_volunteer)
rules.add_perm("formation.change_topics", is_staff_of)
rules.add_perm("formation.change_topic", is_host_staff)
rules.add_perm("formation.read_place", leads_volunteer | is_host_staff)
rules.add_perm("formation.answer_place", leads_volunteer)
rules.add_perm("formation.see_answers", holds(Role.LEA_LEADER))
rules.add_perm("formation.see_facilitators", holds(Role.AGENCY_STAFF))
rules.add_perm("formation.add_facilitator", is_staff_of)
rules.add_perm("formation.change_facilitator", is_host_staff | is_the_one)
rules.add_perm("formation.accept_facilitator", is_host_staff)
