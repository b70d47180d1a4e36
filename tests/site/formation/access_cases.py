"""Who may open the pages of rounds, topics and sign-ups."""

from typing import Any

from commonground.site.directory.roles import Role
from commonground.site.formation.actions.topics import ensure_standard
from commonground.site.formation.models import Blackout, Facilitator, Offer, Search, Topic, TopicChoice
from commonground.site.formation.models.choices import RoundState, Side
from tests.site.conftest import Tenant
from tests.site.formation.factories import (
    make_facilitator,
    make_offer,
    make_proposal,
    make_round,
    make_signup,
    place_of,
)
from tests.site.test_access_matrix import SIGNED_IN, Case, everybody

STAFF = frozenset({Role.AGENCY_STAFF})
LEADER = frozenset({Role.LEA_LEADER})
LEADERS = LEADER | {Role.COORDINATOR}


def a_round(tenant: Tenant, **more: Any) -> dict[str, Any]:
    return {"pk": make_round(tenant.agency).pk} | more


def a_draft(tenant: Tenant) -> dict[str, Any]:
    return {"pk": make_round(tenant.agency, state=RoundState.DRAFT).pk}


def a_section(tenant: Tenant) -> dict[str, Any]:
    return a_round(tenant, section="groups")


def a_file(tenant: Tenant) -> dict[str, Any]:
    return a_round(tenant, form="csv")


def a_signup(tenant: Tenant, **more: Any) -> dict[str, Any]:
    """Of the school where the cast's coordinator works and whose LEA the cast's leader leads."""
    return {"pk": make_signup(make_round(tenant.agency), tenant.school).pk} | more


def a_step(tenant: Tenant) -> dict[str, Any]:
    return a_signup(tenant, key="goals")


def a_blackout(tenant: Tenant) -> dict[str, Any]:
    round = make_round(tenant.agency)
    return {"pk": Blackout.objects.create(round=round, first=tenant.district, second=tenant.charter).pk}


def an_agency(tenant: Tenant) -> dict[str, Any]:
    return {"agency": tenant.agency.pk}


def a_topic(tenant: Tenant) -> dict[str, Any]:
    ensure_standard(tenant.agency)
    return {"pk": Topic.objects.filter(agency=tenant.agency).first().pk}


def own_words(tenant: Tenant) -> dict[str, Any]:
    signup = make_signup(make_round(tenant.agency), tenant.school)
    return {"pk": TopicChoice.objects.create(signup=signup, side=Side.NEED, words="Our garden").pk}


def a_proposal(tenant: Tenant) -> dict[str, Any]:
    return {"pk": make_proposal(tenant).pk}


def proposals(tenant: Tenant) -> dict[str, Any]:
    return {"pk": make_proposal(tenant).round.pk}


def a_search(tenant: Tenant) -> dict[str, Any]:
    return {"pk": Search.objects.create(round=make_round(tenant.agency), seconds=10).pk}


def a_facilitator(tenant: Tenant) -> dict[str, Any]:
    known = Facilitator.objects.filter(agency=tenant.agency).first()
    return {"pk": (known or make_facilitator(tenant)).pk}


def the_agency(tenant: Tenant) -> dict[str, Any]:
    return {"pk": tenant.agency.pk}


def an_offer(tenant: Tenant) -> dict[str, Any]:
    known = Offer.objects.filter(round__agency=tenant.agency).first()
    return {"pk": (known or make_offer(tenant)).pk}


def offers(tenant: Tenant) -> dict[str, Any]:
    return {"pk": Offer.objects.get(**an_offer(tenant)).round.pk}


def a_place(tenant: Tenant) -> dict[str, Any]:
    """Of the school whose LEA the cast's leader leads."""
    return {"pk": place_of(Offer.objects.get(**an_offer(tenant)), tenant.school).pk}


GET, POST, BOTH = ("GET",), ("POST",), ("GET", "POST")


def staff(arguments: Any, methods: tuple[str, ...] = GET) -> Case:
    """Only staff of the agency that hosts the round."""
    return Case(own=STAFF, arguments=arguments, methods=methods)


