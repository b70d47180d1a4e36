"""Who may open the pages of rounds, topics and sign-ups."""

from typing import Any

from commonground.site.directory.roles import Role
from commonground.site.formation.actions.topics import ensure_standard
from commonground.site.formation.models import Blackout, Topic, TopicChoice
from commonground.site.formation.models.choices import RoundState, Side
from tests.site.conftest import Tenant
from tests.site.formation.factories import make_round, make_signup
from tests.site.test_access_matrix import Case, everybody

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
}