CASES = {
    "formation:rounds": Case(own=STAFF | LEADERS, other=STAFF | LEADERS),
    "formation:new_round": Case(own=STAFF, other=STAFF, methods=BOTH),
    "formation:round": staff(a_round),
    "formation:section": staff(a_section, BOTH),
    "formation:open_round": staff(a_draft, POST),
    "formation:close_round": staff(a_round, BOTH),
    "formation:reopen_round": staff(a_round, BOTH),
    "formation:copy_round": staff(a_round, BOTH),
    "formation:delete_round": staff(a_round, POST),
    "formation:remind": staff(a_round, POST),
    "formation:remove_blackout": staff(a_blackout, POST),
    "formation:paper": staff(a_round, BOTH),
    "formation:import": staff(a_round, BOTH),
    "formation:example": staff(a_file),
    "formation:export": staff(a_file),
    "formation:topics": Case(own=STAFF, other=STAFF),
    "formation:new_topic": staff(an_agency, BOTH),
    "formation:topic": staff(a_topic, BOTH),
    "formation:merge_topic": staff(a_topic, BOTH),
    "formation:retire_topic": staff(a_topic, POST),
    "formation:restore_topic": staff(a_topic, POST),
    "formation:words": staff(a_round),
    "formation:assign_words": staff(own_words, POST),
    "formation:about": everybody(arguments=a_round),
    # Whoever signs up organizations may look; what they see is only their own.
    "formation:join": Case(own=LEADERS, other=LEADERS, arguments=a_round, methods=BOTH),
    "formation:signup": Case(own=STAFF | LEADERS, arguments=a_signup),
    "formation:step": Case(own=STAFF | LEADERS, arguments=a_step, methods=BOTH),
    "formation:submit": Case(own=STAFF | LEADER, arguments=a_signup, methods=POST),
    "formation:withdraw": Case(own=STAFF | LEADER, arguments=a_signup, methods=BOTH),
    "formation:hand_over": Case(own=LEADERS, arguments=a_signup, methods=POST),
    "formation:copy_answers": Case(own=LEADERS, arguments=a_signup, methods=BOTH),
    # Proposals
    "formation:proposals": staff(a_round),
    "formation:compare": staff(proposals),
    "formation:start_search": staff(a_round, POST),
    "formation:search": staff(a_search),
    "formation:search_progress": staff(a_search),
    "formation:stop_search": staff(a_search, POST),
    "formation:draft": staff(a_proposal),
    "formation:certificate": staff(a_proposal),
    "formation:move": staff(a_proposal, BOTH),
    "formation:change_draft": staff(a_proposal, POST),
    "formation:again": staff(a_proposal, POST),
    "formation:draft_facilitators": staff(a_proposal, BOTH),
    "formation:release": staff(a_proposal, BOTH),
    # Facilitators
    "formation:facilitators": Case(own=STAFF, other=STAFF),
    "formation:facilitator": Case(own=STAFF | {Role.FACILITATOR}, arguments=a_facilitator, methods=BOTH),
    "formation:accept_facilitator": staff(a_facilitator, POST),
    "formation:rest_facilitator": staff(a_facilitator, POST),
    "formation:offer_to_facilitate": Case(own=SIGNED_IN, other=SIGNED_IN, arguments=the_agency, methods=BOTH),
    "formation:add_facilitator": staff(the_agency, BOTH),
    # Acceptance
    "formation:answers": staff(offers),
    "formation:refill": staff(offers, BOTH),
    "formation:finish_round": staff(offers, POST),
    "formation:go_on": staff(an_offer, POST),
    "formation:end_group": staff(an_offer, POST),
    "formation:places": Case(own=LEADER, other=LEADER),
    "formation:place": Case(own=STAFF | LEADER, arguments=a_place),
    "formation:answer_place": Case(own=LEADER, arguments=a_place, methods=POST),
    "formation:write_message": Case(own=STAFF | LEADER, arguments=a_place, methods=POST),
}
